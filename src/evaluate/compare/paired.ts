/** One verdict on two lists of grades of the same items: exact where grades are 0 or 1, by a bootstrap where they lie between. */
import { hash, threefry } from '../../core/context/choice.ts';
import {
  DIFFERING,
  pairedDifference,
  studentQuantile,
  studentTails,
  unitsOf,
  Z,
  type Difference,
  type Groups,
  type Interval,
} from '../statistics.ts';

/** How a paired difference was tested. */
export type PairedTest = 'mcnemar' | 'bootstrap' | 'student' | 'betting';

export interface PairedVerdict extends Difference {
  readonly test: PairedTest;
}

export interface PairedOptions {
  /** The group of each item: items of one group count as one. */
  readonly groups?: Groups | undefined;
  /** Draws the resamples. The same seed gives the same interval. Default 0. */
  readonly seed?: number | string | undefined;
  /** Resamples of the bootstrap. Default 1,999. */
  readonly resamples?: number | undefined;
}

/**
 * How much better b is than a on the same items, in the same order, with a 95% interval and the chance of it. Grades of 0 and 1: the
 * exact test of McNemar, and the interval of `tango`, made to hold 0 where the exact test does not rule it out. Other grades: `pairedBootstrap`. Groups of items: `pairedDifference`. The test of a whole run, whose size was fixed beforehand: whoever
 * looks in between uses `confidenceSequence`.
 */
export function comparePaired(
  a: readonly number[],
  b: readonly number[],
  { groups, seed, resamples }: PairedOptions = {},
): PairedVerdict {
  const isGrouped = groups !== undefined && new Set(groups).size < groups.length;
  const verdicts = [...a, ...b].every((grade) => grade === 0 || grade === 1);
  if (isGrouped && verdicts) return { ...pairedDifference(a, b, groups), test: 'student' };
  if (!verdicts) return pairedBootstrap(a, b, { groups, seed, resamples });
  const gained = a.filter((grade, i) => grade < (b[i] as number)).length;
  const lost = a.filter((grade, i) => grade > (b[i] as number)).length;
  const p = mcnemar(gained, lost);
  const { difference } = pairedDifference(a, b);
  const ci95 = tango(gained, lost, a.length);
  return { difference, ci95: p > 0.05 ? holding0(ci95) : ci95, p, test: 'mcnemar' };
}

const holding0 = ([lo, hi]: Interval): Interval => [Math.min(lo, 0), Math.max(hi, 0)];

/**
 * The chance that pairs which fall out differently do so at least as unevenly, where either way is as likely: twice the tail of the
 * binomial, exactly. Pairs that fall out alike say nothing. (McNemar, 1947)
 */
export function mcnemar(gained: number, lost: number): number {
  const n = gained + lost;
  const less = Math.min(gained, lost);
  // From the term of `less` downwards, each a share of the one before: no binomial is ever computed as a whole.
  let [term, sum] = [1, 1];
  for (let k = less; k > 0; k--) {
    term *= k / (n - k + 1);
    sum += term;
  }
  return Math.min(1, 2 * Math.exp(logBinomial(n, less) - n * Math.LN2) * sum);
}

/**
 * The 95% interval of the difference of two shares on the same n items, of which b alone is right on `gained` and a alone on `lost`:
 * all differences that a score test does not reject. It holds up where hardly any pairs differ, or none. (Tango, "Equivalence test and
 * confidence interval for the difference in proportions for the paired-sample design", 1998)
 */
export function tango(gained: number, lost: number, n: number): Interval {
  const seen = (gained - lost) / n;
  return [-furthest(-seen, lost, gained, n), furthest(seen, gained, lost, n)];
}

