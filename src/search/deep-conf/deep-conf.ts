import {
  attempt,
  drawOne,
  answerIn,
  classesOf,
  gather,
  NoCandidates,
  option,
  progress,
  technique,
  type FinalAnswer,
  type Context,
  type Model,
  type Options,
  type Request,
  type Sample,
  type Warning,
} from '../../core/index.ts';
import { elected } from '../shared/elected.ts';
import { runningVote, type RunningVote } from '../shared/votes/running-vote.ts';
import { AHEAD } from '../shared/votes/stop-rules.ts';
import { confidences, MEASURES, MOST, overall, scaleOf, tokenConfidence, type Scale } from './confidence.ts';

const OPTIONS = {
  n: option.integer({ doc: 'candidates drawn, at most', min: 1, default: 16 }),
  keep: option.number({ doc: 'share of the candidates that vote, the surest ones', min: 0, max: 1, default: 0.5 }),
  measure: option.oneOf(MEASURES, { doc: 'how sure a text is: its groups of tokens, its end, all', default: 'bottom' }),
  window: option.integer({ doc: 'tokens in a group', min: 1, default: 128 }),
  alternatives: option.integer({ doc: 'alternatives a token is compared with; 0: none', min: 0, default: 5 }),
  warmup: option.integer({ doc: 'candidates that set a bar for those after them; 0: no bar', min: 0, default: 0 }),
  consensus: option.number({
    doc: 'share of the weight at which it stops, with a bar',
    min: 0.5,
    max: 1,
    default: 0.95,
  }),
  ahead: AHEAD,
  extract: option.answer({ doc: 'what an answer is and how it is read', default: 'auto' }),
};
type Settings = Options<typeof OPTIONS>;

/**
 * A vote in which confident candidates count for more and unsure ones not at all.
 *
 *     token   C_i = −1/k Σ_j log P_i(j) over the k likeliest;   group = mean C over `window` tokens
 *     vote    argmax_a Σ C(y) over the surest `keep` of the candidates y with answer a
 *
 * `warmup` candidates are drawn whole and set a bar: the lowest group of the least sure candidate that is kept. Later
 * candidates are read while they are written and given up when a group falls below the bar. Drawing ends when one answer has
 * a `consensus` share of the weight. Which candidates are given up depends on their tokens alone: a base that streams no
 * log-probabilities writes all its texts to the end, with a warning, and elects the same answer. If a base gives no
 * alternatives, a token's own log-probability stands for C, and a vote weighs e^C. It helps on long reasoning, where
 * confidence tells right from wrong. It makes a confidently wrong model worse.
 *
 * Cost: `n` calls at most, in 1 round. After a warm-up they come in waves, each as large as a consensus is sure to need, plus
 * `ahead`. Errors: NoCandidates when no draw comes back. Source: Fu et al., "Deep think with confidence", 2025, whose settings
 * are keep = .1 or .9, window = 2048, warmup = 16.
 */
