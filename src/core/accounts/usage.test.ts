/** What servers report, as an account takes it. */
import { describe, expect, it } from 'vitest';
import { NO_USAGE, reportedUsage, totalTokens } from './usage.ts';

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
