import { describe, expect, it } from 'vitest';
import { EXACT_LAWS } from '../../scripts/exact-laws.ts';
import { plus, scorer, textOf } from '../core/index.ts';
import { enumerable } from '../models/enumerable.ts';
import { bestOfN } from '../search/index.ts';
import { divergence, exact, totalVariation } from './exact.ts';

describe('exact laws', () => {
  it.each(EXACT_LAWS)('$technique: $law', async ({ model, expected, holds }) => {
    const distribution = await exact(model);
    const distance = totalVariation(distribution, await expected());
    if (holds) expect(distance).toBeLessThanOrEqual(1e-12);
    else expect(distance).toBeGreaterThan(1e-3);
    expect([...distribution.values()].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
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
        if (n > 1) expect(moved).toBeGreaterThan(0);
      }
    }
  });
});
