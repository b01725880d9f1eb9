/** What AI SDK models do where a provider misbehaves: tries, words, numbers and streams without an end. */
import { APICallError, type JSONObject } from '@ai-sdk/provider';
import { MockLanguageModelV3 } from 'ai6/test';
import { describe, expect, it } from 'vitest';
import {
  ask,
  MalformedReply,
  PlusxError,
  plus,
  stream,
  systemClock,
  UpstreamError,
  user,
  type Clock,
  type Progress,
} from '../../core/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { asMiddleware, fromAiSdk, fromAiSdkEmbedder, toAiSdk, type AiSdkModelIn } from './index.ts';
import { answering, failing, majors, says } from './test-support/majors.ts';

const prompt = 'Well?';
/** The machine's clock, but nobody waits before another try. */
const hasty: Clock = {
  now: systemClock.now,
  after: (ms, callback, hold) => systemClock.after(hold ? 0 : ms, callback, hold),
};

function failure(statusCode: number | undefined, body: unknown, more: object = {}): APICallError {
  return new APICallError({
    message: 'request failed',
    url: 'https://user:hidden-pass@api.example.com/v1?key=hidden-query',
    requestBodyValues: {},
    ...(statusCode !== undefined && { statusCode }),
    responseBody: typeof body === 'string' ? body : JSON.stringify(body),
    ...more,
  });
}
const broken = (error: Error) =>
  new MockLanguageModelV3(
    answering(() => {
      throw error;
    }),
  );
const thrown = (work: PromiseLike<unknown>): Promise<Error> =>
  Promise.resolve(work).then(
    () => new Error('no error'),
    (error: unknown) => error as Error,
  );

describe.each(majors)('tries under AI SDK $major', ({ ai, mock }) => {
  const options = { clock: hasty };
  it('do not multiply: 3 a draw, and none by the SDK itself', async () => {
    const ways: readonly (readonly [string, (model: AiSdkModelIn) => unknown])[] = [
      ['toAiSdk', (model) => toAiSdk(plus(fromAiSdk(model), selfConsistency({ n: 3 })), options)],
      [
        'middleware',
        (model) =>
          ai.wrapLanguageModel({ model: model as never, middleware: asMiddleware(selfConsistency({ n: 3 }), options) }),
      ],
    ];
    for (const [, way] of ways) {
      const inner = mock(answering(() => Promise.reject(failing(500))));
      const model = way(inner) as Parameters<typeof ai.generateText>[0]['model'];
      const error = await thrown(ai.generateText({ model, prompt }));
      expect(inner.doGenerateCalls).toHaveLength(9);
      expect(ai.APICallError.isInstance(error) && [error.isRetryable, error.statusCode]).toEqual([false, 500]);
      expect(error.message).toBe('status 500 (3 tries)');
      expect(error.cause).toMatchObject({ isRetryable: true, message: 'status 500' });
    }
  });

  it('are the SDK’s where we make none', async () => {
    const inner = mock(answering((_options, call) => (call === 0 ? Promise.reject(failing(500)) : says('there'))));
    const model = toAiSdk(fromAiSdk(inner, { maxRetries: 0 }), options);
    expect((await ai.generateText({ model, prompt })).text).toBe('there');
    expect(inner.doGenerateCalls).toHaveLength(2);
  });
});

