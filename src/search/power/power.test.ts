import { describe, expect, it } from 'vitest';
import { ask, plus, type Model } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { scripted } from '../../models/written/index.ts';
import { chiSquare, sampleCounts } from '../../testing/laws/chi-square.ts';
import { finite, normal } from '../../testing/laws/closed-form.ts';
import { exact, totalVariation, type Probabilities } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { afterSteps, BASE, target } from '../shared/markov-chain.law.ts';
import { law } from './power.law.ts';
import { power } from './power.ts';

testLaw(law);

const p = normal(BASE);
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
    const far = afterSteps(p, 400, (y) => 3 * Math.log(p.get(y) as number));
    expect(totalVariation(far, raised(4))).toBeLessThan(1e-12);
  });

  it('multiplies with another power in the limit', async () => {
    const distances: number[] = [];
    for (let steps = 0; steps <= 4; steps++)
      distances.push(totalVariation(await exact(plus(asBase(raised(2)), power({ alpha: 2, steps }))), raised(4)));
    for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan(0.8 * (distances[i - 1] as number));
    const squared = raised(2);
    const far = afterSteps(squared, 400, (y) => Math.log(squared.get(y) as number));
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

it('says so where one text or more was cut off', async () => {
  const warned = async (cut: (draw: number) => boolean): Promise<readonly string[]> => {
    let draws = 0;
    const model = scripted(() => ({ text: 'x', logprob: -1, finish: cut(draws++) ? 'length' : 'stop' }), {
      can: { logprobs: true },
    });
    return (await ask(plus(model, power({ steps: 3 })), 'q')).warnings.map(({ code }) => code);
  };
  expect(await warned(() => false)).toEqual([]);
  expect(await warned((draw) => draw === 2)).toEqual(['cut-off']);
  expect(await warned(() => true)).toEqual(['cut-off']);
});
