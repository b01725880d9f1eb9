/** Labelled questions of a cell, drawn by a seed, and the rest. */
import { seeded } from '../../../src/core/index.ts';

export function splitOf(count: number, labelled: number, seed: string): { train: number[]; test: number[] } {
  const choice = seeded(seed);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < Math.min(labelled, count - 1); i++) {
    const j = i + Math.floor((choice.fork(String(i)).seed() / 2 ** 31) * (count - i));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return { train: order.slice(0, labelled), test: order.slice(labelled) };
}
