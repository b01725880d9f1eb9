/**
 * A scaling curve: how the accuracy of a technique grows, or falls, with one of its options. Where the technique is a
 * function of n independent samples, one pool of samples an item gives every point without bias; else each point is run.
 */
import {
  checkNames,
  InvalidOption,
  madeBy,
  memoryJournal,
  rootScope,
  withOption,
  type Context,
  type Model,
} from '../../core/index.ts';
import type { Item, Task } from '../../tasks/task.ts';
import type { CurveOptions, CurvePoint, Curve, Points } from './result.ts';
import { recordedOf } from '../../models/pool/index.ts';
import { FARTHEST } from './forecast.ts';
import { curveFromPools, estimatorOf, passOfPool, poolOfItem, type Estimator } from './pool.ts';
import { wholeItems, type PartWork } from '../elsewhere/elsewhere.ts';
import {
  describe,
  evaluate,
  evaluateIn,
  gradeItem,
  itemsOf,
  repeatsOf,
  RUN_OPTIONS,
  type Evaluation,
} from '../eval.ts';
import { mean } from '../statistics.ts';

/** Measures a composed model at each value of one option of its techniques. The same seed gives the same curve. */
export async function curve(model: Model, task: Task, options: CurveOptions): Promise<Curve> {
  checkNames('curve', options, [...RUN_OPTIONS, 'over', 'partial', 'timed', 'forecast']);
  const { option, values } = checkOver(model, options.over);
  const seed = options.seed ?? 0;
  const facts = { ...describe(model, task), over: option, run: options.run, seed };
  const { timed = false, elsewhere } = options;
  if (timed && elsewhere)
    throw new InvalidOption({
      where: 'curve',
      option: 'timed',
      rule: 'is measured in one process: it does not go with `elsewhere`',
    });
  const estimator = timed ? undefined : estimatorOf(model, option);
  checkForecast(options, estimator, values);
  const journal = timed ? undefined : estimator ? options.journal : (options.journal ?? memoryJournal());
  const { context, close } = rootScope({ ...options, journal, seed });
  try {
    const found = estimator
      ? await curveFromPools(context, estimator, task, values, options)
      : await curveFromRuns(context, model, task, { ...options, option, values });
    const { usage, spending, exhausted, warnings } = context.ledger;
    return { ...facts, ...found, usage, spending, exhausted, warnings };
  } finally {
    close();
  }
}

/** Each point is an evaluation of its own. They share a journal, so that a draw two points have in common is made once. */
async function curveFromRuns(
  context: Context,
  model: Model,
  task: Task,
  {
    option,
    values,
    onItem,
    partial = false,
    timed = false,
    elsewhere,
    ...given
  }: CurveOptions & { readonly option: string; readonly values: readonly number[] },
): Promise<Points> {
  const { forecast: _, ...options } = given;
  const failed = new Set<string>();
  const points: CurvePoint[] = [];
  const pass = option === 'n' ? await passOfPool(context, model, task, values, options.limit) : undefined;
  const ofItem = elsewhere && wholeItems(elsewhere, [...values.keys()]);
  for (const [i, n] of values.entries()) {
    const measuring = evaluateIn(context, withOption(model, option, n) as Model, task, {
      ...options,
      ...(ofItem && { elsewhere: (item: Item) => ofItem(item, i) }),
      records: timed,
      onItem({ done, total, item }) {
        if (item.error !== undefined) failed.add(item.id);
        const { usage } = context.ledger;
        onItem?.({ done: i * total + done, total: total * values.length, failed: failed.size, usage });
      },
    });
    const result = await measuring.catch((error: unknown) => {
      if (partial && options.signal?.aborted && points.length > 0) return undefined;
      throw error;
    });
    if (!result) break; // the points that are whole are told
    points.push({ ...pointOf(result, n, pass?.[i]), ...(timed && { secondsPerItem: secondsOf(result) }) });
  }
  const total = itemsOf(task, options.limit).length;
  return { items: total, total, method: 'runs', curve: points, failed: failed.size };
}

