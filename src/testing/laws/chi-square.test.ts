import { expect, it } from 'vitest';
import { chiSquare } from './chi-square.ts';
import { divergence, totalVariation } from './exact.ts';

const of = (entries: { readonly [y: string]: number }): Map<string, number> => new Map(Object.entries(entries));
const uniform = (k: number): Map<string, number> =>
  new Map(Array.from({ length: k }, (_, i) => [`${i}`, 1 / k] as const));

// Statistics and tail probabilities from tables of the chi-square distribution.
it.each([
  [1, 3.841459, 0.05],
  [1, 10.827566, 0.001],
  [2, 5.991465, 0.05],
  [3, 16.266236, 0.001],
  [4, 0.710723, 0.95],
  [5, 11.0705, 0.05],
  [10, 29.588298, 0.001],
])('with %i degrees a statistic of %f has p = %f', (degrees, statistic, p) => {
  // Two cells moved apart by d give 2 d² / e.
  const cells = degrees + 1;
  const e = 1e6;
  const d = Math.sqrt((statistic * e) / 2);
  const counts = new Map(
    Array.from({ length: cells }, (_, i) => [`${i}`, e + (i === 0 ? d : i === 1 ? -d : 0)] as const),
  );
  const result = chiSquare(counts, uniform(cells));
  expect(result.degrees).toBe(degrees);
  expect(result.statistic).toBeCloseTo(statistic, 6);
  expect(result.p).toBeCloseTo(p, 5);
});

it('pools what is rare, and refuses what is impossible', () => {
  const rare = of({ a: 0.98, b: 0.01, c: 0.01 });
  expect(chiSquare(of({ a: 98, b: 2 }), rare)).toMatchObject({ degrees: 1, p: 1 });
  expect(chiSquare(of({ a: 98, d: 2 }), rare).p).toBe(0);
  expect(chiSquare(of({ a: 5 }), of({ a: 1 }))).toMatchObject({ degrees: 0, p: 1 });
});

it('measures distances between distributions', () => {
  expect(totalVariation(of({ a: 1 }), of({ b: 1 }))).toBe(1);
  expect(totalVariation(of({ a: 0.5, b: 0.5 }), of({ a: 0.25, b: 0.75 }))).toBe(0.25);
  expect(divergence(of({ a: 0.5, b: 0.5 }), of({ a: 0.5, b: 0.5 }))).toBe(0);
  expect(divergence(of({ a: 1 }), of({ a: 0.5, b: 0.5 }))).toBeCloseTo(Math.log(2), 12);
  expect(divergence(of({ a: 1 }), of({ b: 1 }))).toBe(Infinity);
});
