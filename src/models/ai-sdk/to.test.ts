/** The objects made of plusx models, without the SDK between them. */
import { MockLanguageModelV3 } from 'ai6/test';
import { describe, expect, it } from 'vitest';

import { ask, InvalidOption, plus, user } from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { mixture } from '../../search/mixture/mixture.ts';
import { fromAiSdk, toAiSdk } from './index.ts';
import { enumerable } from '../written/index.ts';
import { answering, longest, majors, says, usage } from './test-support/majors.ts';

const prompt = 'Say something.';

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

  it('sums what was read from a cache and written to it, and keeps the settings meant for plusx from the model', async () => {
    const cached = (call: number) => ({
      ...usage(10, 5),
      inputTokens: { total: 10, noCache: 4 - call, cacheRead: 4 + call, cacheWrite: 2 },
    });
    const inner = new MockLanguageModelV3(answering((_options, call) => ({ ...says('a'), usage: cached(call) })));
    const model = plus(fromAiSdk(inner), bestOfN({ n: 3, score: longest }));
    const { usage: total } = await toAiSdk(model).doGenerate({ prompt: [] });
    expect(total.inputTokens).toEqual({ total: 30, noCache: 9, cacheRead: 15, cacheWrite: 6 });
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
