import { describe, expect, it } from 'vitest';
import {
  ask,
  fromBackend,
  memoryJournal,
  plus,
  rootScope,
  textOf,
  Unreachable,
  user,
  type Candidate,
  type Model,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { enumerable, type Distribution } from '../../models/written/index.ts';
import { probe } from '../../testing/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './self-consistency.law.ts';
import { selfConsistency } from './self-consistency.ts';

testLaw(law);

const of = (weights: Distribution): Model => enumerable({ answers: { '*': weights } });
const coin = of({ a: 0.5, b: 0.3, c: 0.2 });

interface Facts {
  readonly votes: { readonly [answer: string]: number };
  readonly share: number | null;
  readonly samples: number;
  readonly abstained: number;
}
const facts = ({ providerMetadata }: Sample): Facts => providerMetadata?.plusx as unknown as Facts;

describe('the vote', () => {
  it('reports who voted what', async () => {
    const { sample, usage } = await ask(plus(coin, selfConsistency({ n: 9 })), 'q', { seed: 3 });
    const { votes, share, samples, abstained } = facts(sample);
    expect(Object.values(votes).reduce((a, b) => a + b, 0)).toBe(9);
    expect([samples, abstained, usage.calls]).toEqual([9, 0, 9]);
    expect(share).toBe(Math.max(...Object.values(votes)) / 9);
    expect(sample.answer).toBe(textOf(sample.content));
    expect(votes[sample.answer as string]).toBe(Math.max(...Object.values(votes)));
  });

  it('reports at most 16 answers', async () => {
    const many = of(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}`, 1])));
    const { sample } = await ask(plus(many, selfConsistency({ n: 60 })), 'q');
    expect(Object.keys(facts(sample).votes)).toHaveLength(16);
    expect(facts(sample).samples).toBe(60);
  });

  it('returns the first candidate with a warning where none has an answer', async () => {
    const babble = of({ 'no\nidea': 1, 'none\nat all': 2 });
    const one = await ask(babble, 'q', { seed: 5 });
    for (const stop of ['fixed', 'adaptive', 'window'] as const) {
      const { sample, warnings } = await ask(plus(babble, selfConsistency({ n: 3, stop })), 'q', { seed: 5 });
      expect(warnings.map(({ code }) => code)).toEqual(['no-answer']);
      expect(facts(sample)).toMatchObject({ votes: {}, share: null, abstained: 3 });
      expect(sample.answer).toBeNull();
      expect(['no\nidea', 'none\nat all']).toContain(textOf(sample.content));
    }
    expect(one.sample.answer).toBeUndefined();
  });

  it('warns once that two votes are one', async () => {
    const { warnings } = await ask(plus(coin, selfConsistency({ n: 2 }), selfConsistency({ n: 3 })), 'q');
    expect(warnings.map(({ code }) => code)).toEqual(['vote-of-two']);
  });

  it('counts tool calls with equal arguments as one answer', async () => {
    const inputs = ['{"city":"Rome","days":2}', '{"days":2, "city":"Rome"}', '{"city":"Oslo","days":2}'];
    const base: Model = {
      ...coin,
      async sample({ n = 1, from = 0 }, context) {
        const drawn = await coin.sample({ prompt: [user('q')], n, from }, context);
        const samples = drawn.samples.map((sample, i) => ({
          ...sample,
          content: [
            {
              type: 'tool-call' as const,
              toolCallId: `call-${from + i}`,
              toolName: 'weather',
              input: inputs[(from + i + 2) % 3] as string,
            },
          ],
        }));
        return { ...drawn, samples };
      },
    };
    const { sample } = await ask(plus(base, selfConsistency({ n: 3 })), 'q');
    expect(sample.answer).toBe('[{"input":{"city":"Rome","days":2},"toolName":"weather"}]');
    expect(sample.content).toMatchObject([{ type: 'tool-call', toolCallId: 'call-1' }]);
  });

  it('counts equal structured outputs as one answer', async () => {
    const json = of({ '{"a":1,"b":[2]}': 1, '{"b": [2], "a": 1}': 1, '{"a":2}': 1 });
    const request: Request = { prompt: [user('q')], responseFormat: { type: 'json' } };
    const { sample } = await ask(plus(json, selfConsistency({ n: 25 })), request);
    expect(sample.answer).toBe('{"a":1,"b":[2]}');
    expect(Object.keys(facts(sample).votes)).toHaveLength(2);
  });

  it('goes on without the score of a candidate whose scorer fails', async () => {
    const down = new Unreachable({ url: 'http://judge', why: 'it is down' });
    const score = (sample: Sample): number => {
      if (textOf(sample.content) === 'a') throw down;
      return textOf(sample.content) === 'b' ? 0.1 : Number.NaN;
    };
    const mostlyA = of({ a: 8, b: 1, c: 1 });
    const model = plus(mostlyA, selfConsistency({ n: 60, weights: 'score', score }));
    const { text, warnings } = await ask(model, 'q');
    expect([text, warnings.map(({ code }) => code)]).toEqual(['b', ['helper-lost']]);
    const none = plus(
      of({ x: 1, y: 8 }),
      selfConsistency({ n: 9, weights: 'score', score: () => Promise.reject(down) }),
    );
    const plain = plus(of({ x: 1, y: 8 }), selfConsistency({ n: 9 }));
    for (const seed of [0, 1, 2]) {
      const unheard = await ask(none, 'q', { seed });
      expect(unheard.text).toBe((await ask(plain, 'q', { seed })).text);
      expect(unheard.warnings.map(({ code }) => code)).toEqual(['helper-lost']);
    }
  });

  it('weighs by the tokens where the log-probability of the whole text is not known', async () => {
    const sure = { token: 'b', logprob: -0.01 };
    const unsure = { token: 'a', logprob: -3 };
    const base = fromBackend({
      name: 'partial',
      can: { ...coin.can, continueFrom: false, score: false },
      semantics: { kind: 'exact', target: 'P', why: 'as drawn' },
      bound: () => ({ inputTokens: 1, outputTokens: 1 }),
      call: ({ n = 1 }, { context }) =>
        Promise.resolve({
          candidates: Array.from({ length: n }, (): Candidate => {
            const text = context.path.endsWith('draw/2') ? 'b' : 'a';
            const tokens = [text === 'b' ? sure : unsure];
            return { content: [{ type: 'text', text }], finish: { unified: 'stop', raw: 'stop' }, tokens };
          }),
          usage: { inputTokens: 1, outputTokens: 1, reasoningTokens: 0, cachedInputTokens: 0, usd: 0 },
        }),
    });
    const { text, warnings } = await ask(plus(base, selfConsistency({ n: 3, weights: 'logprob' })), 'q');
    expect([text, warnings]).toEqual(['b', []]);
  });

  it('asks for log-probabilities where it weighs by them, and takes no base without', () => {
    const opaque: Model = { ...coin, can: { ...coin.can, logprobs: false } };
    expect(() => plus(opaque, selfConsistency({ weights: 'logprob' }))).toThrow(/`logprobs`/);
    expect(() => plus(opaque, selfConsistency())).not.toThrow();
  });

  it.each([
    [{ n: 0 }, /n must be a positive integer, got 0/],
    [{ weights: 'score' }, /score goes with weights="score", and only with it/],
    [{ score: () => 1 }, /score goes with weights="score", and only with it/],
    [{ threshold: 0.3 }, /threshold must be a number from 0.5 to 1/],
  ] as const)('refuses %o', (options, message) => {
    expect(() => selfConsistency(options)).toThrow(message);
  });
});

describe('stop rules', () => {
  it('decide at the first vote that allows it', async () => {
    const sure = of({ a: 1 });
    for (const [stop, calls] of [
      ['adaptive', 4],
      ['window', 5],
      ['fixed', 40],
    ] as const)
      expect((await ask(plus(sure, selfConsistency({ n: 40, stop })), 'q')).usage.calls).toBe(calls);
  });

  it('have calls in flight ahead, decide on the order of draws, and cancel what is left', async () => {
    for (let order = 0; order < 5; order++) {
      const base = probe({ answers: () => ({ a: 1 }), timing: 'scrambled', order });
      const { sample, usage } = await ask(
        plus(base.model, selfConsistency({ n: 20, stop: 'adaptive', ahead: 20 })),
        'q',
      );
      expect(base.seen.started).toBe(20);
      expect(base.seen.aborted).toBe(usage.unreported);
      expect(facts(sample).samples).toBe(4);
    }
    const base = probe({ answers: () => ({ a: 1 }), timing: 'scrambled' });
    await ask(plus(base.model, selfConsistency({ n: 40, stop: 'window', window: 3 })), 'q');
    expect(base.seen).toMatchObject({ started: 3, ended: 3 });
  });

  it('draw the same candidates', async () => {
    const journal = memoryJournal();
    for (const stop of ['fixed', 'adaptive', 'window'] as const)
      await ask(plus(coin, selfConsistency({ n: 12, stop, window: 4 })), 'q', { journal });
    expect(journal.size).toBe(12);
  });

  it('give the best so far at the limit of a budget', async () => {
    const model = plus(of({ a: 1, b: 1 }), selfConsistency({ n: 30, stop: 'adaptive', threshold: 0.999 }));
    const { sample, exhausted, usage } = await ask(model, 'q', { budget: { calls: 7 } });
    expect([exhausted, usage.calls, facts(sample).samples]).toEqual(['calls', 7, 7]);
    await expect(ask(model, 'q', { budget: { calls: 7 }, atLimit: 'throw' })).rejects.toThrow(/Budget of 7 calls/);
  });

  it('tell of every draw', async () => {
    for (const stop of ['fixed', 'adaptive'] as const) {
      const lines: string[] = [];
      const onProgress = ({ text }: { text: string }): void => void lines.push(text);
      await ask(plus(of({ a: 1 }), selfConsistency({ n: 3, stop })), 'q', { onProgress });
      expect(lines).toEqual(['draw 1 of 3: a', 'draw 2 of 3: a', 'draw 3 of 3: a']);
    }
  });
});

it('is one span of a trace, with its draws inside', async () => {
  const { context, close } = rootScope({ trace: true });
  const { usage } = await plus(coin, selfConsistency({ n: 3, stop: 'window', window: 2 })).sample(
    { prompt: [user('q')] },
    context,
  );
  close();
  expect(context.span?.children.map(({ name, path }) => [name, path])).toEqual([
    ['selfConsistency', 'draw/0 > selfConsistency'],
  ]);
  expect(context.span?.children[0]?.children.map(({ path }) => path)).toEqual(
    [0, 1, 2].slice(0, usage.calls).map((i) => `draw/0 > selfConsistency > draw/${i}`),
  );
});
