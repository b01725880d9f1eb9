import { expect, it } from 'vitest';
import { IN_FLIGHT } from '../bounds.ts';
import { inTurns } from './turns.ts';

const many = Array.from({ length: 3 * IN_FLIGHT }, (_, i) => i);

it('does the work on each item, in order', async () => {
  const { signal } = new AbortController();
  expect(await inTurns({ signal }, many, (item, i) => item + 2 * i)).toEqual(many.map((i) => 3 * i));
  expect(await inTurns({ signal }, [], () => 1)).toEqual([]);
});

it('gives everything else a turn, and ends in the middle where that was to stop it', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('stopped')), 0);
  let done = 0;
  await expect(inTurns(controller, many, () => done++)).rejects.toThrow('stopped');
  expect(done).toBe(IN_FLIGHT);
});
