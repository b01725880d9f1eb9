import { describe, expect, it } from 'vitest';
import { afterSteps, reward, target } from '../../../scripts/laws/search-chains.ts';
import { finite, normal } from '../../../scripts/laws/form.ts';
import { ask, plus, scorer, textOf, type Model } from '../../core/index.ts';
import { scripted } from '../../models/written/scripted.ts';
import { enumerableTokens } from '../../models/written/enumerable-tokens.ts';
import { chiSquare, sampleCounts } from '../../testing/laws/chi-square.ts';
import { exact, totalVariation, type Probabilities } from '../../testing/laws/exact.ts';
import { power } from '../power/power.ts';
import { tilt } from '../tilt/tilt.ts';

const BASE = { a: 5, b: 3, c: 2 };
const p = normal(BASE);
const R: { readonly [y: string]: number } = { a: 0, b: 1, c: 0.4 };
const raised = (alpha: number): Probabilities => target(p, (y) => (p.get(y) as number) ** (alpha - 1));

/** A distribution as a base for further techniques: closure says that nothing else of a model counts. */
const asBase = (distribution: Probabilities): Model => finite(Object.fromEntries(distribution));

describe('power', () => {
  it('comes closer to P^alpha with every step, and never moves away', async () => {
    const distances: number[] = [];
    for (let steps = 0; steps <= 4; steps++)
      distances.push(totalVariation(await exact(plus(finite(BASE), power({ alpha: 4, steps }))), raised(4)));
    for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan(distances[i - 1] as number);
    // The chain that the production code is equal to, far out.
    const far = afterSteps(p, 400, (y) => (p.get(y) as number) ** 3);
    expect(totalVariation(far, raised(4))).toBeLessThan(1e-12);
  });

  it('multiplies with another power in the limit', async () => {
    const distances: number[] = [];
    for (let steps = 0; steps <= 4; steps++)
      distances.push(totalVariation(await exact(plus(asBase(raised(2)), power({ alpha: 2, steps }))), raised(4)));
    for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan(0.8 * (distances[i - 1] as number));
    const squared = raised(2);
    const far = afterSteps(squared, 400, (y) => squared.get(y) as number);
    expect(totalVariation(far, raised(4))).toBeLessThan(1e-12);
  });

  it('weighs whole texts: what a token promises and the rest does not keep is not sharpened', async () => {
    // "x" starts likelier than "y", but goes on in two ways: the likeliest text is "y0".
    const model = enumerableTokens({
      tokens: ['x', 'y', '0', '1'],
      maxTokens: 2,
      next: ([first]) => (first === undefined ? [6, 4, 0, 0, 0] : first === 0 ? [0, 0, 1, 1, 0] : [0, 0, 1, 0, 0]),
    });
    const sharp = await exact(plus(model, power({ alpha: 8, steps: 4 })));
    expect(sharp.get('y0')).toBeGreaterThan(0.8);
    expect(sharp.get('x0')).toBeCloseTo(sharp.get('x1') as number, 12);
  });

  it('passes the sampled law', async () => {
    const model = plus(finite(BASE), power({ alpha: 2, steps: 3 }));
    const { p: value } = chiSquare(await sampleCounts(model, 'q', { draws: 5_000 }), await exact(model));
    expect(value).toBeGreaterThan(1e-9);
  });

  it('warns of texts that were cut off, and refuses texts without a log-probability', async () => {
    const can = { logprobs: true };
    const cut = scripted(() => ({ text: 'a', logprob: -1, finish: 'length' }), { can });
    const { warnings } = await ask(plus(cut, power({ steps: 2 })), 'q');
    expect(warnings.map(({ code }) => code)).toEqual(['cut-off']);
    await expect(
      ask(
        plus(
          scripted(() => 'a', { can }),
          power(),
        ),
        'q',
      ),
    ).rejects.toThrow(/no log-probability/);
    expect(() => plus(scripted(['a']), power())).toThrow(/power needs a model with `logprobs`/);
  });
});

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
