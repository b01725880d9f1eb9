/** Hands a room's laws to the test runner: the shared ones of each technique, and the closed forms. */
import { describe, expect, it } from 'vitest';
import type { LawSet } from '../../../../scripts/laws/form.ts';
import { exact, totalVariation } from '../exact.ts';
import { laws, runLaws } from '../laws.ts';

export function testLaws({ subjects, exact: closed }: LawSet): void {
  for (const [name, subject] of Object.entries(subjects)) {
    const { transform, ...options } = typeof subject === 'function' ? { transform: subject } : subject;
    describe(`the laws of ${name}`, () => {
      runLaws(it, laws(transform, options));
    });
  }
  for (const { technique, law, model, expected, outcome, holds } of closed)
    it(`${technique}: ${law}`, async () => {
      const distribution = await exact(model, 'question', { outcome });
      const distance = totalVariation(distribution, await expected());
      // A law that holds is met to rounding; one that does not is missed by far.
      expect(holds ? distance <= 1e-12 : distance > 1e-3, `total variation ${distance}`).toBe(true);
    });
}
