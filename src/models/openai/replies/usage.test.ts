/** What servers say they used, in the forms that are about. */
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { shownIn, usageOf } from './usage.ts';

const price = { input: 1, output: 10, cachedInput: 0.1 };
const none = undefined;
const read = (usage: unknown, options: Parameters<typeof usageOf>[1] = { price }, shown = 0) => {
  const { inputTokens, outputTokens, reasoningTokens, usd } = usageOf(usage, options, { outputTokens: shown });
  return [inputTokens, outputTokens, reasoningTokens, usd];
};
const of = (prompt: unknown, completion: unknown, total?: unknown, thought?: unknown): object => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  ...(total !== undefined && { total_tokens: total }),
  ...(thought !== undefined && { completion_tokens_details: { reasoning_tokens: thought } }),
});

describe('counts that are read together', () => {
  it.each([
    ['plain', of(20, 400, 420), [20, 400, none, 4020]],
    ['without a total', of(20, 400), [20, 400, none, 4020]],
    ['thought within the output', of(20, 1000, 1020, 600), [20, 1000, 600, 10_020]],
    ['thought beside the output', of(20, 400, 1020, 600), [20, 1000, 600, 10_020]],
    ['thought that only the total tells of', of(20, 400, 1020), [20, none, none, none]],
    ['thought that does not fill the total', of(20, 400, 1020, 100), [20, none, 100, none]],
    ['more thought than output, and no total', of(20, 400, none, 600), [20, none, 600, none]],
    ['more thought than output under a total that holds it', of(20, 400, 420, 600), [20, none, 600, none]],
    ['a total that is too small', of(20, 400, 300), [none, none, none, none]],
    ['a total that nobody filled in', of(20, 400, 0), [20, 400, none, 4020]],
    ['the names of another protocol', { input_tokens: 20, output_tokens: 4, total_tokens: 24 }, [20, 4, none, 60]],
    ['negative output', of(20, -400, 420), [20, none, none, none]],
    ['half a token', of(20.5, 400), [none, 400, none, none]],
    ['text for a number', of('20', 400), [none, 400, none, none]],
    ['nothing', undefined, [none, none, none, none]],
    ['null', null, [none, none, none, none]],
    ['a list', [1, 2], [none, none, none, none]],
  ])('%s', (_, usage, expected) => {
    expect(read(usage)).toEqual(expected);
  });

  it('the end of a text that is not reported is added, also to the price, and nothing to what is unknown', () => {
    const shown = { outputTokens: 3, uncounted: 2 };
    expect(usageOf(of(20, 4, 24), { price }, shown)).toMatchObject({ outputTokens: 6, usd: 80 });
    expect(usageOf(of(20, undefined), { price }, shown).outputTokens).toBeUndefined();
  });

  it.each([
    ['in details', { prompt_tokens_details: { cached_tokens: 900 } }],
    ['by their old name', { prompt_cache_hit_tokens: 900 }],
    ['at the top', { cached_tokens: 900 }],
  ])('cached tokens %s', (_, more) => {
    expect(usageOf({ ...of(1000, 1, 1001), ...more }, { price })).toMatchObject({
      inputTokens: 1000,
      cachedInputTokens: 900,
      usd: expect.closeTo(100 + 90 + 10, 9),
    });
  });

  it('a cache that stands beside the input is part of it', () => {
    const beside = { ...of(100, 1, 1001), cache_read_input_tokens: 600, cache_creation_input_tokens: 300 };
    const counts = { inputTokens: 1000, cachedInputTokens: 600, cacheWriteInputTokens: 300, outputTokens: 1 };
    expect(usageOf(beside, { price })).toMatchObject({ ...counts, usd: none });
    expect(usageOf(beside, { price: { ...price, cacheWriteInput: 2 } }).usd).toBeCloseTo(100 + 60 + 600 + 10, 9);
  });

  it('what is written to a cache has a price of its own, or the cost is unknown', () => {
    const wrote = { ...of(1000, 1, 1001), prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 1000 } };
    expect(usageOf(wrote, { price }).usd).toBeUndefined();
    expect(usageOf(wrote, { price: { ...price, cacheWriteInput: 1.25 } }).usd).toBe(1260);
  });

  it('a cache that holds more than the input contradicts it', () => {
    expect(read({ ...of(10, 1, 11), cached_tokens: 900 })).toEqual([none, 1, none, none]);
  });

  it('never says anything but amounts, and never less than its fields name', () => {
    const any = fc.option(fc.oneof(fc.nat(50), fc.integer(), fc.double(), fc.string(), fc.constant(null)), {
      nil: none,
    });
    const holds = fc.check(
      fc.property(any, any, any, any, any, any, any, (p, c, t, r, k, w, cost) => {
        const usage = { ...of(p, c, t, r), cached_tokens: k, cache_creation_input_tokens: w, cost };
        const found = usageOf(usage, { price, billed: true });
        const { inputTokens = Infinity, outputTokens = Infinity, reasoningTokens = 0 } = found;
        const { cachedInputTokens = 0, cacheWriteInputTokens = 0 } = found;
        const amounts = Object.values(found).every((value) => value === none || (value >= 0 && value < Infinity));
        return amounts && outputTokens >= reasoningTokens && inputTokens >= cachedInputTokens + cacheWriteInputTokens;
      }),
    );
    expect(holds.counterexample).toBeNull();
  });
});

