import { utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { costOf } from '../core/index.ts';
import { folder } from '../cli/test-support/folder.ts';
import { openPrices } from './prices.ts';

const OWN = {
  date: '2026-11-28',
  source: 'https://prices.invalid',
  models: {
    'openai/gpt-5-mini': { input: 0.25, output: 2, cachedInput: 0.025 },
    'anthropic/claude-x': { input: 3, output: 15, cachedInput: 0.3, cacheWriteInput: 3.75, date: '2026-10-01' },
    'ai-sdk:@ai-sdk/xai/grok': { input: 1, output: 1 },
  },
};

/** Entries of the form of LiteLLM's list, written for this test. */
const FOREIGN = {
  sample_spec: { input_cost_per_token: 0, output_cost_per_token: 0, litellm_provider: 'one of the providers' },
  'gpt-x': {
    input_cost_per_token: 2.5e-7,
    output_cost_per_token: 2e-6,
    cache_read_input_token_cost: 2.5e-8,
    litellm_provider: 'openai',
    mode: 'chat',
  },
  'openrouter/maker/model': { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6, litellm_provider: 'openrouter' },
  'together_ai/maker/model': {
    input_cost_per_token: 2e-6,
    output_cost_per_token: 2e-6,
    litellm_provider: 'together_ai',
  },
  'claude-y': {
    input_cost_per_token: 3e-6,
    output_cost_per_token: 1.5e-5,
    cache_creation_input_token_cost: 3.75e-6,
    cache_read_input_token_cost: 3e-7,
    input_cost_per_token_above_200k_tokens: 6e-6,
    output_cost_per_token_above_200k_tokens: 2.25e-5,
    litellm_provider: 'anthropic',
  },
  'gemini/gemini-z': { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6, litellm_provider: 'gemini' },
  'an-image': { input_cost_per_image: 1, litellm_provider: 'openai' },
  broken: { input_cost_per_token: '1', output_cost_per_token: -1, litellm_provider: 'openai' },
  nothing: null,
};

describe('a list of prices', () => {
  it('of our own form gives dollars a token, with date and source', async () => {
    await using at = await folder();
    const priceOf = await openPrices([await at.write('prices.json', JSON.stringify(OWN))]);
    expect(priceOf('openai/gpt-5-mini')).toEqual({
      price: { input: 0.25e-6, output: 2e-6, cachedInput: 0.025 / 1e6, cacheWriteInput: undefined },
      date: '2026-11-28',
      source: 'https://prices.invalid',
    });
    expect(priceOf('anthropic/claude-x')?.date).toBe('2026-10-01');
    expect(priceOf('openai/gpt-5')).toBeUndefined();
    expect(priceOf('__proto__')).toBeUndefined();
  });

  it('knows the model of a package by the name of its maker', async () => {
    const priceOf = await openPrices([OWN]);
    expect(priceOf('ai-sdk:@ai-sdk/anthropic/claude-x')?.price.input).toBe(3e-6);
    expect(priceOf('ai-sdk:@ai-sdk/xai/grok')?.price.input).toBe(1e-6);
    expect(priceOf('ai-sdk:other/claude-x')).toBeUndefined();
  });

  it('of LiteLLM is read by our names, and has the date of its file', async () => {
    await using at = await folder();
    const file = await at.write('list.json', JSON.stringify(FOREIGN));
    await utimes(file, new Date('2026-03-04T05:06:07Z'), new Date('2026-03-04T05:06:07Z'));
    const priceOf = await openPrices([file]);
    expect(priceOf('openai/gpt-x')).toMatchObject({
      price: { input: 2.5e-7, cachedInput: 2.5e-8 },
      date: '2026-03-04',
      source: file,
    });
    expect(priceOf('openrouter/maker/model')?.price.input).toBe(1e-6);
    expect(priceOf('together/maker/model')?.price.input).toBe(2e-6);
    expect(priceOf('ai-sdk:@ai-sdk/google/gemini-z')?.price.input).toBe(1e-6);
    const claude = priceOf('ai-sdk:@ai-sdk/anthropic/claude-y')?.price;
    const used = { inputTokens: 300_000, outputTokens: 0, cachedInputTokens: 0, cacheWriteInputTokens: 0 };
    expect(costOf(used, claude)).toBeCloseTo(1.8, 9);
    expect(costOf({ ...used, inputTokens: 200_000 }, claude)).toBeCloseTo(0.6, 9);
    expect(['openai/an-image', 'openai/broken', 'sample_spec', 'openai/nothing'].map(priceOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('that comes first counts', async () => {
    await using at = await folder();
    const file = await at.write('list.json', JSON.stringify(FOREIGN));
    const mine = { date: '2026-01-01', models: { 'openai/gpt-x': { input: 9, output: 9 } } };
    expect((await openPrices([mine, file]))('openai/gpt-x')?.price.input).toBe(9e-6);
    expect((await openPrices([file, mine]))('openai/gpt-x')?.price.input).toBe(2.5e-7);
  });

  it.each([
    ['{', 'is no JSON'],
    ['[]', 'is no list of prices. Write {'],
    ['{"a": {"input": 1}}', 'is no list of prices'],
    ['{"models": {}}', ': must have the field date'],
    ['{"date": "2026-11-28", "models": {"m": {"input": 1}}}', '#/models/m: must have the field output'],
    [
      '{"date": "2026-11-28", "models": {"m": {"input": 1, "output": 1, "cachedinput": 1}}}',
      'Did you mean `cachedInput`?',
    ],
  ])('%s is refused', async (content, message) => {
    await using at = await folder();
    const file = await at.write('prices.json', content);
    await expect(openPrices([file])).rejects.toThrow(message);
  });

  it('that is not there is named', async () => {
    await expect(openPrices(['/nowhere/prices.json'])).rejects.toThrow('/nowhere/prices.json: no such file');
  });
});
