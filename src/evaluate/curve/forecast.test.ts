import { describe, expect, it } from 'vitest';
import { plus, user } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { metricOf, type Task } from '../../tasks/index.ts';
import type { Vote } from '../majority.ts';
import { curveSvg } from './chart.ts';
import { curve } from './curve.ts';
import { forecast as whole } from './forecast.ts';

/** Of fewer imagined runs than there are by default: what is told here does not need them. */
const forecast: typeof whole = (some, n, options) => whole(some, n, { runs: 100, ...options });

/** A pool by letters: r is right, x abstains, any other letter is a wrong answer. */
const pool = (letters: string): Vote[] =>
  Array.from(letters, (letter) => ({ answer: letter === 'x' ? null : letter, grade: Number(letter === 'r') }));
const pools = (letters: string, count: number): Vote[][] => Array.from({ length: count }, () => pool(letters));

describe('a forecast', () => {
  it('of items that are always right, always wrong, or half of each', () => {
    const [right, wrong, half] = [
      forecast(pools('rrrrrrrr', 60), 32),
      forecast(pools('wwwwwwww', 60), 32),
      forecast([...pools('rrrrrrrr', 30), ...pools('wwwwwwww', 30)], 32),
    ];
    expect(right.accuracy).toBeGreaterThan(0.98);
    expect(wrong.accuracy).toBeLessThan(0.02);
    expect(half.accuracy).toBeCloseTo(0.5, 1);
    expect(half.band[1] - half.band[0]).toBeLessThan(0.15);
    expect(right.from).toBe(8);
  });

  it('rises where a right answer leads a scattered field, and falls where a wrong one leads: nothing makes it rise', () => {
    const [up, down] = [pools('rrrabcde', 40), pools('wwwwwrrr', 40)];
    expect(forecast(up, 32).accuracy).toBeGreaterThan(forecast(up, 1).accuracy + 0.2);
    expect(forecast(down, 32).accuracy).toBeLessThan(forecast(down, 1).accuracy - 0.1);
    expect(forecast(down, 32).pass).toBeGreaterThan(0.95);
  });

  it('of one sample is the share of right ones, and samples without an answer win nothing', () => {
    expect(forecast(pools('rrrrwwab', 80), 1).accuracy).toBeCloseTo(0.5, 1);
    expect(forecast(pools('xxxxxxrr', 40), 32).accuracy).toBeGreaterThan(0.8); // who abstains does not outvote
  });

  it('is the same for the same seed', () => {
    const some = pools('rrwwabcd', 10);
    expect(forecast(some, 16, { seed: 3, runs: 50 })).toEqual(forecast(some, 16, { seed: 3, runs: 50 }));
    expect(forecast(some, 16, { seed: 4, runs: 50 })).not.toEqual(forecast(some, 16, { seed: 3, runs: 50 }));
  });

  it.each([
    [
      pools('rrww', 3),
      17,
      'n must be at most 16, four times the 4 samples of the smallest pool, got 17. Draw a larger pool',
    ],
    [[[{ answer: 'a', grade: 0.5 }]], 2, 'must have grades of 0 and 1 only'],
  ])('is refused where it would be a guess: %#', (some, n, problem) => {
    expect(() => forecast(some, n)).toThrow(problem);
  });
});

describe('with a curve', () => {
  const model = enumerable({ answers: () => ({ right: 4, a: 1, b: 1, c: 1, d: 1 }) });
  const task: Task = {
    name: 'ten',
    items: Array.from({ length: 10 }, (_, i) => ({
      id: `${i}`,
      request: { prompt: [user(`${i}`)] },
      expected: 'right',
    })),
    metric: metricOf('exact'),
  };
  const voted = plus(model, selfConsistency());

  it('stands beside the points, and in the picture', async () => {
    const found = await curve(voted, task, { over: { n: [1, 4, 8] }, forecast: 32 });
    expect(found.forecast).toMatchObject({ n: 32, from: 8 });
    expect(found.forecast?.accuracy).toBeGreaterThan(found.curve[0]?.accuracy ?? 1);
    expect(found.curve.map(({ n }) => n)).toEqual([1, 4, 8]);
    const picture = curveSvg([found]);
    expect(picture).toContain('forecast, 32: ');
    expect(curveSvg([found], { x: 'tokens' })).not.toContain('forecast');
  });

  it.each([
    [voted, 33, 'forecast must be at most 32, four times the largest n that is drawn, got 33'],
    [voted, 1.5, 'forecast must be a positive integer'],
    [plus(model, bestOfN({ n: 2, score: () => 0 })), 16, 'forecast is made of votes'],
  ])('is refused before anything is drawn: %#', async (asked, n, problem) => {
    const silent = { ...task, metric: { name: 'none', grade: () => expect.unreachable() } };
    await expect(curve(asked, silent, { over: { n: [1, 8] }, forecast: n })).rejects.toThrow(problem);
  });
});
