/**
 * A test and an interval that may be looked at after every value. Two gamblers start with one coin each and bet, at fair odds, that the
 * mean lies above and below a guess. Where the guess is right neither can expect to win, so that either ever owns 40 coins at most once
 * in 40 games, whenever the game is stopped (Ville's inequality). Guesses at which one of them does are ruled out.
 */
import { mean, type Interval } from '../statistics.ts';

export interface ConfidenceSequenceOptions {
  /** How often the interval may ever leave out the mean. Default 0.05. */
  readonly alpha?: number | undefined;
  /** What every value lies within. Default -1 to 1: a difference of two grades. */
  readonly bounds?: Interval | undefined;
  /** The mean that `p` and `verdict` are about. Default 0: no difference. */
  readonly than?: number | undefined;
}

/** The state of a test that is told its values one after another. */
export interface ConfidenceSequence {
  /** One more value. Its mean, given those before it, is what the test is about: ask the items in a random order. */
  add(value: number): void;
  readonly count: number;
  /** Of the values so far; NaN before the first. */
  readonly mean: number;
  /**
   * Holds the mean with a chance of 1 - alpha at every count at once. Computed when it is read, from all values so far; the order in
   * which they came does not matter.
   */
  readonly interval: Interval;
  /** How often as much as this would ever be seen where the mean is `than`, however often one looks. It never grows again. */
  readonly p: number;
  /** What the test has found at level alpha, and keeps to; `undefined` while nothing is decided. */
  readonly verdict: 'above' | 'below' | undefined;
  /** What the two gamblers own now: e-values against "the mean is at most `than`" and against "at least `than`". */
  readonly evidence: { readonly above: number; readonly below: number };
}

/**
 * Each gambler splits the coin over bets of these shares of what is owned, and never moves money between them. The best share for a
 * mean m and a spread s^2 is m / s^2, and one of these is near it, whatever it is.
 */
const SHARES = Array.from({ length: 8 }, (_, i) => 0.9 / 2 ** i);

/**
 * The hedged capital process with a grid of bets, for values within bounds (Waudby-Smith and Ramdas, "Estimating means of bounded
 * random variables by betting", 2024). For a comparison of two models: `add(gradeOfB - gradeOfA)` for each item, in a random order, and
 * stop as soon as `verdict` is there. With several comparisons, adjust their `p` by `holm` at any time.
 *
 * ```ts
 * const test = confidenceSequence();
 * for (const [a, b] of pairs) {
 *   test.add(b - a);
 *   if (test.verdict) break; // 'above': b is better
 * }
 * ```
 */
export function confidenceSequence({
  alpha = 0.05,
  bounds: [lo, hi] = [-1, 1],
  than = 0,
}: ConfidenceSequenceOptions = {}): ConfidenceSequence {
  if (!(alpha > 0 && alpha < 1))
    throw new RangeError(`confidenceSequence: alpha must be between 0 and 1, got ${alpha}`);
  if (!(lo < than && than < hi))
    throw new RangeError(`confidenceSequence: than must lie within the bounds ${lo} to ${hi}, got ${than}`);
  const counts = new Map<number, number>();
  const above = capital((value) => (value - than) / (than - lo));
  const below = capital((value) => (than - value) / (hi - than));
  const enough = Math.log(2 / alpha); // each of the two has half of alpha
  let most = 0; // the logarithm of what the richer of the two ever owned
  let verdict: ConfidenceSequence['verdict'];
  let [count, sum] = [0, 0];
  return {
    add(value) {
      if (!(value >= lo && value <= hi))
        throw new RangeError(`confidenceSequence: a value must lie within ${lo} to ${hi}, got ${value}`);
      counts.set(value, (counts.get(value) ?? 0) + 1);
      above.add(value);
      below.add(value);
      count++;
      sum += value;
      const [up, down] = [above.log(), below.log()];
      most = Math.max(most, up, down);
      if (most >= enough) verdict ??= up >= down ? 'above' : 'below';
    },
    get count() {
      return count;
    },
    get mean() {
      return sum / count;
    },
    get interval(): Interval {
      if (count === 0) return [lo, hi];
      const centre = Math.min(hi, Math.max(lo, sum / count));
      const least = edge(lo, centre, (guess) => logOf(counts, (value) => (value - guess) / (guess - lo)) < enough);
      const largest = edge(hi, centre, (guess) => logOf(counts, (value) => (guess - value) / (hi - guess)) < enough);
      return [
        verdict === 'above' ? Math.max(than, least) : least,
        verdict === 'below' ? Math.min(than, largest) : largest,
      ];
    },
    get p() {
      return Math.min(1, 2 / Math.exp(most));
    },
    get verdict() {
      return verdict;
    },
    get evidence() {
      return { above: Math.exp(above.log()), below: Math.exp(below.log()) };
    },
  };
}

/** What one gambler owns, whose bet of a share `f` multiplies it by 1 + f * `odds` of a value. */
function capital(odds: (value: number) => number): { add: (value: number) => void; log: () => number } {
  const logs = SHARES.map(() => 0);
  return {
    add(value) {
      const gain = odds(value);
      SHARES.forEach((share, i) => (logs[i] = (logs[i] as number) + Math.log1p(share * gain)));
    },
    log: () => logMean(logs),
  };
}

/** The same for all values at once. */
function logOf(counts: ReadonlyMap<number, number>, odds: (value: number) => number): number {
  const logs = SHARES.map(() => 0);
  for (const [value, times] of counts) {
    const gain = odds(value);
    SHARES.forEach((share, i) => (logs[i] = (logs[i] as number) + times * Math.log1p(share * gain)));
  }
  return logMean(logs);
}

/** The logarithm of the mean of numbers, of which the logarithms are given. */
function logMean(logs: readonly number[]): number {
  const most = Math.max(...logs);
  return most === Infinity ? most : most + Math.log(mean(logs.map((log) => Math.exp(log - most))));
}

/**
 * Where guesses begin to be possible between a bound and the mean that was seen: what a gambler owns falls from the bound on. It is
 * taken from the side of the bound, so that rounding makes the interval wider.
 */
function edge(bound: number, centre: number, isPossible: (guess: number) => boolean): number {
  let [out, inside] = [bound, centre];
  for (let step = 0; step < 50 && out !== inside; step++) {
    const middle = (out + inside) / 2;
    if (middle === bound) return bound;
    if (isPossible(middle)) inside = middle;
    else out = middle;
  }
  return out;
}
