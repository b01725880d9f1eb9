/** A scaling curve: how the accuracy of a technique grows, or falls, with one of its options. */
import type { Model, Usage, Warning } from '../core/index.ts';
import type { Task } from '../tasks/task.ts';
import type { EvaluationOptions } from './eval.ts';
import type { Interval } from './statistics.ts';

export interface CurveOptions extends Omit<EvaluationOptions, 'onItem'> {
  /** The option that is varied and its values: `{ n: [1, 2, 4, 8] }`. One option. */
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
  /** pass@n: the chance that at least one of n samples of the base is right. `undefined` where n counts no samples. */
  readonly pass: number | undefined;
  readonly samplesPerItem: number;
  readonly tokensPerItem: number | undefined;
  readonly usdPerItem: number | undefined;
}

/** What `plusx curve --json` prints: `undefined` becomes null there. */
export interface Curve {
  readonly task: string;
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
  readonly failed: number;
  readonly warnings: readonly Warning[];
}

/** Measures a composed model at each value of one option of its technique. */
export declare function curve(model: Model, task: Task, options: CurveOptions): Promise<Curve>;
