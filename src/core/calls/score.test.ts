import { describe, expect, it } from 'vitest';
import { fromBackend } from './from-backend.ts';
import type { Backend } from './backend.ts';
import { rootScope } from '../context/context.ts';
import { memoryJournal } from './journal.ts';
import { user } from '../message.ts';

const usage = { inputTokens: 1, outputTokens: 0, reasoningTokens: 0, cachedInputTokens: 0, usd: 0 };

describe('a score', () => {
  it('is journaled by its text: what was paid for once is not asked again', async () => {
    const scored: string[] = [];
    const backend: Backend = {
      name: 'scorer',
      can: { logprobs: false, continueFrom: false, score: true, next: false, concurrency: 1 },
      semantics: { kind: 'exact', target: 'P', why: 'a test' },
      bound: () => ({ inputTokens: 1, outputTokens: 1 }),
      call: () => Promise.reject(new Error('not called')),
      async score(_, text) {
        scored.push(text);
        return { logprob: -text.length, tokens: [{ token: text, logprob: -text.length }], usage };
      },
    };
    const journal = memoryJournal();
    const request = { prompt: [user('q')] };
    const run = async () => {
      const { context, close } = rootScope({ journal });
      const { score } = fromBackend(backend);
      const results = [await score?.(request, 'a', context), await score?.(request, 'bb', context)];
      close();
      return { results: results.map((result) => ({ ...result, usage: undefined })), spent: context.ledger.usage };
    };
    const first = await run();
    const second = await run();
    expect(scored).toEqual(['a', 'bb']);
    expect(second.results).toEqual(first.results);
    expect(first.spent).toMatchObject({ calls: 2, replays: 0, inputTokens: 2 });
    expect(second.spent).toMatchObject({ calls: 2, replays: 2, inputTokens: 2 });
  });
});
