/** What an evaluation and a curve may take at most, said before the first call is made. */
import { withOption, type Model } from '../core/index.ts';
import type { Task } from '../tasks/task.ts';
import { ALONE, estimatorOf } from './curve/pool.ts';
import { itemsOf, repeatsOf } from './eval.ts';
import { both, NOTHING, times, worstCase, worstCaseOfReader, worstCaseOfScore, type WorstCase } from './worst-case.ts';

/** An evaluation, at most: every item as often as it is run, and what grades it. */
export function worstCaseOfEvaluation(
  model: Model,
  task: Task,
  { limit, repeats: asked }: { readonly limit?: number | undefined; readonly repeats?: number | undefined },
): WorstCase {
  const repeats = repeatsOf(model, asked);
  const all = itemsOf(task, limit).map(({ request }) =>
    times(both(worstCase(model, request), worstCaseOfReader(task.metric.asks, request)), repeats),
  );
  return all.reduce(both, NOTHING);
}

/** A curve, at most: one pool of the largest number of draws an item, or a run for every value. */
export function worstCaseOfCurve(
  model: Model,
  task: Task,
  option: string,
  values: readonly number[],
  limit: number | undefined,
  timed = false,
): WorstCase {
  const estimator = timed ? undefined : estimatorOf(model, option);
  if (!estimator)
    return values
      .flatMap((value) => withOption(model, option, value) ?? [])
      .map((one) => worstCaseOfEvaluation(one, task, { limit }))
      .reduce(both, NOTHING);
  const most = Math.max(...values);
  const { base, score } = estimator;
  const all = itemsOf(task, limit).map(({ request }, i) => {
    const grade = worstCaseOfReader(task.metric.asks, request);
    const read = both(score ? worstCaseOfScore(score, request) : NOTHING, grade);
    // To see how a prompt is billed, two draws are asked for together where the largest n leaves one.
    const drawn = most === 2 && i < ALONE ? 3 : most;
    return both(times(worstCase(base, request), drawn), times(read, most));
  });
  return all.reduce(both, NOTHING);
}