describe('a bill of the server', () => {
  it.each([
    ['as it is', { cost: 0.02 }, 0.02],
    ['of its own key', { cost: 0.02, is_byok: false, cost_details: { upstream_inference_cost: null } }, 0.02],
    [
      'of its own key, told twice',
      { cost: 0.02, is_byok: false, cost_details: { upstream_inference_cost: 0.02 } },
      0.02,
    ],
    ['of a key of the caller', { cost: 0, is_byok: true, cost_details: { upstream_inference_cost: 0.036 } }, 0.036],
    ['with a fee', { cost: 0.001, is_byok: true, cost_details: { upstream_inference_cost: 0.036 } }, 0.037],
    ['of a key of the caller, half told', { cost: 0.001, is_byok: true, cost_details: {} }, none],
    ['of nothing beside a bill', { cost: 0, cost_details: { upstream_inference_cost: 0.036 } }, 0.036],
    ['below zero', { cost: -1 }, none],
    ['of nothing', { cost: 0 }, 0],
  ])('%s', (_, more, usd) => {
    const found = usageOf({ ...of(20, 400, 420), ...more }, { price, billed: true }).usd;
    expect(found && Number(found.toFixed(9))).toBe(usd);
  });

  it('counts only where it is one, and the price where there is none', () => {
    expect(usageOf({ ...of(20, 1), cost: 5 }, { price }).usd).toBe(30);
    expect(usageOf(of(20, 1), { price, billed: true }).usd).toBe(30);
  });
});

describe('the tokens of several candidates', () => {
  const tokens = (count: number): number[] => Array.from({ length: count }, () => 0);
  it.each([
    ['one, and as many', [[12, true]], 12, 12, 12],
    ['one, and its end is listed', [[13, false]], 40, 12, 12],
    ['one, and more than that', [[14, false]], 40, 12, none],
    [
      'four, of which one is counted',
      [
        [12, true],
        [12, true],
        [12, true],
        [12, true],
      ],
      12,
      12,
      none,
    ],
    [
      'four, all counted',
      [
        [12, true],
        [12, true],
        [12, true],
        [12, true],
      ],
      12,
      48,
      48,
    ],
    [
      'two that ended early, one counted',
      [
        [3, false],
        [4, false],
      ],
      12,
      4,
      none,
    ],
    [
      'two that ended early, both counted',
      [
        [3, false],
        [4, false],
      ],
      12,
      7,
      7,
    ],
    [
      'two without lists that were cut off',
      [
        [none, true],
        [none, true],
      ],
      12,
      12,
      none,
    ],
    [
      'two without lists that were cut off, both counted',
      [
        [none, true],
        [none, true],
      ],
      12,
      24,
      24,
    ],
    [
      'two without lists that ended early',
      [
        [none, false],
        [none, false],
      ],
      12,
      9,
      9,
    ],
  ] as const)('%s', (_, candidates, most, said, believed) => {
    const shown = shownIn(
      candidates.map(([count, isCutOff]) => ({ tokens: count === none ? none : tokens(count), isCutOff })),
      { max_tokens: most },
    );
    expect(usageOf(of(5, said, 5 + said), { price }, shown).outputTokens).toBe(believed);
  });
});
