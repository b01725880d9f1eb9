import { ANSWER_FORMATS, attempt, gather, NoCandidates, option, progress, technique } from '../../core/index.ts';
import type { Context, Model, Options, Request, Sample, Warning } from '../../core/index.ts';
import { MEASURES, scaleOf, type Scale } from './confidence.ts';
import { agreed, judged, missing, surest, type Candidate } from './confident.ts';
import { elected } from '../shared/elected.ts';
import { AHEAD } from '../shared/vote.ts';
import { watched } from './watched.ts';

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
  extract: option.oneOf(ANSWER_FORMATS, { doc: 'where the final answer stands', default: 'auto' }),
};
type Settings = Options<typeof OPTIONS>;

/**
 * A vote in which confident candidates count for more and unsure ones not at all.
 *
 *     token   C_i = −1/k Σ_j log P_i(j) over the k likeliest;   group = mean C over `window` tokens
 *     vote    argmax_a Σ C(y) over the surest `keep` of the candidates y with answer a
 *
 * `warmup` candidates, drawn whole, set a bar: the lowest group of the least sure one kept. Those after them are read as they
 * are written, and given up where a group falls below the bar; it ends once an answer has a `consensus` share of the weight.
 * What is given up is a function of the tokens alone: a base that streams no log-probabilities writes all of its texts to
 * the end, with a warning, and elects the same answer. Where no alternatives are told, a token's own log-probability stands
 * for C, and a vote weighs e^C. It helps where sureness tells right from wrong, on long reasoning; a confidently wrong
 * model is made worse.
 *
 * Cost: `n` calls at most, in 1 round; after a warm-up in waves of as many as a consensus cannot do without, and `ahead`. Errors: NoCandidates when no draw comes back. Source: Fu et al.,
 * "Deep think with confidence", 2025, whose settings are keep = .1 or .9, window = 2048, warmup = 16.
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
    const later = agreed(first, options.consensus)
      ? []
      : ((await attempt(context, online(base, asked, context, { options, first, bar, scale, judge }))) ?? []);
    const passed = [...first.filter(({ lowest }) => !(lowest < bar)), ...later.filter(isWhole)];
    return vote(context, passed, [...first, ...later]);
  },
});

interface Bar {
  readonly options: Settings;
  readonly first: readonly Candidate[];
  readonly bar: number;
  readonly scale: Scale;
  readonly judge: (sample: Sample) => Candidate;
}
type Later = Candidate | { readonly kind: 'given up'; readonly tokens: number };

const isWhole = (one: Later): one is Candidate => one.kind === 'whole';

/** The candidates after the warm-up: those that pass the bar, and what was written of the others. */
function online(
  base: Model,
  request: Request,
  context: Context,
  { options, first, bar, scale, judge }: Bar,
): Promise<Later[]> {
  const { n, warmup, window, alternatives: count, consensus, ahead } = options;
  const tasks = Array.from({ length: n - warmup }, (_, i) => async (inner: Context): Promise<Later> => {
    const drawn = await watched(base, { ...request, n: 1, from: warmup + i }, inner, { bar, window, scale, count });
    const one = drawn.kind === 'whole' ? judge(drawn.sample) : drawn;
    const low = one.kind === 'given up' || one.lowest < bar;
    progress(context, `draw ${warmup + i + 1} of ${n}: ${low ? `given up after ${one.tokens} tokens` : 'passes'}`);
    return low ? { kind: 'given up', tokens: one.tokens } : one;
  });
  const passed = (results: readonly Later[]): Candidate[] => [...first, ...results.filter(isWhole)];
  return gather(context, tasks, {
    concurrency: base.can.concurrency,
    batch: (results) => ahead + missing(passed(results), consensus, scale),
    until: (results) => agreed(passed(results), consensus),
  });
}

/** The vote, with how many tokens all of the candidates are long, and how many of them do not vote. */
function vote(context: Context, voters: readonly Candidate[], all: readonly { readonly tokens: number }[]): Sample {
  if (voters.length === 0) throw new NoCandidates({ technique: 'deepConf', why: 'no draw came back' });
  return elected(
    context,
    'deepConf',
    voters.map(({ sample }) => sample),
    voters.map(({ answer }) => answer),
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