export const deepConf = technique({
  name: 'deepConf',
  room: 'search',
  summary: 'vote by confidence, give up unsure candidates while they are written',
  paper: 'Fu et al., 2025',
  options: OPTIONS,
  needs: () => ['logprobs'],
  calls: 'n',
  rounds: 'warmup === 0 ? 1 : 1 + ceil((n - warmup) / (1 + ahead))',
  keepsPrompt: true,
  semantics: ({ n, keep }) => ({
    kind: 'exact',
    target: `the majority, weighed by confidence, of the surest ${keep} of up to ${n} draws from P`,
    why: 'the draws are independent, and confidence and vote are functions of them',
  }),
  check: ({ n, warmup, alternatives }) =>
    warmup > n
      ? { option: 'warmup', rule: `must be at most n (${n})` }
      : alternatives === 1
        ? {
            option: 'alternatives',
            rule: 'must be 0 or at least 2: the likeliest token alone tells nothing of the others',
          }
        : undefined,
  async run(base, request, context, options) {
    const { n, keep, alternatives } = options;
    const asked = { ...request, logprobs: alternatives || (request.logprobs ?? true) };
    const warmup = options.warmup || n;
    const { samples } = await base.sample({ ...asked, n: warmup }, context);
    const scale = scaleOf(samples, alternatives);
    if (!scale) context.ledger.warn(NO_LOGPROB);
    else if (alternatives > 0 && scale === 'own') context.ledger.warn(NO_ALTERNATIVES);
    const judge = (sample: Sample): Candidate => judged(sample, request, { ...options, scale });
    const first = samples.map(judge);
    if (warmup === n) return vote(context, surest(first, scale ? keep : 1, 'sure'), first);
    if (!scale) {
      const rest = await attempt(context, base.sample({ ...asked, n: n - warmup, from: warmup }, context));
      const all = [...first, ...(rest?.samples ?? []).map(judge)];
      return vote(context, all, all);
    }
    const bar = Math.min(...surest(first, keep, 'lowest').map(({ lowest }) => lowest));
    const votes = runningVote();
    for (const { answer, weight } of first) votes.add(answer, weight);
    const later = agreed(votes, options.consensus)
      ? []
      : ((await attempt(context, online(base, asked, context, { options, votes, bar, scale, judge }))) ?? []);
    const passed = [...first.filter(({ lowest }) => !(lowest < bar)), ...later.filter(isWhole)];
    return vote(context, passed, [...first, ...later]);
  },
});

interface Candidate {
  readonly kind: 'whole';
  readonly sample: Sample;
  readonly answer: FinalAnswer | undefined;
  /** The confidence it is ranked by. */
  readonly sure: number;
  /** What its vote weighs. */
  readonly weight: number;
  /** Its least sure group. */
  readonly lowest: number;
  readonly tokens: number;
}
/** A candidate that was left while it was written, and how many of its tokens there are. */
interface GivenUp {
  readonly kind: 'given up';
  readonly tokens: number;
}

interface Judging extends Pick<Settings, 'extract' | 'measure' | 'window' | 'alternatives'> {
  /** Without one, nothing is known of the candidates and they are all alike. */
  readonly scale: Scale | undefined;
}

function judged(
  sample: Sample,
  request: Request,
  { extract, measure, window, alternatives, scale }: Judging,
): Candidate {
  const values = scale ? confidences(sample, scale, alternatives) : [0];
  const sure = overall(values, { window, measure });
  const weight = scale === 'alternatives' ? sure : Math.exp(sure);
  return {
    kind: 'whole',
    sample,
    answer: answerIn(sample, request, extract),
    sure,
    weight: Number.isNaN(weight) ? 0 : weight,
    lowest: overall(values, { window, measure: 'lowest' }),
    tokens: sample.tokens?.length ?? 0,
  };
}

/** The surest share of the candidates that have an answer, or of all if none has one, in the order of their draws. */
function surest(all: readonly Candidate[], keep: number, by: 'sure' | 'lowest'): readonly Candidate[] {
  const answered = all.filter(({ answer }) => answer);
  const eligible = answered.length > 0 ? answered : all;
  const count = Math.max(1, Math.ceil(keep * eligible.length - 1e-9)); // .1 of 20 is 2, rounding or not
  const ranked = new Set(eligible.toSorted((a, b) => b[by] - a[by]).slice(0, count));
  return eligible.filter((one) => ranked.has(one));
}

interface Bar {
  readonly options: Settings;
  /** Those of the warm-up. */
  readonly votes: RunningVote;
  readonly bar: number;
  readonly scale: Scale;
  readonly judge: (sample: Sample) => Candidate;
}
type Later = Candidate | GivenUp;

const isWhole = (one: Later): one is Candidate => one.kind === 'whole';

