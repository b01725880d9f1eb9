import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from './network/engine.ts';
import { lagOf, lawOf, type Settings } from './law.ts';
import { randomWeights } from './test-support/random-weights.ts';
import { parseWeights } from './network/weights.ts';

const engine = createEngine(parseWeights(randomWeights()));
const size = engine.config.vocabulary;
const never = [1, 2, 3];
const barred = Uint8Array.from({ length: size }, (_, token) => Number(never.includes(token)));

const logits = fc
  .array(fc.oneof(fc.integer({ min: -6, max: 6 }), fc.double({ min: -2000, max: 20, noNaN: true })), {
    minLength: 12,
    maxLength: 12,
  })
  .map((some) => Float32Array.from({ length: size }, (_, i) => some[i] ?? -3000));
const settings = fc.record({
  temperature: fc.constantFrom(0.25, 1, 2),
  topK: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  topP: fc.option(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { nil: undefined }),
  minP: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
});

/** The definition, step by step over all tokens. */
function defined(logits: Float32Array, { temperature, topK, topP, minP }: Settings): Map<number, number> {
  const possible = [...logits.keys()].filter((token) => !never.includes(token));
  const greatest = Math.max(...possible.map((token) => logits[token] as number));
  let law = possible.map((token) => ({ token, p: Math.exp(((logits[token] as number) - greatest) / temperature) }));
  const normal = (): void => {
    const total = law.reduce((sum, { p }) => sum + p, 0);
    law = law.map(({ token, p }) => ({ token, p: p / total }));
  };
  normal();
  law.sort((a, b) => (logits[b.token] as number) - (logits[a.token] as number) || a.token - b.token);
  law = law.slice(0, topK);
  normal();
  if (topP !== undefined && topP < 1) {
    let sum = 0;
    law = law.filter(({ p }) => {
      const before = sum;
      sum += p;
      return before < topP - 1e-12;
    });
  }
  law = law.filter(({ p }) => p >= (minP ?? 0) * (law[0]?.p as number) * (1 - 1e-12));
  normal();
  return new Map(law.map(({ token, p }) => [token, p]));
}

/**
 * Whether a share of the likeliest is so near the minimum, and not on it, that rounding decides on which side it falls:
 * the definition above has a margin there, and no law says which of the two is right.
 */
function isRounding(logits: Float32Array, { temperature, minP = 0 }: Settings): boolean {
  const possible = [...logits.keys()].filter((token) => !never.includes(token)).map((token) => logits[token] as number);
  const greatest = Math.max(...possible);
  return possible.some((logit) => {
    const gap = Math.abs(Math.exp((logit - greatest) / temperature) - minP);
    return gap > 0 && gap <= 2e-12 * minP;
  });
}

describe('the law of the next token', () => {
  it('puts the likeliest first however little likelier it is', () => {
    const near = Float32Array.from({ length: size }, (_, i) => (i === 7 ? 1e-17 : i < 12 ? 0 : -3000));
    for (const only of [{ topK: 1 }, { topP: 0.01 }])
      expect(lawOf(engine, near, { temperature: 2, ...only }, barred).logprob(7)).toBe(0);
  });

  it('is what temperature, top-k, top-p and min-p say, in that order', () => {
    fc.assert(
      fc.property(logits, settings, (logits, settings) => {
        fc.pre(!isRounding(logits, settings));
        const { weights, logprob } = lawOf(engine, logits, settings, barred);
        const expected = defined(logits, settings);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let token = 0; token < size; token++) {
          const p = expected.get(token) ?? 0;
          expect((weights[token] as number) / total).toBeCloseTo(p, 12);
          const error = p > 1e-200 ? Math.abs(logprob(token) - Math.log(p)) : Math.max(0, logprob(token) + 400);
          expect(error).toBeLessThan(1e-9);
        }
      }),
    );
  });

  it('sums to one and never lets a control token come', () => {
    fc.assert(
      fc.property(logits, settings, (logits, settings) => {
        const { weights, logprob } = lawOf(engine, logits, settings, barred);
        expect([...logits.keys()].reduce((sum, token) => sum + Math.exp(logprob(token)), 0)).toBeCloseTo(1, 12);
        for (const token of never) expect([weights[token], logprob(token)]).toEqual([0, -Infinity]);
      }),
    );
  });

  it('at temperature 0 takes the likeliest token, the first of equals', () => {
    const logits = new Float32Array(size).fill(-1);
    logits.set([5, 9, 9, 9, 7, 7], 0); // tokens 1 to 3 never come
    const { weights, logprob } = lawOf(engine, logits, { temperature: 0 }, barred);
    expect(weights.indexOf(1)).toBe(4);
    expect(weights.filter((weight) => weight > 0)).toHaveLength(1);
    expect([logprob(4), logprob(5)]).toEqual([0, -Infinity]);
    expect([lagOf(logits, 4, barred), lagOf(logits, 0, barred)]).toEqual([0, -2]);
  });

  it('keeps a probability too small to draw: its logarithm is still known', () => {
    const logits = new Float32Array(size).fill(-1500);
    logits[10] = 0;
    expect(lawOf(engine, logits, { temperature: 1 }, barred).logprob(11)).toBe(-1500);
  });
});
