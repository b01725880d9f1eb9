import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparePaired, mcnemar, pairedBootstrap, tango } from './paired.ts';
import { pairedDifference } from '../statistics.ts';
import { GRADED, pairsOf, uniforms } from '../test-support/differences.ts';

/** n over k in whole numbers. */
function choose(n: number, k: number): bigint {
  let ways = 1n;
  for (let i = 1; i <= k; i++) ways = (ways * BigInt(n - k + i)) / BigInt(i);
  return ways;
}

describe("McNemar's test", () => {
  it('is the two-sided binomial test, in whole numbers', () => {
    for (let n = 0; n <= 40; n++)
      for (let gained = 0; gained <= n; gained++) {
        const less = Math.min(gained, n - gained);
        let ways = 0n;
        for (let k = 0; k <= less; k++) ways += choose(n, k);
        const wanted = Math.min(1, Number((2n * ways * 10n ** 15n) / 2n ** BigInt(n)) / 1e15);
        expect(mcnemar(gained, n - gained)).toBeCloseTo(wanted, 12);
      }
  });

  it('stays exact where the binomials overflow', () => {
    expect(mcnemar(3000, 3000)).toBe(1);
    expect(mcnemar(2000, 0)).toBe(0); // 2^-1999
    expect(mcnemar(1000, 1100)).toBeCloseTo(0.0307, 3); // z = 2.16 with the correction for continuity
  });

  it('rejects a true "no difference" in at most a twentieth, whatever the number of pairs that differ', () => {
    for (let n = 1; n <= 60; n++) {
      let rejected = 0n;
      for (let gained = 0; gained <= n; gained++)
        if (mcnemar(gained, n - gained) <= 0.05) rejected += choose(n, gained);
      expect(Number(rejected) / 2 ** n).toBeLessThanOrEqual(0.05);
    }
  });
});

describe("Tango's interval", () => {
  it('ends at z^2 / (n + z^2) where no pair differs', () => {
    for (const n of [5, 20, 300]) {
      const [lo, hi] = tango(0, 0, n);
      expect(hi).toBeCloseTo(3.841459 / (n + 3.841459), 6);
      expect(lo).toBeCloseTo(-hi, 12);
    }
  });

  it('holds the differences that the score test, with the share searched for, does not reject', () => {
    // The likelihood of the three kinds of pairs at a difference, largest over the share that only a wins.
    const likeliest = (gained: number, lost: number, n: number, guess: number): number => {
      const likelihood = (share: number): number => {
        const terms = [
          [gained, share + guess],
          [lost, share],
          [n - gained - lost, 1 - 2 * share - guess],
        ] as const;
        return terms.reduce((sum, [count, chance]) => sum + (count === 0 ? 0 : count * Math.log(chance)), 0);
      };
      let [from, to] = [Math.max(0, -guess), (1 - guess) / 2];
      for (let step = 0; step < 200; step++) {
        const [one, other] = [from + (to - from) / 3, to - (to - from) / 3];
        if (likelihood(one) < likelihood(other)) from = one;
        else to = other;
      }
      return (from + to) / 2;
    };
    for (const [gained, lost, n] of [
      [12, 3, 40],
      [5, 5, 25],
      [1, 0, 20],
      [9, 2, 11],
    ] as const) {
      for (const [i, bound] of tango(gained, lost, n).entries()) {
        const z = (guess: number): number => {
          const share = likeliest(gained, lost, n, guess);
          return Math.abs(gained - lost - n * guess) / Math.sqrt(n * (2 * share + guess * (1 - guess)));
        };
        const out = i === 0 ? -1e-3 : 1e-3;
        expect(z(bound - out)).toBeLessThan(1.959964);
        expect(z(bound + out)).toBeGreaterThan(1.959964);
      }
    }
  });
});

