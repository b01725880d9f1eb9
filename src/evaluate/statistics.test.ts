import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded, threefry } from '../core/index.ts';
import { majority, majorityByOrders, majorityExactly, type Vote } from './majority.ts';
import {
  bestAtK,
  intervalOfGrades,
  mean,
  pairedDifference,
  passAtK,
  student,
  studentQuantile,
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

  it("keeps within what grades can be, and is Wilson's where there are few", () => {
    expect(intervalOfGrades([1, 0, 1, 1])).toEqual(wilson(3, 4));
    for (const [found, wanted] of [
      [intervalOfGrades([0.9, 1, 1, 0.95]), wilson(3.85, 4)],
      [intervalOfGrades([0.4]), wilson(0.4, 1)],
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
