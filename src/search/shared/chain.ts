import type { Context } from '../../core/index.ts';

/**
 * Independent Metropolis-Hastings: goes through the draws and stays or moves at each, with probability
 * min(1, e^(toll(y) − toll(x))) of moving, where the toll is the logarithm of target over base. Exact after every step as
 * νK^t, ν being the law of a draw, and at detailed balance with the target. The index of where it ends; -1 without draws.
 */
export function walk(tolls: readonly number[], { choice }: Context): number {
  return tolls.reduce((at, toll, i) => {
    if (at === -1) return i;
    const before = tolls[at] as number;
    const ratio = toll >= before ? 1 : Math.exp(toll - before); // two tolls of -∞ are equal
    return choice.fork(`accept/${i}`).categorical([1 - ratio, ratio]) === 1 ? i : at;
  }, -1);
}
