import { describe, expect, it } from 'vitest';
import { plus, scorer, textOf, type Model } from '../../core/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { reRead } from '../../rephrase/index.ts';
import { bestOfN, mixture, selfConsistency } from '../../search/index.ts';
import { chiSquare, sampleCounts } from './chi-square.ts';
import { exact } from './exact.ts';

const base = enumerable({ answers: { '*': { a: 0.5, b: 0.3, c: 0.2 } } });
const late = scorer('late', ({ content }) => textOf(content).charCodeAt(0));

const SAMPLED: { readonly [technique: string]: Model } = {
  bestOfN: plus(base, bestOfN({ n: 2, score: late })),
  selfConsistency: plus(base, selfConsistency({ n: 3 })),
  selfRefine: plus(base, selfRefine({ rounds: 1 })),
  reRead: plus(base, reRead()),
  mixture: mixture([base, plus(base, reRead())], { weights: [1, 2] }),
};

describe('samples of the real stack come from the exact law', () => {
  it.each(Object.entries(SAMPLED))('%s', { timeout: 60_000 }, async (_, model) => {
    const counts = await sampleCounts(model, 'question', { draws: 100_000, seed: 1 });
    const distribution = await exact(model);
    expect(chiSquare(counts, distribution).p).toBeGreaterThan(1e-9);
    // The check can fail: a law that is off by a tenth in one answer is told apart.
    const off = new Map([...distribution].map(([y, p], i) => [y, p * (i === 0 ? 0.9 : 1)]));
    const total = [...off.values()].reduce((sum, p) => sum + p, 0);
    expect(chiSquare(counts, new Map([...off].map(([y, p]) => [y, p / total]))).p).toBeLessThan(1e-9);
  });
});
