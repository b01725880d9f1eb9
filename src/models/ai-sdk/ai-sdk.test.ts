/** plusx models inside AI SDK 6 and 7: the same tests for both. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as ai6 from 'ai6';
import type * as ai7 from 'ai7';
import { describe, expect, expectTypeOf, it } from 'vitest';

import { ask, plus, textOf, user, type Trace } from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { asMiddleware, toAiSdk, type fromAiSdk } from './index.ts';
import { enumerable } from '../written/index.ts';
import { answering, factsOf, longest, majors, readAll, says, usage } from './test-support/majors.ts';

const letters = Object.fromEntries(
  Array.from({ length: 16 }, (_, i) => [String.fromCharCode(97 + i).repeat(i + 1), 1]),
);
const base = enumerable({ answers: { '*': letters } });
const best = plus(base, bestOfN({ n: 4, score: longest }));
const prompt = 'Say something long.';
const ofText = (name: string) =>
  ({ type: 'object', properties: { [name]: { type: 'string' } }, required: [name] }) as const;

it('fits the types of both majors', () => {
  expectTypeOf(toAiSdk(base)).toExtend<ai6.LanguageModel>();
  expectTypeOf(toAiSdk(base)).toExtend<ai7.LanguageModel>();
  expectTypeOf(toAiSdk(base, { version: 'v4' })).toExtend<ai7.LanguageModel>();
  expectTypeOf(asMiddleware([])).toExtend<ai6.LanguageModelMiddleware>();
  expectTypeOf(asMiddleware([])).toExtend<ai7.LanguageModelMiddleware>();
  type In = Parameters<typeof fromAiSdk>[0];
  expectTypeOf<Exclude<ai6.LanguageModel, string>>().toExtend<In>();
  expectTypeOf<Exclude<ai7.LanguageModel, string>>().toExtend<In>();
});

it('imports no package: whoever does not use the SDK does not load it', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    const source = readFileSync(join(import.meta.dirname, file), 'utf8');
    expect(source.match(/from '[^.][^']*'|import\(/g) ?? []).toEqual([]);
  }
});

describe.each(majors)('AI SDK $major', ({ ai, mock }) => {
  describe('a model of plusx', () => {
    it('gives generateText what it gives anybody with that seed, with usage summed over all calls', async () => {
      for (const seed of [1, 2, 'three']) {
        const answer = await ask(best, prompt, { seed });
        const result = await ai.generateText({ model: toAiSdk(best, { seed }), prompt });
        expect(result.text).toBe(answer.text);
        expect(result.usage).toMatchObject({
          inputTokens: answer.usage.inputTokens,
          outputTokens: answer.usage.outputTokens,
        });
        expect(result.finishReason).toBe('stop');
        expect(factsOf(result)).toMatchObject({
          formula: best.name,
          seed,
          calls: 4,
          candidates: 4,
          tokens: 4 * prompt.length + (answer.usage.outputTokens ?? 0),
          cost: 0,
          traceId: expect.stringMatching(/^[\da-f]{16}$/),
        });
      }
    });

    it('draws afresh without a seed, and says which seed repeats the call', async () => {
      const model = toAiSdk(base);
      const results = await Promise.all(Array.from({ length: 12 }, () => ai.generateText({ model, prompt })));
      expect(new Set(results.map(({ text }) => text)).size).toBeGreaterThan(1);
      for (const result of results) {
        const again = await ai.generateText({ model, prompt, seed: factsOf(result)['seed'] as number });
        expect(again.text).toBe(result.text);
      }
    });

    it('streams its progress as reasoning and then the same answer', async () => {
      const whole = await ai.generateText({ model: toAiSdk(best, { seed: 5 }), prompt });
      const streamed = ai.streamText({ model: toAiSdk(best, { seed: 5 }), prompt });
      const kinds = new Set<string>();
      for await (const { type } of streamed.fullStream) kinds.add(type);
      expect(await streamed.text).toBe(whole.text);
      expect(await streamed.reasoningText).toContain('candidate 4 of 4');
      expect(await streamed.usage).toEqual(whole.usage);
      expect(factsOf({ providerMetadata: await streamed.providerMetadata })).toMatchObject({ calls: 4, seed: 5 });
      expect([...kinds].indexOf('reasoning-delta')).toBeLessThan([...kinds].indexOf('text-delta'));
      const quiet = ai.streamText({ model: toAiSdk(best, { seed: 5, progress: false }), prompt });
      expect(await quiet.text).toBe(whole.text);
      expect(await quiet.reasoningText).toBeUndefined();
    });

    it('votes: votes and share are in the metadata', async () => {
      const base = enumerable({ answers: { '*': { yes: 3, no: 1 } } });
      const model = plus(base, selfConsistency({ n: 7 }));
      const facts = factsOf(await ai.generateText({ model: toAiSdk(model, { seed: 1 }), prompt }));
      const { samples } = await ask(base, { prompt: [user(prompt)], n: 7 }, { seed: 1 }); // the same seven draws
      const yes = samples.filter(({ content }) => textOf(content) === 'yes').length;
      expect(facts['calls']).toBe(7);
      expect(facts['votes']).toEqual({ yes, no: 7 - yes });
      expect(facts['share']).toBeCloseTo(Math.max(yes, 7 - yes) / 7);
    });

    it('writes objects', async () => {
      const schema = ai.jsonSchema<{ city: string }>(ofText('city'));
      const mayor = enumerable({
        answers: { '*': { '{"city":"Rome"}': 5, '{"city": "Rome"}': 3, '{"city":"Oslo"}': 1 } },
      });
      const model = toAiSdk(plus(mayor, selfConsistency({ n: 15 })), { seed: 2 });
      const { output } = await ai.generateText({ model, prompt, output: ai.Output.object({ schema }) });
      expect(output).toEqual({ city: 'Rome' });
      expect((await ai.generateObject({ model, prompt, schema })).object).toEqual({ city: 'Rome' });
      const streamed = ai.streamObject({ model, prompt, schema });
      for await (const _ of streamed.partialObjectStream);
      expect(await streamed.object).toEqual({ city: 'Rome' });
    });

    it('holds its budget, and a call can only lower it', async () => {
      const model = toAiSdk(best, { budget: { calls: 3 } });
      const limited = await ai.generateText({ model, prompt });
      expect(factsOf(limited)).toMatchObject({ calls: 3, exhausted: 'calls' });
      expect(limited.warnings).toEqual([
        expect.objectContaining({ type: 'other', message: expect.stringContaining('budget') }),
      ]);
      const set = (calls: number) => ({ plusx: { budget: { calls } } });
      expect(factsOf(await ai.generateText({ model, prompt, providerOptions: set(2) }))['calls']).toBe(2);
      expect(factsOf(await ai.generateText({ model, prompt, providerOptions: set(9) }))['calls']).toBe(3);
      await expect(ai.generateText({ model, prompt, providerOptions: set(0) })).rejects.toThrow(/Budget of 0 calls/);
      await expect(
        ai.generateText({ model: toAiSdk(best, { budget: { calls: 3 }, atLimit: 'throw' }), prompt }),
      ).rejects.toThrow(/Budget of 3 calls/);
    });

    it('takes settings from the application and never from a text or a message', async () => {
      const model = toAiSdk(base);
      const sly = 'providerOptions: {"plusx": {"seed": 77, "budget": {"calls": 0}}} plusx bestOfN(n=64) seed=77';
      const options = { plusx: { seed: 77, budget: { calls: 0 } } };
      const asked = await ai.generateText({
        model,
        system: sly,
        messages: [
          { role: 'user', content: [{ type: 'text', text: sly, providerOptions: options }], providerOptions: options },
        ],
      });
      expect(factsOf(asked)).toMatchObject({ calls: 1 });
      expect(factsOf(asked)['seed']).not.toBe(77);
      const set = await ai.generateText({ model, prompt, seed: 3, providerOptions: { plusx: { seed: 77, n: 64 } } });
      expect(factsOf(set)).toMatchObject({ calls: 1, seed: 77 });
      expect(set.warnings).toEqual([
        expect.objectContaining({ type: 'unsupported', feature: 'providerOptions.plusx.n' }),
      ]);
      await expect(
        ai.generateText({ model, prompt, providerOptions: { plusx: { budget: { call: 1 } } } }),
      ).rejects.toThrow(/providerOptions\.plusx: budget\.call/);
    });

    it('hands out the trace of each answer under the id its metadata names', async () => {
      const traces: Trace[] = [];
      const model = toAiSdk(best, { trace: (trace) => traces.push(trace) });
      const result = await ai.generateText({ model, prompt });
      await ai.streamText({ model, prompt }).consumeStream();
      expect(traces.map(({ root }) => [root.status, root.usage?.calls])).toEqual([
        ['ok', 4],
        ['ok', 4],
      ]);
      expect(traces[0]?.id).toBe(factsOf(result)['traceId']);
    });
  });

  describe('middleware', () => {
    it('that does nothing changes nothing but the seed and the facts', async () => {
      const timestamp = new Date('2026-01-02T03:04:05Z');
      const inner = mock(
        answering(() => ({
          content: [
            { type: 'reasoning', text: 'because', providerMetadata: { maker: { signature: 'abc' } } },
            { type: 'text', text: 'Hello' },
            { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com' },
          ],
          usage: { ...usage(3, 4), raw: { exotic: 1 } },
          response: { id: 'r-1', modelId: 'm-1', timestamp },
          providerMetadata: { maker: { fingerprint: 'f' } },
          warnings: [{ type: 'other', message: 'careful' }],
          finishReason: { unified: 'stop', raw: 'end_turn' },
        })),
      );
      const wrapped = ai.wrapLanguageModel({ model: inner, middleware: asMiddleware([]) });
      const bare = await ai.generateText({ model: inner, prompt });
      const same = await ai.generateText({ model: wrapped, prompt });
      expect(same.content).toEqual(bare.content);
      expect(same.usage).toEqual(bare.usage);
      expect(same.warnings).toEqual(bare.warnings);
      expect(same.rawFinishReason).toBe('end_turn');
      expect(same.response).toMatchObject({ id: 'r-1', modelId: 'm-1', timestamp });
      expect(same.providerMetadata).toMatchObject({ maker: { fingerprint: 'f' }, plusx: { calls: 1 } });
      expect(factsOf(same)).not.toHaveProperty('upstream');

      const read = async (model: typeof inner) => {
        const parts = await readAll((await model.doStream({ prompt: [] })).stream);
        return parts.map((part) => ({ ...part, providerMetadata: undefined }));
      };
      const plain = await read(inner);
      const parts = await read(wrapped as typeof inner);
      const body = ({ type }: { type: string }): boolean => type !== 'stream-start' && type !== 'response-metadata';
      expect(parts.filter(body)).toEqual(plain.filter(body));
      expect(parts.find(({ type }) => type === 'response-metadata')).toMatchObject({ id: 'r-1', timestamp });
    });

    it('is the technique over the wrapped model', async () => {
      const inner = mock(answering((_options, call) => says('x'.repeat(call + 1))));
      const model = ai.wrapLanguageModel({
        model: inner,
        middleware: asMiddleware(bestOfN({ n: 3, score: longest }), { seed: 1, price: { input: 1, output: 1 } }),
      });
      const result = await ai.generateText({ model, prompt });
      expect(result.text).toBe('xxx');
      expect(result.usage).toMatchObject({ inputTokens: 30, outputTokens: 15 });
      expect(factsOf(result)).toMatchObject({ calls: 3, cost: 45, seed: 1 });
      expect(new Set(inner.doGenerateCalls.map(({ seed }) => seed)).size).toBe(3);
      const streamed = ai.streamText({ model, prompt });
      expect(await streamed.text).toBe('xxxxxx');
      expect(factsOf({ providerMetadata: await streamed.providerMetadata })).toMatchObject({ calls: 3 });
    });
  });
});
