/**
 * A scaling curve: how the accuracy of a technique grows, or falls, with one of its options. Where the technique is a
 * function of n independent samples, one pool of samples an item gives every point without bias; else each point is run.
 */
import {
  InvalidOption,
  madeBy,
  memoryJournal,
  rootScope,
  withOption,
  type Context,
  type LimitName,
  type Model,
  type Usage,
  type Warning,
} from '../core/index.ts';
import type { Task } from '../tasks/task.ts';
import { curveFromPools, estimatorOf, passOfPool } from './curve-pool.ts';
import { describe, evaluateIn, itemsOf, type EvaluationOptions } from './eval.ts';
import type { Interval } from './statistics.ts';

export interface CurveOptions extends Omit<EvaluationOptions, 'onItem'> {
  /** The option that is varied and its values, such as `{ n: [1, 2, 4, 8] }`: one option, of the outermost technique that has it. */
  readonly over: { readonly [option: string]: readonly number[] };
  /** Called after each item (of each point, where every point is run by itself). */
  readonly onItem?: ((progress: CurveProgress) => void) | undefined;
}

export interface CurveProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly usage: Usage;
}

export interface CurvePoint {
  /** Value of the option that is varied. */
  readonly n: number;
  readonly accuracy: number;
  readonly ci95: Interval;
  /** pass@n: the chance that at least one of n samples of the base is right. `undefined` where that is not known. */
  readonly pass: number | undefined;
  readonly samplesPerItem: number;
  readonly tokensPerItem: number | undefined;
  readonly usdPerItem: number | undefined;
}

/** What `plusx curve --json` prints: `undefined` becomes null there. */
export interface Curve {
  readonly task: string;
  /** The models at the bottom. */
  readonly model: string;
  /** The whole composed model, as given. */
  readonly formula: string;
  readonly metric: string;
  /** The option that is varied. */
  readonly over: string;
  readonly run: string | undefined;
  readonly seed: number | string;
  readonly items: number;
  /** `pool`: all points come from one pool of samples an item; `runs`: each point is a run of its own. */
  readonly method: 'pool' | 'runs';
  readonly curve: readonly CurvePoint[];
  readonly usage: Usage;
  /** Items without a grade at one point or more. */
  readonly failed: number;
  readonly exhausted: LimitName | undefined;
  readonly warnings: readonly Warning[];
}

/** Measures a composed model at each value of one option of its techniques. The same seed gives the same curve. */
export async function curve(model: Model, task: Task, options: CurveOptions): Promise<Curve> {
  const { option, values } = checkOver(model, options.over);
  const seed = options.seed ?? 0;
  const facts = { ...describe(model, task), over: option, run: options.run, seed };
  const estimator = estimatorOf(model, option);
  const journal = estimator ? options.journal : (options.journal ?? memoryJournal());
  const { context, close } = rootScope({ ...options, journal, seed });
  try {
    const found = estimator
      ? await curveFromPools(context, estimator, task, values, options)
      : await curveFromRuns(context, model, task, { ...options, option, values });
    const { usage, exhausted, warnings } = context.ledger;
    return { ...facts, ...found, usage, exhausted, warnings };
  } finally {
    close();
  }
}

/** What the points hold; the rest is told by the run around them. */
export type Points = Pick<Curve, 'items' | 'method' | 'curve' | 'failed'>;

/** Each point is an evaluation of its own. They share a journal, so that a draw two points have in common is made once. */
async function curveFromRuns(
  context: Context,
  model: Model,
  task: Task,
  {
    option,
    values,
    onItem,
    ...options
  }: CurveOptions & { readonly option: string; readonly values: readonly number[] },
): Promise<Points> {
  const failed = new Set<string>();
  const points: CurvePoint[] = [];
  const pass = option === 'n' ? await passOfPool(context, model, task, values, options.limit) : undefined;
  for (const [i, n] of values.entries()) {
    const result = await evaluateIn(context, withOption(model, option, n) as Model, task, {
      ...options,
      onItem({ done, total, item }) {
        if (item.error !== undefined) failed.add(item.id);
        const { usage } = context.ledger;
        onItem?.({ done: i * total + done, total: total * values.length, failed: failed.size, usage });
      },
    });
    const { accuracy, ci95, samplesPerItem, tokensPerItem, usdPerItem } = result;
    points.push({ n, accuracy, ci95, pass: pass?.[i], samplesPerItem, tokensPerItem, usdPerItem });
  }
  return { items: itemsOf(task, options.limit).length, method: 'runs', curve: points, failed: failed.size };
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
