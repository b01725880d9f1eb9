/** The trained weights: what the trainer computes, the runtime computes. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assistant, ask, rootScope, system, textOf, user, type Message, type Sample } from '../../core/index.ts';
import { createRuntime, chatIds, lawOf, parseWeights, readWeights, turnsOf } from '../../tiny/index.ts';
import { tiny } from './tiny.ts';

interface Golden {
  readonly cases: ReadonlyArray<{
    readonly family: string;
    readonly turns: ReadonlyArray<readonly ['system' | 'user' | 'assistant' | 'tool', string]>;
    readonly ids: readonly number[];
    readonly promptLogprob: number;
    readonly top: ReadonlyArray<readonly [number, number]>;
    readonly greedy: readonly number[];
    readonly text: string;
  }>;
  readonly tokenizer: ReadonlyArray<{ readonly text: string; readonly ids: readonly number[] }>;
}

const NONE = new Uint8Array();
const RELEASE = new URL('../../../training/release/', import.meta.url);
const there = existsSync(new URL('golden.json', RELEASE)) && existsSync(new URL('tiny.plusx', RELEASE));
if (!there) console.warn('tiny: the tests with trained weights are skipped, there is no training/release');

const messageOf = ([role, text]: readonly [string, string]): Message => {
  if (role === 'system') return system(text);
  if (role === 'assistant') return assistant(text);
  if (role === 'user') return user(text);
  const output = { type: 'text', value: text } as const;
  return { role: 'tool', content: [{ type: 'tool-result', toolCallId: '', toolName: '', output }] };
};

describe.skipIf(!there)('the trained model', () => {
  const golden = (): Golden => JSON.parse(readFileSync(new URL('golden.json', RELEASE), 'utf8')) as Golden;
  const weights = () => readWeights(new URL('tiny.plusx', RELEASE));

  it('has the tokenizer of the trainer', () => {
    const { tokenizer } = createRuntime(parseWeights(weights()));
    for (const { text, ids } of golden().tokenizer) {
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(text);
    }
  });

  it('has its log-probabilities and its greedy texts', async () => {
    const { engine, tokenizer } = createRuntime(parseWeights(weights()));
    const model = tiny({ weights: weights() });
    for (const { turns, ids, promptLogprob, top, greedy, text } of golden().cases) {
      const prompt = turns.map(messageOf);
      expect(chatIds(tokenizer, turnsOf(prompt))).toEqual(ids);
      let sum = 0;
      const visit = (index: number, logits: Float32Array): void => {
        const next = ids[index + 1];
        if (next !== undefined) sum += lawOf(engine, logits, { temperature: 1 }, NONE).logprob(next);
      };
      const [state] = engine.extend([{ state: engine.empty, ids, visit }]);
      expect(Math.abs(sum - promptLogprob)).toBeLessThan(1e-3);
      const { logprob } = lawOf(engine, state?.logits ?? new Float32Array(), { temperature: 1 }, NONE);
      for (const [id, expected] of top) expect(Math.abs(logprob(id) - expected)).toBeLessThan(1e-4);
      const limit = Math.max(1, greedy.length + 1);
      expect((await ask(model, { prompt, temperature: 0, maxOutputTokens: limit })).text).toBe(text);
    }
  });

  it(
    'draws 64 candidates together as it draws each alone, bit for bit, and scores them so',
    { timeout: 60_000 },
    async () => {
      const model = tiny({ weights: weights() });
      const { context, close } = rootScope({ seed: 7 });
      const request = { prompt: (golden().cases[0]?.turns ?? []).map(messageOf), logprobs: 2 };
      const bare = ({ content, finish, logprob, tokens }: Sample) => ({ content, finish, logprob, tokens });
      const { samples } = await model.sample({ ...request, n: 64 }, context);
      expect(new Set(samples.map(({ content }) => textOf(content))).size).toBeGreaterThan(1);
      for (const from of [0, 1, 31, 63]) {
        const [alone] = (await model.sample({ ...request, from }, context)).samples;
        expect(bare(alone as Sample)).toEqual(bare(samples[from] as Sample));
        const scored = await model.score?.(request, textOf(alone?.content ?? ''), context);
        expect(Math.abs((scored?.logprob ?? NaN) - (alone?.logprob ?? NaN))).toBeLessThan(1e-5);
      }
      close();
    },
  );

  it('scores its own samples as it drew them', async () => {
    const model = tiny({ weights: weights() });
    const { context, close } = rootScope();
    for (const { turns } of golden().cases) {
      const prompt = turns.map(messageOf);
      const { samples } = await model.sample({ prompt, n: 12 }, context);
      for (const { content, logprob = NaN, finish } of samples) {
        const scored = await model.score?.({ prompt }, textOf(content), context);
        expect(finish.raw).toBe('end');
        expect(scored?.logprob).toBeCloseTo(logprob, 5);
      }
    }
    close();
  });
});