describe('a call that failed', () => {
  it.each<readonly [string, Error]>([
    ['501', failure(501, { error: { message: 'no embeddings' } })],
    ['a 500 that means 400', failure(500, { detail: '2 validation errors for Request' })],
    ['an empty account', failure(429, { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } })],
    ['what the server says is over', failure(500, {}, { responseHeaders: { 'x-should-retry': 'false' } })],
    ['a wait nobody waits', failure(429, {}, { responseHeaders: { 'retry-after': '3600' } })],
    [
      'nobody there',
      failure(undefined, '', {
        isRetryable: true,
        cause: new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }),
      }),
    ],
  ])('is not tried again where that cannot help: %s', async (_why, error) => {
    const inner = broken(error);
    const found = await thrown(ask(fromAiSdk(inner), prompt, { clock: hasty }));
    expect(found).toBeInstanceOf(PlusxError);
    expect(inner.doGenerateCalls).toHaveLength(1);
    expect(found.cause).toMatchObject({ isRetryable: false });
  });

  it('says who waits for what while it is tried again, and how often it was', async () => {
    const told: Progress[] = [];
    const inner = broken(failing(429, { 'retry-after': '2' }));
    const found = await thrown(ask(fromAiSdk(inner), prompt, { clock: hasty, onProgress: (one) => told.push(one) }));
    expect(found.message).toBe('https://api.example.com/v1 answered 429 (3 tries): no luck');
    expect(told).toHaveLength(2);
    expect(told[0]?.text).toMatch(/^mock-provider\/mock-model-id tries again after 2\.[12] s \(429\)$/);
  });

  it.each<readonly [unknown, string]>([
    [{ error: { message: 'This model is not available.', type: 'x' } }, 'This model is not available.'],
    [{ error: 'Not Found', message: 'Cannot POST /v1/x' }, 'Not Found: Cannot POST /v1/x'],
    [{ detail: [{ loc: ['body', 'n'], msg: 'too big' }] }, 'n: too big'],
    ['<html><head><title>502 Bad Gateway</title></head></html>', '502 Bad Gateway'],
    ['', 'request failed'],
    [{ error: { message: 'Incorrect key sk-abcdefghij0123456789 of tenant-4711' } }, 'Incorrect key [key] of [key]'],
  ])('says what the server says: %j', async (body, words) => {
    const request = { prompt: [user(prompt)], headers: { 'x-tenant': 'tenant-4711' } };
    const found = await thrown(ask(fromAiSdk(broken(failure(404, body))), request));
    expect(found.message).toBe(`https://api.example.com/v1 answered 404: ${words}`);
  });

  it('shows what `fetch failed` hides', async () => {
    const cause = new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }) });
    const error = failure(undefined, '', { message: 'Cannot connect to API', cause, isRetryable: true });
    expect((await thrown(ask(fromAiSdk(broken(error)), prompt))).message).toMatch(
      /^Cannot reach https:\/\/api\.example\.com\/v1: its certificate has expired \(CERT_HAS_EXPIRED\)\. Give its/,
    );
  });

  it.each<readonly [unknown, number, string]>([
    [{ type: 'overloaded_error', message: 'Overloaded' }, 529, 'Overloaded'],
    [{ type: 'error', error: { type: 'rate_limit_error', message: 'slow' } }, 429, 'slow'],
    ['{"type":"overloaded_error","message":"Overloaded"}', 529, 'Overloaded'],
    [{ code: 'server_error', message: 'oops' }, 500, 'oops'],
    ['went away', 500, 'went away'],
    [undefined, 500, 'an error without a word'],
  ])('in the middle of a stream too: %j', async (error, status, words) => {
    const model = fromAiSdk(
      streaming([
        { type: 'text-start', id: '1' },
        { type: 'error', error },
      ]),
    );
    const found = await thrown(all(stream(model, prompt)));
    expect(found).toBeInstanceOf(UpstreamError);
    expect(found.message).toBe(`mock-provider/mock-model-id answered ${status}: ${words}`);
  });

  it('is tried again for embeddings as well, and their tokens are read with care', async () => {
    let calls = 0;
    const embedder = (tokens: number) =>
      fromAiSdkEmbedder(
        {
          specificationVersion: 'v4',
          provider: 'p',
          modelId: 'm',
          maxEmbeddingsPerCall: 10,
          doEmbed: async () => {
            if (calls++ % 2 === 0) throw failing(503, { 'retry-after-ms': '1' });
            return { embeddings: [[1]], usage: { tokens } };
          },
        },
        { dimensions: 1 },
      );
    expect((await embedder(3).embed(['x']))[0]).toEqual(new Float32Array([1]));
    expect(calls).toBe(2);
  });
});

function streaming(parts: readonly unknown[], endless = false) {
  return new MockLanguageModelV3({
    doStream: async () => ({
      stream: new ReadableStream({
        start(controller) {
          controller.enqueue({ type: 'stream-start', warnings: [] });
          if (!endless) for (const part of parts) controller.enqueue(part as never);
        },
        pull(controller) {
          if (endless) for (const part of parts) controller.enqueue(part as never);
        },
      }),
    }),
  });
}
async function all<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

it.each(['text', 'reasoning', 'tool-input'])('a stream of %s that never ends is ended, and marked so', async (kind) => {
  const id = 'a b';
  const model = fromAiSdk(
    streaming(
      [
        { type: `${kind}-start`, id, toolName: 'f' },
        { type: `${kind}-delta`, id, delta: 'more ' },
      ],
      true,
    ),
  );
  const parts = await all(stream(model, { prompt: [user(prompt)], maxOutputTokens: 50 }));
  expect(parts.filter(({ type }) => type === `${kind}-delta`)).toHaveLength(50);
  expect(parts.at(-2)).toMatchObject({ type: `${kind}-end`, id });
  const last = parts.at(-1);
  if (last?.type !== 'finish') throw new Error('no finish');
  expect(last.sampled.samples[0]?.finish.unified).toBe('length');
  expect(last.sampled.warnings.map(({ code }) => code)).toEqual(['stream-too-long']);
  expect(last.sampled.usage.outputTokens).toBeUndefined();
});

