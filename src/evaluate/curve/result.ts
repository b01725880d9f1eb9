/** What a scaling curve is asked for, and what it is. */
import type { LimitName, Usage, Warning } from '../../core/index.ts';
import type { Elsewhere } from '../elsewhere/elsewhere.ts';
import type { EvaluationOptions } from '../eval.ts';
import type { Forecast } from './forecast.ts';
import type { Interval } from '../statistics.ts';

export interface CurveOptions extends Omit<EvaluationOptions, 'onItem' | 'known' | 'elsewhere'> {
  /** The option that is varied and its values, such as `{ n: [1, 2, 4, 8] }`: one option, of the outermost technique that has it. */
  readonly over: { readonly [option: string]: readonly number[] };
  /**
   * What a vote of so many samples would give, more than the pools hold, with a band. For `selfConsistency` over `n` and grades of 0 and 1,
   * and at most four times the pool.
   */
  readonly forecast?: number | undefined;
  /**
   * Works on items in this process's place: another process, another machine. The parts of an item are the points, by number, which share
   * draws; there is one part where all points come from one pool. `partsOfCurve` says what each of them is.
   */
  readonly elsewhere?: Elsewhere | undefined;
  /** When the signal aborts: the points over the items that were done by then, where there are any, in place of its reason. */
  readonly partial?: boolean | undefined;
  /**
   * Measures how long an answer takes (`secondsPerItem`): every value is run by itself, and no draw is shared with another value or taken from
   * a journal, so that each is paid for. Default false.
   */
  readonly timed?: boolean | undefined;
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
  /** What an evaluation with this `n` costs at the same server: a prompt that is billed once for all candidates is not divided. */
  readonly tokensPerItem: number | undefined;
  readonly usdPerItem: number | undefined;
  /** How long an answer took; where `timed` asked for it. */
  readonly secondsPerItem?: number | undefined;
}

/** What a run keeps its curves under, with their number after it. */
export const CURVE_ITEM = 'curve ';

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
  /** Items that the points are of, of all `total`. */
  readonly items: number;
  readonly total: number;
  /** `pool`: all points come from one pool of samples an item; `runs`: each point is a run of its own. */
  readonly method: 'pool' | 'runs';
  readonly curve: readonly CurvePoint[];
  /** What a vote of more samples would give, where `forecast` asked for it. */
  readonly forecast?: Forecast | undefined;
  /** As if each point were alone. */
  readonly usage: Usage;
  /** What the run was charged: a draw that several points make counts once. */
  readonly spending: Usage;
  /** Items without a grade at one point or more. */
  readonly failed: number;
  readonly exhausted: LimitName | undefined;
  readonly warnings: readonly Warning[];
}

/** What the points hold; the rest is told by the run around them. */
export type Points = Pick<Curve, 'items' | 'total' | 'method' | 'curve' | 'forecast' | 'failed'>;
