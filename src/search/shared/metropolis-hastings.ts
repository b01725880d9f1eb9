import type { Context } from '../../core/index.ts';

/**
 * Independent Metropolis-Hastings over draws from P. At each draw y the walk moves there from where it stands, x, with
 * probability min(1, e^(toll(y) − toll(x))), where the toll is log(target / P). After t steps the law is P K^t exactly, and K
 * is in detailed balance with the target. Returns the index of the draw where the walk ends, and -1 without draws.
 */
export function walk(tolls: readonly number[], { choice }: Context): number {
  return tolls.reduce((at, toll, i) => {
    if (at === -1) return i;
    const before = tolls[at] as number;
    const ratio = toll >= before ? 1 : Math.exp(toll - before); // two tolls of -∞ are equal
    return choice.fork(`accept/${i}`).categorical([1 - ratio, ratio]) === 1 ? i : at;
  }, -1);
}