/** What each part of an item is, for who does them elsewhere, and whether they are done side by side. */
export function partsOfCurve(
  model: Model,
  task: Task,
  over: CurveOptions['over'],
): { readonly parts: readonly PartWork[]; readonly order: 'together' | 'in turn' } {
  const { option, values } = checkOver(model, over);
  const estimator = estimatorOf(model, option);
  if (estimator) return { parts: [poolOfItem(estimator, task, values)], order: 'together' };
  const parts = values.map((n): PartWork => {
    const at = withOption(model, option, n) as Model;
    return (item, context) => gradeItem(at, task, item, { repeats: repeatsOf(at, undefined), records: false }, context);
  });
  // What two points have in common is drawn for the first of them, as it is where they are run one after the other.
  return { parts, order: 'in turn' };
}

/** Told before anything is drawn; of a recorded pool, whose size is known then, when it has been read. */
function checkForecast({ forecast }: CurveOptions, estimator: Estimator | undefined, values: readonly number[]): void {
  if (forecast === undefined) return;
  const wrong = (rule: string, value?: unknown): InvalidOption =>
    new InvalidOption({ where: 'curve', option: 'forecast', rule, value });
  if (!Number.isInteger(forecast) || forecast < 1) throw wrong('must be a positive integer', forecast);
  if (!estimator || estimator.score) throw wrong('is made of votes: it needs selfConsistency, and its n to vary');
  const farthest = FARTHEST * Math.max(...values);
  if (!recordedOf(estimator.base) && forecast > farthest)
    throw wrong(`must be at most ${farthest}, four times the largest n that is drawn`, forecast);
}

function pointOf(
  { accuracy, ci95, samplesPerItem, tokensPerItem, usdPerItem }: Omit<CurvePoint, 'n' | 'pass'>,
  n: number,
  pass: number | undefined,
): CurvePoint {
  return { n, accuracy, ci95, pass, samplesPerItem, tokensPerItem, usdPerItem };
}

function secondsOf({ results }: Pick<Evaluation, 'results'>): number | undefined {
  const times = results.flatMap(({ replies }) => replies.flatMap(({ ms }) => ms ?? []));
  return times.length === 0 ? undefined : mean(times) / 1000;
}

/** A model as a curve of one point, to stand beside others: greedy decoding, for one. It stands at 1. */
export async function pointCurve(model: Model, task: Task, options: Omit<CurveOptions, 'over'> = {}): Promise<Curve> {
  const { partial: _, forecast: __, timed = false, onItem, ...rest } = options;
  const found = await evaluate(model, task, {
    ...rest,
    ...(timed && { records: true, journal: undefined }),
    onItem: onItem && (({ done, total, failed, usage }) => onItem({ done, total, failed, usage })),
  });
  const {
    task: name,
    model: base,
    formula,
    metric,
    run,
    seed,
    total,
    asked,
    failed,
    usage,
    spending,
    exhausted,
    warnings,
  } = found;
  const point = { ...pointOf(found, 1, undefined), ...(timed && { secondsPerItem: secondsOf(found) }) };
  const facts = { task: name, model: base, formula, metric, over: 'n', run, seed };
  return {
    ...facts,
    items: asked,
    total,
    method: 'runs',
    curve: [point],
    usage,
    spending,
    failed,
    exhausted,
    warnings,
  };
}

function checkOver(model: Model, over: CurveOptions['over']): { option: string; values: number[] } {
  const wrong = (rule: string, value?: unknown): InvalidOption =>
    new InvalidOption({ where: 'curve', option: 'over', rule, value });
  const [entry, ...others] = Object.entries(over);
  if (!entry || others.length > 0) throw wrong('must name one option, such as n=1,2,4,8');
  const [option, given] = entry;
  const values = [...new Set(given)].sort((a, b) => a - b);
  const [first] = values;
  if (first === undefined) throw wrong(`must give ${option} at least one value`);
  const made = madeBy(model);
  if (!made) throw wrong('needs a technique', model.name);
  // Every value is tried now, so that a wrong one is told before anything is paid for.
  for (const value of values)
    if (!withOption(model, option, value))
      throw wrong(`names ${option}, an option that no technique of ${model.name} has`);
  return { option, values };
}
