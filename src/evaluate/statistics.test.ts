import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded, threefry } from '../core/index.ts';
import { majority, majorityByOrders, majorityExactly, type Vote } from './majority.ts';
import {
  agrestiCoull,
  bestAtK,
  holm,
  intervalOfGrades,
  mean,
  pairedDifference,
  passAtK,
  student,
  studentQuantile,
  studentTails,
  wilson,
  type Interval,
  type Scored,
} from './statistics.ts';

const ones = (n: number): number[] => Array.from({ length: n }, () => 1);

/** Every ordered choice of k of the values: all equally likely beginnings of a random order. */
function arrangements<T>(values: readonly T[], k: number): T[][] {
  if (k === 0) return [[]];
  return values.flatMap((value, i) =>
    arrangements(
      values.filter((_, j) => j !== i),
      k - 1,
    ).map((rest) => [value, ...rest]),
  );
}

/** The vote written as the technique says it: most votes, then seen first; all abstaining, the first sample. */
function vote(drawn: readonly Vote[]): number {
  const answers = [...new Set(drawn.map(({ answer }) => answer))].filter((answer) => answer !== null);
  const count = (answer: string): number => drawn.filter((one) => one.answer === answer).length;
  const most = Math.max(...answers.map(count));
  const winner = answers.find((answer) => count(answer) === most);
  const chosen = drawn.find(({ answer }) => answer === winner) ?? drawn[0];
  return (chosen as Vote).grade;
}

function best(drawn: readonly Scored[]): number {
  const ranks = (a: number, b: number): boolean => a > b || (Number.isNaN(b) && !Number.isNaN(a));
  return drawn.reduce((top, next) => (ranks(next.score, top.score) ? next : top)).grade;
}

const grade = fc.constantFrom(0, 1, 0.5);
const aVote = fc.record({ answer: fc.constantFrom('a', 'b', 'c', null), grade });
const aScored = fc.record({ score: fc.constantFrom(0, 1, 2, -Infinity, Number.NaN), grade });

