/** Models of AI SDK 6 and 7 under techniques, back in the SDK: the same tests for both. */
import { describe, expect, it, vi } from 'vitest';

import { plus } from '../../core/index.ts';
import { selfRefine } from '../../iterate/self-refine/self-refine.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { fromAiSdk, toAiSdk } from './index.ts';
import { enumerable } from '../written/index.ts';
import { answering, factsOf, longest, majors, says, usage, type Facts } from './test-support/majors.ts';

const prompt = 'Say something long.';
const ofText = (name: string) =>
  ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] }) as const;

describe.each(majors)('AI SDK $major', ({ ai, mock, version }) => {
  it('is called with a seed of its own for every candidate, and with everything else it was asked', async () => {
    const inner = mock(answering((_options, call) => says('x'.repeat(call + 1))));
    const model = toAiSdk(
      plus(fromAiSdk(inner, { price: { input: 1, output: 2 } }), bestOfN({ n: 3, score: longest })),
    );
    const { text, providerMetadata } = await ai.generateText({
      model,
      prompt,
      temperature: 0.5,
      topK: 3,
      maxOutputTokens: 99,
      stopSequences: ['END'],
      headers: { 'x-tenant': 'a' },
      providerOptions: { openai: { user: 'u' }, plusx: { seed: 4 } },
    });
    expect(text).toBe('xxx');
    const asked = inner.doGenerateCalls;
    expect(new Set(asked.map(({ seed }) => seed)).size).toBe(3);
    for (const options of asked) {
      expect(options).toMatchObject({
        prompt: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
        temperature: 0.5,
        topK: 3,
        maxOutputTokens: 99,
        stopSequences: ['END'],
        headers: { 'x-tenant': 'a' },
      });
      expect(options.providerOptions).toEqual({ openai: { user: 'u' } });
    }
    expect(factsOf({ providerMetadata })).toMatchObject({ calls: 3, tokens: 45, cost: 3 * (10 + 2 * 5) });
  });

  it('runs the tool loop with the call that won, and sends no progress back', async () => {
    for (const streaming of [false, true]) {
      const places: string[] = [];
      const inner = mock(
        answering(({ prompt }, call) => {
          if (prompt.some(({ role }) => role === 'tool')) return says('It is sunny.');
          const place = call === 1 ? 'Oslo' : 'Rome';
          return {
            content: [
              { type: 'reasoning', text: 'hm', providerMetadata: { maker: { signature: 's' } } },
              { type: 'tool-call', toolCallId: `id-${call}`, toolName: 'weather', input: JSON.stringify({ place }) },
            ],
            finishReason: { unified: 'tool-calls', raw: 'tool_use' },
          };
        }),
      );
      const options = {
        model: toAiSdk(plus(fromAiSdk(inner), selfConsistency({ n: 3 }))),
        prompt,
        stopWhen: ai.stepCountIs(4),
        tools: {
          weather: ai.tool({
            inputSchema: ai.jsonSchema<{ place: string }>(ofText('place')),
            execute: ({ place }) => (places.push(place), { place, sky: 'clear' }),
          }),
        },
      };
      const result = streaming ? ai.streamText(options) : await ai.generateText(options);
      expect(await result.text).toBe('It is sunny.');
      expect(places).toEqual(['Rome']);
      expect(await result.steps).toHaveLength(2);
      expect(factsOf((await result.steps)[0] as Facts)).toMatchObject({ calls: 3, share: expect.closeTo(2 / 3) });
      const asked = streaming ? [...inner.doGenerateCalls, ...inner.doStreamCalls] : inner.doGenerateCalls;
      expect(asked).toHaveLength(6);
      expect(asked.at(-1)?.prompt.slice(1)).toMatchObject([
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm', providerOptions: { maker: { signature: 's' } } },
            { type: 'tool-call', toolName: 'weather', input: { place: 'Rome' } },
          ],
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', output: { type: 'json', value: { place: 'Rome', sky: 'clear' } } }],
        },
      ]);
      expect(asked.at(-1)?.prompt[1]?.content).toHaveLength(2);
      expect(asked.at(-1)?.tools).toMatchObject([{ type: 'function', name: 'weather' }]);
    }
  });

  it('drives an agent', async () => {
    const inner = mock(
      answering(({ prompt }) =>
        prompt.at(-1)?.role === 'tool'
          ? says('done')
          : {
              content: [{ type: 'tool-call', toolCallId: '1', toolName: 'ring', input: '{}' }],
              finishReason: { unified: 'tool-calls', raw: undefined },
            },
      ),
    );
    let rung = 0;
    const agent = new ai.ToolLoopAgent({
      model: toAiSdk(plus(fromAiSdk(inner), selfConsistency({ n: 3 }))),
      tools: { ring: ai.tool({ inputSchema: ai.jsonSchema<object>({ type: 'object' }), execute: () => ++rung }) },
    });
    const { text, totalUsage } = await agent.generate({ prompt });
    expect([text, rung]).toEqual(['done', 1]);
    expect(totalUsage).toMatchObject({ inputTokens: 60, outputTokens: 30 });
  });

  it('is stopped with every call in flight when the caller aborts', async () => {
    const never = (): Promise<never> => new Promise(() => {});
    for (const streaming of [false, true]) {
      const inner = mock({ doGenerate: never, doStream: never });
      const model = toAiSdk(plus(fromAiSdk(inner), bestOfN({ n: 3, score: longest })));
      const controller = new AbortController();
      const options = { model, prompt, abortSignal: controller.signal, maxRetries: 0 };
      const work = streaming
        ? Promise.resolve(model.doStream({ prompt: [], abortSignal: controller.signal }))
        : ai.generateText(options);
      const aborting = vi.waitUntil(() => inner.doGenerateCalls.length === 3).then(() => controller.abort());
      await expect(work).rejects.toThrow(/abort/i);
      await aborting;
      expect(inner.doGenerateCalls.map(({ abortSignal }) => abortSignal?.aborted)).toEqual([true, true, true]);
    }
  });

  it('keeps tokens it was not told unknown', async () => {
    const inner = mock(answering((_options, call) => ({ ...says('a'), usage: usage(10, call === 1 ? undefined : 5) })));
    const result = await ai.generateText({
      model: toAiSdk(plus(fromAiSdk(inner), bestOfN({ n: 3, score: longest }))),
      prompt,
    });
    expect(result.usage).toMatchObject({ inputTokens: 30, outputTokens: undefined });
    expect(factsOf(result)).not.toHaveProperty('tokens');
    expect(factsOf(result)).not.toHaveProperty('cost');
  });

  it('tells its warnings once; that no seed is taken, only to who gave one', async () => {
    const inner = mock(
      answering(() => ({
        ...says('a'),
        warnings: [
          { type: 'unsupported', feature: 'topK', details: 'not here' },
          { type: 'unsupported', feature: 'seed' },
          { type: 'other', message: 'odd' },
        ],
      })),
    );
    const model = toAiSdk(plus(fromAiSdk(inner), bestOfN({ n: 3, score: longest })));
    const others = [
      { type: 'other', message: 'odd' },
      { type: 'unsupported', feature: 'topK', details: 'not here' },
    ];
    expect((await ai.generateText({ model, prompt })).warnings).toEqual(others);
    expect((await ai.generateText({ model, prompt, seed: 1 })).warnings).toEqual(
      expect.arrayContaining([
        ...others,
        { type: 'unsupported', feature: 'seed', details: expect.stringMatching(/takes no seed/) },
      ]),
    );
  });

  it('speaks the version of the model underneath, through every technique', () => {
    const inner = fromAiSdk(mock({ supportedUrls: { 'image/*': [/^https:/] } }));
    const deep = plus(inner, selfRefine(), bestOfN({ n: 2, score: longest }), selfConsistency({ n: 3 }));
    expect(toAiSdk(deep).specificationVersion).toBe(version);
    expect(toAiSdk(deep, { version: 'v3' }).specificationVersion).toBe('v3');
    expect(toAiSdk(enumerable({ answers: {} })).specificationVersion).toBe('v3');
  });

  it('of v4 is for major 7 only; spoken to in v3, either major takes it', async () => {
    const inner = fromAiSdk(majors[1].mock(answering(() => says('four'))));
    const work = Promise.resolve(ai.generateText({ model: toAiSdk(inner), prompt })).then(({ text }) => text);
    expect(await work.catch(String)).toMatch(version === 'v3' ? /Unsupported model version v4/ : /^four$/);
    expect((await ai.generateText({ model: toAiSdk(inner, { version: 'v3' }), prompt })).text).toBe('four');
  });
});
