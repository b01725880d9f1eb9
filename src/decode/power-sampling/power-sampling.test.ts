import { describe, expect, it } from 'vitest';
import { plus } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/enumerable-tokens.ts';
import { exact, totalVariation } from '../../testing/laws/exact.ts';
import { laws, runLaws } from '../../testing/laws/laws.ts';
import { powerSampling } from './power-sampling.ts';

const ALPHA = 2;
const small = enumerableTokens({
  tokens: ['a', 'b'],
  next: (prefix) =>
    [
      [1, 2, 3],
      [4, 1, 1],
      [1, 1, 5],
    ][prefix.length === 0 ? 0 : (prefix[0] as number) + 1] as number[],
  maxTokens: 2,
});
const P = await exact(small);
const texts = [...P.keys()];
const p = (text: string): number => P.get(text) as number;
const total = texts.reduce((sum, text) => sum + p(text) ** ALPHA, 0);
const target = new Map(texts.map((text) => [text, p(text) ** ALPHA / total]));

type Proposal = (x: string, y: string) => { readonly q: number; readonly ratio: number }[];
const power = (x: string, y: string): number => (p(y) / p(x)) ** (ALPHA - 1);
const whole: Proposal = (x, y) => [{ q: p(y), ratio: power(x, y) }];
const suffix =
  (lengths: boolean): Proposal =>
  (x, y) =>
    Array.from({ length: x.length + 1 }, (_, cut) => {
      const prefix = x.slice(0, cut);
      const mass = texts.reduce((sum, text) => sum + (text.startsWith(prefix) ? p(text) : 0), 0);
      const q = y.startsWith(prefix) ? p(y) / mass / (x.length + 1) : 0;
      return { q, ratio: power(x, y) * (lengths ? (x.length + 1) / (y.length + 1) : 1) };
    });
/** The probability of going from x to y. */
function kernel(proposal: Proposal): (x: string, y: string) => number {
  const move = (x: string, y: string): number =>
    proposal(x, y).reduce((sum, { q, ratio }) => sum + q * Math.min(1, ratio), 0);
  return (x, y) =>
    x === y ? 1 - texts.reduce((sum, other) => sum + (other === x ? 0 : move(x, other)), 0) : move(x, y);
}
function after(steps: number, proposal: Proposal): Map<string, number> {
  const go = kernel(proposal);
  let now = new Map(texts.map((text) => [text, p(text)]));
  for (let i = 0; i < steps; i++)
    now = new Map(texts.map((y) => [y, texts.reduce((sum, x) => sum + (now.get(x) as number) * go(x, y), 0)]));
  return now;
}

describe.each([
  ['independent', whole],
  ['suffix', suffix(true)],
] as const)('powerSampling, %s', (name, proposal) => {
  it.each([0, 1, 2])('is nu K^t after %i steps, exactly', async (steps) => {
    const drawn = await exact(plus(small, powerSampling({ alpha: ALPHA, steps, kernel: name })));
    expect(totalVariation(drawn, after(steps, proposal))).toBeLessThan(1e-12);
  });

  it('is in detailed balance with the power, and gets there', () => {
    const go = kernel(proposal);
    for (const x of texts)
      for (const y of texts)
        expect((target.get(x) as number) * go(x, y)).toBeCloseTo((target.get(y) as number) * go(y, x), 12);
    const distances = [0, 1, 2, 4, 8, 64].map((steps) => totalVariation(after(steps, proposal), target));
    expect(distances).toEqual(distances.toSorted((a, b) => b - a));
    expect(distances.at(-1)).toBeLessThan(1e-6);
  });
});

it('the suffix kernel without the lengths is another one, and never gets there', async () => {
  const drawn = await exact(plus(small, powerSampling({ alpha: ALPHA, steps: 1, kernel: 'suffix' })));
  expect(totalVariation(drawn, after(1, suffix(false)))).toBeGreaterThan(0.01);
  expect(totalVariation(after(200, suffix(false)), target)).toBeGreaterThan(0.01);
});

it('needs a base that goes on from a prefix only for suffixes', () => {
  const blind = { ...small, can: { ...small.can, continueFrom: false } };
  expect(() => plus(blind, powerSampling({ kernel: 'suffix' }))).toThrow(/continueFrom/);
  expect(() => plus(blind, powerSampling())).not.toThrow();
});

runLaws(it, laws(powerSampling({ alpha: 3, steps: 3 })));
