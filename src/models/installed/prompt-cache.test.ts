import { describe, expect, it } from 'vitest';
import { ask, plus, stream, system, user, type PromptCache, type Request } from '../../core/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { installedModel } from './index.ts';
import { anthropicReply, responsesReply, vendorServer, type VendorBody } from './test-support/vendors.ts';

const HERE = import.meta.dirname;
const TEXT = 'a document of some length. '.repeat(400);
const TOKENS = 2000;
const REQUEST: Request = { prompt: [system(TEXT), user('What does it say?')] };
/** In dollars a token: reading a cache costs a tenth, writing it a quarter more. */
const PRICE = { input: 3e-6, output: 15e-6, cachedInput: 0.3e-6, cacheWriteInput: 3.75e-6 };

/** Whether the first of several requests has been answered by the time another one comes. */
function remembering() {
  const known = new Set<string>();
  return async (key: string): Promise<boolean> => {
    const isKnown = known.has(key);
    await new Promise((resolve) => setTimeout(resolve, 10));
    known.add(key);
    return isKnown;
  };
}

const marksOf = (body: VendorBody): number => JSON.stringify(body).split('"cache_control"').length - 1;

describe('the cache of a provider', () => {
  it.each<[PromptCache | undefined, object, number]>([
    // All five pay for the whole prompt.
    [undefined, { cachedInputTokens: 0, cacheWriteInputTokens: 0 }, 5 * (TOKENS + 10) * 3e-6 + 25 * 15e-6],
    // The first writes it, the others read it.
    [
      'prefix',
      { cachedInputTokens: 4 * TOKENS, cacheWriteInputTokens: TOKENS },
      TOKENS * (3.75e-6 + 4 * 0.3e-6) + 50 * 3e-6 + 25 * 15e-6,
    ],
  ])("of Anthropic's, promptCache: %s", async (promptCache, counts, usd) => {
    const remembers = remembering();
    await using server = await vendorServer(async ({ body }) => {
      if (marksOf(body) === 0) return anthropicReply('It says so.', { plain: TOKENS + 10 });
      const isKnown = await remembers(JSON.stringify(body['system']));
      return anthropicReply('It says so.', isKnown ? { read: TOKENS } : { written: TOKENS });
    });
    const model = await installedModel('@ai-sdk/anthropic', 'claude-x', {
      folder: HERE,
      options: { apiKey: 'k', baseURL: server.url },
      price: PRICE,
      promptCache,
    });
    const { text, usage } = await ask(plus(model, selfConsistency({ n: 5 })), REQUEST, { budget: { usd: 1 } });
    expect(text).toBe('It says so.');
    expect(usage).toMatchObject({ calls: 5, inputTokens: 5 * (TOKENS + 10), ...counts });
    expect(usage.usd).toBeCloseTo(usd, 12);
  });

  it('is used by streams too', async () => {
    await using server = await vendorServer(() => anthropicReply('It says so.', { read: TOKENS }));
    const settings = { folder: HERE, options: { apiKey: 'k', baseURL: server.url }, promptCache: 'prefix' as const };
    const model = await installedModel('@ai-sdk/anthropic', 'claude-x', settings);
    let usage;
    for await (const part of stream(model, REQUEST)) if (part.type === 'finish') ({ usage } = part.sampled);
    expect(usage).toMatchObject({ inputTokens: TOKENS + 10, cachedInputTokens: TOKENS, outputTokens: 5 });
    expect(server.requests.map(({ body }) => marksOf(body))).toEqual([1]);
  });

  it("of OpenAI's needs no mark, and a first call", async () => {
    const remembers = remembering();
    await using server = await vendorServer(async ({ body }) =>
      responsesReply('It says so.', { read: (await remembers(JSON.stringify(body['input']))) ? TOKENS : 0 }),
    );
    const settings = { folder: HERE, options: { apiKey: 'k', baseURL: server.url }, promptCache: 'prompt' as const };
    const model = await installedModel('@ai-sdk/openai', 'gpt-x', settings);
    const { usage } = await ask(plus(model, selfConsistency({ n: 5 })), { prompt: [user(TEXT)] });
    expect(usage.cachedInputTokens).toBe(4 * TOKENS);
    expect(server.requests.map(({ body }) => marksOf(body))).toEqual([0, 0, 0, 0, 0]);
  });

  it.each<[string, PromptCache, Request, number]>([
    ['what stands before the last message', 'prefix', REQUEST, 1],
    ['and the last message', 'prompt', REQUEST, 2],
    ['nothing before a single message', 'prefix', { prompt: [user(TEXT)] }, 0],
    ['a single message', 'prompt', { prompt: [user(TEXT)] }, 1],
    [
      'what the caller marked, and nothing else',
      'prompt',
      {
        prompt: [
          { ...system(TEXT), providerOptions: { anthropic: { cacheControl: { type: 'ephemeral', ttl: '1h' } } } },
          user('q'),
          user('q'),
        ],
      },
      1,
    ],
  ])("marks for Anthropic's: %s", async (_, promptCache, request, marks) => {
    await using server = await vendorServer(() => anthropicReply('yes'));
    const options = { apiKey: 'k', baseURL: server.url };
    const model = await installedModel('@ai-sdk/anthropic', 'claude-x', { folder: HERE, options, promptCache });
    await ask(model, request);
    expect(server.requests.map(({ body }) => marksOf(body))).toEqual([marks]);
  });
});
