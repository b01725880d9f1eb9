/** One thing goes wrong again and again while a server is asked in every way. `npm run soak:serve` does the same at length. */
import { expect, it } from 'vitest';
import { ENDINGS, ending } from '../test-support/faults/processes.ts';
import { FAULTS, trial } from '../test-support/faults/trial.ts';

const SEED = process.env['PLUSX_SEED'] ?? '1';

it.each(FAULTS)('%s: no answer is lost, doubled or wrong, the books agree, and nothing is left', async (fault) => {
  const { wrong, answered, calls } = await trial({ fault, requests: 150, seed: SEED });
  expect(wrong).toEqual([]);
  expect(answered).toBeGreaterThan(30);
  expect(calls).toBeGreaterThan(100);
});

it.each(ENDINGS)(
  '%s: nobody spends more than its budget, and what was begun is answered where it can be',
  async (fault) => {
    const { wrong, answered } = await ending(fault, { requests: 200, seed: SEED });
    expect(wrong).toEqual([]);
    // A server that is killed takes with it what was on its way, and all that is sent until another is there.
    expect(answered).toBeGreaterThan(25);
  },
);
