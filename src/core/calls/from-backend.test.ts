import { describe, expect, it } from 'vitest';
import { fromBackend } from './from-backend.ts';
import type { Backend } from './backend.ts';
import { memoryJournal } from './journal.ts';
import { textOf, user } from '../message.ts';
import type { Model } from '../model.ts';
import type { Request } from '../sample.ts';
import { ask } from '../ask.ts';
import type { Usage } from '../accounts/usage.ts';
import { IN_FLIGHT } from '../bounds.ts';
import { seeded, type Choice } from '../context/choice.ts';
import { plus } from '../model.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/index.ts';
import { selfConsistency } from '../../search/index.ts';

const used = { inputTokens: 10, outputTokens: 7, reasoningTokens: 0, cachedInputTokens: 0, usd: 0.1 };

interface Asked {
  readonly n: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** A back end that gives several candidates a call: as many as `gives` says of those wanted. */
function server(
  gives: (wanted: number, call: number) => number,
  { fails = () => false }: { fails?: (call: number) => boolean } = {},
): { model: Model; asked: Asked[] } {
  const asked: Asked[] = [];
  const backend: Backend = {
    name: 'server',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    native: () => true,
    bound: ({ maxOutputTokens }) => ({ inputTokens: 10, outputTokens: maxOutputTokens }),
    async call({ n, maxOutputTokens }, { choices }) {
      asked.push({ n, maxOutputTokens });
      const call = asked.length;
      if (fails(call)) throw new Error('reset');
      const candidates = Array.from({ length: gives(choices.length, call) }, (_, i) => ({
        content: [{ type: 'text' as const, text: `${call}.${i}` }],
        finish: { unified: 'stop' as const, raw: 'stop' },
      }));
      return { candidates, usage: used };
    },
  };
  return { model: fromBackend(backend), asked };
}

const texts = ({ samples }: { samples: readonly { content: Parameters<typeof textOf>[0] }[] }): string[] =>
  samples.map(({ content }) => textOf(content));
const request = (n: number): Request => ({ prompt: [user('q')], n });

describe('candidates of one call', () => {
  it('come together where the back end can', async () => {
    const { model, asked } = server((n) => n);
    const answer = await ask(model, request(4));
    expect(texts(answer)).toEqual(['1.0', '1.1', '1.2', '1.3']);
    expect(asked.map(({ n }) => n)).toEqual([4]);
    expect(answer.usage).toMatchObject({ calls: 4, inputTokens: 10, outputTokens: 7, usd: 0.1 });
    expect(answer.warnings).toEqual([]);
  });

  it('that do not come back are asked for one by one, with one warning', async () => {
    for (const [came, calls] of [
      [1, [3, 1, 1]],
      [0, [3, 1, 1, 1]],
    ] as const) {
      const { model, asked } = server((wanted) => (wanted > 1 ? came : 1));
      const answer = await ask(model, request(3));
      expect(answer.samples).toHaveLength(3);
      expect(new Set(texts(answer)).size).toBe(3);
      expect(asked.map(({ n }) => n)).toEqual(calls);
      expect(answer.usage).toMatchObject({ calls: 3, inputTokens: 10 * calls.length, unreported: 0 });
      expect(answer.warnings.map(({ code }) => code)).toEqual(['n-ignored']);
    }
  });

  it('beyond those asked for are dropped', async () => {
    const answer = await ask(server((wanted) => wanted + 2).model, request(3));
    expect(texts(answer)).toEqual(['1.0', '1.1', '1.2']);
    expect(answer.warnings.map(({ code }) => code)).toEqual(['n-exceeded']);
  });

  it('are as many as the budget has calls for', async () => {
    const { model, asked } = server((n) => n);
    const answer = await ask(model, request(5), { budget: { calls: 3 } });
    expect([answer.samples.length, answer.exhausted, asked.map(({ n }) => n)]).toEqual([3, 'calls', [3]]);
  });

  it('are written no longer than the budget has tokens for', async () => {
    const { model, asked } = server((n) => n);
    await ask(model, request(1), { budget: { tokens: 25 } });
    await ask(model, { ...request(1), maxOutputTokens: 4 }, { budget: { tokens: 25 } });
    expect(asked.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([15, 4]);
  });

  it('are journaled one by one: a resumed run asks for those that are missing', async () => {
    const journal = memoryJournal();
    await ask(server((n) => n).model, request(2), { journal });
    expect(journal.size).toBe(2);
    const { model, asked } = server((n) => n);
    const answer = await ask(model, request(5), { journal });
    expect(asked.map(({ n }) => n)).toEqual([3]);
    expect(texts(answer)).toEqual(['1.0', '1.1', '1.0', '1.1', '1.2']);
    expect(answer.usage).toMatchObject({ calls: 5, replays: 2, inputTokens: 20, outputTokens: 14 });
    const usages: Usage[] = [];
    for (const from of [0, 1]) usages.push((await ask(model, { ...request(1), from }, { journal })).usage);
    expect(usages.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens])).toEqual([
      [10, 4], // the prompt was read once
      [0, 3],
    ]);
  });

  it('warn once where all of them will be the same', async () => {
    const { warnings } = await ask(server((n) => n).model, { ...request(3), temperature: 0 });
    expect(warnings).toHaveLength(1);
  });

  it('fail together for an error that is no bad luck, and the call counts as unreported', async () => {
    await expect(ask(server((n) => n, { fails: () => true }).model, request(2))).rejects.toThrow('reset');
  });
});

