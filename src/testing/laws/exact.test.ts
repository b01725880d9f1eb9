import { describe, expect, it } from 'vitest';
import { BASICS } from '../../../scripts/exact-laws.ts';
import { exact, totalVariation } from './exact.ts';

describe('exact laws', () => {
  it.each(BASICS)('$technique: $law', async ({ model, expected, outcome }) => {
    const distribution = await exact(model, 'question', { outcome });
    expect(totalVariation(distribution, await expected())).toBeLessThanOrEqual(1e-12);
    expect([...distribution.values()].reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });
});
