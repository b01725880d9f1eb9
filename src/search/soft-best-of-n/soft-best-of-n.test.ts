import { expect, it } from 'vitest';
import { ask, plus, scorer, textOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { divergence, exact, totalVariation, type Probabilities } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { bestOfN, softBestOfN } from '../index.ts';
import { law } from './soft-best-of-n.law.ts';

testLaw(law);

const P = { a: 0.5, b: 0.3, c: 0.2 };
const base = enumerable({ answers: { '*': P } });
const score = scorer('score', ({ content }) => 'abc'.indexOf(textOf(content)));

/** P(y) e^(s(y)/τ) / Z. */
function tilted(temperature: number): Probabilities {
  const weights = Object.entries(P).map(([y, p]) => [y, p * Math.exp('abc'.indexOf(y) / temperature)] as const);
  const z = weights.reduce((sum, [, w]) => sum + w, 0);
  return new Map(weights.map(([y, w]) => [y, w / z]));
}

it('comes closer to the tilted base with every doubling of n', async () => {
  const distances: number[] = [];
  for (const n of [1, 2, 4])
    distances.push(totalVariation(await exact(plus(base, softBestOfN({ n, score }))), tilted(1)));
  for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan((distances[i - 1] as number) * 0.7);
});

it('lies between the base and best-of-n, as the temperature says', async () => {
  const cold = await exact(plus(base, softBestOfN({ n: 4, score, temperature: 1e-3 })));
  expect(totalVariation(cold, await exact(plus(base, bestOfN({ n: 4, score }))))).toBeLessThan(1e-12);
  const hot = await exact(plus(base, softBestOfN({ n: 4, score, temperature: 1e6 })));
  expect(totalVariation(hot, await exact(base))).toBeLessThan(1e-6);
  const [near, far] = [2, 0.5].map((temperature) => plus(base, softBestOfN({ n: 4, score, temperature })));
  const origin = await exact(base);
  expect(divergence(await exact(near as typeof base), origin)).toBeLessThan(
    divergence(await exact(far as typeof base), origin),
  );
});

it('answers where no score is a number', async () => {
  const { text, sample } = await ask(plus(base, softBestOfN({ n: 3, score: () => Number.NaN })), 'q');
  expect('abc').toContain(text);
  expect(sample.providerMetadata?.['plusx']).toMatchObject({ candidates: 3, score: null });
});

it('says so where no candidate has a score, and only there', async () => {
  const warned = async (value: (text: string) => number): Promise<readonly string[]> => {
    const some = scorer('some', ({ content }) => value(textOf(content)));
    const { warnings } = await ask(plus(base, softBestOfN({ n: 6, score: some })), 'q', { seed: 1 });
    return warnings.map(({ code }) => code);
  };
  expect(await warned(() => Number.NaN)).toEqual(['no-score']);
  expect(await warned((text) => (text === 'a' ? 1 : Number.NaN))).toEqual([]);
});
