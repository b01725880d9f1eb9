import {
  inProse,
  annotate,
  attempt,
  both,
  drawOne,
  along,
  fork,
  gather,
  NoCandidates,
  option,
  progress,
  promptFor,
  questionOf,
  technique,
  textOf,
  user,
  withQuestion,
  writtenOf,
  type Context,
  type Model,
  type Parts,
  type Prompt,
  type Request,
} from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';
import { rewards } from './bradley-terry.ts';
import { endOf, preferenceIn } from '../../core/reading/index.ts';
import { checkPlace, PLACE, placeOf } from '../shared/namespace.ts';
import { noteText } from '../shared/notes.ts';

/**
 * Tilts the distribution towards what is preferred: a judge compares `n` candidates in pairs under principles, or the
 * model itself tells how much likelier each becomes once it is told them.
 *
 *     P'(y) → P(y) e^(r(y)/τ) / Z      r: Bradley-Terry rewards, P(y beats z) = e^r(y) / (e^r(y) + e^r(z)),
 *                                      or with rewards="likelihood" log P(y | x, principles) − log P(y | x)
 *
 * The principles are the option's text, then the `k` notes in the memory nearest to the question: corrections a user made
 * align the model without training. Each pair is judged in both orders, so that a judge that likes the first cancels
 * out; half a win more on each side keeps rewards finite. `pick="best"` is the limit τ → 0. Without principles it is the
 * base itself. It helps with tone, form and taste; it hurts where the principles reward what only looks right.
 *
 * With the likelihood and τ = 1 the target is P(y | x, principles) itself.
 *
 * Cost: n + n·(n−1) calls in 2 rounds, n + 2n with the likelihood, 1 call without principles. At a budget's limit: what
 * was not judged counts as a tie. Errors: NoCandidates when no draw comes back. Sources: Bradley & Terry, 1952; Bai et al.,
 * "Constitutional AI", 2022; Rubin, 1988 (resampling); Rafailov et al., "Your language model is secretly a reward model",
 * 2023 (the likelihood).
 */
export const prefer = technique({
  name: 'prefer',
  room: 'remember',
  summary: 'compare candidates in pairs under principles, resample by reward',
  paper: 'Bradley & Terry, 1952; Bai et al., 2022',
  options: {
    ...PLACE,
    n: option.integer({ doc: 'candidates drawn', min: 1, default: 4 }),
    principles: option.text({ doc: 'what is preferred; the notes in the memory come after it', optional: true }),
    k: option.integer({ doc: 'notes used as principles, at most', min: 0, default: 5 }),
    temperature: option.number({ doc: 'how little the rewards count; above 0', min: 1e-6, default: 1 }),
    pick: option.oneOf(['resample', 'best'], { doc: 'how one candidate is picked', default: 'resample' }),
    rewards: option.oneOf(['comparisons', 'likelihood'], { doc: 'where rewards come from', default: 'comparisons' }),
    judge: option.model({ doc: 'the model that compares; the base itself if left out', optional: true }),
    compare: option.prompt(['question', 'principles', 'first', 'second'], { doc: 'how a comparison is asked for' }),
    guide: option.prompt(['question', 'principles'], { doc: 'how the principles are told, for the likelihood' }),
  },
  needs: ({ rewards }) => (rewards === 'likelihood' ? ['score'] : []),
  calls: 'rewards === "likelihood" ? 3*n : n + n*(n - 1)',
  rounds: '2',
  semantics: ({ temperature, pick }) => ({
    kind: 'asymptotic',
    target: pick === 'best' ? 'argmax of r over the draws' : `P(y) exp(r(y) / ${temperature}) / Z`,
    why: 'resampling is exact as n grows and as the rewards of pairs become those of the judge',
  }),
  check: checkPlace,
  async run(base, request, context, options) {
    const { n, principles, k, temperature, pick, rewards: source, judge = base, compare, guide, ...place } = options;
    const question = questionOf(request.prompt);
    const { host } = context;
    const notes =
      host?.memory && k > 0
        ? await stoppable(host.memory.search(placeOf(request, place), question, k, context), context.signal)
        : [];
    const rules = [...(principles === undefined ? [] : [principles]), ...notes.map(noteText)];
    if (rules.length === 0 || n === 1) return drawOne(base, request, along(context, 'candidates'));
    const { samples } = await base.sample({ ...request, n }, along(context, 'candidates'));
    const texts = samples.map(({ content }) => textOf(content));
    const parts = { question, principles: rules.join('\n') };
    const comparing = promptFor(judge, 'prefer.compare', compare, COMPARE);
    const values =
      source === 'likelihood'
        ? await likelihoodRewards(base, request, samples.map(writtenOf), context, { ...parts, guide })
        : rewards(
            await compared(texts, context, (first, second, at) =>
              verdict(judge, request, comparing, { ...parts, first, second }, at),
            ),
          );
    for (const [i, value] of values.entries())
      progress(context, `candidate ${i + 1} of ${n}: reward ${value.toFixed(3)}`);
    const top = Math.max(...values);
    const at =
      pick === 'best' || values.length < 2
        ? values.findIndex((value) => value > top - 1e-9)
        : fork(context, 'pick').choice.categorical(values.map((value) => Math.exp((value - top) / temperature)));
    const picked = samples[at];
    if (!picked) throw new NoCandidates({ technique: 'prefer', why: 'no draw came back' });
    return annotate(picked, { candidates: samples.length, reward: values[at], principles: rules });
  },
});

