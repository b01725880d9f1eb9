/** Costs at every n, on servers that bill a prompt once a call and on those that bill it for each candidate. */
import { describe, expect, it } from 'vitest';
import {
  fromBackend,
  plus,
  rootScope,
  textOf,
  user,
  type Model,
  type Price,
  type Sampled,
  type Technique,
} from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openaiServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { reRead } from '../../rephrase/index.ts';
import { bestOfN, selfConsistency } from '../../search/index.ts';
import type { Task } from '../../tasks/index.ts';
import { costAt, costsOf, promptBilling } from './costs.ts';
import { curve } from './curve.ts';
import { evaluate } from '../eval.ts';

const PRICE: Price = { input: 1, output: 4 };

interface Billing {
  readonly native: boolean;
  readonly bills: 'once' | 'each';
  /** What the server says of money: nothing, what the price says, or a sum of its own. */
  readonly price?: Price | undefined;
  readonly fails?: (question: string) => boolean;
}

/** A model whose prompts have 30 tokens and whose answers have 20. */
function server({ native, bills, price = PRICE, fails = () => false }: Billing): Model {
  return fromBackend({
    name: 'server',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    price,
    native: () => native,
    bound: () => ({ inputTokens: 100, outputTokens: 100 }),
    async call({ prompt }, { choices }) {
      if (fails(textOf(prompt[0]?.content ?? ''))) throw new Error('reset');
      const inputTokens = 30 * (bills === 'once' ? 1 : choices.length);
      const outputTokens = 20 * choices.length;
      return {
        candidates: choices.map((choice) => ({
          content: [{ type: 'text', text: `Answer: ${choice.categorical([2, 1, 1])}` }],
          finish: { unified: 'stop', raw: 'stop' },
        })),
        usage: {
          inputTokens,
          outputTokens,
          reasoningTokens: 0,
          cachedInputTokens: 0,
          usd: inputTokens * price.input + outputTokens * price.output,
        },
      };
    },
  });
}

const task: Task = {
  name: 'four',
  items: Array.from({ length: 4 }, (_, i) => ({
    id: String(i),
    request: { prompt: [user(`question ${i}`)] },
    expected: '0',
  })),
  metric: {
    name: 'exact',
    grade: (sample) => Number(textOf(sample.content) === 'Answer: 0'),
  },
};

const SERVERS = (['once', 'each'] as const).flatMap((bills) =>
  [true, false].map(
    (native) => [`bills a prompt ${bills}, ${native ? 'several' : 'one'} a call`, { native, bills }] as const,
  ),
);
const TECHNIQUES: readonly (readonly [string, (n: number) => ReturnType<Technique>])[] = [
  ['selfConsistency', (n) => selfConsistency({ n })],
  ['bestOfN', (n) => bestOfN({ n, score: () => 1 })],
];

describe.each(SERVERS)('a server that %s', (_, billing) => {
  it.each(TECHNIQUES)('costs in a curve of %s are those of an evaluation, at every n', async (_name, of) => {
    for (const over of [
      [1, 2, 4, 16],
      [1, 2],
      [1, 3, 200],
    ]) {
      const { curve: points } = await curve(plus(server(billing), of(1)), task, { over: { n: over } });
      for (const { n, tokensPerItem, usdPerItem } of points) {
        const run = await evaluate(plus(server(billing), of(n)), task);
        expect([n, tokensPerItem]).toEqual([n, expect.closeTo(run.tokensPerItem ?? -1, 9)]);
        expect([n, usdPerItem]).toEqual([n, expect.closeTo(run.usdPerItem ?? -1, 9)]);
      }
    }
  });

  it('so are those over another technique, and with a scorer that asks a model', async () => {
    const asking = server({ native: false, bills: 'once' });
    const score = async (_sample: unknown, _request: unknown, context: Parameters<Model['sample']>[1]) =>
      (await asking.sample({ prompt: [user('rate')] }, context)).samples.length;
    for (const model of [
      (n: number) => plus(server(billing), reRead(), selfConsistency({ n })),
      (n: number) => plus(server(billing), bestOfN({ n, score: { name: 'asking', score } })),
    ]) {
      const { curve: points } = await curve(model(1), task, { over: { n: [1, 5] } });
      for (const { n, tokensPerItem } of points)
        expect([n, tokensPerItem]).toEqual([
          n,
          expect.closeTo((await evaluate(model(n), task)).tokensPerItem ?? -1, 9),
        ]);
    }
  });
});