describe('estimators equal the mean over all orders', () => {
  it('majority', () => {
    fc.assert(
      fc.property(fc.array(aVote, { minLength: 1, maxLength: 6 }), (votes) => {
        majorityExactly(votes).forEach((expected, i) =>
          expect(expected).toBeCloseTo(mean(arrangements(votes, i + 1).map(vote)), 12),
        );
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('best of k', () => {
    fc.assert(
      fc.property(fc.array(aScored, { minLength: 1, maxLength: 6 }), fc.nat(), (samples, at) => {
        const k = 1 + (at % samples.length);
        expect(bestAtK(samples, k)).toBeCloseTo(mean(arrangements(samples, k).map(best)), 12);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('pass@k', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 6 }), fc.nat(), (grades, at) => {
        const k = 1 + (at % grades.length);
        const right = grades.filter((one) => one === 1).length;
        const expected = mean(arrangements(grades, k).map((drawn) => Math.max(...drawn)));
        expect(passAtK(grades.length, right, k)).toBeCloseTo(expected, 12);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe('estimators at their ends', () => {
  it('pass@k is stable where the binomials overflow', () => {
    expect(passAtK(5000, 1, 2500)).toBeCloseTo(0.5, 12);
    expect(passAtK(5000, 5000, 1)).toBe(1);
    expect(passAtK(5000, 0, 5000)).toBe(0);
    expect(passAtK(1_000_000, 10, 1)).toBeCloseTo(1e-5, 12);
  });

  it('refuses a k the pool cannot give', () => {
    for (const k of [0, 4, 1.5]) expect(() => passAtK(3, 1, k)).toThrow('from 1 to the 3 samples');
  });

  it('best of k with the grade as score is pass@k', () => {
    const grades = [1, 0, 0, 1, 0, 0, 0];
    const samples = grades.map((one) => ({ grade: one, score: one }));
    for (let k = 1; k <= 7; k++) expect(bestAtK(samples, k)).toBeCloseTo(passAtK(7, 2, k), 12);
  });

  it('one vote and, with no abstention, two votes are the base', () => {
    const votes = 'aabbbcd'.split('').map((answer, i) => ({ answer, grade: i % 2 }));
    const [one, two] = majorityExactly(votes);
    expect(one).toBeCloseTo(3 / 7, 12);
    expect(two).toBeCloseTo(3 / 7, 12);
  });

  it('the vote of a whole pool with a tie is decided by who is seen first: each as often', () => {
    const votes = 'aaabbbc'.split('').map((answer) => ({ answer, grade: Number(answer === 'a') }));
    expect(majorityExactly(votes).at(-1)).toBeCloseTo(0.5, 12);
  });

  it('stays exact on a large pool of many classes', () => {
    const votes = Array.from({ length: 160 }, (_, i) => ({ answer: String(i % 40), grade: Number(i % 40 < 10) }));
    // All 40 classes are alike, so each of the 10 right ones wins a quarter of the time whatever k.
    for (const expected of majorityExactly(votes)) expect(expected).toBeCloseTo(0.25, 9);
  });
});

it('random orders estimate what counting gives, and the same seed gives the same', () => {
  const votes: Vote[] = [
    ...Array.from({ length: 12 }, () => ({ answer: 'right', grade: 1 })),
    ...Array.from({ length: 9 }, () => ({ answer: 'wrong', grade: 0 })),
    ...Array.from({ length: 4 }, (_, i) => ({ answer: `odd ${i}`, grade: 0 })),
    ...Array.from({ length: 5 }, () => ({ answer: null, grade: 0 })),
  ];
  const exact = majorityExactly(votes);
  const sampled = majorityByOrders(votes, { choice: seeded(1), orders: 4000 });
  sampled.forEach((value, i) => expect(Math.abs(value - (exact[i] as number))).toBeLessThan(0.04));
  expect(majorityByOrders(votes, { choice: seeded(1), orders: 4000 })).toEqual(sampled);
  expect(majorityByOrders(votes, { choice: seeded(1) })).toEqual(
    majorityByOrders(votes, { choice: seeded(1), orders: 200 }),
  );
});

it('a pool too large to count is sampled', () => {
  const votes = Array.from({ length: 200 }, (_, i) => ({ answer: i < 120 ? 'a' : 'b', grade: Number(i < 120) }));
  const table = majority(votes, { choice: seeded(1) });
  expect(table).toHaveLength(200);
  expect(table.at(-1)).toBe(1);
});

describe('intervals', () => {
  it("Student's quantile is that of the tables", () => {
    const table = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469];
    table.forEach((value, i) => expect(Math.abs(studentQuantile(i + 1) - value)).toBeLessThan(0.006));
    for (const [degrees, value] of [
      [10, 2.22814],
      [30, 2.04227],
      [99, 1.98422],
    ] as const)
      expect(studentQuantile(degrees)).toBeCloseTo(value, 4);
  });

  it("Wilson's interval is the textbook's", () => {
    const [lo, hi] = wilson(15, 100);
    expect(lo).toBeCloseTo(0.0931, 4);
    expect(hi).toBeCloseTo(0.2328, 4);
    expect(wilson(0, 10)[0]).toBe(0);
    expect(wilson(0, 10)[1]).toBeCloseTo(0.2775, 4);
    expect(wilson(10, 10)[1]).toBe(1);
  });

  it('covers a proportion near 0 and 1 in 94 of 100 samples at every number of items, by exact sums', () => {
    for (const p of [0.02, 0.05]) {
      for (let n = 20; n <= 1000; n++) {
        let [chance, above, below] = [(1 - p) ** n, 0, 0];
        for (let k = 0; k <= n; k++) {
          const [lo, hi] = agrestiCoull(k, n);
          if (lo > p) above += chance;
          if (hi < p) below += chance;
          chance *= (((n - k) / (k + 1)) * p) / (1 - p);
        }
        const told = `p=${p}, n=${n}`;
        expect([told, above + below < 0.06]).toEqual([told, true]);
      }
    }
  });

  it('is never narrower than that of Wilson, and around the same centre', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
        const [found, wanted] = [agrestiCoull(share * n, n), wilson(share * n, n)];
        expect(found[0]).toBeLessThanOrEqual(wanted[0] + 1e-12);
        expect(found[1]).toBeGreaterThanOrEqual(wanted[1] - 1e-12);
        const other = agrestiCoull((1 - share) * n, n); // as far from 1 as this is from 0
        expect(1 - other[1]).toBeCloseTo(found[0], 9);
        expect(1 - other[0]).toBeCloseTo(found[1], 9);
      }),
    );
    const [lo, hi] = agrestiCoull(50, 100);
    expect(hi - 0.5).toBeCloseTo(1.959964 * Math.sqrt(0.25 / 103.8415), 6);
    expect(lo + hi).toBeCloseTo(1, 12);
  });

  it('covers the mean 95 times in 100', () => {
    const choice = seeded('coverage');
    const covered = Array.from({ length: 2000 }, (_, round) => {
      const source = choice.fork(`${round}`);
      const values = Array.from({ length: 20 }, () => source.categorical([1, 1, 1, 1, 1]) / 4);
      const [lo, hi] = student(values);
      return Number(lo <= 0.5 && 0.5 <= hi);
    });
    expect(mean(covered)).toBeGreaterThan(0.935);
    expect(mean(covered)).toBeLessThan(0.965);
  });

  it('keeps within what grades can be, and is that of Agresti and Coull where there are few', () => {
    expect(intervalOfGrades([1, 0, 1, 1])).toEqual(agrestiCoull(3, 4));
    for (const [found, wanted] of [
      [intervalOfGrades([0.9, 1, 1, 0.95]), agrestiCoull(3.85, 4)],
      [intervalOfGrades([0.4]), agrestiCoull(0.4, 1)],
    ] as const)
      found.forEach((bound, i) => expect(bound).toBeCloseTo(wanted[i] as number, 12));
  });

  it('does not grow because one item of many was wrong once', () => {
    const width = ([lo, hi]: Interval): number => hi - lo;
    const certain = Array.from({ length: 20 }, () => 1);
    const once = [...certain.slice(1), 39 / 40];
    expect(width(intervalOfGrades(once))).toBeGreaterThan(0.9 * width(intervalOfGrades(certain)));
  });

  it('equal grades are not certain', () => {
    for (const n of [20, 100, 1000]) {
      const [lo, hi] = intervalOfGrades(Array.from({ length: n }, () => 0.5));
      expect(hi - lo).toBeGreaterThan(0.5 / n);
      const { difference, ci95 } = pairedDifference(ones(n), ones(n));
      expect(difference).toBe(0);
      expect(ci95[1]).toBeGreaterThan(1 / n);
      expect(ci95[0]).toBe(-ci95[1]);
    }
  });

  // Grades that are bounded and skewed, whose own spread says too little: every family at the edges, seeded.
  it.each([
    [0.02, 20],
    [0.02, 100],
    [0.98, 20],
    [0.98, 100],
    [0.5, 100],
  ])('covers the mean of pools of repeats: p=%f, n=%i', (p, n) => {
    let counter = 0;
    const uniform = (): number => ((threefry([n, Math.round(100 * p)], [counter++, 0])[0] >>> 0) + 0.5) / 2 ** 32;
    const edge = Math.min(p, 1 - p);
    // An item is one that is hard with a small chance, and then anywhere; else always the same.
    const grade = (): number => {
      const far = uniform() < 2 * edge ? uniform() : 0;
      return p < 0.5 ? far : 1 - far;
    };
    let missed = 0;
    for (let run = 0; run < 400; run++) {
      const [lo, hi] = intervalOfGrades(Array.from({ length: n }, grade));
      if (lo > p || hi < p) missed++;
    }
    expect(missed).toBeLessThanOrEqual(32); // 6% is 24, and three standard errors of 400 runs are 14 more than it needs
  });

  it('pairing takes the difficulty of the items out', () => {
    const a = Array.from({ length: 40 }, (_, i) => i / 50);
    const { difference, ci95 } = pairedDifference(
      a,
      a.map((x) => x + 0.05),
    );
    expect(difference).toBeCloseTo(0.05, 12);
    expect(ci95[1] - ci95[0]).toBeLessThan(1e-9);
    expect(() => pairedDifference([1], [1, 0])).toThrow('same items');
  });
});

/** A number as a fraction of whole numbers, so that nothing is rounded on the way. */
const exactly = (values: readonly number[], over: number): bigint[] =>
  values.map((value) => BigInt(Math.round(value * over)));
const square = (x: bigint): bigint => x * x;
const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);

/** The squared standard error of a mean, n - 1 below: (n Σx² - (Σx)²) / (n² (n - 1)), in whole numbers. */
function squaredError(values: readonly number[], over: number): number {
  const [n, xs] = [BigInt(values.length), exactly(values, over)];
  const above = n * total(xs.map(square)) - square(total(xs));
  return Number(above) / Number(square(n) * (n - 1n) * square(BigInt(over)));
}

/** Simpson's rule over the density of Student's t, whose constant is a product for whole degrees. */
function tailsByIntegral(t: number, degrees: number): number {
  const density = (x: number): number => (1 + x ** 2 / degrees) ** (-(degrees + 1) / 2);
  const steps = 20_000;
  const area = (end: number): number => {
    const h = end / steps;
    const inner = Array.from({ length: steps - 1 }, (_, i) => (i % 2 === 0 ? 4 : 2) * density((i + 1) * h));
    return (h / 3) * (density(0) + density(end) + inner.reduce((sum, one) => sum + one, 0));
  };
  // Γ((v+1)/2) / Γ(v/2) by steps of two from v = 1 or 2.
  let ratio = degrees % 2 === 1 ? 1 / Math.sqrt(Math.PI) : Math.sqrt(Math.PI) / 2;
  for (let v = degrees % 2 === 1 ? 1 : 2; v < degrees; v += 2) ratio *= (v + 1) / v;
  return 1 - (2 * area(t) * ratio) / Math.sqrt(degrees * Math.PI);
}

describe('against other ways to compute them', () => {
  const quarters = (least: number): fc.Arbitrary<number> => fc.integer({ min: least * 4, max: 4 }).map((x) => x / 4);

  it.each([
    [5, 2.776445],
    [11, 2.228139],
    [31, 2.042272],
    [61, 2.000298],
  ])("Student's interval of %i values, in exact fractions and with the table's quantile", (n, quantile) => {
    fc.assert(
      fc.property(fc.array(quarters(-1), { minLength: n, maxLength: n }), (values) => {
        const [lo, hi] = student(values);
        expect((lo + hi) / 2).toBeCloseTo(Number(total(exactly(values, 4))) / (4 * n), 9);
        expect((hi - lo) / 2).toBeCloseTo(quantile * Math.sqrt(squaredError(values, 4)), 3);
      }),
    );
  });

  it("Student's quantile is where its tails hold a twentieth", () => {
    for (const [from, error] of [
      [3, 1.5e-4],
      [5, 1.7e-5],
      [10, 7e-7],
      [40, 1e-9],
    ] as const)
      for (const degrees of [from, from + 1, 199])
        expect(Math.abs(studentTails(studentQuantile(degrees), degrees) - 0.05)).toBeLessThan(error);
    for (const degrees of [1, 2]) expect(studentTails(studentQuantile(degrees), degrees)).toBeCloseTo(0.05, 12);
    // Of few degrees the expansion is what 26.7.5 of Abramowitz and Stegun gives, a little off the quantile itself.
    expect([3, 4, 5].map((degrees) => studentQuantile(degrees).toFixed(6))).toEqual([
      '3.178617',
      '2.775582',
      '2.570308',
    ]);
  });

  it('both tails of Student, by an integral over its density', () => {
    for (const degrees of [1, 2, 3, 4, 7, 10, 29, 30, 199])
      for (const t of [0.1, 1, 2.5, 6]) expect(studentTails(t, degrees)).toBeCloseTo(tailsByIntegral(t, degrees), 7);
    for (const degrees of [1, 2, 5, 30, 1000])
      expect(studentTails(studentQuantile(degrees), degrees)).toBeCloseTo(0.05, 3);
    expect(studentTails(-2.5, 10)).toBe(studentTails(2.5, 10));
    expect(studentTails(0, 10)).toBe(1);
  });

  it('a paired difference, where ten pairs or more differ and where fewer do', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(quarters(0), quarters(0)), { minLength: 31, maxLength: 31 }), (pairs) => {
        const [a, b] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
        const differences = pairs.map(([one, other]) => other - one);
        const { difference, ci95 } = pairedDifference(a, b);
        expect(difference).toBeCloseTo(Number(total(exactly(differences, 4))) / (4 * 31), 9);
        if (differences.filter((one) => one !== 0).length < 10) return;
        const [lo, hi] = ci95;
        expect((lo + hi) / 2).toBeCloseTo(difference, 9);
        expect((hi - lo) / 2).toBeCloseTo(2.042272 * Math.sqrt(squaredError(differences, 4)), 3);
      }),
    );
    // Nine pairs of 29 differ: half an item more in each of the four cells of right and wrong.
    const few = Array.from({ length: 29 }, (_, i) => Number(i < 9));
    const { ci95 } = pairedDifference(
      few.map(() => 0),
      few,
    );
    const cells = { up: 9.5, down: 0.5, all: 31 };
    const centre = (cells.up - cells.down) / cells.all;
    const error = Math.sqrt((cells.up + cells.down - (cells.up - cells.down) ** 2 / cells.all) / cells.all ** 2);
    expect(ci95[0]).toBeCloseTo(centre - 2.042272 * error, 3);
    expect(ci95[1]).toBeCloseTo(centre + 2.042272 * error, 3);
    // The tenth pair that differs ends this: Student's interval is around the difference itself.
    const ten = few.map((_, i) => Number(i < 10));
    const [lo, hi] = pairedDifference(
      few.map(() => 0),
      ten,
    ).ci95;
    expect((lo + hi) / 2).toBeCloseTo(10 / 29, 9);
  });

  it('the interval of a mean grade, with 40 grades on both sides and with fewer', () => {
    // 40 grades' worth on each side, so Student's, with two items more that spread by p (1 - p).
    const grades = Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? 0.25 : 0.75));
    const error = Math.sqrt((80 / 16 + 2 / 4) / 81 / 80);
    intervalOfGrades(grades).forEach((bound, i) =>
      expect(bound).toBeCloseTo(0.5 + (i === 0 ? -1 : 1) * 1.99045 * error, 5),
    );
    const less = grades.slice(1);
    intervalOfGrades(less).forEach((bound, i) =>
      expect(bound).toBeCloseTo(
        agrestiCoull(
          less.reduce((sum, one) => sum + one, 0),
          79,
        )[i] as number,
        12,
      ),
    );
  });

  it('the chance of a difference is below 0.05 where its interval leaves out 0, and only there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(quarters(0), quarters(0)), { minLength: 4, maxLength: 60 }), (pairs) => {
        const { ci95, p } = pairedDifference(
          pairs.map(([a]) => a),
          pairs.map(([, b]) => b),
        );
        if (Math.abs(p - 0.05) < 1e-3) return; // the quantile is an expansion, the tails are exact
        expect(p < 0.05).toBe(ci95[0] > 0 || ci95[1] < 0);
      }),
    );
  });

  it("Holm's chances are those of testing every set of verdicts at once", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 }), (chances) => {
        const found = holm(chances);
        for (const i of chances.keys()) {
          let largest = 0;
          for (let set = 1; set < 2 ** chances.length; set++) {
            const members = chances.filter((_, j) => (set >> j) & 1);
            if ((set >> i) & 1) largest = Math.max(largest, Math.min(1, members.length * Math.min(...members)));
          }
          expect(found[i]).toBeCloseTo(largest, 12);
        }
      }),
    );
  });
});

