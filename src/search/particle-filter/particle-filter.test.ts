import { describe, expect, it } from 'vitest';
import { ask, plus, scorer, seeded, textOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { sampleCounts } from '../../testing/laws/chi-square.ts';
import { exact, totalVariation, type Probabilities } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './particle-filter.law.ts';
import { particleFilter } from './particle-filter.ts';
import { effectiveSize, logMean } from '../../core/tokens/weights.ts';
import { multinomial, systematic } from './particles.ts';

testLaw(law);

const P = { 'a\nx': 0.5, 'a\ny': 0.3, 'b\nx': 0.2 };
const S: { readonly [text: string]: number } = { 'a\n': 0.5, 'b\n': 1, 'a\nx': 0, 'a\ny': 1.5, 'b\nx': 2 };
const base = enumerable({ answers: { '*': P } });
const score = scorer('known', ({ content }) => S[textOf(content)] ?? Number.NaN);

/** P(y) e^s(y) / Z. */
function target(): Probabilities {
  const weights = Object.entries(P).map(([y, p]) => [y, p * Math.exp(S[y] ?? 0)] as const);
  const z = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return new Map(weights.map(([y, weight]) => [y, weight / z]));
}

describe('particleFilter', () => {
  it('comes nearer to its target with every particle', async () => {
    const distances: number[] = [];
    for (const n of [1, 2, 3])
      distances.push(totalVariation(await exact(plus(base, particleFilter({ n, score }))), target()));
    expect(distances[0]).toBeGreaterThan(0.3);
    expect(distances[1]).toBeLessThan((distances[0] as number) * 0.8);
    expect(distances[2]).toBeLessThan((distances[1] as number) * 0.8);
    const counts = await sampleCounts(plus(base, particleFilter({ n: 32, score })), 'question', {
      draws: 300,
      seed: 1,
    });
    const many = totalVariation(new Map([...counts].map(([y, count]) => [y, count / 300])), target());
    expect(many).toBeLessThan(0.08);
  });

  it('says so where nothing weighs anything, and answers all the same', async () => {
    const lines = enumerable({ answers: { '*': { 'a\nb': 1, c: 1 } } });
    const nothing = scorer('nothing', () => Number.NaN);
    const { text, sample, warnings, usage } = await ask(plus(lines, particleFilter({ n: 3, score: nothing })), 'q');
    expect(['a\nb', 'c']).toContain(text);
    expect([sample.weight, warnings.map(({ code }) => code), usage.calls]).toEqual([0, ['no-score', 'no-weight'], 3]);
  });

  it('makes no call for what is at its end', async () => {
    const lines = enumerable({ answers: { '*': { 'a\nb\nc': 1 } } });
    const short = enumerable({ answers: { '*': { a: 1 } } });
    const even = scorer('even', () => 0);
    expect((await ask(plus(lines, particleFilter({ n: 2, score: even })), 'q')).usage.calls).toBe(6);
    expect((await ask(plus(short, particleFilter({ n: 2, score: even })), 'q')).usage.calls).toBe(2);
  });
});

describe('resampling', () => {
  const weights = [0.05, 0.4, 0, 0.25, 0.3];

  it('gives every particle n·w offspring on average, systematic at most one more or less', () => {
    const totals = { systematic: weights.map(() => 0), multinomial: weights.map(() => 0) };
    const rounds = 4000;
    for (let i = 0; i < rounds; i++) {
      const evenly = systematic(seeded(`even ${i}`), weights);
      evenly.forEach((drawn) => (totals.systematic[drawn] = (totals.systematic[drawn] ?? 0) + 1));
      weights.forEach((weight, at) => {
        const count = evenly.filter((drawn) => drawn === at).length;
        expect(Math.abs(count - 5 * weight)).toBeLessThan(1);
      });
      for (const drawn of multinomial(seeded(`free ${i}`), weights))
        totals.multinomial[drawn] = (totals.multinomial[drawn] ?? 0) + 1;
    }
    for (const counts of Object.values(totals))
      counts.forEach((count, at) => {
        const expected = 5 * (weights[at] as number);
        expect(Math.abs(count / rounds - expected)).toBeLessThan(6 * Math.sqrt(expected / rounds) + 1e-12);
      });
  });

  it('knows how many particles are effective, whatever the size of the weights', () => {
    expect(effectiveSize([0, 0, 0, 0])).toBeCloseTo(4, 12);
    expect(effectiveSize([800, 800, -800])).toBeCloseTo(2, 12);
    expect(logMean([1000, 1000, -Infinity, -Infinity])).toBeCloseTo(1000 - Math.LN2, 12);
    expect(logMean([-Infinity, -Infinity])).toBe(-Infinity);
  });
});