describe('a server on the loopback interface', () => {
  const answers = Object.fromEntries(['0', '1', '2'].map((a, i) => [`I say so.\nAnswer: ${a}`, 3 - i]));
  it.each<[how: string, knobs: OpenAIServerOptions, prompts: (n: number) => number]>([
    ['that bills a prompt once for all its candidates', {}, () => 1],
    ['that bills it for each of them', { billsEach: true }, (n) => n],
    ['that ignores n, and is asked one by one', { ignoresN: true }, (n) => n],
    ['that refuses n, and is asked one by one', { refusesN: true }, (n) => n],
  ])('%s: a curve costs what an evaluation does, at every n', async (_, knobs, prompts) => {
    const served = await openaiServer({ answers, ...knobs });
    try {
      const model = openaiCompatible({ model: 'm', baseURL: served.url, price: PRICE, retry: { firstWaitMs: 1 } });
      // What the server does with n is found out once, and is not part of the cost from then on.
      await evaluate(plus(model, selfConsistency({ n: 9 })), task);
      for (const over of [[1, 3, 9], [1, 9], [9]]) {
        const { curve: points } = await curve(plus(model, selfConsistency({ n: 1 })), task, { over: { n: over } });
        expect(points.map(({ n }) => n)).toEqual(over);
        for (const { n, tokensPerItem, usdPerItem } of points) {
          const run = await evaluate(plus(model, selfConsistency({ n })), task);
          expect([n, tokensPerItem, usdPerItem]).toEqual([n, run.tokensPerItem, run.usdPerItem]);
          // 6 tokens of the chat's own, 2 of the question; 5 of each answer.
          expect([n, run.tokensPerItem]).toEqual([n, 8 * prompts(n) + 5 * n]);
        }
      }
    } finally {
      await served.close();
    }
  });

  it('that takes a few at a time leaves the costs of a curve unknown, and those of an evaluation are known', async () => {
    const served = await openaiServer({ answers, mostN: 3 });
    try {
      const model = openaiCompatible({ model: 'm', baseURL: served.url, retry: { firstWaitMs: 1 } });
      await evaluate(plus(model, selfConsistency({ n: 9 })), task);
      const { curve: points } = await curve(plus(model, selfConsistency({ n: 1 })), task, { over: { n: [1, 9] } });
      expect(points.map(({ tokensPerItem }) => tokensPerItem)).toEqual([undefined, undefined]);
      expect((await evaluate(plus(model, selfConsistency({ n: 9 })), task)).tokensPerItem).toBe(8 * 3 + 5 * 9);
    } finally {
      await served.close();
    }
  });
});

it('how a prompt was billed is unknown where nothing tells, and so are the costs', async () => {
  const draw = async (n: number): Promise<Sampled> => {
    const { context, close } = rootScope();
    const drawn = await server({ native: true, bills: 'once' }).sample({ prompt: [user('q')], n }, context);
    close();
    return drawn;
  };
  const [one, four] = [await draw(1), await draw(4)];
  expect(promptBilling(one, four)).toBe('once');
  expect(promptBilling(four, one)).toBeUndefined();
  const odd = { ...four, usage: { ...four.usage, inputTokens: 77 } };
  expect(promptBilling(one, odd)).toBeUndefined();
  expect(costAt(costsOf([odd], undefined, PRICE), 1)).toEqual({ tokens: undefined, usd: undefined });
  expect(costAt(costsOf([one, four], 'once', undefined), 1)).toEqual({ tokens: 50, usd: undefined });
});

it('an item that failed keeps what it had used', async () => {
  const model = server({ native: false, bills: 'once', fails: (question) => question.includes('again') });
  const twice = {
    ...model,
    name: 'twice',
    async sample(request: Parameters<Model['sample']>[0], context: Parameters<Model['sample']>[1]) {
      const first = await model.sample(request, context);
      if (request.prompt[0] && textOf(request.prompt[0].content) === 'question 1')
        await model.sample({ prompt: [user('again')], from: 1 }, context);
      return first;
    },
  };
  const { results, usage, failed, tokensPerItem } = await evaluate(twice, task);
  expect([failed, tokensPerItem]).toEqual([1, 50]);
  expect(results[1]?.usage).toMatchObject({ calls: 2, unreported: 1, inputTokens: 30, outputTokens: 20, usd: 110 });
  for (const field of ['calls', 'unreported', 'inputTokens', 'outputTokens', 'usd'] as const)
    expect(results.reduce((sum, one) => sum + (one.usage[field] ?? Number.NaN), 0)).toBe(usage[field]);
});
