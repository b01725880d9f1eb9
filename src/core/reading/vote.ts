/** Votes over answers: counting them, and who leads. */

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
