/**
 * Samples of the real stack come from the closed form of each technique. The exact laws visit paths of choices by their position; in
 * the real stack a choice goes by its address, and two of one address would be the same. So every technique is sampled too, and its
 * counts are held against the closed form that its law writes down (Pearson's chi-square, 5 in 1000 for all of them together).
 */
import { expect, describe, it } from 'vitest';
import { laws } from '../../laws.ts';
import { plus, rootScope, scorer, textOf, toRequest, type Model } from '../../core/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/index.ts';
import { bestOfN, mixture, selfConsistency } from '../../search/index.ts';
import { chiSquare, sampleCounts } from './chi-square.ts';
import { normal, sequences } from './closed-form.ts';
import type { Probabilities } from './exact.ts';
import type { ExactLaw } from './technique-law.ts';
import { testSamples } from './test-support/test-samples.ts';

const base = enumerable({ answers: { '*': { a: 0.5, b: 0.3, c: 0.2 } } });
const late = scorer('late', ({ content }) => textOf(content).charCodeAt(0));

testSamples({
  bestOfN: plus(base, bestOfN({ n: 2, score: late })),
  selfConsistency: plus(base, selfConsistency({ n: 3 })),
  selfRefine: plus(base, selfRefine({ rounds: 1 })),
  reRead: plus(base, reRead()),
  mixture: mixture([base, plus(base, reRead())], { weights: [1, 2] }),
});

const DRAWS = 1500;
const LEAST = 0.005 / (2 * laws.length);

/** Whether this is a distribution, and chance has a part in it. */
function isOpen(expected: Probabilities): boolean {
  const all = [...expected.values()];
  return Math.abs(all.reduce((sum, p) => sum + p, 0) - 1) < 1e-9 && all.filter((p) => p > 0.01).length > 1;
}

type Form = readonly [law: ExactLaw, expected: Probabilities];

/** The first closed form in which chance has a part. */
async function openForm(all: readonly ExactLaw[]): Promise<Form | undefined> {
  for (const law of all) {
    const expected = law.holds ? await law.expected() : new Map<string, number>();
    if (isOpen(expected)) return [law, expected];
  }
  return undefined;
}

/** The first and the last of a technique: its plainest way, and one of its finer ones. */
async function closedForms(all: readonly ExactLaw[]): Promise<Form[]> {
  const found = [await openForm(all), await openForm(all.toReversed())].filter((one) => one !== undefined);
  return [...new Map(found)];
}

/** How often each outcome comes up. */
async function countsOf({ model, outcome }: ExactLaw): Promise<Map<string, number>> {
  if (!outcome) return sampleCounts(model, 'question', { draws: DRAWS, seed: 1 });
  const counts = new Map<string, number>();
  const { context, close } = rootScope({ seed: 1 });
  for (let from = 0; from < DRAWS; from++) {
    const found = outcome(await model.sample({ ...toRequest('question'), from, n: 1 }, context));
    counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  close();
  return counts;
}

describe('samples come from the closed form', () => {
  it.each(laws)('$technique', { timeout: 120_000 }, async ({ exact }) => {
    const forms = await closedForms(exact);
    expect(forms.length).toBeGreaterThan(0);
    for (const [law, expected] of forms) {
      const { p } = chiSquare(await countsOf(law), expected);
      expect({ law: law.law, holds: p > LEAST }).toEqual({ law: law.law, holds: true });
    }
  });

  it('which is not so where draws share an address', async () => {
    // Draws one by one, each of them the first: what should be three votes is one.
    const stuck: Model = { ...base, sample: (request, context) => base.sample({ ...request, from: 0 }, context) };
    const voted = plus(stuck, selfConsistency({ n: 3, stop: 'window', window: 3, ahead: 2 }));
    const expected = new Map<string, number>();
    for (const [drawn, mass] of sequences(normal({ a: 0.5, b: 0.3, c: 0.2 }), 3)) {
      const winner = drawn.find((one, i) => drawn.indexOf(one) < i) ?? drawn[0] ?? '';
      expected.set(winner, (expected.get(winner) ?? 0) + mass);
    }
    const real = await sampleCounts(plus(base, selfConsistency({ n: 3 })), 'question', { draws: DRAWS, seed: 1 });
    expect(chiSquare(real, expected).p).toBeGreaterThan(LEAST);
    const counts = await sampleCounts(voted, 'question', { draws: DRAWS, seed: 1 });
    expect(chiSquare(counts, expected).p).toBeLessThan(LEAST);
  });
});
