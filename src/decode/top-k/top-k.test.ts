import { expect, it } from 'vitest';
import { plus, rootScope, toRequest } from '../../core/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { THREE_LETTERS, threeLetters } from '../shared/tokenwise.law.ts';
import { topNSigma } from '../top-n-sigma/top-n-sigma.ts';
import { law } from './top-k.law.ts';
import { topK } from './top-k.ts';

testLaw(law);

it('with k=1 is greedy', async () => {
  const greedy = await exact(plus(threeLetters, topK({ k: 1 })));
  expect(greedy.size).toBe(1);
  expect(totalVariation(greedy, await exact(plus(threeLetters, topNSigma({ n: 0 }), topK({ k: 1 }))))).toBe(0);
});

it('opens for whoever asks, unaccounted, with its own distribution', async () => {
  const { context, close } = rootScope();
  const process = await plus(threeLetters, topK({ k: 1 })).open?.(toRequest('question'), context);
  const next = [...((await process?.next()) ?? [])];
  close();
  const weights = THREE_LETTERS.next([], []);
  expect(next).toEqual(weights.map((weight) => (weight === Math.max(...weights) ? 0 : -Infinity)));
  expect(context.ledger.usage.calls).toBe(0);
});
