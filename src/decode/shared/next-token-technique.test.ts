import { describe, expect, it } from 'vitest';
import { ask, memoryJournal, plus, textOf, toRequest, type Transform } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { minP } from '../min-p/min-p.ts';
import { power } from '../temperature/temperature.law.ts';
import { temperature } from '../temperature/temperature.ts';
import { topK } from '../top-k/top-k.ts';
import { topNSigma } from '../top-n-sigma/top-n-sigma.ts';
import { nucleus } from '../top-p/top-p.law.ts';
import { topP } from '../top-p/top-p.ts';
import { share, threeLetters, tokenwise, type Step } from './tokenwise.law.ts';

const request = toRequest('question');

it.each([
  ['temperature 0.5', temperature({ t: 0.5 })],
  ['temperature 2', temperature({ t: 2 })],
  ['temperature 0', temperature({ t: 0 })],
  ['top-k 2', topK({ k: 2 })],
  ['top-p 0.6', topP({ p: 0.6 })],
  ['min-p 0.5', minP({ p: 0.5 })],
  ['top-n-sigma 1', topNSigma({ n: 1 })],
])('%s moves the base far', async (_, transform) => {
  const moved = await exact(plus(threeLetters, transform));
  expect(totalVariation(moved, await exact(threeLetters))).toBeGreaterThan(0.01);
});

it.each([
  ['temperature 0.5', temperature({ t: 0.5 })],
  ['top-k 2', topK({ k: 2 })],
  ['top-p 0.6', topP({ p: 0.6 })],
  ['min-p 0.5', minP({ p: 0.5 })],
  ['top-n-sigma 1', topNSigma({ n: 1 })],
])('%s gives each text the log-probability with which it comes', async (_, transform) => {
  const model = plus(threeLetters, transform);
  const found = await exact(model, 'question', {
    outcome: ({ samples: [sample] }) => `${textOf(sample?.content ?? [])} ${sample?.logprob?.toFixed(9)}`,
  });
  expect(found.size).toBe((await exact(model)).size);
  for (const [outcome, probability] of found)
    expect(Number(outcome.split(' ')[1])).toBeCloseTo(Math.log(probability), 6);
});

it('such techniques act in the order written', async () => {
  const distance = async (transforms: readonly Transform[], step: Step): Promise<number> =>
    totalVariation(await exact(plus(threeLetters, ...transforms)), tokenwise(step));
  const [hot, cut] = [temperature({ t: 4 }), topP({ p: 0.6 })];
  const [heat, truncate] = [power(0.25), nucleus(0.6)];
  expect(await distance([hot, cut], (p, prefix) => truncate(share(heat(p, prefix)), prefix))).toBeLessThan(1e-12);
  expect(await distance([cut, hot], (p, prefix) => heat(truncate(p, prefix), prefix))).toBeLessThan(1e-12);
  const [one, other] = [plus(threeLetters, hot, cut), plus(threeLetters, cut, hot)];
  expect(totalVariation(await exact(one), await exact(other))).toBeGreaterThan(0.01);
});

describe('a text as one call', () => {
  const model = plus(threeLetters, temperature({ t: 0.5 }), topK({ k: 3 }));

  it('counts the prompt read and the tokens pushed', async () => {
    const { text, usage, sample } = await ask(model, 'question', { seed: 4 });
    expect(usage).toMatchObject({ calls: 1, inputTokens: 'question'.length, outputTokens: text.length, usd: 0 });
    expect(sample.logprob).toBeLessThan(0);
  });

  it('stops at the most tokens asked for, and at those a budget leaves', async () => {
    for (const seed of [1, 2, 3]) {
      const short = await ask(model, { ...request, maxOutputTokens: 1 }, { seed });
      expect(short.text.length).toBeLessThanOrEqual(1);
      const whole = await ask(model, request, { seed });
      expect(whole.text.startsWith(short.text)).toBe(true);
    }
    await expect(ask(model, 'question', { budget: { tokens: 9 } })).rejects.toThrow(/tokens/);
  });

  it('stops before a stop sequence', async () => {
    const only = {
      name: 'b',
      tokens: ['a', 'b'],
      next: (p: readonly number[]) => (p.length < 1 ? [1, 0, 0] : [0, 1, 0]),
    };
    const { text, sample } = await ask(plus(enumerableTokens({ ...only, maxTokens: 5 }), topP({ p: 1 })), {
      ...request,
      stopSequences: ['bb'],
    });
    expect([text, sample.finish.unified]).toEqual(['a', 'stop']);
  });

  it('is journaled apart for other options', async () => {
    const journal = memoryJournal();
    for (const t of [0.5, 2]) await ask(plus(threeLetters, temperature({ t })), 'question', { journal });
    expect(journal.size).toBe(2);
    expect((await ask(plus(threeLetters, temperature({ t: 2 })), 'question', { journal })).usage.replays).toBe(1);
  });

  it('gives the log-probability of its tokens under the new process', async () => {
    const { sample } = await ask(model, { ...request, logprobs: true }, { seed: 2 });
    const sum = sample.tokens?.reduce((total, { logprob }) => total + logprob, 0);
    expect(sum).toBeCloseTo(sample.logprob as number, 12);
  });
});
