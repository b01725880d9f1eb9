/**
 * Which composition is taken. A higher cost is paid only for what is better beyond one standard error: the least cost of all within one
 * standard error of the best is what may be spent. Of those that cost no more, the best is taken: it is what is likeliest to be.
 */
import { mean } from '../../evaluate/index.ts';

/** What is known of a composition when one is picked. */
export interface Candidate {
  /** Grades on the same items, in the same order, for all candidates; what failed has none. */
  readonly grades: readonly (number | undefined)[];
  /** Of a question, in whatever is counted. */
  readonly cost: number;
  readonly techniques: number;
  /** Its mean grade with what is known besides these grades, such as from other tasks. Default: their mean. */
  readonly expected?: number | undefined;
}

/** The mean of the grades that are there. */
export function meanGrade(grades: readonly (number | undefined)[]): number {
  const known = grades.filter((grade) => grade !== undefined);
  return known.length === 0 ? -Infinity : mean(known);
}

/** The items that both have a grade of. */
export function pairs(
  a: readonly (number | undefined)[],
  b: readonly (number | undefined)[],
): { readonly a: number[]; readonly b: number[] } {
  const both = [...a.keys()].filter((i) => a[i] !== undefined && b[i] !== undefined);
  return { a: both.map((i) => a[i] as number), b: both.map((i) => b[i] as number) };
}

/** The standard error of the mean of paired differences, with half an item's worth of doubt on either side. */
export function pairedError(a: readonly (number | undefined)[], b: readonly (number | undefined)[]): number {
  const both = pairs(a, b);
  if (both.a.length === 0) return Infinity;
  const differences = both.a.map((grade, i) => grade - (both.b[i] as number));
  const centre = mean(differences);
  const squares = differences.reduce((sum, one) => sum + (one - centre) ** 2, 0) + 0.5;
  return Math.sqrt(squares) / differences.length;
}

/** The index of the one to take. Throws RangeError where there is none. */
export function pickOf(candidates: readonly Candidate[]): number {
  if (candidates.length === 0) throw new RangeError('compile: there is nothing to pick from');
  const means = candidates.map(({ grades, expected }) => expected ?? meanGrade(grades));
  const best = means.indexOf(Math.max(...means));
  const ofBest = (candidates[best] as Candidate).grades;
  const near = [...candidates.keys()].filter((i) => {
    const { grades, expected } = candidates[i] as Candidate;
    const less = expected === undefined ? differenceOf(ofBest, grades) : (means[best] as number) - expected;
    return i === best || less <= pairedError(ofBest, grades);
  });
  const most = Math.min(...near.map((i) => (candidates[i] as Candidate).cost));
  const afforded = [...candidates.keys()].filter((i) => isWithin((candidates[i] as Candidate).cost, most));
  return afforded.reduce((taken, i) => (isBefore(i, taken, candidates, means) ? i : taken));
}

const differenceOf = (a: readonly (number | undefined)[], b: readonly (number | undefined)[]): number => {
  const both = pairs(a, b);
  return both.a.length === 0 ? Infinity : mean(both.a) - mean(both.b);
};

/** The better, of equals the simpler, of these the cheaper. */
function isBefore(i: number, j: number, candidates: readonly Candidate[], means: readonly number[]): boolean {
  const [a, b] = [candidates[i] as Candidate, candidates[j] as Candidate];
  const more = (means[i] as number) - (means[j] as number);
  if (Math.abs(more) > 1e-9) return more > 0;
  if (a.techniques !== b.techniques) return a.techniques < b.techniques;
  return a.cost < b.cost;
}

/** Costs that differ by less than a hundredth are the same: a count of tokens is never exactly another. */
const isWithin = (cost: number, most: number): boolean => cost <= most || cost - most <= 0.01 * cost;

/** The indices of those that none is both cheaper and better than, cheapest first. */
export function frontOf(candidates: readonly Candidate[]): readonly number[] {
  const means = candidates.map(({ grades }) => meanGrade(grades));
  const order = [...candidates.keys()].toSorted(
    (i, j) =>
      (candidates[i] as Candidate).cost - (candidates[j] as Candidate).cost ||
      (means[j] as number) - (means[i] as number) ||
      (candidates[i] as Candidate).techniques - (candidates[j] as Candidate).techniques,
  );
  let best = -Infinity;
  return order.filter((i) => {
    if ((means[i] as number) <= best) return false;
    best = means[i] as number;
    return true;
  });
}
