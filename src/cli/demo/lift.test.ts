import { expect, it } from 'vitest';
import { measureLift, questionsToTell, verdict, type JobResult } from './lift.ts';

it('says how many questions would tell a difference from chance, and nothing where there is none', async () => {
  const right = (share: number): JobResult => ({
    grades: Array.from({ length: 20 }, (_, i) => Number(i < share * 20)),
    tokensPerItem: 10,
  });
  const row = { room: 'search', technique: 'a', task: 'steps', plus: 'a' };
  const of = (lifted: number): ReturnType<typeof measureLift> =>
    measureLift(row, { items: 20, seed: 0, run: async ({ plus }) => right(plus === 'a' ? lifted : 0.5) });
  const same = await of(0.5);
  expect(questionsToTell(same)).toBeUndefined();
  const [little, much] = [await of(0.6), await of(0.9)];
  expect(verdict(little)).toBe('no difference');
  expect(questionsToTell(little)).toBeGreaterThan(20);
  expect(verdict(much)).toBe('helps');
  expect(questionsToTell(much)).toBeLessThanOrEqual(20);
});
