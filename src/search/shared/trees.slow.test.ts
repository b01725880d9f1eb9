import { describe, expect, it } from 'vitest';
import { plus, scorer, textOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { chiSquare, sampleCounts } from '../../testing/laws/chi-square.ts';
import { exact } from '../../testing/laws/exact.ts';
import { abMcts, beamSearch, mcts, particleFilter, treeOfThoughts } from '../index.ts';

const lines = enumerable({ answers: { '*': { 'a\nx': 0.4, 'a\ny': 0.3, 'b\nx': 0.2, b: 0.1 } } });
const score = scorer('score', ({ content }) => (textOf(content).length + 2 * textOf(content).indexOf('y')) / 10);

const SAMPLED: { readonly [technique: string]: Model } = {
  beamSearch: plus(lines, beamSearch({ beams: 1, width: 2, steps: 2, score })),
  particleFilter: plus(lines, particleFilter({ n: 2, steps: 2, score, threshold: 1 })),
  mcts: plus(lines, mcts({ n: 3, width: 2, score })),
  abMcts: plus(lines, abMcts({ n: 2, score })),
  treeOfThoughts: plus(lines, treeOfThoughts({ depth: 1, breadth: 1, score })),
};

describe('samples of the real stack come from the exact law', () => {
  it.each(Object.entries(SAMPLED))('%s', { timeout: 600_000 }, async (_, model) => {
    const counts = await sampleCounts(model, 'question', { draws: 100_000, seed: 1 });
    const distribution = await exact(model);
    expect(chiSquare(counts, distribution).p).toBeGreaterThan(1e-9);
    // The check can fail: a law that is off by a tenth in one answer is told apart.
    const off = new Map([...distribution].map(([y, p], i) => [y, p * (i === 0 ? 0.9 : 1)]));
    const total = [...off.values()].reduce((sum, p) => sum + p, 0);
    expect(chiSquare(counts, new Map([...off].map(([y, p]) => [y, p / total]))).p).toBeLessThan(1e-9);
  });
});
