import { expect, it } from 'vitest';
import { topK } from '../../decode/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { probe } from '../../testing/laws/probe.ts';
import { ask } from '../ask.ts';
import { plus } from '../model.ts';

it('a text that is written token by token is one call, with the tokens that were read and written and what they cost', async () => {
  const { model, seen } = probe({ answers: () => ({ '4': 3, '5': 1 }), next: true });
  const { text, usage } = await ask(plus(model, topK({ k: 1 })), 'How much is 2 + 2?');
  expect(text).toBe('4');
  expect(seen).toMatchObject({ started: 1, inputTokens: 18, outputTokens: 1 });
  expect(usage).toMatchObject({ calls: 1, replays: 0, unreported: 0, inputTokens: 18, outputTokens: 1 });
  expect(usage.usd).toBeCloseTo(18e-6 + 2e-6, 15);
});

it('a model that cannot be opened is refused where it is put below such a technique', () => {
  expect(() => plus(enumerable({ answers: { '*': { a: 1 } } }), topK({ k: 1 }))).toThrow('next');
});
