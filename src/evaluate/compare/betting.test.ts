import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confidenceSequence, type ConfidenceSequence } from './betting.ts';
import { uniforms } from '../test-support/differences.ts';

function told(values: readonly number[], options?: Parameters<typeof confidenceSequence>[0]): ConfidenceSequence {
  const test = confidenceSequence(options);
  for (const value of values) test.add(value);
  return test;
}

const values = fc.array(fc.constantFrom<number>(-1, -0.5, 0, 0.25, 1), { minLength: 1, maxLength: 80 });

describe('what the gamblers own', () => {
  it('has a mean of 1 over all outcomes of a fair game, exactly', () => {
    const outcomes = [-1, 0, 1];
    let [above, below, ways] = [0, 0, 0];
    const play = (drawn: readonly number[], chance: number): void => {
      if (drawn.length === 6) {
        const { evidence } = told(drawn);
        above += chance * evidence.above;
        below += chance * evidence.below;
        ways += chance;
        return;
      }
      for (const value of outcomes) play([...drawn, value], chance * (value === 0 ? 0.6 : 0.2));
    };
    play([], 1);
    expect([above, below, ways].map((one) => one.toFixed(12))).toEqual([
      '1.000000000000',
      '1.000000000000',
      '1.000000000000',
    ]);
  });

  it('is a mixture of fixed bets: the product of what each bet makes of the values', () => {
    fc.assert(
      fc.property(values, (all) => {
        const shares = [0.9, 0.45, 0.225, 0.1125, 0.05625, 0.028125, 0.0140625, 0.00703125];
        const owned = shares.map((share) => all.reduce((wealth, value) => wealth * (1 + share * value), 1));
        const { evidence } = told(all);
        expect(evidence.above / (owned.reduce((sum, one) => sum + one, 0) / 8)).toBeCloseTo(1, 9);
        // Who bets below is who bets above on the values turned round.
        expect(evidence.below / told(all.map((value) => -value)).evidence.above).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('the interval', () => {
  it('holds exactly the means that would not be rejected', () => {
    fc.assert(
      fc.property(values, fc.double({ min: -0.98, max: 0.98, noNaN: true }), (all, guess) => {
        const [lo, hi] = told(all).interval;
        const { evidence } = told(all, { than: guess });
        if (Math.abs(guess - lo) < 1e-9 || Math.abs(guess - hi) < 1e-9) return;
        expect(Math.max(evidence.above, evidence.below) < 40).toBe(lo < guess && guess < hi);
      }),
    );
  });

  it('does not depend on the order, and holds the mean that was seen', () => {
    fc.assert(
      fc.property(values, (all) => {
        const [found, turned] = [told(all), told(all.toReversed())];
        turned.interval.forEach((bound, i) => expect(bound).toBeCloseTo(found.interval[i] as number, 9));
        expect(found.interval[0]).toBeLessThanOrEqual(found.mean + 1e-12);
        expect(found.interval[1]).toBeGreaterThanOrEqual(found.mean - 1e-12);
      }),
    );
  });

  it('is the whole range before the first value, and shrinks to the mean', () => {
    expect(confidenceSequence().interval).toEqual([-1, 1]);
    const uniform = uniforms('shrinks');
    const test = confidenceSequence();
    const widths: number[] = [];
    for (let n = 1; n <= 4000; n++) {
      test.add(Math.sign(uniform() - 0.5));
      if ([60, 500, 4000].includes(n)) widths.push(test.interval[1] - test.interval[0]);
    }
    const [first, second, last] = widths as [number, number, number];
    expect(second).toBeLessThan(first / 2);
    expect(last).toBeLessThan(second / 2);
    expect(last).toBeLessThan(0.15);
  });

  it('scales with the bounds', () => {
    const grades = [0.2, 0.9, 0.4, 1, 1, 0.3, 0.8, 1, 1, 0.9, 0.7];
    const plain = told(grades, { bounds: [0, 1], than: 0.5 });
    const wide = told(
      grades.map((grade) => 10 * grade - 5),
      { bounds: [-5, 5], than: 0 },
    );
    plain.interval.forEach((bound, i) => expect(10 * bound - 5).toBeCloseTo(wide.interval[i] as number, 9));
    expect(plain.p).toBeCloseTo(wide.p, 12);
  });
});

describe('the verdict', () => {
  it('stays once it is there, and the interval agrees with it', () => {
    const test = told(Array.from({ length: 12 }, () => 1));
    expect(test.verdict).toBe('above');
    const { p } = test;
    expect(p).toBeLessThan(0.05);
    for (let i = 0; i < 30; i++) test.add(-1);
    expect([test.verdict, test.p]).toEqual(['above', p]);
    expect(test.interval[0]).toBeGreaterThanOrEqual(0);
  });

  it('goes on collecting evidence after it, so that a stricter level can be reached', () => {
    const [few, many] = [12, 40].map((n) => told(Array.from({ length: n }, () => -1)));
    expect([few?.verdict, many?.verdict]).toEqual(['below', 'below']);
    expect(many?.p).toBeLessThan((few?.p ?? 0) / 1000);
  });

  it('says nothing about values that never differ', () => {
    const test = told(Array.from({ length: 5000 }, () => 0));
    expect([test.verdict, test.p]).toEqual([undefined, 1]);
  });
});

it.each([
  [() => confidenceSequence({ alpha: 0 }), 'alpha must be between 0 and 1, got 0'],
  [() => confidenceSequence({ than: 1 }), 'than must lie within the bounds -1 to 1, got 1'],
  [() => told([1.5]), 'a value must lie within -1 to 1, got 1.5'],
  [() => told([Number.NaN]), 'got NaN'],
])('refuses what it cannot test: %#', (attempt, problem) => {
  expect(attempt).toThrow(problem);
});
