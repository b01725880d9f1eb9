/** How particles are drawn by their weights. */
import type { Choice } from '../../core/index.ts';

/** `n` draws of a particle, each by weight: index by index. */
export function multinomial(choice: Choice, weights: readonly number[]): number[] {
  return weights.map(() => choice.categorical(weights));
}

/**
 * As many draws as there are particles at evenly spaced places (u + k) / n of the summed weights, u uniform in [0, 1):
 * each particle comes up n·w times, rounded up or down. The draws change only where a place meets the end of a weight, so
 * one of finitely many stretches of u is drawn, by its length, and nothing is lost. (Kitagawa, 1996)
 */
export function systematic(choice: Choice, weights: readonly number[]): number[] {
  const n = weights.length;
  const total = sum(weights);
  let before = 0;
  const ends = weights.map((weight) => ((before += weight), (before / total) * n));
  const stops = [0, ...ends.map((end) => end - Math.floor(end)), 1].toSorted((a, b) => a - b);
  const lengths = stops.slice(1).map((stop, i) => cleared(stop - (stops[i] as number)));
  const drawn = choice.categorical(lengths);
  const u = ((stops[drawn] as number) + (stops[drawn + 1] as number)) / 2;
  return weights.map((_, k) => {
    const found = ends.findIndex((end) => end > u + k);
    return found === -1 ? weights.findLastIndex((weight) => weight > 0) : found;
  });
}

/** A stretch that is there by rounding only has no length. */
const cleared = (length: number): number => (length > 1e-13 ? length : 0);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
