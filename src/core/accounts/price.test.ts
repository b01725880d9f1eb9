import { describe, expect, it } from 'vitest';
import { checkPrice, costOf, dearestRates } from './price.ts';

const used = { inputTokens: 1000, outputTokens: 10, cachedInputTokens: 0, cacheWriteInputTokens: 0 };
const price = { input: 1, output: 10 };
const long = { ...price, long: { above: 1000, input: 2, output: 2, cachedInput: 0.5 } };

describe('what a call costs', () => {
  it.each([
    ['plain input and output', used, price, 1100],
    ['cached input at its own price', { ...used, cachedInputTokens: 900 }, { ...price, cachedInput: 0.1 }, 290],
    ['cached input at the price of other input', { ...used, cachedInputTokens: 900 }, price, 1100],
    ['what was written to a cache', { ...used, cacheWriteInputTokens: 400 }, { ...price, cacheWriteInput: 2 }, 1500],
    ['a cache write without a price', { ...used, cacheWriteInputTokens: 400 }, price, undefined],
    ['cached input that nobody tells of', { ...used, cachedInputTokens: undefined }, price, 1100],
    ['cache writes that nobody tells of', { ...used, cacheWriteInputTokens: undefined }, price, 1100],
    ['long input, all of it at the price of long input', { ...used, inputTokens: 1001 }, long, 2022],
    ['input that is just not long', used, long, 1100],
    ['long input that a cache held', { ...used, inputTokens: 1001, cachedInputTokens: 1000 }, long, 522],
    [
      'long input that was written',
      { ...used, inputTokens: 1001, cacheWriteInputTokens: 1 },
      { ...long, cacheWriteInput: 1 },
      undefined,
    ],
    ['unknown input', { ...used, inputTokens: undefined }, price, undefined],
    ['unknown output', { ...used, outputTokens: undefined }, price, undefined],
    ['no price', used, undefined, undefined],
  ])('%s', (_, usage, at, usd) => {
    const cost = costOf(usage, at);
    expect(cost && Number(cost.toFixed(9))).toBe(usd);
  });
});

describe('the most that a token may cost', () => {
  it.each([
    [{ ...price, cachedInput: 0.1, cacheWriteInput: 1.25 }, undefined, { input: 1.25, output: 10 }],
    [long, undefined, { input: 2, output: 10 }],
    [long, 1000, { input: 1, output: 10 }],
    [long, 1001, { input: 2, output: 10 }],
    [{ ...price, long: { above: 5, input: 3, output: 30 } }, 6, { input: 3, output: 30 }],
  ])('%j, up to %s tokens', (at, tokens, most) => {
    expect(dearestRates(at, tokens)).toEqual(most);
  });
});

it.each([
  { long: { above: 1, input: -1, output: 1 } },
  { long: { above: NaN, input: 1, output: 1 } },
  { input: -1 },
  { output: Number.NaN },
  { cachedInput: Infinity },
  { cacheWriteInput: -0.1 },
])('%j is no price', (wrong) => {
  expect(() => checkPrice({ ...price, ...wrong })).toThrow(/price: [\w.]+ must be US dollars a token/);
});
