/**
 * What compositions are worth on many tasks, estimated together. A few dozen questions leave compositions that differ by less than their
 * noise in a random order; what a composition does on other tasks, on those with the same questions and on those with the same model,
 * says more. How much each of these counts is not set by hand: it is what makes the grades of all tasks likeliest.
 */
import { mean } from '../../evaluate/index.ts';
import { inverseOf, type Matrix } from './matrix.ts';

/** What compositions were graded on one task. */
export interface GradedTask {
  /** By the composition's name, which is the same on all tasks. On the same questions, in the same order; some may lack a grade. */
  readonly grades: ReadonlyMap<string, readonly (number | null | undefined)[]>;
  /** What it may have in common with other tasks, such as `[questions, model]`: as many for every task, in the same order. */
  readonly kin: readonly string[];
}

/** How a task's compositions compare: each but the first with the first, so that how hard the task is drops out. */
interface Compared {
  readonly kin: readonly string[];
  readonly names: readonly string[];
  readonly means: readonly number[];
  /** Differences are small where nearly all or nearly none is right: 1 where half is. */
  readonly scale: number;
  /** Covariance of the means: all answer the same questions, so that much of their noise is shared. */
  readonly noise: readonly (readonly number[])[];
}

interface Contrast {
  readonly task: Compared;
  readonly at: number;
}

/** How many questions' worth of doubt there is about how compositions err together. */
const DOUBT = 5;
const LEAST_VARIANCE = 0.02;
/** The variance of an effect that is expected before anything is seen, and how many effects' worth of belief there is in it. */
const EXPECTED = 0.005;
const BELIEF = 4;
const MOST_STEPS = 60;
/** Variances that change by less than this have been found. */
const FOUND = 5e-5;

/**
 * The expected mean grade of each composition on each task, in the order of the tasks. The model: on a task of questions s and model m,
 * composition c lies above the task's mean by the sum of four normal effects, of c, of c on s, of c with m, and of c on this task alone.
 * Throws RangeError where a composition has no grade.
 */
export function foretold(tasks: readonly GradedTask[]): readonly ReadonlyMap<string, number>[] {
  const compared = tasks.map(comparedOf);
  const contrasts = compared.flatMap((task) => task.names.slice(1).map((_, i): Contrast => ({ task, at: i + 1 })));
  const values = contrasts.map(({ task, at }) => (task.means[at] as number) - (task.means[0] as number));
  const kinds = sharesOf(tasks[0]?.kin.length ?? 0);
  const parts = kinds.map((shares) =>
    matrixOf(contrasts, (a, b) => (shares(a.task, b.task) ? effect(a.task, a.at, b) - effect(a.task, 0, b) : 0)),
  );
  const noise = matrixOf(contrasts, (a, b) => (a.task === b.task ? noiseBetween(a, b) : 0));
  const { variances, weights } = likeliest(parts, noise, values);
  return compared.map((task) => {
    const effects = task.names.map((_, at) =>
      sum(kinds, (shares, kind) => {
        const alike = sum(contrasts, (b, j) =>
          shares(task, b.task) ? effect(task, at, b) * (weights[j] as number) : 0,
        );
        return (variances[kind] as number) * alike;
      }),
    );
    const middle = mean(task.means) - mean(effects);
    return new Map(task.names.map((name, at) => [name, middle + (effects[at] as number)]));
  });
}

function comparedOf({ grades, kin }: GradedTask): Compared {
  const columns = [...grades].map(([name, all]) => {
    const known = all.filter((grade) => typeof grade === 'number');
    if (known.length === 0) throw new RangeError(`foretold: ${JSON.stringify(name)} has no grade`);
    const own = mean(known);
    const doubt = DOUBT * Math.max(LEAST_VARIANCE, own * (1 - own));
    // A question without a grade adds nothing to how two err together.
    return { own, doubt, count: known.length, off: all.map((grade) => (typeof grade === 'number' ? grade - own : 0)) };
  });
  const sizes = columns.map(({ count }) => Math.sqrt(count * (count + DOUBT)));
  const noise = columns.map((a, i) =>
    columns.map((b, j) => {
      const together = sum(a.off, (one, q) => one * (b.off[q] ?? 0)) + (i === j ? a.doubt : 0);
      return together / ((sizes[i] as number) * (sizes[j] as number));
    }),
  );
  const means = columns.map(({ own }) => own);
  const questions = Math.max(...columns.map(({ count }) => count));
  const right = (questions * mean(means) + 1) / (questions + 2);
  return { kin, names: [...grades.keys()], means, scale: 2 * Math.sqrt(Math.max(0, right * (1 - right))), noise };
}

/** Whether two tasks share an effect: all do, those with one kin each do, and every task does with itself. */
function sharesOf(kin: number): readonly ((a: Compared, b: Compared) => boolean)[] {
  const ofKin = Array.from({ length: kin }, (_, i) => (a: Compared, b: Compared) => a.kin[i] === b.kin[i]);
  return [() => true, ...ofKin, (a, b) => a === b];
}

/** The covariance of the effect of one composition and a contrast, where they share it, for a variance of 1. */
function effect(task: Compared, at: number, { task: other, at: to }: Contrast): number {
  const name = task.names[at];
  return task.scale * other.scale * (Number(name === other.names[to]) - Number(name === other.names[0]));
}

function noiseBetween({ task: { noise }, at: i }: Contrast, { at: j }: Contrast): number {
  const of = (a: number, b: number): number => noise[a]?.[b] as number;
  return of(i, j) - of(i, 0) - of(0, j) + of(0, 0);
}

function matrixOf(contrasts: readonly Contrast[], of: (a: Contrast, b: Contrast) => number): Matrix {
  return contrasts.map((a) => Float64Array.from(contrasts, (b) => of(a, b)));
}

/**
 * The likeliest variances, where a few effects of the expected variance count as seen, and the weights of the values under them. Each
 * step makes them likelier: see Zhou and others, "MM algorithms for variance components models" (2019).
 */
function likeliest(
  parts: readonly Matrix[],
  noise: Matrix,
  values: readonly number[],
): { readonly variances: readonly number[]; readonly weights: readonly number[] } {
  let variances = parts.map(() => EXPECTED);
  for (let step = 0; ; step++) {
    const inverse = inverseOf(
      noise.map((row, i) =>
        row.map((own, j) => own + sum(parts, (part, kind) => (variances[kind] as number) * at(part, i, j))),
      ),
    );
    const weights = inverse.map((row) => sum(values, (value, j) => value * (row[j] as number)));
    if (step === MOST_STEPS) return { variances, weights };
    const next = parts.map((part, kind) => {
      const known = variances[kind] as number;
      let [seen, expected] = [0, 0];
      for (const [i, row] of part.entries())
        for (const [j, one] of row.entries()) {
          if (one === 0) continue;
          seen += one * (weights[i] as number) * (weights[j] as number);
          expected += one * at(inverse, i, j);
        }
      const squares = Math.max(0, seen) * known ** 2 + BELIEF * EXPECTED;
      return (2 * squares) / (BELIEF + Math.sqrt(BELIEF ** 2 + 4 * Math.max(0, expected) * squares));
    });
    if (next.every((one, kind) => Math.abs(one - (variances[kind] as number)) <= FOUND)) return { variances, weights };
    variances = next;
  }
}

const at = (matrix: Matrix, i: number, j: number): number => matrix[i]?.[j] as number;

function sum<T>(all: readonly T[], of: (one: T, at: number) => number): number {
  return all.reduce((total, one, i) => total + of(one, i), 0);
}
