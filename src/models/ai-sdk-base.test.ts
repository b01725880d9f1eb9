/** AI SDK models as plusx models, and the objects made of plusx models, without the SDK between them. */
import { APICallError, type LanguageModelV3StreamPart } from '@ai-sdk/provider';
import { MockLanguageModelV3 } from 'ai6/test';
import { describe, expect, it } from 'vitest';

import {
  ask,
  BudgetExceeded,
  InvalidOption,
  MalformedReply,
  memoryJournal,
  plus,
  stream,
  textOf,
  Unreachable,
  UpstreamError,
  user,
  type Clock,
  type Sample,
  type Trace,
} from '../core/index.ts';
import { bestOfN } from '../search/best-of-n.ts';
import { mixture } from '../search/mixture.ts';
import { selfConsistency } from '../search/self-consistency.ts';
import { fromAiSdk, toAiSdk } from './ai-sdk.ts';
import { enumerable } from './enumerable.ts';
import { answering, majors, readAll, says, usage } from './test-support/ai-sdk-majors.ts';

const longest = ({ content }: Sample): number => textOf(content).length;
const prompt = 'Say something.';
async function collect<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of parts) all.push(part);
  return all;
}
const failing = (statusCode: number | undefined, headers: Record<string, string> = {}, isRetryable = true) =>
  new APICallError({
    message: `status ${statusCode}`,
    url: 'https://api.example.com/v1',
    requestBodyValues: {},
    ...(statusCode !== undefined && { statusCode }),
    responseHeaders: headers,
    responseBody: 'no luck',
    isRetryable,
  });
/** Time that passes at once, and remembers what was waited for. */
function quick(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => 0,
    after(ms, callback) {
      waits.push(ms);
      queueMicrotask(callback);
      return () => {};
    },
  };
}

