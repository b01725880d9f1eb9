/** What candidates are worth: their scores, made side by side, and the order that scores put them in. */
import {
  applyScorer,
  attempt,
  fork,
  gather,
  progress,
  type Context,
  type Request,
  type Sample,
  type Scorer,
} from '../../core/index.ts';

/**
 * The scores of samples, side by side. A sample that could not be scored, for want of budget or by a failure, has NaN. `first`: the
 * number of the first of them, where they are some of many.
 */
export async function scoreAll(
  score: Scorer,
  samples: readonly Sample[],
  request: Request,
  context: Context,
  first = 0,
  tell?: (value: number, i: number) => void,
): Promise<readonly number[]> {
  const tasks = samples.map((sample, i) => async (inner: Context) => {
    const work = applyScorer(score, sample, request, fork(inner, `score/${first + i}`));
    const value = (await attempt(inner, work)) ?? Number.NaN;
    tell?.(value, i);
    return [i, value] as const;
  });
  const known = new Map(
    tasks.length > 0 ? await gather(context, tasks, { each: { models: [], request, draws: 0, score } }) : [],
  );
  return samples.map((_, i) => known.get(i) ?? Number.NaN);
}

/** The score of the `i`-th of several samples, which are scored apart. */
export async function scoreOne(
  score: Scorer,
  sample: Sample,
  request: Request,
  context: Context,
  i: number,
): Promise<number> {
  return (await scoreAll(score, [sample], request, context, i))[0] as number;
}

/** A candidate with its score: `NaN` where the judge could not say. */
export interface Scored {
  readonly sample: Sample;
  readonly value: number;
}

/** Candidates with their scores, made side by side and told of as they come in; of `n` that were asked for. */
export async function scoredOf(
  score: Scorer,
  samples: readonly Sample[],
  request: Request,
  context: Context,
  n: number,
): Promise<readonly Scored[]> {
  const tell = (value: number, i: number): void => progress(context, `candidate ${i + 1} of ${n}: score ${value}`);
  const values = await scoreAll(score, samples, request, context, 0, tell);
  return samples.map((sample, i) => ({ sample, value: values[i] as number }));
}

/** Orders the best first. Equals keep their order, and what has no number comes last. */
export const byValue = (a: { readonly value: number }, b: { readonly value: number }): number =>
  rank(b.value) - rank(a.value) || 0;
const rank = (value: number): number =>
  Number.isNaN(value) ? -Number.MAX_VALUE : Math.max(-1e300, Math.min(1e300, value));

/** A score as a fact about a sample: `null` where there is no finite number. */
export const scoreFact = (value: number): number | null => (Number.isFinite(value) ? value : null);
