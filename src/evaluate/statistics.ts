/**
 * Estimators over one pool of samples. From N samples of a question each gives, without bias, what a technique would
 * reach with any k ≤ N of them: the mean over all subsets of size k. A grade is 1 (right), 0 (wrong) or between.
 */

/** One sample of a pool, as best-of-n sees it. */
export interface Scored {
  readonly grade: number;
  /** `NaN` loses to every number. */
  readonly score: number;
}

/** C(n − without, k) / C(n, k): the chance that k of n samples hold none of `without` given ones. */
function avoid(n: number, without: number, k: number): number {
  if (k > n - without) return 0;
  const [steps, other] = without < k ? [without, k] : [k, without]; // the shorter of two equal products
  let chance = 1;
  for (let i = 0; i < steps; i++) chance *= (n - other - i) / (n - i);
  return chance;
}

/** The chance that at least one of k samples is right, from n samples with c right ones: 1 − C(n−c, k)/C(n, k). (Chen et al., 2021) */
export function passAtK(n: number, c: number, k: number): number {
  return 1 - avoid(n, c, checked(k, n));
}

/**
 * Expected grade of the best-scored of k samples, by order statistics. Of equal scores the first drawn wins, so each of
 * them is as likely to. With the grade as score it is pass@k for grades between 0 and 1.
 */
export function bestAtK(samples: readonly Scored[], k: number): number {
  const n = samples.length;
  checked(k, n);
  const ranked = samples.toSorted(byScore);
  let expected = 0;
  for (let start = 0; start < n;) {
    const top = ranked[start] as Scored;
    const next = ranked.findIndex((other, i) => i > start && byScore(top, other) !== 0);
    const end = next === -1 ? n : next;
    const chance = avoid(n, start, k) - avoid(n, end, k);
    expected += chance * mean(ranked.slice(start, end).map(({ grade }) => grade));
    start = end;
  }
  return expected;
}

function byScore({ score: a }: Scored, { score: b }: Scored): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? 1 : a > b ? -1 : 0;
}

function checked(k: number, n: number): number {
  if (!Number.isInteger(k) || k < 1 || k > n)
    throw new RangeError(`statistics: k must be an integer from 1 to the ${n} samples of the pool, got ${k}`);
  return k;
}

/** Lower and upper bound. */
export type Interval = readonly [lo: number, hi: number];

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Wilson's 95% interval of a proportion; `successes` need not be whole. */
export function wilson(successes: number, n: number): Interval {
  if (n === 0) return [0, 1];
  const p = successes / n;
  const centre = p + Z ** 2 / (2 * n);
  const half = Z * Math.sqrt((p * (1 - p)) / n + (Z / (2 * n)) ** 2);
  const scale = 1 + Z ** 2 / n;
  return [successes === 0 ? 0 : (centre - half) / scale, successes === n ? 1 : (centre + half) / scale];
}

/**
 * The 95% interval of a proportion of Agresti and Coull ("Approximate is better than exact for interval estimation of binomial
 * proportions", 1998): around the centre of Wilson's and never narrower. Near 0 and 1 Wilson's misses the proportion in up to a
 * tenth of all samples at some sizes, almost always on the inner side; this one does not. `successes` need not be whole.
 */
export function agrestiCoull(successes: number, n: number): Interval {
  const more = n + Z ** 2;
  const centre = (successes + Z ** 2 / 2) / more;
  const half = Z * Math.sqrt((centre * (1 - centre)) / more);
  return clipped([centre - half, centre + half], 0, 1);
}

/** Student's 95% interval of a mean. One value tells nothing about its own spread: the interval is then unbounded. */
export function student(values: readonly number[]): Interval {
  const n = values.length;
  const centre = mean(values);
  if (n < 2) return [-Infinity, Infinity];
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (n - 1);
  return around(centre, Math.sqrt(variance / n), n - 1);
}

/** Each value's group, in the order of the values; values without a name of a group are each one of their own. */
export type Groups = readonly (string | undefined)[];

/**
 * What varies from draw to draw of the items: the values, or whole groups of them. Values of one group may go together, so a group
 * counts as one value, its mean, with a weight by its size.
 */
export interface Units {
  /** Of each unit: the mean of its values, and its number of values over the mean number a unit would have. */
  readonly units: readonly { readonly value: number; readonly weight: number }[];
  readonly centre: number;
  /** How many units of one size would tell as much: their number where they have one size, less where they differ. */
  readonly count: number;
}

export function unitsOf(values: readonly number[], groups: Groups = []): Units {
  const n = values.length;
  const members = [...Map.groupBy(values.keys(), (i) => groups[i] ?? i).values()];
  const count = n ** 2 / members.reduce((sum, { length }) => sum + length ** 2, 0);
  const units = members.map((own) => ({
    value: mean(own.map((i) => values[i] as number)),
    weight: (count * own.length) / n,
  }));
  return { units, centre: values.reduce((sum, value) => sum + value, 0) / n, count };
}

/** The sum of squared distances from `centre`, as `count` units of one size would have it. */
function spreadOf({ units }: Units, centre: number): number {
  return units.reduce((sum, { value, weight }) => sum + (weight * (value - centre)) ** 2, 0);
}

/** Grades of one side that a mean needs before Student's interval covers it: with fewer, the few on that side decide its spread. */
const ENOUGH = 40;

