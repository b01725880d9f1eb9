/** Hands models to the test runner: samples drawn through the real stack must come from the exact distribution. */
import { describe, expect, it } from 'vitest';
import type { Model } from '../../../core/index.ts';
import { chiSquare, sampleCounts } from '../chi-square.ts';
import { exact } from '../exact.ts';

export function testSamples(models: { readonly [technique: string]: Model }): void {
  describe('samples of the real stack come from the exact law', () => {
    it.each(Object.entries(models))('%s', { timeout: 600_000 }, async (_, model) => {
      const counts = await sampleCounts(model, 'question', { draws: 100_000, seed: 1 });
      const distribution = await exact(model);
      expect(chiSquare(counts, distribution).p).toBeGreaterThan(1e-9);
      // The check can fail: a law that is off by a tenth in one answer is told apart.
      const off = new Map([...distribution].map(([y, p], i) => [y, p * (i === 0 ? 0.9 : 1)]));
      const total = [...off.values()].reduce((sum, p) => sum + p, 0);
      expect(chiSquare(counts, new Map([...off].map(([y, p]) => [y, p / total]))).p).toBeLessThan(1e-9);
    });
  });
}