describe('fromAiSdk', () => {
  it('takes models of v3 and v4 and nothing else', () => {
    const v2 = Object.assign(new MockLanguageModelV3(), { specificationVersion: 'v2' });
    expect(() => fromAiSdk(v2 as never)).toThrow(InvalidOption);
    expect(() => fromAiSdk(v2 as never)).toThrow(/v3 or v4, got "v2"/);
    expect(() => fromAiSdk('openai/gpt-5-mini' as never)).toThrow(/Make the model with a provider/);
    expect(() => fromAiSdk(undefined as never)).toThrow(InvalidOption);
    expect(fromAiSdk(new MockLanguageModelV3({ provider: 'openai.chat', modelId: 'gpt-x' })).name).toBe(
      'openai.chat/gpt-x',
    );
    expect(fromAiSdk(new MockLanguageModelV3(), { name: 'my model' }).name).toBe('"my model"');
  });

  it.each(majors)('draws the same for the same seed from a $version model, streamed or not', async ({ mock }) => {
    const model = fromAiSdk(mock(answering(({ seed }) => ({ ...says(`seed ${seed}`), usage: usage(1, 2) }))));
    const answer = await ask(model, prompt, { seed: 3 });
    expect((await ask(model, prompt, { seed: 3 })).text).toBe(answer.text);
    expect((await ask(model, prompt, { seed: 4 })).text).not.toBe(answer.text);
    const parts = await collect(stream(model, prompt, { seed: 3 }));
    const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
    expect(text).toBe(answer.text);
    const { samples, usage: total } = answer;
    expect(parts.at(-1)).toEqual({ type: 'finish', sampled: { samples, usage: total, warnings: [] } });
  });

  it('tries again what may succeed, after the time the server asks for', async () => {
    const clock = quick();
    const errors = [failing(429, { 'retry-after-ms': '7' }), failing(503)];
    const inner = new MockLanguageModelV3(
      answering((_options, call) => {
        if (errors[call]) throw errors[call];
        return says('there');
      }),
    );
    expect((await ask(fromAiSdk(inner), prompt, { clock })).text).toBe('there');
    expect(clock.waits[0]).toBe(7);
    expect(clock.waits[1]).toBeGreaterThanOrEqual(2000);
    expect(inner.doGenerateCalls).toHaveLength(3);
    expect(new Set(inner.doGenerateCalls.map(({ seed }) => seed)).size).toBe(1);
  });

  it('names what went wrong, keeps the cause, and gives the SDK its own error back', async () => {
    const malformed = Object.assign(new Error('not JSON'), { name: 'AI_JSONParseError' });
    const cases = [
      [failing(401, {}, false), UpstreamError],
      [failing(undefined), Unreachable],
      [malformed, MalformedReply],
      [new RangeError('a bug'), RangeError],
    ] as const;
    for (const [error, kind] of cases) {
      const inner = new MockLanguageModelV3({
        doGenerate: () => Promise.reject(error),
        doStream: () => Promise.reject(error),
      });
      const model = fromAiSdk(inner, { maxRetries: 0 });
      const thrown: unknown = await ask(model, prompt).catch((caught: unknown) => caught);
      expect(thrown).toBeInstanceOf(kind);
      expect((thrown as Error).cause).toBe(kind === RangeError ? undefined : error);
      await expect(toAiSdk(model).doGenerate({ prompt: [] })).rejects.toBe(error);
      await expect(toAiSdk(model).doStream({ prompt: [] })).rejects.toBe(error);
    }
  });

  it('does without a candidate that failed, and says so', async () => {
    const inner = new MockLanguageModelV3(
      answering((_options, call) => {
        if (call === 1) throw failing(400, {}, false);
        return says('fine');
      }),
    );
    const { text, warnings, usage } = await ask(plus(fromAiSdk(inner), selfConsistency({ n: 3 })), prompt);
    expect(text).toBe('fine');
    expect(warnings.map(({ code }) => code)).toEqual(['candidate-lost']);
    expect(usage).toMatchObject({ calls: 3, unreported: 1 });
  });

  it('warns where a v3 model cannot be asked, and leaves out seeds on request', async () => {
    const [{ mock }, { mock: mock4 }] = majors;
    const [three, four] = [mock(answering(() => says('a'))), mock4(answering(() => says('a')))];
    const request = { prompt: [user(prompt)], reasoning: 'high', logprobs: true };
    const asked = await ask(fromAiSdk(three, { sendSeed: false }), request);
    expect(asked.warnings.map(({ code }) => code)).toEqual([
      'ai-sdk/unsupported/logprobs',
      'ai-sdk/unsupported/reasoning',
    ]);
    expect(three.doGenerateCalls[0]).not.toHaveProperty('seed');
    expect(three.doGenerateCalls[0]).not.toHaveProperty('reasoning');
    await ask(fromAiSdk(four), request);
    expect(four.doGenerateCalls[0]).toMatchObject({ reasoning: 'high', seed: expect.any(Number) });
  });

  it('is bounded for budgets: tokens by bytes, pictures by the largest that is billed', async () => {
    const inner = new MockLanguageModelV3(answering(() => says('ok')));
    const model = fromAiSdk(inner, { price: { input: 1e-6, output: 1e-6 } });
    const asks = (content: object[], tokens: number) =>
      ask(model, { prompt: [{ role: 'user', content } as never], maxOutputTokens: 10 }, { budget: { tokens } });
    await expect(asks([{ type: 'text', text: 'é'.repeat(100) }], 200)).rejects.toThrow(BudgetExceeded);
    expect((await asks([{ type: 'text', text: 'é'.repeat(100) }], 400)).usage.usd).toBeCloseTo(15e-6);
    const picture = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'A'.repeat(1e6) } };
    await expect(asks([picture], 16_000)).rejects.toThrow(BudgetExceeded);
    expect((await asks([picture], 17_000)).text).toBe('ok');
    const report = { type: 'file', mediaType: 'application/pdf', data: { type: 'data', data: 'A'.repeat(1e5) } };
    await expect(asks([report], 90_000)).rejects.toThrow(BudgetExceeded);
    await expect(ask(fromAiSdk(inner), prompt, { budget: { usd: 1 } })).rejects.toThrow(/price/);
  });

  it('is journaled: a second run makes no call and gives the same', async () => {
    const inner = new MockLanguageModelV3(answering((_options, call) => says('x'.repeat(call + 1))));
    const journal = memoryJournal();
    const model = toAiSdk(plus(fromAiSdk(inner), bestOfN({ n: 3, score: longest })), { journal, seed: 1 });
    const call = { prompt: [user(prompt)] };
    const first = await model.doGenerate({ ...call, headers: { authorization: 'one' } });
    const second = await model.doGenerate({ ...call, headers: { authorization: 'two' } });
    expect(inner.doGenerateCalls).toHaveLength(3);
    expect(second.content).toEqual(first.content);
    expect(second.providerMetadata?.['plusx']).toMatchObject({ calls: 3, replays: 3 });
  });
});

