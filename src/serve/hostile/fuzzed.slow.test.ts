/** Requests by the grammar of the protocol, and such with their bytes changed: an answer, or a 4xx that is well formed. */
import { expect, it } from 'vitest';
import { ownGrammar, publishedGrammar, type Grammar } from '../test-support/fuzz/grammar.ts';
import { fuzz } from '../test-support/fuzz/look.ts';

const SEED = process.env['PLUSX_SEED'] ?? '1';
const published = publishedGrammar();

it.each([
  ['of our own', ownGrammar()],
  ...(published ? [['of the published description', published] satisfies [string, Grammar]] : []),
])('whatever comes of a grammar %s is answered or refused in good form', async (_what, grammar) => {
  const { wrong, statuses, heap } = await fuzz(grammar, { requests: 2000, seed: SEED });
  expect(wrong).toEqual([]);
  expect(statuses['200']).toBeGreaterThan(100);
  expect(statuses['400']).toBeGreaterThan(500);
  const [third, end] = heap;
  expect(end - third).toBeLessThan(10);
});
