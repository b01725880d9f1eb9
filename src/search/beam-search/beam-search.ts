import {
  annotate,
  attempt,
  fork,
  gather,
  NoCandidates,
  option,
  progress,
  technique,
  type Context,
  type Model,
  type Options,
  type Request,
} from '../../core/index.ts';
import { checkDraw, completed, DRAW, drawSteps } from '../shared/draw-step.ts';
import { byValue, scoreAll, scoreFact } from '../shared/scores.ts';
import { NOTHING_YET, sampleSoFar, STEP_OPTIONS, stepNeeds, type Beginning } from '../shared/steps.ts';

const OPTIONS = {
  score: option.scorer({ doc: 'of the text so far: process reward, function or judge(MODEL); higher is better' }),
  beams: option.integer({ doc: 'beginnings kept', min: 1, default: 4 }),
  width: option.integer({ doc: 'ways each is gone on with', min: 1, default: 4 }),
  steps: option.integer({ doc: 'steps searched, at most; the rest is written without', min: 1, default: 8 }),
  variant: option.oneOf(['beam', 'dvts'], { doc: 'one search, or as many separate ones as beams', default: 'beam' }),
  draw: DRAW,
  ...STEP_OPTIONS,
};

/**
 * Grows the answer step by step: draws the next step of every beginning `width` times, keeps the `beams` best-scored.
 *
 *     P'(y) = P(y is the best-scored text that is kept)
 *     B_0 = {''},   B_t = the beams best of { b·s_j : b in B_t−1, s_j ~ P(next step | b), j = 1 … width }
 *
 * The first step is drawn beams·width times. A text at its end stays for as long as its score is among the best.
 * `variant="dvts"` makes `beams` separate searches that keep one beginning each (Beeching et al., 2024): less greedy, so
 * more diverse, and better where many calls are affordable. A beam is only as good as the score of unfinished texts: with a
 * weak score, or on a hard question with few beams, it does worse than best-of-n at the same cost. With `steps` = 1 a beam
 * is best-of-n whose score sees the first step only. After `steps` steps the best beginning ends as it was first written.
 *
 * A step is drawn by writing the answer to its end and cutting it behind the next `separator`, on any back end. The tokens
 * behind the cut are paid for too, and they end the answer when a budget runs out. `draw="step"` stops at the separator: the
 * same law for fewer tokens, on back ends that say whether a stop sequence ended a text. Other back ends refuse it. A base
 * without `continueFrom` raises CapabilityMissing, unless `by="prompt"` says that the rest may be asked for in words, which
 * is a distribution of its own.
 *
 * Cost: at most beams·width·steps calls in `steps` rounds (and one to end the answer with `draw="step"`), plus what the scorer
 * calls. Source: Snell et al., "Scaling LLM test-time compute optimally can be more effective than scaling model parameters",
 * 2024.
 */
export const beamSearch = technique({
  name: 'beamSearch',
  room: 'search',
  summary: 'keep the best-scored beginnings, step by step',
  paper: 'Snell et al., 2024; Beeching et al., 2024',
  options: OPTIONS,
  needs: stepNeeds,
  calls: 'beams * width * steps + (draw === "step" ? 1 : 0)',
  rounds: 'steps + (draw === "step" ? 1 : 0)',
  semantics: ({ beams, width, variant }) => ({
    kind: 'heuristic',
    target: `${variant === 'dvts' ? `the best of ${beams} greedy searches` : `a beam of ${beams}`}, ${width} draws of P a step`,
    why: 'which beginnings are kept depends on the scores of unfinished texts',
  }),
  check: checkDraw,
  branches: (options) => [branchesOf(options)],
  async run(base, request, context, options) {
    const { variant, beams } = options;
    const found =
      variant === 'beam'
        ? await search(base, request, context, { ...options, technique: 'beamSearch' })
        : await gather(
            context,
            Array.from({ length: beams }, (_, i) => async (inner: Context) => {
              const one = { ...options, beams: 1, technique: 'beamSearch' };
              return (await search(base, request, fork(inner, `tree/${i}`), one)).slice(0, 1);
            }),
            { each: { models: [base], request, ...branchesOf(options) } },
          ).then((trees) => trees.flat().toSorted(byValue));
    const [best] = found;
    const answer = best && (await completed(base, request, context, best, options));
    if (!answer) throw new NoCandidates({ technique: 'beamSearch', why: 'no draw came back' });
    return annotate(answer, {
      score: scoreFact(best.value),
      steps: best.steps,
      beams: found.length,
    });
  },
});

type Settings = Options<typeof OPTIONS> & { readonly technique: string };

/** What goes on side by side: the searches of `dvts`, which meet at the end, or the beginnings of a step. */
const branchesOf = ({ beams, width, steps, variant, score }: Options<typeof OPTIONS>) => ({
  count: beams,
  draws: variant === 'dvts' ? width * steps : width,
  score,
});

/** A beginning with its score and the number of its steps. */
interface Beam extends Beginning {
  readonly value: number;
  readonly steps: number;
}

/** The beginnings that are left at the end, best first. */
async function search(base: Model, request: Request, context: Context, settings: Settings): Promise<readonly Beam[]> {
  const { beams, width, steps } = settings;
  let kept: readonly Beam[] = [{ ...NOTHING_YET, value: Number.NaN, steps: 0 }];
  for (let step = 1; step <= steps && kept.some(({ done }) => !done); step++) {
    const at = fork(context, `step/${step}`);
    const draws = step === 1 ? beams * width : width;
    const work = extend(base, request, at, kept, draws, settings);
    const grown = step === 1 ? await work : await attempt(at, work);
    if (!grown) break;
    const cutShort = context.ledger.exhausted !== undefined;
    // A beginning whose continuations a budget took away stays in the running.
    const rest = kept.filter(({ done, whole }) => done || (cutShort && whole));
    kept = [...rest, ...grown].toSorted(byValue).slice(0, beams);
    progress(context, `step ${step} of at most ${steps}: ${kept.length} kept, best score ${kept[0]?.value}`);
    if (cutShort) break;
  }
  return kept;
}

/** The next steps of every beginning that is not at its end, each scored once those of its beginning are in. */
async function extend(
  base: Model,
  request: Request,
  at: Context,
  kept: readonly Beam[],
  draws: number,
  settings: Settings,
): Promise<Beam[]> {
  const live = kept.filter(({ done }) => !done);
  const grown = await gather(
    at,
    live.map((beam, i) => async (inner: Context) => {
      const next = await drawSteps(base, request, fork(inner, `beam/${i}`), beam, draws, settings);
      const values = await scoreAll(settings.score, next.map(sampleSoFar), request, inner, i * draws);
      return next.map((one, j) => ({ ...one, steps: beam.steps + 1, value: values[j] as number }));
    }),
    { each: { models: [base], request, ...branchesOf(settings) } },
  );
  return grown.flat();
}