describe('groups of items', () => {
  const graded = fc.array(
    fc.record({ grade: fc.constantFrom(0, 0.25, 1), other: fc.constantFrom(0, 0.5, 1), group: fc.nat(6) }),
    { minLength: 2, maxLength: 40 },
  );
  const apart = (length: number): string[] => Array.from({ length }, (_, i) => `${i}`);

  it('of one item each change nothing', () => {
    fc.assert(
      fc.property(graded, (all) => {
        const [a, b] = [all.map(({ grade }) => grade), all.map(({ other }) => other)];
        intervalOfGrades(a, apart(a.length)).forEach((bound, i) =>
          expect(bound).toBeCloseTo(intervalOfGrades(a)[i] as number, 12),
        );
        expect(pairedDifference(a, b, apart(a.length))).toEqual(pairedDifference(a, b));
        expect(
          pairedDifference(
            a,
            b,
            a.map(() => undefined),
          ),
        ).toEqual(pairedDifference(a, b));
      }),
    );
  });

  it('of copies of one item tell what the item tells', () => {
    fc.assert(
      fc.property(graded, fc.integer({ min: 2, max: 5 }), (all, copies) => {
        const repeated = <T>(values: readonly T[]): T[] =>
          values.flatMap((value) => Array.from({ length: copies }, () => value));
        const [a, b] = [all.map(({ grade }) => grade), all.map(({ other }) => other)];
        const groups = repeated(apart(a.length));
        const near = (found: Interval, wanted: Interval): void =>
          found.forEach((bound, i) => expect(bound).toBeCloseTo(wanted[i] as number, 9));
        near(intervalOfGrades(repeated(a), groups), intervalOfGrades(a));
        near(pairedDifference(repeated(a), repeated(b), groups).ci95, pairedDifference(a, b).ci95);
        // Without their groups the copies would count as so many items.
        const width = ([lo, hi]: Interval): number => hi - lo;
        expect(width(intervalOfGrades(repeated(a)))).toBeLessThan(width(intervalOfGrades(repeated(a), groups)));
      }),
    );
  });

  it('have the standard error of the sandwich: squared sums of what lies off the mean', () => {
    const groups = Array.from({ length: 600 }, (_, i) => `${i % 7 === 0 ? i % 14 : i % 200}`);
    const choice = seeded('sandwich');
    const a = groups.map(() => 0);
    const b = groups.map((group, i) => choice.fork(`${group}/${i % 3}`).categorical([1, 1, 1]) / 2);
    const centre = mean(b);
    const sums = new Map<string, number>();
    for (const [i, group] of groups.entries()) sums.set(group, (sums.get(group) ?? 0) + ((b[i] as number) - centre));
    const sizes = [...sums.keys()].map((group) => groups.filter((one) => one === group).length);
    const count = 600 ** 2 / sizes.reduce((sum, size) => sum + size ** 2, 0);
    const squares = [...sums.values()].reduce((sum, one) => sum + one ** 2, 0);
    const error = Math.sqrt((squares / 600 ** 2) * (count / (count - 1)));
    const { difference, ci95 } = pairedDifference(a, b, groups);
    expect(difference).toBeCloseTo(centre, 12);
    expect((ci95[1] - ci95[0]) / 2).toBeCloseTo(studentQuantile(Math.floor(count - 1)) * error, 9);
  });

  it.each([
    [0.02, 40, 5],
    [0.5, 40, 5],
    [0.98, 20, 10],
    [0.5, 100, 3],
  ])('cover the mean where items of a group go together: p=%f, %i groups of %i', (p, groups, size) => {
    let counter = 0;
    const uniform = (): number => ((threefry([groups, Math.round(100 * p)], [counter++, 9])[0] >>> 0) + 0.5) / 2 ** 32;
    const names = Array.from({ length: groups * size }, (_, i) => `${Math.floor(i / size)}`);
    let missed = 0;
    let alone = 0;
    for (let run = 0; run < 400; run++) {
      const grades = Array.from({ length: groups }, () => {
        const chance = uniform() < 0.7 ? Number(uniform() < p) : p; // most groups are all right or all wrong
        return Array.from({ length: size }, () => Number(uniform() < chance));
      }).flat();
      const misses = ([lo, hi]: Interval): number => Number(lo > p || hi < p);
      missed += misses(intervalOfGrades(grades, names));
      alone += misses(intervalOfGrades(grades));
    }
    expect(missed).toBeLessThanOrEqual(36); // 6% is 24, and three standard errors of 400 runs are 12 more
    expect(alone).toBeGreaterThan(36); // items as if each were by itself: what the groups are for
  });
});
