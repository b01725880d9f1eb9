import { describe, expect, it } from 'vitest';
import { ask, plus, scorer, textOf, type Model } from '../../core/index.ts';
import { finite, normal } from '../../testing/laws/closed-form.ts';
import { exact, totalVariation, type Probabilities } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { BASE, target } from '../shared/markov-chain.law.ts';
import { law } from './tilt.law.ts';
import { tilt } from './tilt.ts';

testLaw(law);

const p = normal(BASE);
const R: { readonly [y: string]: number } = { a: 0, b: 1, c: 0.4 };
const reward = scorer('reward', ({ content }) => R[textOf(content)] ?? Number.NaN);

/** A distribution as a base for further techniques: closure says that nothing else of a model counts. */
const asBase = (distribution: Probabilities): Model => finite(Object.fromEntries(distribution));

describe('tilt', () => {
  const first = scorer('first', ({ content }) => R[textOf(content)] ?? 0);
  const second = scorer('second', ({ content }) => (textOf(content) === 'c' ? 1 : 0));
  const both = target(p, (y) => Math.exp((R[y] as number) + Number(y === 'c')));

  it('multiplies and commutes in the limit, in either method', async () => {
    for (const method of ['mh', 'sir'] as const)
      for (const [one, two] of [
        [first, second],
        [second, first],
      ] as const) {
        const distances: number[] = [];
        for (const steps of [0, 1, 3]) {
          const inner = await exact(plus(finite(BASE), tilt({ score: one, steps, method })));
          const outer = await exact(plus(asBase(inner), tilt({ score: two, steps, method })));
          distances.push(totalVariation(outer, both));
        }
        for (let i = 1; i < distances.length; i++)
          expect(distances[i]).toBeLessThan(0.75 * (distances[i - 1] as number));
      }
  });

  it('over a tilt is a tilt over its distribution', async () => {
    const inner = plus(finite(BASE), tilt({ score: first, steps: 1 }));
    const nested = await exact(plus(inner, tilt({ score: second, steps: 1 })));
    const flat = await exact(plus(asBase(await exact(inner)), tilt({ score: second, steps: 1 })));
    expect(totalVariation(nested, flat)).toBeLessThan(1e-12);
  });

  it('comes closer with every step', async () => {
    const goal = target(p, (y) => Math.exp((R[y] as number) / 0.5));
    const distances: number[] = [];
    for (let steps = 0; steps <= 4; steps++)
      distances.push(
        totalVariation(await exact(plus(finite(BASE), tilt({ score: reward, steps, temperature: 0.5 }))), goal),
      );
    for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan(distances[i - 1] as number);
  });

  it('answers where no reward is a number, and says which draw it kept', async () => {
    for (const method of ['mh', 'sir'] as const) {
      const { text, sample } = await ask(plus(finite(BASE), tilt({ score: () => Number.NaN, steps: 3, method })), 'q');
      expect('abc').toContain(text);
      expect(sample.providerMetadata?.['plusx']).toMatchObject({ candidates: 4, score: null });
    }
  });

  it('is not moved by the size of a reward', async () => {
    const huge = plus(finite(BASE), tilt({ score: (one) => 1e6 * (R[textOf(one.content)] ?? 0), steps: 3 }));
    expect((await exact(huge)).get('b')).toBeGreaterThan(0.7);
  });
});
