/** What servers report, as an account takes it. */
import { describe, expect, it } from 'vitest';
import { NO_USAGE, reportedUsage, splitUsage, totalTokens } from './usage.ts';

const plain = { inputTokens: 10, outputTokens: 5, reasoningTokens: 2, cachedInputTokens: 4, usd: 0.5 };

describe('a reported usage', () => {
  it('is taken as it is where it can be', () => {
    expect(reportedUsage(plain, 3)).toEqual({ ...NO_USAGE, ...plain, calls: 3, cacheWriteInputTokens: undefined });
    expect(reportedUsage({ ...plain, usd: undefined }, 1).usd).toBeUndefined();
  });

  it.each([
    [-1, undefined],
    [-1e9, undefined],
    [1.5, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [JSON.parse('1e400') as number, undefined],
    [2 ** 60, undefined],
    ['7' as unknown as number, undefined],
    [null as unknown as number, undefined],
    [0, 0],
    [7, 7],
  ])('of %s tokens is %s', (said, taken) => {
    expect(reportedUsage({ ...plain, inputTokens: said, cachedInputTokens: 0 }, 1).inputTokens).toBe(taken);
    expect(reportedUsage({ ...plain, outputTokens: said, reasoningTokens: 0 }, 1).outputTokens).toBe(taken);
  });

  it.each([
    [-0.1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [0.25, 0.25],
    [0, 0],
  ])('of %s dollars is %s', (said, taken) => {
    expect(reportedUsage({ ...plain, usd: said }, 1).usd).toBe(taken);
  });

  it.each([
    [{ reasoningTokens: 6 }, { outputTokens: undefined, reasoningTokens: undefined, inputTokens: 10 }],
    [{ cachedInputTokens: 11 }, { inputTokens: undefined, cachedInputTokens: undefined, outputTokens: 5 }],
    [
      { cachedInputTokens: 6, cacheWriteInputTokens: 5 },
      { inputTokens: undefined, cacheWriteInputTokens: undefined },
    ],
  ])('whose parts %j are more than the whole is contradicted, and its cost with it', (parts, taken) => {
    expect(reportedUsage({ ...plain, ...parts }, 1)).toMatchObject({ ...taken, usd: undefined });
  });

  it('that is unknown in a part has no total', () => {
    expect(totalTokens(reportedUsage({ ...plain, inputTokens: -5 }, 1))).toBeUndefined();
  });
});

describe('the usage of a call for several candidates', () => {
  const price = { input: 1, output: 4 };
  const whole = {
    ...NO_USAGE,
    calls: 4,
    inputTokens: 30,
    outputTokens: 83,
    reasoningTokens: 42,
    cachedInputTokens: 12,
    cacheWriteInputTokens: 9,
    usd: 30 + 83 * 4,
  };
  const fields = [
    ...(['inputTokens', 'outputTokens', 'reasoningTokens'] as const),
    ...(['cachedInputTokens', 'cacheWriteInputTokens', 'usd'] as const),
  ];

  it.each([
    ['its parts sum to the whole', whole, 4],
    ['so do those of one that billed each candidate its prompt', { ...whole, inputTokens: 122, usd: 122 + 83 * 4 }, 4],
    ['and of one that bills less than its price', { ...whole, usd: 2 }, 3],
    ['and of a single candidate', whole, 1],
  ])('%s', (_, usage, parts) => {
    const shares = splitUsage(usage, parts, { price, mostInput: 40 });
    expect(shares).toHaveLength(parts);
    for (const field of fields) {
      expect(shares.reduce((sum, one) => sum + (one[field] ?? Number.NaN), 0)).toBeCloseTo(usage[field] ?? -1, 9);
      for (const one of shares) expect(one[field]).toBeGreaterThanOrEqual(0);
    }
  });

  it('the first bears the prompt, so that the first k stand for a call for k', () => {
    const [first, second] = splitUsage(whole, 4, { price, mostInput: 40 });
    expect(first).toMatchObject({ inputTokens: 30, outputTokens: 23, usd: 30 + 23 * 4 });
    expect(second).toMatchObject({ inputTokens: 0, outputTokens: 20, usd: 80 });
    expect(first).toMatchObject({ reasoningTokens: 12, cachedInputTokens: 12, cacheWriteInputTokens: 9 });
    expect(second).toMatchObject({ reasoningTokens: 10, cachedInputTokens: 0, cacheWriteInputTokens: 0 });
  });

  it('each bears its own where more was billed than one prompt can have', () => {
    const [, second] = splitUsage({ ...whole, inputTokens: 120, usd: 120 + 83 * 4 }, 4, { price, mostInput: 40 });
    expect(second).toMatchObject({ inputTokens: 30, outputTokens: 20, usd: (120 + 83 * 4) / 4 });
    expect(second).toMatchObject({ reasoningTokens: 10, cachedInputTokens: 3, cacheWriteInputTokens: 2 });
    // 40 tokens are the most that one prompt can have: so many are one prompt, one more is four.
    const inputs = (inputTokens: number) =>
      splitUsage({ ...whole, inputTokens }, 4, { price, mostInput: 40 }).map((one) => one.inputTokens);
    expect([inputs(40), inputs(41)]).toEqual([
      [40, 0, 0, 0],
      [11, 10, 10, 10],
    ]);
  });

  it('stays unknown where it is', () => {
    const [first, second] = splitUsage({ ...whole, inputTokens: undefined, usd: undefined }, 2);
    expect([first?.inputTokens, second?.inputTokens, first?.usd, second?.usd]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(second?.outputTokens).toBe(41);
  });
});