/**
 * The 95% interval of the mean grade of a task's items, for grades from 0 to 1. Near 0 and 1, or with few items, that of Agresti
 * and Coull: no grades from 0 to 1 spread more than those that are 0 or 1, so it covers whatever lies between, and is wider than
 * need be where the grades lie close together. With ENOUGH grades' worth on both sides Student's, whose variance counts two more
 * items that spread as far as they may, so that equal grades do not claim to be certain. Items of one group, such as questions
 * about one page, count as one item. `docs/measurements/intervals.md`.
 */
export function intervalOfGrades(grades: readonly number[], groups?: Groups): Interval {
  const all = unitsOf(grades, groups);
  const { units, centre, count } = all;
  const total = groups ? centre * count : grades.reduce((sum, grade) => sum + grade, 0);
  const isWhole = units.every(({ value }) => value === 0 || value === 1);
  if (isWhole || Math.min(total, count - total) < ENOUGH) return within(agrestiCoull(total, count), centre);
  const spread = spreadOf(all, centre) + 2 * centre * (1 - centre);
  return clipped(around(centre, Math.sqrt(spread / (count + 1) / count), count - 1), 0, 1);
}

export interface Difference {
  /** Mean of b − a over the items. */
  readonly difference: number;
  readonly ci95: Interval;
  /** How often a difference as large as this comes out where there is none. For one verdict: of several, see `holm`. */
  readonly p: number;
}

/** Pairs that must differ before their own spread says how sure a difference is. */
export const DIFFERING = 10;

/**
 * How much better b is than a on the same items, in the same order: pairing takes the items' difficulty out. The interval is
 * Student's; where fewer than DIFFERING pairs differ, that of Agresti and Min ("Simple improved confidence intervals for
 * comparing matched proportions", 2005), for grades from 0 to 1: half an item is added to each of the four ways in which two
 * verdicts can fall out, so that equal grades do not claim that there is no difference. Items of one group count as one.
 */
export function pairedDifference(a: readonly number[], b: readonly number[], groups?: Groups): Difference {
  const n = a.length;
  if (n !== b.length || n === 0)
    throw new RangeError(
      `statistics: a paired difference needs the same items on both sides, got ${a.length} and ${b.length}`,
    );
  const all = unitsOf(
    a.map((grade, i) => (b[i] as number) - grade),
    groups,
  );
  const { units, centre: difference, count } = all;
  if (units.filter(({ value }) => value !== 0).length >= DIFFERING) {
    const error = Math.sqrt(spreadOf(all, difference) / (count - 1) / count);
    return { difference, ci95: around(difference, error, count - 1), p: chanceOf(difference, error, count - 1) };
  }
  const more = count + 2;
  const centre = (difference * count) / more;
  const error = Math.sqrt(((spreadOf(all, 0) + 1) / more - centre ** 2) / more);
  return {
    difference,
    ci95: clipped(around(centre, error, more - 1), -1, 1),
    p: chanceOf(centre, error, more - 1),
  };
}

/**
 * The chances of several verdicts, adjusted so that the chance of any false one among them stays below what each is compared with:
 * the smallest times their number, the next times one less, and none below the one before. (Holm, "A simple sequentially
 * rejective multiple test procedure", 1979)
 */
export function holm(chances: readonly number[]): number[] {
  const order = [...chances.keys()].toSorted((i, j) => (chances[i] as number) - (chances[j] as number));
  const adjusted = chances.map(() => 1);
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (chances.length - rank) * (chances[i] as number)));
    adjusted[i] = least;
  }
  return adjusted;
}

function around(centre: number, error: number, degrees: number): Interval {
  const half = studentQuantile(whole(degrees)) * error;
  return [centre - half, centre + half];
}

const clipped = ([lo, hi]: Interval, least: number, most: number): Interval => [
  Math.max(least, lo),
  Math.min(most, hi),
];

/** Rounding must not put the mean itself outside of its interval. */
const within = ([lo, hi]: Interval, centre: number): Interval => [Math.min(lo, centre), Math.max(hi, centre)];

/** Groups of several sizes have degrees of freedom between two whole numbers; the lower one is on the safe side. */
const whole = (degrees: number): number => Math.max(1, Math.floor(degrees + 1e-9));

/** The chance that a mean lies as far from 0 as this one or farther, where it is 0: twice the tail of Student's t. */
function chanceOf(centre: number, error: number, degrees: number): number {
  if (centre === 0) return 1;
  return error === 0 ? 0 : studentTails(centre / error, whole(degrees));
}

/** The chance of both tails of Student's t beyond ±t, exact for whole degrees of freedom. (Abramowitz and Stegun, 26.7.3 and 26.7.4) */
export function studentTails(t: number, degrees: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(degrees));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cos : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k < degrees; k += 2) {
    term *= ((k - 1) / k) * cos ** 2;
    sum += term;
  }
  return Math.max(0, 1 - (isOdd ? ((angle + sin * sum) * 2) / Math.PI : sin * sum));
}

/** Of the normal distribution, the quantile 0.975. */
export const Z = 1.959963984540054;

/** The 0.975 quantile of Student's t: exact for 1 and 2 degrees of freedom, else the Cornish-Fisher expansion (error < 0.004, at 3 degrees). */
export function studentQuantile(degrees: number): number {
  if (degrees === 1) return Math.tan(0.475 * Math.PI);
  if (degrees === 2) return 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2));
  const v = degrees;
  return (
    Z +
    (Z ** 3 + Z) / (4 * v) +
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * v ** 2) +
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / (384 * v ** 3) +
    (79 * Z ** 9 + 776 * Z ** 7 + 1482 * Z ** 5 - 1920 * Z ** 3 - 945 * Z) / (92_160 * v ** 4)
  );
}