describe('streams', () => {
  const finish = { type: 'finish', usage: usage(1, 1), finishReason: { unified: 'stop', raw: 's' } } as const;
  const metadata = { providerMetadata: { maker: { signature: 'abc' } } };
  const parts: LanguageModelV3StreamPart[] = [
    { type: 'stream-start', warnings: [] },
    { type: 'reasoning-start', id: 'r', ...metadata },
    { type: 'reasoning-delta', id: 'r', delta: 'hm' },
    { type: 'reasoning-end', id: 'r', ...metadata },
    { type: 'text-start', id: 't' },
    { type: 'tool-input-start', id: 'c', toolName: 'look', providerExecuted: true },
    { type: 'text-delta', id: 't', delta: 'He' },
    { type: 'tool-input-delta', id: 'c', delta: '{}' },
    { type: 'text-delta', id: 't', delta: 'llo' },
    { type: 'text-end', id: 't' },
    { type: 'tool-input-end', id: 'c' },
    { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: '{}', ...metadata },
    { type: 'file', mediaType: 'image/png', data: new Uint8Array([1, 2]) },
    { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
    { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Bye' },
    { type: 'text-end', id: 't', ...metadata },
    finish,
  ];
  const streaming = (list: readonly object[], end: 'close' | 'hang' | Error = 'close') => {
    const left = [...list];
    return new MockLanguageModelV3({
      doStream: async () => ({
        stream: new ReadableStream({
          pull(controller) {
            const part = left.shift();
            if (part) controller.enqueue(part as LanguageModelV3StreamPart);
            else if (end === 'close') controller.close();
            else if (end !== 'hang') controller.error(end);
          },
        }),
      }),
    });
  };

  it('pass through part by part, and add up to the content', async () => {
    const out = toAiSdk(fromAiSdk(streaming(parts)));
    expect(await readAll((await out.doStream({ prompt: [] })).stream)).toEqual([
      ...parts.slice(0, -1),
      { ...finish, providerMetadata: { plusx: expect.objectContaining({ calls: 1 }) } },
    ]);
    const [last] = (await collect(stream(fromAiSdk(streaming(parts)), prompt))).slice(-1);
    expect(last?.type === 'finish' && last.sampled.samples[0]?.content).toEqual([
      { type: 'reasoning', text: 'hm', ...metadata },
      { type: 'text', text: 'Hello' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'look', input: '{}', ...metadata },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2]) } },
      { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
      { type: 'tool-approval-request', approvalId: 'a', toolCallId: 'c' },
      { type: 'text', text: 'Bye', ...metadata },
    ]);
  });

  it('hand on what breaks them: reported, broken off or torn', async () => {
    const text = parts.slice(4, 5);
    const torn = failing(500);
    const cases = [
      [streaming([...text, { type: 'error', error: torn }], 'hang'), torn],
      [streaming(text, torn), torn],
      [streaming([...text, { type: 'error', error: 'overloaded' }]), expect.any(MalformedReply)],
      [streaming(text), expect.any(MalformedReply)],
    ] as const;
    for (const [inner, error] of cases) {
      const { stream } = await toAiSdk(fromAiSdk(inner)).doStream({ prompt: [] });
      expect((await readAll(stream)).slice(1)).toEqual([...text, { type: 'error', error }]);
    }
  });

  it('stop the call when nobody reads them any more, and when the caller aborts', async () => {
    const traces: Trace[] = [];
    const open = async (signal?: AbortSignal) => {
      const inner = streaming(parts.slice(4, 5), 'hang');
      const out = toAiSdk(fromAiSdk(inner), { trace: (trace) => traces.push(trace) });
      const { stream } = await out.doStream({ prompt: [], abortSignal: signal });
      const reader = stream.getReader();
      expect((await reader.read()).value).toMatchObject({ type: 'stream-start' });
      expect((await reader.read()).value).toMatchObject({ type: 'text-start' });
      return { reader, pending: reader.read(), call: inner.doStreamCalls[0] };
    };
    const left = await open();
    await left.reader.cancel();
    expect(left.call?.abortSignal?.aborted).toBe(true);
    const controller = new AbortController();
    const aborted = await open(controller.signal);
    controller.abort();
    await expect(aborted.pending).rejects.toThrow(/abort/i);
    expect(aborted.call?.abortSignal?.aborted).toBe(true);
    expect(traces.map(({ root }) => root)).toMatchObject(
      [0, 1].map(() => ({
        status: 'cancelled',
        usage: { calls: 1, unreported: 1 },
        children: [{ status: 'cancelled' }],
      })),
    );
  });

  it('that are left with parts unread are accounted for', async () => {
    const traces: Trace[] = [];
    const out = toAiSdk(fromAiSdk(streaming(parts)), { trace: (trace) => traces.push(trace) });
    const reader = (await out.doStream({ prompt: [] })).stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(traces[0]?.root).toMatchObject({ usage: { calls: 1, unreported: 1 }, children: [{ status: 'cancelled' }] });
  });

  it('of a technique keep what belongs to the parts of the winner', async () => {
    const content = [
      { type: 'reasoning', text: 'hm', ...metadata },
      { type: 'text', text: 'Hello', ...metadata },
    ] as const;
    const inner = new MockLanguageModelV3(answering(() => ({ content: [...content] })));
    const out = toAiSdk(plus(fromAiSdk(inner), bestOfN({ n: 2, score: longest })), { progress: false });
    const ends = (await readAll((await out.doStream({ prompt: [] })).stream)).filter(({ type }) =>
      type.endsWith('-end'),
    );
    expect(ends).toEqual([
      { type: 'reasoning-end', id: 'part-0', ...metadata },
      { type: 'text-end', id: 'part-1', ...metadata },
    ]);
  });
});