describe('one verdict on pairs', () => {
  const grades = (n: number, up: number, down: number): { a: number[]; b: number[] } => ({
    a: Array.from({ length: n }, (_, i) => Number(i >= up && i < up + down)),
    b: Array.from({ length: n }, (_, i) => Number(i < up)),
  });

  it('of 0 and 1: the interval leaves out 0 exactly where the exact test says so', () => {
    for (const n of [10, 25, 60])
      for (let up = 0; up <= n; up++)
        for (let down = 0; up + down <= n; down++) {
          const { a, b } = grades(n, up, down);
          const { ci95, p, test } = comparePaired(a, b);
          expect([test, up, down, p <= 0.05]).toEqual(['mcnemar', up, down, ci95[0] > 0 || ci95[1] < 0]);
        }
  });

  it('turned round is the same verdict turned round', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(0, 0.5, 1), fc.constantFrom(0, 0.5, 1)), { minLength: 2 }),
        (all) => {
          const [a, b] = [all.map(([one]) => one), all.map(([, other]) => other)];
          const [found, turned] = [comparePaired(a, b), comparePaired(b, a)];
          expect(turned.difference).toBeCloseTo(-found.difference, 12);
          expect(turned.p).toBeCloseTo(found.p, 12);
          expect(turned.ci95[0]).toBeCloseTo(-found.ci95[1], 9);
          expect(turned.test).toBe(found.test);
        },
      ),
    );
  });

  it('of groups of items counts a group as one', () => {
    const { a, b } = grades(60, 20, 4);
    const alone = comparePaired(a, b);
    const groups = a.map((_, i) => `${Math.floor(i / 10)}`);
    const grouped = comparePaired(a, b, { groups });
    expect(alone.test).toBe('mcnemar');
    expect(grouped).toEqual({ ...pairedDifference(a, b, groups), test: 'student' });
    expect(comparePaired(a, b, { groups: a.map((_, i) => `${i}`) })).toEqual(alone);
  });
});

describe('the bootstrap', () => {
  const [uniform] = [uniforms('bootstrap')];
  const { a, b } = pairsOf(GRADED[2]!, 60, uniform);

  it('gives the same for the same seed, and nearly the same for another', () => {
    const [one, again, other] = [1, 1, 2].map((seed) => pairedBootstrap(a, b, { seed }));
    expect(again).toEqual(one);
    expect(other?.ci95).not.toEqual(one?.ci95);
    expect(other?.ci95[0]).toBeCloseTo(one?.ci95[0] ?? 0, 1);
  });

  it("is never narrower than Student's, and near it where grades spread evenly", () => {
    const [found, plain] = [pairedBootstrap(a, b), pairedDifference(a, b)];
    const [width, wanted] = [found, plain].map(({ ci95: [lo, hi] }) => hi - lo) as [number, number];
    expect(width).toBeGreaterThanOrEqual(wanted - 1e-12);
    expect(width).toBeLessThan(1.15 * wanted);
    expect(found.difference).toBe(plain.difference);
  });

  it('takes items with all their groups hold', () => {
    const groups = a.map((_, i) => `${i % 12}`);
    const copies = pairedBootstrap([...a, ...a], [...b, ...b], {
      groups: [...a, ...a].map((_, i) => `${i % a.length}`),
    });
    const once = pairedBootstrap(a, b);
    copies.ci95.forEach((bound, i) => expect(bound).toBeCloseTo(once.ci95[i] as number, 9));
    expect(pairedBootstrap(a, b, { groups }).p).toBeGreaterThan(0);
  });

  it('leaves out 0 exactly where its chance is at most 0.05', () => {
    const source = uniforms('agree');
    for (let run = 0; run < 60; run++) {
      const pairs = pairsOf(GRADED[run % GRADED.length]!, 40, source);
      const { ci95, p } = pairedBootstrap(pairs.a, pairs.b, { seed: run, resamples: 199 });
      if (Math.abs(p - 0.05) < 1e-3) continue; // the quantile of Student is an expansion
      expect(p <= 0.05).toBe(ci95[0] > 0 || ci95[1] < 0);
    }
  });
});
