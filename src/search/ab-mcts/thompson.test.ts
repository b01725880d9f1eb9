import { describe, expect, it } from 'vitest';
import { seeded } from '../../core/index.ts';
import { chancesToBeLargest, cumulative, posterior } from './thompson.ts';

describe('the chance of an arm to be the largest', () => {
  it('is the closed form for whole numbers', () => {
    // P(Beta(2,1) > U) = E[Beta(2,1)] = 2/3, and so on: against a uniform one it is the mean.
    for (const [a, b] of [
      [2, 1],
      [1, 4],
      [7, 3],
      [30, 12],
    ] as const)
      expect(
        chancesToBeLargest([
          { a, b },
          { a: 1, b: 1 },
        ])[0],
      ).toBeCloseTo(a / (a + b), 12);
    const three = chancesToBeLargest([
      { a: 1, b: 1 },
      { a: 1, b: 1 },
      { a: 2, b: 1 },
    ]);
    expect(three[2]).toBeCloseTo(1 / 2, 12); // the integral of 2x · x²
  });

  it('sums to one, and favours none of equals', () => {
    const chances = chancesToBeLargest(Array.from({ length: 5 }, () => ({ a: 2.5, b: 3.25 })));
    for (const chance of chances) expect(chance).toBeCloseTo(0.2, 12);
  });

  it('is near certainty for arms far apart, however much is known of them', () => {
    const [better] = chancesToBeLargest([
      posterior(
        Array.from({ length: 4000 }, () => 0.6),
        1,
      ),
      posterior(
        Array.from({ length: 4000 }, () => 0.5),
        1,
      ),
    ]);
    expect(better).toBeGreaterThan(1 - 1e-9);
  });

  it('agrees with drawing from the posteriors', () => {
    const arms = [
      { a: 1.6, b: 2.4 },
      { a: 3.3, b: 1.7 },
      { a: 2.2, b: 2.2 },
    ];
    const choice = seeded('thompson');
    const cells = Array.from({ length: 4000 }, (_, i) => (i + 0.5) / 4000);
    const inverse = (arm: (typeof arms)[number]): number[] =>
      cells.map((x, i) => cumulative(arm, x + 0.5 / 4000) - (i === 0 ? 0 : cumulative(arm, x - 0.5 / 4000)));
    const masses = arms.map(inverse);
    const counts = arms.map(() => 0);
    const draws = 4000;
    for (let i = 0; i < draws; i++) {
      const values = masses.map((mass) => choice.categorical(mass));
      const top = values.indexOf(Math.max(...values));
      counts[top] = (counts[top] ?? 0) + 1;
    }
    chancesToBeLargest(arms).forEach((chance, i) => {
      const error = Math.sqrt((chance * (1 - chance)) / draws);
      expect(Math.abs((counts[i] ?? 0) / draws - chance)).toBeLessThan(5 * error);
    });
  });
});

it('the cumulative beta distribution is that of its closed forms', () => {
  for (const x of [0.01, 0.3, 0.5, 0.77, 0.999]) {
    expect(cumulative({ a: 1, b: 1 }, x)).toBeCloseTo(x, 14);
    expect(cumulative({ a: 3, b: 1 }, x)).toBeCloseTo(x ** 3, 14);
    expect(cumulative({ a: 1, b: 2.5 }, x)).toBeCloseTo(1 - (1 - x) ** 2.5, 13);
    expect(cumulative({ a: 0.5, b: 0.5 }, x)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12);
  }
});
