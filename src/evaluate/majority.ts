/** Expected majority vote from one pool of samples, for every number of votes at once. */
import type { Choice } from '../core/index.ts';
import { mean } from './statistics.ts';

/** One sample of a pool, as a vote sees it. */
export interface Vote {
  /** `null` abstains. */
  readonly answer: string | null;
  readonly grade: number;
}

/** Beyond this size counting all subsets takes longer than looking at many of them. */
const EXACT_LIMIT = 160;

export interface MajorityOptions {
  /** Draws the orders of a pool too large for counting all subsets. */
  readonly choice: Choice;
  /** How many orders. Default 200. */
  readonly orders?: number;
}

/**
 * maj@k for each k of 1..N: the expected grade of the vote of k samples, without bias. Of tied answers the one seen first
 * wins: in a random order, each of them as often. Where all abstain, the first sample stands. Exact up to 160 samples, and
 * beyond that the mean over seeded random orders. Index k−1 holds maj@k.
 */
export function majority(votes: readonly Vote[], { choice, orders = 200 }: MajorityOptions): number[] {
  return votes.length <= EXACT_LIMIT ? majorityExactly(votes) : majorityByOrders(votes, { choice, orders });
}

interface Class {
  readonly count: number;
  readonly grade: number;
}

function classesOf(votes: readonly Vote[]): { classes: Class[]; abstained: Class } {
  const grades = new Map<string | null, number[]>();
  for (const { answer, grade } of votes) grades.set(answer, [...(grades.get(answer) ?? []), grade]);
  const abstaining = grades.get(null) ?? [];
  grades.delete(null);
  return {
    classes: [...grades.values()].map((all) => ({ count: all.length, grade: mean(all) })),
    abstained: { count: abstaining.length, grade: abstaining.length > 0 ? mean(abstaining) : 0 },
  };
}

/**
 * Counts subsets with generating functions. For m winning votes a class of c samples contributes Σ_{x<m} C(c,x) z^x if it
 * loses and C(c,m) z^m if it ties for the win; classes below m, and abstentions, can hold any number of the others.
 */
export function majorityExactly(votes: readonly Vote[]): number[] {
  const n = votes.length;
  const { classes, abstained } = classesOf(votes);
  const binomials = pascal(n);
  const total = binomials[n] as Float64Array;
  const expected = Array.from({ length: n }, (_, i) => {
    const allAbstain = (binomials[abstained.count] as Float64Array)[i + 1] ?? 0;
    return (abstained.grade * allAbstain) / (total[i + 1] as number);
  });
  const most = Math.max(0, ...classes.map(({ count }) => count));
  for (let m = 1; m <= most; m++) {
    const large = classes.filter(({ count }) => count >= m);
    const others = binomials[n - large.reduce((sum, { count }) => sum + count, 0)] as Float64Array;
    const shares = sharesOfWin(large, m, n, binomials);
    for (let k = m; k <= n; k++) {
      let ways = 0;
      for (let s = m; s <= k; s++) ways += (shares[s] as number) * (others[k - s] ?? 0);
      expected[k - 1] = (expected[k - 1] as number) + ways / (total[k] as number);
    }
  }
  return expected;
}

/** For each number of votes s: the sum, over the ways the large classes cast s votes with m the most, of the winners' mean grade. */
function sharesOfWin(large: readonly Class[], m: number, n: number, binomials: readonly Float64Array[]): Float64Array {
  // ways[t][s]: ways with t classes tied at m; grades[t][s]: the same times the sum of their grades
  let ways = [Float64Array.from({ length: n + 1 }, (_, s) => (s === 0 ? 1 : 0))];
  let grades = [new Float64Array(n + 1)];
  let cast = 0;
  for (const { count, grade } of large) {
    const terms = binomials[count] as Float64Array;
    const nextWays = Array.from({ length: ways.length + 1 }, () => new Float64Array(n + 1));
    const nextGrades = nextWays.map(() => new Float64Array(n + 1));
    ways.forEach((row, t) => {
      const graded = grades[t] as Float64Array;
      for (let s = 0; s <= cast; s++) {
        const w = row[s] as number;
        if (w === 0) continue;
        const g = graded[s] as number;
        for (let x = 0; x < m; x++) {
          add(nextWays[t], s + x, w * (terms[x] as number));
          add(nextGrades[t], s + x, g * (terms[x] as number));
        }
        add(nextWays[t + 1], s + m, w * (terms[m] as number));
        add(nextGrades[t + 1], s + m, (g + w * grade) * (terms[m] as number));
      }
    });
    [ways, grades] = [nextWays, nextGrades];
    cast = Math.min(n, cast + m);
  }
  const shares = new Float64Array(n + 1);
  grades.forEach((row, t) => {
    if (t > 0) row.forEach((value, s) => add(shares, s, value / t));
  });
  return shares;
}

function add(row: Float64Array | undefined, at: number, value: number): void {
  if (row && at < row.length) row[at] = (row[at] as number) + value;
}

/** C(n, k) for all n up to `most`. */
function pascal(most: number): Float64Array[] {
  const rows = [Float64Array.of(1)];
  for (let n = 1; n <= most; n++) {
    const above = rows[n - 1] as Float64Array;
    rows.push(Float64Array.from({ length: n + 1 }, (_, k) => (above[k - 1] ?? 0) + (above[k] ?? 0)));
  }
  return rows;
}

/** The mean over random orders of the vote of the first k samples. */
export function majorityByOrders(votes: readonly Vote[], { choice, orders = 200 }: MajorityOptions): number[] {
  const sums = votes.map(() => 0);
  for (let round = 0; round < orders; round++) {
    const counts = new Map<string, { readonly first: number; readonly grade: number; votes: number }>();
    let winner: { readonly first: number; readonly grade: number; votes: number } | undefined;
    const order = shuffled(votes, choice.fork(`order/${round}`));
    order.forEach(({ answer, grade }, i) => {
      if (answer !== null) {
        const counted = counts.get(answer) ?? { first: i, grade, votes: 0 };
        counted.votes++;
        counts.set(answer, counted);
        const ahead = winner ? counted.votes - winner.votes : 1;
        if (ahead > 0 || (ahead === 0 && winner && counted.first < winner.first)) winner = counted;
      }
      sums[i] = (sums[i] as number) + (winner ?? (order[0] as Vote)).grade;
    });
  }
  return sums.map((sum) => sum / orders);
}

/** In a random order. */
export function shuffled<T>(values: readonly T[], choice: Choice): T[] {
  const order = [...values];
  const weights = order.map(() => 1);
  for (let end = order.length; end > 1; end--, weights.pop()) {
    const at = choice.categorical(weights);
    [order[at], order[end - 1]] = [order[end - 1] as T, order[at] as T];
  }
  return order;
}
