import { describe, expect, it } from 'vitest';
import { checkPrice, costOf } from './price.ts';

const used = { inputTokens: 1000, outputTokens: 10, cachedInputTokens: 0, cacheWriteInputTokens: 0 };
const price = { input: 1, output: 10 };

describe('what a call costs', () => {
  it.each([
    ['plain input and output', used, price, 1100],
    ['cached input at its own price', { ...used, cachedInputTokens: 900 }, { ...price, cachedInput: 0.1 }, 290],
    ['cached input at the price of other input', { ...used, cachedInputTokens: 900 }, price, 1100],
    ['what was written to a cache', { ...used, cacheWriteInputTokens: 400 }, { ...price, cacheWriteInput: 2 }, 1500],
    ['a cache write without a price', { ...used, cacheWriteInputTokens: 400 }, price, undefined],
    ['cached input that nobody tells of', { ...used, cachedInputTokens: undefined }, price, 1100],
    ['cache writes that nobody tells of', { ...used, cacheWriteInputTokens: undefined }, price, 1100],
    ['unknown input', { ...used, inputTokens: undefined }, price, undefined],
    ['unknown output', { ...used, outputTokens: undefined }, price, undefined],
    ['no price', used, undefined, undefined],
  ])('%s', (_, usage, at, usd) => {
    const cost = costOf(usage, at);
    expect(cost && Number(cost.toFixed(9))).toBe(usd);
  });
});

it.each([{ input: -1 }, { output: Number.NaN }, { cachedInput: Infinity }, { cacheWriteInput: -0.1 }])(
  '%j is no price',
  (wrong) => {
    expect(() => checkPrice({ ...price, ...wrong })).toThrow(/price: \w+ must be US dollars a token/);
  },
);