describe('toAiSdk', () => {
  const echo = () => new MockLanguageModelV3(answering(({ prompt }) => says(JSON.stringify(prompt))));

  it('takes the seed of the call before its own, and providerOptions before both', async () => {
    const model = toAiSdk(fromAiSdk(echo()), { seed: 1 });
    const seedOf = async (given: object) =>
      (await model.doGenerate({ prompt: [], ...given })).providerMetadata?.['plusx'];
    expect(await seedOf({})).toMatchObject({ seed: 1 });
    expect(await seedOf({ seed: 2 })).toMatchObject({ seed: 2 });
    expect(await seedOf({ seed: 2, providerOptions: { plusx: { seed: 'three' } } })).toMatchObject({ seed: 'three' });
    await expect(seedOf({ providerOptions: { plusx: { seed: [] } } })).rejects.toThrow(InvalidOption);
  });

  it('leaves the progress it showed out of the next prompt, and nothing else', async () => {
    const inner = echo();
    const mark = { providerOptions: { plusx: { progress: true } } };
    const content = [
      { type: 'text', text: 'kept', ...mark },
      { type: 'reasoning', text: 'kept too' },
    ];
    const message = (...more: object[]) => ({ role: 'assistant', content: [...more, ...content] });
    await toAiSdk(fromAiSdk(inner)).doGenerate({ prompt: [message({ type: 'reasoning', text: 'gone', ...mark })] });
    expect(inner.doGenerateCalls[0]?.prompt).toEqual([message()]);
  });

  it('sums what was read from a cache, and keeps the settings meant for plusx from the model', async () => {
    const cached = (call: number) => ({
      ...usage(10, 5),
      inputTokens: { total: 10, noCache: 6 - call, cacheRead: 4 + call, cacheWrite: 0 },
    });
    const inner = new MockLanguageModelV3(answering((_options, call) => ({ ...says('a'), usage: cached(call) })));
    const model = plus(fromAiSdk(inner), bestOfN({ n: 3, score: longest }));
    const { usage: total } = await toAiSdk(model).doGenerate({ prompt: [] });
    expect(total.inputTokens).toEqual({ total: 30, noCache: 15, cacheRead: 15, cacheWrite: undefined });
    expect(total.outputTokens).toEqual({ total: 15, text: 15, reasoning: 0 });
    await ask(model, { prompt: [user(prompt)], providerOptions: { plusx: { seed: 1 }, maker: { a: 1 } } });
    expect(inner.doGenerateCalls.at(-1)?.providerOptions).toEqual({ maker: { a: 1 } });
  });
});

