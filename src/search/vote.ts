/** Votes over answers: counting them, who leads, and when more of them cannot be expected to change that. */

/** An answer and the votes for it. `null` is abstaining: it is counted and never leads. */
export interface Class {
  readonly answer: string | null;
  readonly weight: number;
  readonly count: number;
  /** Index of its first vote. */
  readonly first: number;
}

/** Facts of a vote. */
export type Votes = { votes: { [answer: string]: number }; share: number | null; abstained: number };

const MOST_REPORTED = 16;

/** The classes in the order of their first votes. */
export function tally(answers: readonly (string | null)[], weights: readonly number[] = []): Class[] {
  const classes = new Map<string | null, Class>();
  answers.forEach((answer, i) => {
    const { weight, count, first } = classes.get(answer) ?? { weight: 0, count: 0, first: i };
    classes.set(answer, { answer, weight: weight + (weights[i] ?? 1), count: count + 1, first });
  });
  return [...classes.values()];
}

/** The heaviest class that has an answer; of equals, the one seen first. */
export function leader(classes: readonly Class[]): (Class & { readonly answer: string }) | undefined {
  return classes
    .filter((one) => one.answer !== null)
    .reduce<Class | undefined>((top, next) => (top && !beats(next, top) ? top : next), undefined) as
    | (Class & { readonly answer: string })
    | undefined;
}

/** Weights that differ by rounding alone are a tie. */
function beats(a: Class, b: Class): boolean {
  return a.weight > b.weight * (1 + 1e-12);
}

/** The votes as facts of a sample: the heaviest answers, the leader's share of all that answered, and who did not. */
export function votesOf(classes: readonly Class[]): Votes {
  const answered = classes.filter(({ answer }) => answer !== null);
  const total = answered.reduce((sum, { weight }) => sum + weight, 0);
  const ranked = answered.toSorted((a, b) => b.weight - a.weight).slice(0, MOST_REPORTED);
  return {
    votes: Object.fromEntries(ranked.map(({ answer, weight }) => [answer as string, weight])),
    share: total > 0 ? (ranked[0]?.weight ?? 0) / total : null,
    abstained: classes.find(({ answer }) => answer === null)?.count ?? 0,
  };
}

/** The stop rule of Adaptive-Consistency: the two largest classes are far enough apart, abstaining being a class. */
export function isSettled(answers: readonly (string | null)[], threshold: number): boolean {
  // Asked after every vote, so it only counts, and sorts nothing.
  const counts = new Map<string | null, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  let [first, second] = [0, 0];
  for (const count of counts.values()) {
    if (count > first) [first, second] = [count, first];
    else if (count > second) second = count;
  }
  return betaMajority(first, second) >= threshold;
}

/** The stop rule of early-stopping self-consistency: a window is full, and all of it gives one answer. */
export function isAgreed(answers: readonly (string | null)[], window: number): boolean {
  const last = answers.slice(-window);
  return answers.length % window === 0 && last[0] != null && last.every((answer) => answer === last[0]);
}

/**
 * P(Beta(v1+1, v2+1) > ½): how sure v1 votes against v2 make it that the first class is the more frequent one.
 * For whole numbers it is a binomial tail, P(Bin(v1+v2+1, ½) ≤ v1).
 */
export function betaMajority(v1: number, v2: number): number {
  if (v1 < v2) return 1 - betaMajority(v2, v1);
  if (v1 === v2) return 0.5;
  const n = v1 + v2 + 1;
  let logTop = -n * Math.LN2; // log of C(n, v2) / 2^n, the largest term of the tail P(Bin ≤ v2)
  for (let i = 1; i <= v2; i++) logTop += Math.log((n - v2 + i) / i);
  let tail = 0;
  for (let i = v2, ratio = 1; i >= 0; ratio *= i / (n - i + 1), i--) tail += ratio;
  return 1 - Math.exp(logTop) * tail;
}
