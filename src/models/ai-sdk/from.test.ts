/** AI SDK models as plusx models. */
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
  Unreachable,
  UpstreamError,
  user,
  type Clock,
} from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { fromAiSdk, toAiSdk } from './index.ts';
import { answering, failing, longest, majors, readAll, says, usage } from './test-support/majors.ts';

const prompt = 'Say something.';
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
    const parts = await readAll(stream(model, prompt, { seed: 3 }));
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
    expect(clock.waits[0]).toBeGreaterThanOrEqual(7);
    expect(clock.waits[0]).toBeLessThan(207);
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
