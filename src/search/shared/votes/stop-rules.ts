/** Rules that say when there are enough votes: more of them are not expected to change who leads. */
import { option } from '../../../core/index.ts';
import { logGamma } from '../log-gamma.ts';
import type { RunningVote } from './running-vote.ts';

/** The option of techniques that stop by a rule. */
export const AHEAD = option.integer({
  doc: 'draws begun beyond those its stop rule is sure to need',
  min: 0,
  default: 0,
});

export interface StopRule {
  /** Whether these votes are enough. It is asked after each vote, in the order of the draws. */
  stops(votes: RunningVote): boolean;
  /** How many more draws it needs before it can stop, whatever they answer: at least 1, and at most as many as are `left`. */
  needs(votes: RunningVote, left: number): number;
}

/** Adaptive-Consistency: stops when the two largest classes are far enough apart. Votes without an answer are a class too. */
export const settled = (threshold: number): StopRule => ({
  stops: (votes) => betaMajority(...votes.largest()) >= threshold,
  needs(votes, left) {
    const [first, second] = votes.largest();
    const isEnough = (more: number): boolean => betaMajority(first + more, second) >= threshold;
    let [least, most] = [1, left];
    while (least < most) {
      const middle = Math.floor((least + most) / 2);
      if (isEnough(middle)) most = middle;
      else least = middle + 1;
    }
    return least;
  },
});

/** Early-stopping self-consistency: stops when a window is full and all votes in it give the same answer. */
export const agreedIn = (window: number): StopRule => ({
  stops: (votes) => votes.count % window === 0 && votes.agree(window),
  needs: (votes) => window - (votes.count % window),
});

/**
 * P(Beta(v1+1, v2+1) > ½): the probability, after v1 votes against v2, that the first class is the more frequent one.
 * For whole numbers it is a binomial tail, P(Bin(v1+v2+1, ½) ≤ v1).
 */
export function betaMajority(v1: number, v2: number): number {
  if (v1 < v2) return 1 - betaMajority(v2, v1);
  if (v1 === v2) return 0.5;
  const n = v1 + v2 + 1;
  const top = largestTerm(n, v2);
  let tail = 0;
  for (let i = v2, ratio = 1; i >= 0 && ratio > 1e-20 * tail; ratio *= i / (n - i + 1), i--) tail += ratio;
  return 1 - top * tail;
}

/** C(n, k) / 2^n: exactly where it fits, since a threshold such as .75 may be met exactly. */
function largestTerm(n: number, k: number): number {
  if (n > 60) return Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) - n * Math.LN2);
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways / 2 ** n;
}
