/**
 * What techniques add to the embedded model, each beside what the same tokens buy without it: one sample, a greedy text, the
 * plain vote and the most confident of n, with as many samples as the technique's own tokens pay for.
 */
import {
  holm,
  intervalOfGrades,
  mean,
  pairedDifference,
  type Difference,
  type Interval,
} from '../../evaluate/index.ts';

/** One evaluation: a formula's right-hand side on the first items of a task. */
export interface Job {
  readonly task: string;
  /** What stands behind the first + of the formula, empty for the base; or a combiner with its models. */
  readonly plus: string;
  readonly items: number;
  readonly seed: number | string;
  readonly temperature?: number | undefined;
  /** Keep so many samples an item instead of one answer. */
  readonly pool?: number | undefined;
}

/** A sample of a pool: its answer, its grade, and whether its equations hold. */
export interface Pooled {
  readonly answer: string | null;
  readonly grade: number;
  readonly score: number;
}

export interface JobResult {
  /** By item, from 0 to 1; `null` where the item failed. */
  readonly grades: readonly (number | null)[];
  readonly tokensPerItem: number;
  readonly pools?: readonly (readonly Pooled[])[] | undefined;
}

/** A technique on a task, and the room it is of. */
export interface LiftRow {
  readonly room: string;
  readonly technique: string;
  readonly task: string;
  readonly plus: string;
  /** The temperature of all sides of the row, where it is not the model's own. */
  readonly temperature?: number | undefined;
  /** Which share of the questions the tour asks, where the row is dear. Default 1. */
  readonly share?: number | undefined;
}

export interface Figure {
  readonly accuracy: number;
  readonly ci95: Interval;
  readonly tokensPerItem: number;
}

export interface Lift extends LiftRow {
  readonly items: number;
  readonly base: Figure;
  readonly lifted: Figure;
  /** Of lifted over base, item by item. */
  readonly difference: Difference;
  readonly greedy: Figure;
  /** How many samples of the base cost what the technique costs. */
  readonly samples: number;
  readonly vote: Figure;
  readonly bestOfN: Figure;
}

export interface LiftOptions {
  readonly items: number;
  readonly seed: number | string;
  readonly run: (job: Job) => Promise<JobResult>;
}

const BEST_OF_N_TEMPERATURE = 0.7;

/** Measures one row. Jobs that rows share are run once where `run` remembers them. */
export async function measureLift(row: LiftRow, { items, seed, run }: LiftOptions): Promise<Lift> {
  const job = (plus: string, temperature = row.temperature): Promise<JobResult> =>
    run({ task: row.task, plus, items, seed, temperature });
  const [base, greedy, lifted] = await Promise.all([job(''), job('', 0), job(row.plus)]);
  const samples = Math.max(1, Math.round(lifted.tokensPerItem / base.tokensPerItem));
  const [vote, best] = await Promise.all([
    samples < 3 ? base : job(`selfConsistency(n=${samples})`), // one vote and two votes are the base itself
    job(samples < 2 ? '' : `bestOfN(n=${samples}, score=confidence)`, BEST_OF_N_TEMPERATURE),
  ]);
  return {
    ...row,
    items,
    base: figure(base),
    lifted: figure(lifted),
    difference: differenceOf(base.grades, lifted.grades),
    greedy: figure(greedy),
    samples,
    vote: figure(vote),
    bestOfN: figure(best),
  };
}

function figure({ grades, tokensPerItem }: JobResult): Figure {
  const graded = grades.filter((grade) => grade !== null);
  return { accuracy: mean(graded), ci95: intervalOfGrades(graded), tokensPerItem };
}

function differenceOf(a: JobResult['grades'], b: JobResult['grades']): Difference {
  const both = a.flatMap((grade, i) => {
    const other = b[i];
    return grade === null || other === null || other === undefined ? [] : [[grade, other] as const];
  });
  return pairedDifference(
    both.map(([grade]) => grade),
    both.map(([, grade]) => grade),
  );
}

export type Verdict = 'helps' | 'hurts' | 'no difference';

/** Whether the technique changes the accuracy beyond chance, and which way: for a row that stands alone. */
export function verdict({ difference: { ci95 } }: Pick<Lift, 'difference'>): Verdict {
  const [lo, hi] = ci95;
  return lo > 0 ? 'helps' : hi < 0 ? 'hurts' : 'no difference';
}

/** The verdicts of rows that stand in one table: the chance that any of them is false stays below 5% (Holm). */
export function verdicts(lifts: readonly Pick<Lift, 'difference'>[]): Verdict[] {
  const chances = holm(lifts.map(({ difference }) => difference.p));
  return lifts.map(({ difference: { difference } }, i) =>
    (chances[i] as number) >= 0.05 ? 'no difference' : difference > 0 ? 'helps' : 'hurts',
  );
}

/** How many questions would tell a difference of this size from chance; `undefined` where none was seen. */
export function questionsToTell({ items, difference: { difference, ci95 } }: Lift): number | undefined {
  if (difference === 0) return undefined;
  const half = (ci95[1] - ci95[0]) / 2;
  return Math.ceil(items * (half / difference) ** 2);
}

/** The better of what the same tokens buy without the technique. */
export function equalCompute({ vote, bestOfN }: Lift): number {
  return Math.max(vote.accuracy, bestOfN.accuracy);
}