it('what a reply warns of and what of a request was not heeded is told, the latter by whom', async () => {
  const candidate = {
    content: [{ type: 'text' as const, text: 'x' }],
    finish: { unified: 'stop' as const, raw: 'stop' },
  };
  const model = fromBackend({
    name: 'server',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    bound: () => ({ inputTokens: 10, outputTokens: 7 }),
    heeding: { note: () => [{ code: 'not-heeded', message: 'it wrote on' }] },
    call: async () => ({ candidates: [candidate], usage: used, warnings: [{ code: 'slow', message: 'a queue' }] }),
  });
  expect((await ask(model, request(1))).warnings).toEqual([
    { code: 'not-heeded', message: 'server: it wrote on' },
    { code: 'slow', message: 'a queue' },
  ]);
});

describe('many draws', () => {
  const answers = { '*': { '4': 3, '5': 1 } };

  const together = fromBackend({
    name: 'together',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    price: { input: 1, output: 1 },
    bound: () => ({ inputTokens: 1, outputTokens: 1 }),
    native: () => true,
    call: async (_, { choices }) => ({
      candidates: choices.map(() => ({ content: [{ type: 'text', text: '4' }], finish: { unified: 'stop', raw: '' } })),
      usage: { ...used, inputTokens: 1, outputTokens: choices.length },
    }),
  });

  it.each([
    ['of a model', (n: number) => [enumerable({ answers }), { n }] as const],
    ['of a vote', (n: number) => [plus(enumerable({ answers }), selfConsistency({ n })), {}] as const],
    ['of a technique', (n: number) => [plus(enumerable({ answers }), reRead()), { n }] as const],
    ['of one call', (n: number) => [together, { n }] as const],
  ])('%s under a budget are as many as it admits, however many are asked for', async (_, of) => {
    const [model, more] = of(1_000_000);
    let forks = 0;
    const counting = (choice: Choice): Choice => ({
      ...choice,
      id: choice.id,
      fork: (key) => (forks++, counting(choice.fork(key))),
    });
    const { usage, exhausted } = await ask(
      model,
      { prompt: [user('q')], ...more },
      { budget: { calls: 50 }, choice: counting(seeded(0)) },
    );
    expect([usage.calls, exhausted]).toEqual([50, 'calls']);
    expect(forks).toBeLessThan(10 * IN_FLIGHT); // what is made grows with what is in flight
  });

  it('are refused beyond a bound, and so are parts of one', async () => {
    for (const n of [1e9, 2.5, -1, Number.NaN])
      for (const model of [enumerable({ answers }), plus(enumerable({ answers }), reRead())])
        await expect(ask(model, { prompt: [user('q')], n })).rejects.toThrow(/n must be an integer of at most 1000000/);
  });
});
