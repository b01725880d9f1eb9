import { expect, it } from 'vitest';
import { plus } from '../../core/index.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { twoLetters } from '../shared/tokenwise.law.ts';
import { ALPHA, independent, kernel, law, stepped, suffix, texts } from './power-sampling.law.ts';
import { powerSampling } from './power-sampling.ts';

testLaw(law);

const P = await exact(twoLetters);
const p = (text: string): number => P.get(text) as number;
const total = texts.reduce((sum, text) => sum + p(text) ** ALPHA, 0);
const target = new Map(texts.map((text) => [text, p(text) ** ALPHA / total]));

it.each([
  ['independent', independent],
  ['suffix', suffix({ lengths: true })],
] as const)('powerSampling, %s, is in detailed balance with the power, and gets there', (_, proposal) => {
  const go = kernel(proposal);
  for (const x of texts)
    for (const y of texts)
      expect((target.get(x) as number) * go(x, y)).toBeCloseTo((target.get(y) as number) * go(y, x), 12);
  const distances = [0, 1, 2, 4, 8, 64].map((steps) => totalVariation(stepped(steps, proposal), target));
  expect(distances).toEqual(distances.toSorted((a, b) => b - a));
  expect(distances.at(-1)).toBeLessThan(1e-6);
});

it('the suffix kernel without the lengths is another one, and never gets there', async () => {
  const drawn = await exact(plus(twoLetters, powerSampling({ alpha: ALPHA, steps: 1, kernel: 'suffix' })));
  const without = suffix({ lengths: false });
  expect(totalVariation(drawn, stepped(1, without))).toBeGreaterThan(0.01);
  expect(totalVariation(stepped(200, without), target)).toBeGreaterThan(0.01);
});

it('needs a base that goes on from a prefix only for suffixes', () => {
  const blind = { ...twoLetters, can: { ...twoLetters.can, continueFrom: false } };
  expect(() => plus(blind, powerSampling({ kernel: 'suffix' }))).toThrow(/continueFrom/);
  expect(() => plus(blind, powerSampling())).not.toThrow();
});
