import { expect, it } from 'vitest';
import { fork, memoryJournal, recorded, rootScope, type ContextOptions } from '../index.ts';

const within = (options: ContextOptions = {}) => rootScope(options).context;

it('does a work once for an address and what it is done with, and keeps it as it was', async () => {
  const journal = memoryJournal();
  let done = 0;
  const work = async () => ({ n: ++done, left: undefined });
  const at = (seed: number, key: string) => fork(within({ journal, seed }), key);
  expect(await recorded(at(0, 'a'), 'x', work)).toEqual({ n: 1 });
  expect(await recorded(at(0, 'a'), 'x', work)).toEqual({ n: 1 });
  expect(await recorded(at(0, 'b'), 'x', work)).toEqual({ n: 2 });
  expect(await recorded(at(0, 'a'), 'y', work)).toEqual({ n: 3 });
  expect(await recorded(at(1, 'a'), 'x', work)).toEqual({ n: 4 });
  expect(journal.size).toBe(0); // none of them is a call
});

it('without a journal does it each time; what fails or is cancelled is not kept', async () => {
  expect(await recorded(within(), 'x', async () => 1)).toBe(1);
  const journal = memoryJournal();
  await expect(recorded(within({ journal }), 'x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const controller = new AbortController();
  const cancelled = recorded(within({ journal, signal: controller.signal }), 'x', async () => {
    controller.abort(new Error('enough'));
    return 1;
  });
  await expect(cancelled).rejects.toThrow('enough');
  expect(await recorded(within({ journal }), 'x', async () => 2)).toBe(2);
});