/** How often each candidate beat each other one; a comparison that was not made is half a win for both. */
async function compared(
  texts: readonly string[],
  context: Context,
  judge: (first: string, second: string, at: Context) => Promise<number>,
): Promise<number[][]> {
  const pairs = texts.flatMap((_, i) => texts.flatMap((__, j) => (i === j ? [] : [[i, j] as const])));
  const wins = texts.map(() => texts.map(() => 0));
  const tasks = pairs.map(([i, j]) => async (inner: Context) => {
    const work = judge(texts[i] as string, texts[j] as string, fork(inner, `compare/${i}/${j}`));
    return { i, j, first: (await attempt(inner, work)) ?? 0.5 };
  });
  for (const { i, j, first } of pairs.length > 0 ? await gather(context, tasks) : []) {
    (wins[i] as number[])[j] = ((wins[i] as number[])[j] as number) + first;
    (wins[j] as number[])[i] = ((wins[j] as number[])[i] as number) + 1 - first;
  }
  return wins;
}

/** 1 where the first is preferred, 0 where the second is, a half where the judge does not say. */
async function verdict(
  judge: Model,
  request: Request,
  { say, read }: Prompt<Compared & Parts>,
  parts: Compared,
  at: Context,
): Promise<number> {
  const open = inProse(request); // a verdict is a letter
  const { content } = await drawOne(judge, { ...open, prompt: [user(say(parts))] }, at);
  const reply = read(textOf(content));
  const preferred = preferenceIn(reply, { count: 2, by: 'letter', tie: true });
  if (preferred !== undefined) return preferred === 'tie' ? 0.5 : 1 - preferred;
  at.ledger.warn({
    code: 'no-verdict',
    message: `prefer: ${judge.name} named neither A nor B, which counts as a tie: its reply ends ${endOf(reply)}`,
  });
  return 0.5;
}

/**
 * Rewards without a judge: log P(y | x, principles) − log P(y | x), two scores for each text, side by side. A text that a
 * budget leaves unscored gets 0: it is no better and no worse than it was.
 */
async function likelihoodRewards(
  model: Model,
  request: Request,
  texts: readonly string[],
  context: Context,
  {
    question,
    principles,
    guide,
  }: { readonly question: string; readonly principles: string; readonly guide: string | undefined },
): Promise<number[]> {
  const guiding = promptFor(model, 'prefer.guide', guide, GUIDE);
  const plain = inProse(request);
  const guided = { ...plain, prompt: withQuestion(request.prompt, guiding.say({ question, principles })) };
  const found = await gather(
    context,
    texts.map((text, i) => async (inner: Context) => {
      const scored = (asked: Request, key: string) => (at: Context) =>
        attempt(at, Promise.resolve(model.score?.(asked, text, fork(at, `score/${i}/${key}`))));
      const [told, untold] = await both(inner, scored(guided, 'told'), scored(plain, 'untold'));
      return [i, told && untold ? Math.max(LEAST, told.logprob - untold.logprob) : 0] as const;
    }),
  );
  const known = new Map(found);
  return texts.map((_, i) => known.get(i) ?? 0);
}

/** For a text that the principles rule out: finite, so that texts that are all ruled out are as good as each other. */
const LEAST = -Number.MAX_VALUE;

type Compared = {
  readonly question: string;
  readonly principles: string;
  readonly first: string;
  readonly second: string;
};
export const COMPARE = ({ question, principles, first, second }: Compared): string =>
  `Question:\n${question}\n\nReply A:\n${first}\n\nReply B:\n${second}\n\nWhat is wanted of a reply:\n${principles.replaceAll(/^/gm, '- ')}\n\nWhich reply is closer to what is wanted? Reply with A or B and nothing else.`;
export const GUIDE = ({ question, principles }: { readonly question: string; readonly principles: string }): string =>
  `${question}\n\nWhat is wanted of the reply:\n${principles.replaceAll(/^/gm, '- ')}`;