/** The largest difference that is not rejected, at or above the one that was seen. */
function furthest(seen: number, gained: number, lost: number, n: number): number {
  let [inside, out] = [seen, 1];
  for (let step = 0; step < 60; step++) {
    const guess = (inside + out) / 2;
    // The likeliest share of pairs that only a wins, were the difference the guess: the root of a quadratic equation.
    const half = (2 * n - gained + lost) * guess - gained - lost;
    const onlyA = (Math.sqrt(half ** 2 + 8 * n * lost * guess * (1 - guess)) - half) / (4 * n);
    const spread = n * (2 * onlyA + guess * (1 - guess));
    if ((gained - lost - n * guess) ** 2 <= Z ** 2 * spread) inside = guess;
    else out = guess;
  }
  return inside;
}

/** The logarithm of n over k. */
function logBinomial(n: number, k: number): number {
  let log = 0;
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return log;
}

/**
 * The difference with the symmetric interval of the bootstrap of t: items are drawn anew with replacement, pairs and groups as a whole,
 * and the spread of (their mean - the mean) / their error takes the place of Student's table, never below it. (Hall, "On symmetric
 * bootstrap confidence intervals", 1988) With fewer than ten pairs that differ it is `pairedDifference`, for grades from 0 to 1.
 */
export function pairedBootstrap(
  a: readonly number[],
  b: readonly number[],
  { groups, seed = 0, resamples = 1999 }: PairedOptions = {},
): PairedVerdict {
  const plain = pairedDifference(a, b, groups);
  const { units } = unitsOf(
    a.map((grade, i) => (b[i] as number) - grade),
    groups,
  );
  const values = Float64Array.from(units, ({ value }) => value);
  const weights = Float64Array.from(units, ({ weight }) => weight);
  if (values.filter((value) => value !== 0).length < DIFFERING) return { ...plain, test: 'student' };
  const n = units.length;
  const all = Uint32Array.from({ length: n }, (_, i) => i);
  const { error, degrees } = errorOf(values, weights, all);
  if (error === 0) return { ...plain, test: 'student' };
  const { difference } = plain;
  const picks = new Uint32Array(n);
  const key = hash(`bootstrap ${seed}`);
  const far = Float64Array.from({ length: resamples }, (_, round) => {
    for (let i = 0; i < n; i += 2) {
      const [x, y] = threefry(key, [round, i]);
      picks[i] = ((x >>> 0) * n) / 2 ** 32;
      if (i + 1 < n) picks[i + 1] = ((y >>> 0) * n) / 2 ** 32;
    }
    const drawn = errorOf(values, weights, picks);
    const off = Math.abs(drawn.centre - difference);
    return off === 0 ? 0 : off / drawn.error;
  }).toSorted();
  const t = Math.abs(difference) / error;
  const whole = Math.max(1, Math.floor(degrees + 1e-9));
  const beyond = far.filter((one) => one >= t).length;
  const most = Math.max(far[Math.ceil(0.95 * (resamples + 1)) - 1] as number, studentQuantile(whole));
  return {
    difference,
    ci95: [Math.max(-1, difference - most * error), Math.min(1, difference + most * error)],
    p: Math.max((1 + beyond) / (1 + resamples), t === 0 ? 1 : studentTails(t, whole)),
    test: 'bootstrap',
  };
}

/** The weighted mean of some units, some of them more than once, and its standard error. */
function errorOf(
  values: Float64Array,
  weights: Float64Array,
  picks: Uint32Array,
): { readonly centre: number; readonly error: number; readonly degrees: number } {
  let [total, squares, sum] = [0, 0, 0];
  for (const i of picks) {
    const weight = weights[i] as number;
    total += weight;
    squares += weight ** 2;
    sum += weight * (values[i] as number);
  }
  const centre = sum / total;
  const count = total ** 2 / squares;
  let spread = 0;
  for (const i of picks) spread += ((weights[i] as number) * ((values[i] as number) - centre)) ** 2;
  return { centre, error: Math.sqrt((spread * (count / total) ** 2) / (count - 1) / count), degrees: count - 1 };
}
