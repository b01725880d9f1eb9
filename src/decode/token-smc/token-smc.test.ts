import { describe, expect, it } from 'vitest';
import { ask, judge, NoCandidates, plus, textOf, toRequest, type Sample } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { threeLetters, tokenwise, twoLetters, unchanged } from '../shared/tokenwise.law.ts';
import { law, liking, POTENTIALS } from './token-smc.law.ts';
import { tokenSmc } from './token-smc.ts';

testLaw(law);

const P = await exact(twoLetters);
const Z = [...P].reduce((sum, [text, p]) => sum + p * (POTENTIALS[text] as number), 0);
const tilted = new Map([...P].map(([text, p]) => [text, (p * (POTENTIALS[text] as number)) / Z]));
const request = toRequest('question');
const normaliserOf = (sample: Sample | undefined): number =>
  Number(sample?.providerMetadata?.['plusx']?.['normaliser']);

describe.each([
  [1, 0.5],
  [2, 0],
  [2, 1],
  [3, 0.5],
])('with %i particles, resampled below %d', (n, resample) => {
  it('the estimate of Z is Z on average, exactly', async () => {
    const estimates = await exact(plus(twoLetters, tokenSmc({ n, resample, potential: liking })), 'question', {
      outcome: ({ samples: [sample] }) => String(normaliserOf(sample)),
    });
    const mean = [...estimates].reduce((sum, [z, p]) => sum + Number(z) * p, 0);
    expect(mean).toBeCloseTo(Z, 12);
    expect(estimates.size).toBeGreaterThan(1);
  });
});

it('comes closer to P times the potential with every particle', async () => {
  const distances: number[] = [];
  for (const n of [1, 2, 3])
    distances.push(totalVariation(await exact(plus(twoLetters, tokenSmc({ n, potential: liking }))), tilted));
  expect(distances[0]).toBeCloseTo(totalVariation(P, tilted), 12);
  expect(distances).toEqual(distances.toSorted((a, b) => b - a));
  expect(distances[2]).toBeLessThan((distances[0] as number) * 0.7);
});

it('and is there with many', async () => {
  const model = plus(
    threeLetters,
    tokenSmc({ n: 32, potential: ({ content }) => 1 + textOf(content).split('c').length }),
  );
  const all = [...tokenwise(unchanged)].map(([text, p]) => [text, p * (1 + text.split('c').length)] as const);
  const total = all.reduce((sum, [, p]) => sum + p, 0);
  const counts = new Map<string, number>();
  const estimates: number[] = [];
  const draws = 1000;
  for (let seed = 0; seed < draws; seed++) {
    const { text, sample } = await ask(model, request, { seed });
    counts.set(text, (counts.get(text) ?? 0) + 1 / draws);
    estimates.push(normaliserOf(sample));
  }
  const drawn = totalVariation(counts, new Map(all.map(([text, p]) => [text, p / total])));
  const plain = totalVariation(tokenwise(unchanged), new Map(all.map(([text, p]) => [text, p / total])));
  expect(estimates.reduce((sum, z) => sum + z, 0) / draws).toBeCloseTo(total, 1);
  expect(drawn).toBeLessThan(0.08);
  expect(plain).toBeGreaterThan(0.1);
});

describe('a potential', () => {
  it('that rules things out is a constraint on whole texts, which a mask token by token is not', async () => {
    const only = plus(twoLetters, tokenSmc({ n: 16, potential: ({ content }) => 'ab'.startsWith(textOf(content)) }));
    const outcome = await ask(only, request, { seed: 3 });
    expect(['', 'a', 'ab']).toContain(outcome.text);
    const none = plus(twoLetters, tokenSmc({ n: 3, potential: () => 0 }));
    await expect(ask(none, request)).rejects.toThrow(NoCandidates);
  });

  it('is told whether a text is finished', async () => {
    const seen = new Set<string>();
    const watch = ({ content, finish }: Sample): number => {
      seen.add(`${textOf(content)} ${finish.raw}`);
      return 1;
    };
    for (const seed of [1, 2, 3, 4, 5, 6])
      await ask(plus(twoLetters, tokenSmc({ n: 4, potential: watch })), request, { seed });
    for (const told of ['a unfinished', 'aa length', 'b end']) expect(seen).toContain(told);
    seen.clear();
    await ask(plus(twoLetters, tokenSmc({ n: 4, potential: watch })), {
      ...request,
      maxOutputTokens: 1,
      stopSequences: ['b'],
    });
    expect([...seen].every((told) => ['a length', ' stop-sequence', ' end'].includes(told))).toBe(true);
  });

  it.each([-1, Number.NaN, Infinity])('of %d is an error', async (value) => {
    await expect(ask(plus(twoLetters, tokenSmc({ potential: () => value })), request)).rejects.toThrow(
      'tokenSmc: potential must give a number of at least 0',
    );
  });

  it('that calls a model is an error, not a wait without end', async () => {
    const potential = judge(enumerable({ answers: { '*': { 7: 1 } } }));
    await expect(ask(plus(twoLetters, tokenSmc({ potential })), request, { budget: { tokens: 1000 } })).rejects.toThrow(
      /must not call a model/,
    );
  });
});

it('is one call, counts the tokens of all particles, and keeps to a budget', async () => {
  const model = plus(threeLetters, tokenSmc({ n: 5, potential: () => 1 }));
  const { usage, sample } = await ask(model, 'question', { seed: 1 });
  expect(usage).toMatchObject({ calls: 1, inputTokens: 8 });
  expect(usage.outputTokens).toBeGreaterThan(5);
  expect(usage.outputTokens).toBeLessThanOrEqual(15);
  expect(normaliserOf(sample)).toBeCloseTo(1, 12);
  await expect(ask(model, 'question', { budget: { tokens: 8 + 14 } })).rejects.toThrow(/tokens/);
});