/** The candidates after the warm-up: those that pass the bar, and how much was written of the others. */
function online(
  base: Model,
  request: Request,
  context: Context,
  { options, votes, bar, scale, judge }: Bar,
): Promise<Later[]> {
  const { n, warmup, window, alternatives: count, consensus, ahead } = options;
  const at =
    (i: number) =>
    async (inner: Context): Promise<Later> => {
      const drawn = await watched(base, { ...request, n: 1, from: warmup + i }, inner, { bar, window, scale, count });
      const one = drawn.kind === 'whole' ? judge(drawn.sample) : drawn;
      const low = one.kind === 'given up' || one.lowest < bar;
      progress(context, `draw ${warmup + i + 1} of ${n}: ${low ? `given up after ${one.tokens} tokens` : 'passes'}`);
      return low ? { kind: 'given up', tokens: one.tokens } : one;
    };
  return gather(
    context,
    { length: n - warmup, at },
    {
      alike: true,
      concurrency: base.can.concurrency,
      batch: () => ahead + missing(votes, consensus, scale),
      until(results) {
        const last = results.at(-1);
        if (last?.kind === 'whole') votes.add(last.answer, last.weight);
        return agreed(votes, consensus);
      },
    },
  );
}

/** Whether one answer has that share of the weight, but for rounding. */
function agreed(votes: RunningVote, consensus: number): boolean {
  const { lead, total } = votes.weights();
  return total > 0 && lead >= consensus * total * (1 - 1e-12);
}

/** How many more candidates such a consensus needs, if all of them give the leading answer and are as sure as can be. */
function missing(votes: RunningVote, consensus: number, scale: Scale): number {
  const { lead, total } = votes.weights();
  const short = consensus * total - lead;
  const each = (1 - consensus) * (scale === 'alternatives' ? MOST : 1); // a text written for certain weighs e^0
  return short > 0 ? Math.max(1, Math.ceil(short / each - 1e-9)) : 1;
}

interface Watch {
  /** The least mean confidence of `window` tokens in a row. */
  readonly bar: number;
  readonly window: number;
  readonly scale: Scale;
  readonly count: number;
}

/**
 * Reads a candidate while it is written, and leaves it (which cancels the call) when a group of tokens is less sure than the
 * bar. A base that does not stream its log-probabilities writes it to the end: a warning says that nothing is saved.
 */
async function watched(
  base: Model,
  request: Request,
  context: Context,
  { bar, window, scale, count }: Watch,
): Promise<{ readonly kind: 'whole'; readonly sample: Sample } | GivenUp> {
  const warn = (): void =>
    context.ledger.warn({
      code: 'no-streamed-logprobs',
      message: `${base.name} streams no log-probabilities: candidates are written to the end before they are judged, and no tokens are saved.`,
    });
  if (!base.stream) {
    warn();
    return { kind: 'whole', sample: await drawOne(base, request, context) };
  }
  const values: number[] = [];
  let written = false;
  for await (const part of base.stream(request, context)) {
    if (part.type === 'finish') {
      const [sample] = part.sampled.samples;
      if (!sample) break;
      if (written && values.length === 0) warn();
      return { kind: 'whole', sample };
    }
    if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') continue;
    written = true;
    for (const token of part.tokens ?? []) {
      values.push(tokenConfidence(token, scale, count));
      const group = values.slice(-window);
      if (group.length === window && group.reduce((sum, value) => sum + value, 0) / window < bar)
        return { kind: 'given up', tokens: values.length };
    }
  }
  throw new NoCandidates({ technique: 'deepConf', why: 'the stream ended without a candidate' });
}

/** The vote, with how many tokens all candidates have together, and how many candidates do not vote. */
function vote(context: Context, voters: readonly Candidate[], all: readonly { readonly tokens: number }[]): Sample {
  if (voters.length === 0) throw new NoCandidates({ technique: 'deepConf', why: 'no draw came back' });
  return elected(
    context,
    'deepConf',
    voters.map(({ sample }) => sample),
    classesOf(voters.map(({ answer }) => answer)),
    voters.map(({ weight }) => weight),
    { tokens: all.reduce((sum, { tokens }) => sum + tokens, 0), dropped: all.length - voters.length },
  );
}

const NO_LOGPROB: Warning = {
  code: 'no-logprob',
  message: 'deepConf: a candidate came without log-probability, so all candidates vote and all votes weigh the same.',
};
const NO_ALTERNATIVES: Warning = {
  code: 'no-alternatives',
  message:
    'deepConf: no alternatives are told for each token, so confidence is that of the tokens written. Set `alternatives` to 0 if that is meant.',
};
