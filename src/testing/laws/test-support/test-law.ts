/** Hands the law of a technique to the test runner: the shared laws of each of its ways, and the closed forms. */
import { describe, expect, it } from 'vitest';
import { laws, runLaws } from '../laws.ts';
import { verify, type TechniqueLaw } from '../technique-law.ts';

export function testLaw({ technique, subjects, exact }: TechniqueLaw): void {
  for (const [name, subject] of Object.entries(subjects)) {
    const { transform, ...options } = typeof subject === 'function' ? { transform: subject } : subject;
    describe(`the shared laws of ${name}`, () => {
      runLaws(it, laws(transform, options));
    });
  }
  describe(`the closed forms of ${technique}`, () => {
    it.each(exact)('$law', async (law) => {
      expect(await verify(law)).toMatchObject({ kept: true });
    });
  });
}
