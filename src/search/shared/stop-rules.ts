/** Rules that say when there are enough votes: more of them are not expected to change who leads. */
import { option } from '../../core/index.ts';

/** The option of techniques that stop by a rule. */
export const AHEAD = option.integer({
  doc: 'draws begun beyond those its stop rule is sure to need',
  min: 0,
  default: 0,
});

type Answers = readonly (string | null)[];

export interface StopRule {
  /** Whether these votes are enough. It is asked after each vote, in the order of the draws. */
  stops(answers: Answers): boolean;
  /** How many more draws it needs before it can stop, whatever they answer: at least 1, and at most as many as are `left`. */
  needs(answers: Answers, left: number): number;
}

/** Adaptive-Consistency: stops when the two largest classes are far enough apart. Votes without an answer are a class too. */
export const settled = (threshold: number): StopRule => ({
  stops: (answers) => betaMajority(...largest(answers)) >= threshold,
  needs(answers, left) {
    const [first, second] = largest(answers);
    let more = 1;
    while (more < left && betaMajority(first + more, second) < threshold) more++;
    return more;
  },
});

/** Early-stopping self-consistency: stops when a window is full and all votes in it give the same answer. */
export const agreedIn = (window: number): StopRule => ({
  stops(answers) {
    const last = answers.slice(-window);
    return answers.length % window === 0 && last[0] != null && last.every((answer) => answer === last[0]);
  },
  needs: (answers) => window - (answers.length % window),
});

/** How often the two most frequent answers came. It runs after every vote, so it counts without sorting. */
function largest(answers: Answers): [number, number] {
  const counts = new Map<string | null, number>();
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  let [first, second] = [0, 0];
  for (const count of counts.values()) {
    if (count > first) [first, second] = [count, first];
    else if (count > second) second = count;
  }
  return [first, second];
}

/**
 * P(Beta(v1+1, v2+1) > ½): the probability, after v1 votes against v2, that the first class is the more frequent one.
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