describe('versions', () => {
  it('a v4 model may be spoken to in v3: the prompt is translated, what v3 cannot say is left out with a warning', async () => {
    const [, { mock }] = majors;
    const data = { type: 'data', data: new Uint8Array([1]) };
    const inner = mock(
      answering(() => ({
        content: [
          { type: 'text', text: 'a' },
          { type: 'custom', kind: 'maker.thing' } as never,
          { type: 'file', mediaType: 'image/png', data } as never,
        ],
        finishReason: { unified: 'interrupted' as never, raw: 'paused' },
      })),
    );
    const file = { type: 'file', mediaType: 'image/png', data: new Uint8Array([7]) };
    const out = toAiSdk(fromAiSdk(inner), { version: 'v3' });
    const result = await out.doGenerate({ prompt: [{ role: 'user', content: [file] }] });
    expect(inner.doGenerateCalls[0]?.prompt).toEqual([
      { role: 'user', content: [{ ...file, data: { type: 'data', data: file.data } }] },
    ]);
    expect(result.content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'file', mediaType: 'image/png', data: data.data },
    ]);
    expect(result.finishReason).toEqual({ unified: 'other', raw: 'paused' });
    expect(result.warnings).toEqual([{ type: 'other', message: expect.stringContaining('type custom') }]);
    const four = await toAiSdk(fromAiSdk(inner), { version: 'v4' }).doGenerate({ prompt: [] });
    expect(four.content[1]).toEqual({ type: 'custom', kind: 'maker.thing' });
    expect(four.finishReason.unified).toBe('interrupted');
    expect(() => toAiSdk(fromAiSdk(inner), { version: 'v5' as never })).toThrow(InvalidOption);
  });

  it('links are left to the one model underneath; with several the SDK downloads', async () => {
    const urls = { 'image/*': [/^https:/] };
    const [a, b] = [fromAiSdk(new MockLanguageModelV3({ supportedUrls: urls })), fromAiSdk(new MockLanguageModelV3())];
    expect(await toAiSdk(plus(a, bestOfN({ n: 2, score: longest }))).supportedUrls).toEqual(urls);
    expect(await toAiSdk(mixture([a, b])).supportedUrls).toEqual({});
    expect(await toAiSdk(enumerable({ answers: {} })).supportedUrls).toEqual({});
  });
});