describe('the numbers of a provider', () => {
  const price = { input: 1, output: 10, cachedInput: 0.1 };
  const used = async (usage: unknown, more: object = {}) => {
    const model = new MockLanguageModelV3(answering(() => ({ ...says('x'), usage: usage as never })));
    const { inputTokens, outputTokens, reasoningTokens, cachedInputTokens, usd } = (
      await ask(fromAiSdk(model, { price: { ...price, ...more } }), prompt)
    ).usage;
    return [inputTokens, outputTokens, reasoningTokens, cachedInputTokens, usd];
  };
  const usage = (input: unknown, output: unknown, raw?: JSONObject) => ({
    inputTokens: input,
    outputTokens: output,
    raw,
  });
  const none = undefined;
  it.each<readonly [string, unknown, readonly (number | undefined)[]]>([
    ['plain', usage({ total: 100, noCache: 100 }, { total: 5, text: 5, reasoning: 0 }), [100, 5, 0, none, 150]],
    ['from a cache', usage({ total: 1000, noCache: 100, cacheRead: 900 }, { total: 1 }), [1000, 1, none, 900, 200]],
    ['into a cache', usage({ total: 1000, noCache: 100, cacheWrite: 900 }, { total: 1 }), [1000, 1, none, none, none]],
    ['negative', usage({ total: -100 }, { total: -5 }), [none, none, none, none, none]],
    ['fractions', usage({ total: 10.5 }, { total: 0.1 }), [none, none, none, none, none]],
    ['not finite', usage({ total: Infinity }, { total: Number.NaN }), [none, none, none, none, none]],
    ['text', usage({ total: '10' }, { total: '5' }), [none, none, none, none, none]],
    ['too large to be exact', usage({ total: 2 ** 60 }, { total: 1 }), [none, 1, none, none, none]],
    ['null', usage(null, null), [none, none, none, none, none]],
    ['nothing', none, [none, none, none, none, none]],
    [
      'a part that is negative',
      usage({ total: 10, cacheRead: -3 }, { total: 1, reasoning: -2 }),
      [10, 1, none, none, 20],
    ],
    ['a part above the whole', usage({ total: 10, cacheRead: 30 }, { total: 1 }), [none, 1, none, none, none]],
    ['thought beside the output', usage({ total: 20 }, { total: 400, reasoning: 600 }), [20, none, none, none, none]],
    [
      'thought in the total only',
      usage({ total: 20 }, { total: 400 }, { total_tokens: 1020 }),
      [20, none, none, none, none],
    ],
    ['a total that agrees', usage({ total: 20 }, { total: 400 }, { total_tokens: 420 }), [20, 400, none, none, 4020]],
  ])('%s', async (_form, given, numbers) => expect(await used(given)).toEqual(numbers));

  it('and tokens written to a cache cost what they cost', async () => {
    const given = usage({ total: 1000, noCache: 100, cacheRead: 400, cacheWrite: 500 }, { total: 1 });
    expect((await used(given, { cacheWriteInput: 2 })).at(-1)).toBe(100 + 40 + 1000 + 10);
  });
});

it.each([
  [{ content: undefined }, MalformedReply],
  [{ content: 'text' }, MalformedReply],
])('a reply of another shape is no bare error: %j', async (reply, kind) => {
  const model = new MockLanguageModelV3(answering(() => reply as never));
  expect(await thrown(ask(fromAiSdk(model), prompt))).toBeInstanceOf(kind);
});

it.each([
  { finishReason: undefined },
  { finishReason: { unified: 'unknown', raw: 7 } },
  { warnings: undefined },
  { response: { timestamp: new Date(Number.NaN) } },
  { response: { timestamp: 'today' } },
])('facts of another shape are unknown: %j', async (facts) => {
  const model = new MockLanguageModelV3(answering(() => ({ ...says('x'), ...(facts as object) })));
  const { text, sample } = await ask(fromAiSdk(model), prompt);
  expect(text).toBe('x');
  expect(['stop', 'other']).toContain(sample.finish.unified);
});

it('a warning is never without words', async () => {
  const warnings = [
    { type: 'unsupported', feature: 'seed' },
    { type: 'unsupported', feature: 'toolChoice', details: '' },
    { type: 'compatibility', feature: 'json' },
    { type: 'other', message: ' ' },
    { type: 'unsupported-setting', setting: 'topK' },
    { type: 'later' },
  ];
  const model = new MockLanguageModelV3(answering(() => ({ ...says('x'), warnings: warnings as never })));
  const told = (await ask(fromAiSdk(model, { name: 'claude' }), prompt)).warnings;
  expect(told.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'ai-sdk/compatibility/json: claude does something else in place of json',
    'ai-sdk/other: claude: later',
    'ai-sdk/other: claude: other',
    'ai-sdk/other: claude: unsupported-setting topK',
    'ai-sdk/unsupported/seed: claude takes no seed: only a journal makes a run repeatable',
    'ai-sdk/unsupported/toolChoice: claude does not support toolChoice: it is left out',
  ]);
});
