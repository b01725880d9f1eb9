import { describe, expect, it } from 'vitest';
import { ask, memoryJournal, plus, rootScope, type Transform } from '../../core/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { laws, runLaws } from '../../testing/laws/laws.ts';
import { minP } from '../min-p/min-p.ts';
import { temperature } from '../temperature/temperature.ts';
import { base, request, tokenwise, WEIGHTS } from './test-support.ts';
import { topK } from '../top-k/top-k.ts';
import { topNSigma } from '../top-n-sigma/top-n-sigma.ts';
import { topP } from '../top-p/top-p.ts';

type Step = (p: number[]) => number[];
const sorted = (p: readonly number[]): number[] => p.toSorted((a, b) => b - a);
const power =
  (alpha: number): Step =>
  (p) =>
    p.map((x) => x ** alpha);
const firstK =
  (k: number): Step =>
  (p) =>
    p.map((x, i) => (p.filter((y, j) => y > x || (y === x && j < i)).length < k ? x : 0));

const SUBJECTS: { readonly [name: string]: readonly [Transform, Step] } = {
  'temperature 0.5': [temperature({ t: 0.5 }), power(2)],
  'temperature 2': [temperature({ t: 2 }), power(0.5)],
  'temperature 0': [temperature({ t: 0 }), (p) => p.map((x) => Number(x === Math.max(...p)))],
  'top-k 2': [topK({ k: 2 }), firstK(2)],
  'top-p 0.6': [
    topP({ p: 0.6 }),
    (p) => p.map((x, i) => (p.reduce((s, y, j) => (y > x || (y === x && j < i) ? s + y : s), 0) < 0.6 ? x : 0)),
  ],
  'min-p 0.5': [minP({ p: 0.5 }), (p) => p.map((x) => (x >= 0.5 * Math.max(...p) - 1e-12 ? x : 0))],
  'top-n-sigma 1': [
    topNSigma({ n: 1 }),
    (p) => {
      const logits = p.map(Math.log);
      const mean = logits.reduce((a, b) => a + b) / p.length;
      const sigma = Math.sqrt(logits.reduce((s, l) => s + (l - mean) ** 2, 0) / p.length);
      return p.map((x, i) => ((logits[i] as number) >= Math.max(...logits) - sigma - 1e-12 ? x : 0));
    },
  ],
};

const tv = async (transforms: readonly Transform[], step: Step): Promise<number> =>
  totalVariation(await exact(plus(base, ...transforms)), tokenwise(step));

describe.each(Object.entries(SUBJECTS))('%s', (_, [transform, step]) => {
  it('is its equation, exactly', async () => {
    expect(await tv([transform], step)).toBeLessThan(1e-12);
    expect(
      totalVariation(
        tokenwise(step),
        tokenwise((p) => p),
      ),
    ).toBeGreaterThan(0.01);
  });
  runLaws(it, laws(transform, { next: true }));
});

describe('laws between them', () => {
  it('top-k of 1 is greedy', async () => {
    const greedy = await exact(plus(base, topK({ k: 1 })));
    expect(greedy.size).toBe(1);
    expect(totalVariation(greedy, await exact(plus(base, topNSigma({ n: 0 }), topK({ k: 1 }))))).toBe(0);
    expect(await tv([minP({ p: 1 })], (p) => p.map((x) => Number(x === Math.max(...p))))).toBeLessThan(1e-12);
  });

  it.each([
    ['temperature 1', temperature({ t: 1 })],
    ['top-p 1', topP({ p: 1 })],
    ['min-p 0', minP({ p: 0 })],
    ['top-k of all', topK({ k: 4 })],
  ])('%s changes nothing', async (_, transform) => {
    expect(await tv([transform], (p) => p)).toBeLessThan(1e-12);
  });

  it('temperatures multiply', async () => {
    expect(await tv([temperature({ t: 0.5 }), temperature({ t: 0.5 })], power(4))).toBeLessThan(1e-12);
  });

  it('acts in the order written', async () => {
    const nucleus = SUBJECTS['top-p 0.6'] as readonly [Transform, Step];
    const hot = (p: number[]): number[] => {
      const tempered = power(0.25)(p);
      const total = tempered.reduce((a, b) => a + b);
      return tempered.map((x) => x / total);
    };
    const [a, b] = [temperature({ t: 4 }), nucleus[0]];
    expect(await tv([a, b], (p) => nucleus[1](hot(p)))).toBeLessThan(1e-12);
    expect(await tv([b, a], (p) => power(0.25)(nucleus[1](p)))).toBeLessThan(1e-12);
    expect(totalVariation(await exact(plus(base, a, b)), await exact(plus(base, b, a)))).toBeGreaterThan(0.01);
  });

  it('the temperature of tokens is not the power of texts', async () => {
    const texts = tokenwise((p) => p);
    const total = [...texts.values()].reduce((sum, p) => sum + p ** 2, 0);
    const powered = new Map([...texts].map(([text, p]) => [text, p ** 2 / total]));
    expect(totalVariation(await exact(plus(base, temperature({ t: 0.5 }))), powered)).toBeGreaterThan(0.02);
  });

  it('top-n-sigma keeps the same tokens at every temperature', async () => {
    const cold = await exact(plus(base, topNSigma({ n: 1 })));
    const hot = await exact(plus(base, temperature({ t: 3 }), topNSigma({ n: 1 })));
    expect([...hot.keys()].toSorted()).toEqual([...cold.keys()].toSorted());
  });
});

describe('a text as one call', () => {
  const model = plus(base, temperature({ t: 0.5 }), topK({ k: 3 }));

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
    const { enumerableTokens } = await import('../../models/written/enumerable-tokens.ts');
    const { text, sample } = await ask(plus(enumerableTokens({ ...only, maxTokens: 5 }), topP({ p: 1 })), {
      ...request,
      stopSequences: ['bb'],
    });
    expect([text, sample.finish.unified]).toEqual(['a', 'stop']);
  });

  it('is journaled apart for other options', async () => {
    const journal = memoryJournal();
    for (const t of [0.5, 2]) await ask(plus(base, temperature({ t })), 'question', { journal });
    expect(journal.size).toBe(2);
    expect((await ask(plus(base, temperature({ t: 2 })), 'question', { journal })).usage.replays).toBe(1);
  });

  it('gives the log-probability of its tokens under the new process', async () => {
    const { sample } = await ask(model, { ...request, logprobs: true }, { seed: 2 });
    const sum = sample.tokens?.reduce((total, { logprob }) => total + logprob, 0);
    expect(sum).toBeCloseTo(sample.logprob as number, 12);
  });

  it('opens for whoever asks, unaccounted, with its own distribution', async () => {
    const { context, close } = rootScope();
    const process = await plus(base, topK({ k: 1 })).open?.(request, context);
    const next = [...((await process?.next()) ?? [])];
    close();
    const weights = WEIGHTS([], []);
    expect(next).toEqual(weights.map((w) => (w === sorted(weights)[0] ? 0 : -Infinity)));
    expect(context.ledger.usage.calls).toBe(0);
  });
});
