import { describe, expect, it } from 'vitest';
import { BASICS } from '../../../scripts/exact-laws.ts';
import { plus, scorer, textOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { bestOfN } from '../../search/index.ts';
import { divergence, exact, totalVariation } from './exact.ts';

describe('exact laws', () => {
  it.each(BASICS.filter(({ holds }) => holds))('$technique: $law', async ({ model, expected, outcome }) => {
    const distribution = await exact(model, 'question', { outcome });
    expect(totalVariation(distribution, await expected())).toBeLessThanOrEqual(1e-12);
    expect([...distribution.values()].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });

  it.each(BASICS.filter(({ holds }) => !holds))('$technique: $law', async ({ model, expected }) => {
    expect(totalVariation(await exact(model), await expected())).toBeGreaterThan(1e-3);
  });

  it('best-of-n moves no further than log n - (n-1)/n', async () => {
    const length = scorer('length', ({ content }) => textOf(content).length);
    for (const weights of [
      { a: 1, bb: 1, ccc: 1 },
      { a: 8, bb: 1, ccc: 1 },
      { a: 1, bb: 9 },
    ]) {
      const base = enumerable({ answers: { '*': weights } });
      for (let n = 1; n <= 5; n++) {
        const moved = divergence(await exact(plus(base, bestOfN({ n, score: length }))), await exact(base));
        expect(moved).toBeLessThanOrEqual(Math.log(n) - (n - 1) / n + 1e-12);
        expect(moved > 1e-9).toBe(n > 1);
      }
    }
  });
});
