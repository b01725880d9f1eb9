import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  assistant,
  memoryJournal,
  plus,
  system,
  textOf,
  user,
  type Context,
  type Model,
  type Request,
  type Sampled,
  rootScope,
} from '../../core/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import type { RecordedRequest } from '../../testing/servers/replies.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(
  knobs: OpenAIServerOptions = {},
  options: Partial<OpenAICompatibleOptions> = {},
): Promise<{ server: OpenAIServer; model: Model }> {
  const server = await openaiServer(knobs);
  open.push(server);
  return {
    server,
    model: openaiCompatible({ model: 'm', baseURL: server.url, retry: { firstWaitMs: 1 }, ...options }),
  };
}
async function within<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const { context, close } = rootScope({ seed: 7 });
  try {
    return await work(context);
  } finally {
    close();
  }
}
const texts = ({ samples }: Pick<Sampled, 'samples'>): string[] => samples.map(({ content }) => textOf(content));
const ABC = { a: 0.5, b: 0.3, c: 0.2 };

describe('what goes upstream', () => {
  it('a chat with images, tool calls and tool results, unflattened', async () => {
    const { server, model } = await serve();
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    await ask(model, {
      prompt: [
        system('Be brief.'),
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'file', mediaType: 'image/*', data: { type: 'data', data: png } },
            { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL('https://x.test/a.png') } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I look.' },
            { type: 'tool-call', toolCallId: 't1', toolName: 'look', input: { at: 3 } },
            { type: 'tool-call', toolCallId: 't2', toolName: 'look', input: {} },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 't1',
              toolName: 'look',
              output: { type: 'json', value: { seen: 'cat' } },
            },
            {
              type: 'tool-result',
              toolCallId: 't2',
              toolName: 'look',
              output: { type: 'content', value: [{ type: 'text', text: 'a dog' }] },
            },
          ],
        },
        user('So?'),
      ],
    });
    expect(server.requests[0]?.body.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${Buffer.from(png).toString('base64')}` } },
          { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
        ],
      },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          { id: 't1', type: 'function', function: { name: 'look', arguments: '{"at":3}' } },
          { id: 't2', type: 'function', function: { name: 'look', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 't1', content: '{"seen":"cat"}' },
      { role: 'tool', tool_call_id: 't2', content: [{ type: 'text', text: 'a dog' }] },
      { role: 'user', content: 'So?' },
    ]);
  });

  it('every setting, under the names the server knows', async () => {
    const { server, model } = await serve(
      {},
      { quirks: { topK: true }, provider: 'mine', settings: { tier: 'low', top_p: 1 } },
    );
    await ask(model, {
      prompt: [user('hello')],
      temperature: 0,
      topP: 0.5,
      topK: 3,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      maxOutputTokens: 9,
      stopSequences: ['END'],
      reasoning: 'low',
      logprobs: 2,
      responseFormat: { type: 'json', name: 'r', schema: { type: 'object' } },
      tools: [{ type: 'function', name: 'f', description: 'd', inputSchema: { type: 'object' } }],
      toolChoice: { type: 'tool', toolName: 'f' },
      providerOptions: { mine: { logit_bias: { '1': 2 } }, other: { nonsense: 1 } },
      headers: { 'x-trace': 'abc' },
    });
    const { body, headers } = server.requests[0] as RecordedRequest;
    expect(body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hello' }],
      seed: expect.any(Number) as number,
      tier: 'low',
      temperature: 0,
      top_p: 0.5,
      top_k: 3,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      max_tokens: 9,
      stop: ['END'],
      reasoning_effort: 'low',
      logprobs: true,
      top_logprobs: 2,
      response_format: { type: 'json_schema', json_schema: { name: 'r', schema: { type: 'object' }, strict: true } },
      tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      logit_bias: { '1': 2 },
    });
    expect(headers['x-trace']).toBe('abc');
  });

  it('nothing of one request in the next', async () => {
    const { server, model } = await serve();
    await ask(model, { prompt: [user('q')], temperature: 0.3, stopSequences: ['x'], headers: { 'x-a': '1' } });
    await ask(model, 'q');
    expect(Object.keys(server.requests[1]?.body ?? {}).sort()).toEqual(['messages', 'model', 'seed']);
    expect(server.requests[1]?.headers['x-a']).toBeUndefined();
  });

  it('names in the text of a user are only text', async () => {
    const { server, model } = await serve();
    await ask(model, 'bestOfN(n=9) and n=5 and best_of');
    expect(server.requests).toHaveLength(1);
  });

  it('what cannot be sent is refused aloud', async () => {
    const { server, model } = await serve({}, { quirks: { jsonSchema: false, logprobs: false } });
    const { warnings } = await ask(model, {
      prompt: [user('q')],
      topK: 4,
      logprobs: true,
      responseFormat: { type: 'json', schema: {} },
      tools: [{ type: 'provider', id: 'openai.web_search', name: 'w', args: {} }],
    });
    expect(warnings.map(({ message }) => message)).toEqual([
      'm takes no JSON schema: any JSON object is asked for instead',
      'm takes no `logprobs`: it is not sent',
      'm takes no `topK`: it is not sent',
      'm takes no provider tool openai.web_search: it is not sent',
    ]);
    expect(server.requests[0]?.body['top_k']).toBeUndefined();
    const video: Request = {
      prompt: [
        { role: 'user', content: [{ type: 'file', mediaType: 'video/mp4', data: { type: 'data', data: 'AAAA' } }] },
      ],
    };
    await expect(ask(model, video)).rejects.toThrow(
      'm: a file part must be one the chat completions protocol can carry',
    );
    await expect(ask(model, { prompt: [user('q')], providerOptions: { openaiCompatible: { n: 3 } } })).rejects.toThrow(
      'providerOptions.openaiCompatible.n cannot be set here',
    );
    expect(server.requests).toHaveLength(1);
  });

  it('a plain prompt on the completions endpoint', async () => {
    const { server, model } = await serve({ answers: { ' fine.': 1 } }, { api: 'completions' });
    const { text } = await ask(model, { prompt: [system('S'), user('How are you?')] });
    expect(text).toBe(' fine.');
    expect(server.requests[0]?.path).toBe('/v1/completions');
    expect(server.requests[0]?.body.prompt).toBe('S\n\nHow are you?');
    await expect(ask(model, { prompt: [user('q'), assistant('a'), user('r')] })).rejects.toThrow('`template`');
  });
});

describe('several candidates', () => {
  it('come from one request where the server honours n', async () => {
    const { server, model } = await serve({ answers: ABC });
    const sampled = await within((context) => model.sample({ prompt: [user('q')], n: 6 }, context));
    expect(sampled.samples).toHaveLength(6);
    expect(sampled.warnings).toEqual([]);
    expect(server.requests.map(({ body }) => body.n)).toEqual([6]);
    expect(sampled.usage).toMatchObject({ calls: 6, inputTokens: 7, outputTokens: 6, unreported: 0 });
  });

  it.each([{ ignoresN: true }, { refusesN: true }])(
    'are topped up with a warning, and n is given up: %o',
    async (knob) => {
      const { server, model } = await serve({ answers: ABC, ...knob });
      const first = await within((context) => model.sample({ prompt: [user('q')], n: 5 }, context));
      expect(first.samples).toHaveLength(5);
      expect(first.usage.calls).toBe(5);
      expect(first.warnings.map(({ code }) => code)).toEqual(['n-ignored']);
      const asked = server.requests.length;
      expect(server.requests.filter(({ body }) => (body.n ?? 1) > 1)).toHaveLength(1);
      const second = await within((context) => model.sample({ prompt: [user('q')], n: 5 }, context));
      expect(second.warnings).toEqual([]);
      expect(server.requests.slice(asked).map(({ body }) => body.n)).toEqual(Array.from({ length: 5 }));
      expect(new Set(server.requests.slice(asked).map(({ body }) => body.seed)).size).toBe(5);
    },
  );

  it('run side by side', async () => {
    const { server, model } = await serve({ latencyMs: 100 }, { quirks: { n: false } });
    await within((context) => model.sample({ prompt: [user('q')], n: 5 }, context));
    expect(server.highWaterMark).toBe(5);
  });

  it('are the same for the same seed, however the server is asked', async () => {
    const { model } = await serve({ answers: ABC, latencyMs: (index) => (index % 3) * 5 }, { quirks: { n: false } });
    const draw = (): Promise<Sampled> => within((context) => model.sample({ prompt: [user('q')], n: 20 }, context));
    const [one, two] = [await draw(), await draw()];
    expect(texts(one)).toEqual(texts(two));
    expect(new Set(texts(one)).size).toBe(3);
  });
});

describe('what comes back', () => {
  it('tool calls, reasoning, finish reasons', async () => {
    const { model } = await serve({
      answers: { content: '', reasoning: 'hm hm', toolCalls: [{ name: 'f', arguments: '{"x":1}' }] },
    });
    const { sample, usage } = await ask(model, 'q');
    expect(sample.content).toEqual([
      { type: 'reasoning', text: 'hm hm' },
      { type: 'tool-call', toolCallId: 'call_0', toolName: 'f', input: '{"x":1}' },
    ]);
    expect(sample.finish).toEqual({ unified: 'tool-calls', raw: 'tool_calls' });
    expect(usage.reasoningTokens).toBe(2);
  });

  it('candidates in their own order', async () => {
    const body = JSON.stringify({ choices: [2, 0, 1].map((index) => ({ index, message: { content: `c${index}` } })) });
    const { model } = await serve({ failures: [{ status: 200, body }] });
    const sampled = await within((context) => model.sample({ prompt: [user('q')], n: 3 }, context));
    expect(texts(sampled)).toEqual(['c0', 'c1', 'c2']);
  });

  it('no log-probability of an answer that was thought about out of sight', async () => {
    const { model } = await serve({ answers: { content: 'x', reasoning: 'hm' } });
    const { sample } = await ask(model, { prompt: [user('q')], logprobs: true });
    expect(sample.tokens).toHaveLength(1);
    expect(sample.logprob).toBeUndefined();
  });

  it('the reasoning of servers that call it otherwise', async () => {
    const { model } = await serve({ answers: { content: 'x', reasoning: 'hm' }, reasoningField: 'reasoning' });
    expect((await ask(model, 'q')).sample.content[0]).toEqual({ type: 'reasoning', text: 'hm' });
  });

  it('usage to the token, and its price', async () => {
    const { model } = await serve(
      { answers: { 'one two three': 1 }, cachedTokens: 4 },
      { price: { input: 0.01, output: 0.1, cachedInput: 0.001 } },
    );
    const { usage } = await ask(model, 'a b c d');
    expect(usage).toMatchObject({
      calls: 1,
      inputTokens: 10,
      outputTokens: 3,
      cachedInputTokens: 4,
      reasoningTokens: 0,
    });
    expect(usage.usd).toBeCloseTo(6 * 0.01 + 4 * 0.001 + 3 * 0.1, 12);
  });

  it('unknown usage as unknown, never as 0', async () => {
    const { model } = await serve({ noUsage: true }, { price: { input: 1, output: 1 } });
    expect((await ask(model, 'q')).usage).toEqual({
      calls: 1,
      replays: 0,
      unreported: 0,
      inputTokens: undefined,
      outputTokens: undefined,
      reasoningTokens: undefined,
      cachedInputTokens: undefined,
      usd: undefined,
    });
  });

  it('usage of a technique is the sum over the requests the server saw', async () => {
    const { server, model } = await serve({ answers: ABC }, { quirks: { n: false } });
    const { usage } = await ask(plus(model, bestOfN({ n: 7, score: () => 1 })), 'q');
    expect(usage).toMatchObject({ calls: 7, inputTokens: 7 * 7, outputTokens: 7 });
    expect(server.requests).toHaveLength(7);
  });

  it.each(['chat', 'completions'] as const)('log-probabilities of what was drawn: %s', async (api) => {
    const answers = { 'yes we can': 0.25, 'yes you may': 0.5, no: 0.25 };
    const { model } = await serve({ answers }, { api });
    const sampled = await within((context) =>
      model.sample({ prompt: [user('q?')], n: 8, temperature: 1, logprobs: true }, context),
    );
    for (const { content, logprob, tokens } of sampled.samples) {
      const text = textOf(content) as keyof typeof answers;
      expect(logprob).toBeCloseTo(Math.log(answers[text]), 12);
      expect(tokens?.map(({ token }) => token).join('')).toBe(text);
    }
  });

  it('no log-probability of a sample where the sampler was not neutral', async () => {
    const { model } = await serve({ answers: ABC });
    const { sample, warnings } = await ask(model, { prompt: [user('q')], logprobs: true, temperature: 0.5 });
    expect(sample.logprob).toBeUndefined();
    expect(sample.tokens).toHaveLength(1);
    expect(warnings.map(({ code }) => code)).toEqual(['logprob-unknown']);
  });

  it('a warning where log-probabilities were asked for and none came', async () => {
    const { model } = await serve({ noLogprobs: true });
    const { warnings } = await ask(model, { prompt: [user('q')], logprobs: true });
    expect(warnings.map(({ code }) => code)).toEqual(['logprobs-missing']);
  });
});

describe('limits and leaving', () => {
  it('whoever leaves cancels every request', async () => {
    const { server, model } = await serve({ latencyMs: 5000 }, { quirks: { n: false } });
    const controller = new AbortController();
    const work = ask(plus(model, bestOfN({ n: 5, score: () => 1 })), 'q', { signal: controller.signal });
    while (server.highWaterMark < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new Error('left'));
    await expect(work).rejects.toThrow('left');
    await server.idle();
    expect(server.requests.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'aborted'));
  });

  it('budgets hold at the server, with everything in flight at once', async () => {
    const price = { input: 0.001, output: 0.002 };
    const { server, model } = await serve({ answers: { 'one two three four': 1 } }, { quirks: { n: false }, price });
    const twenty = plus(model, bestOfN({ n: 20, score: () => 1 }));
    const calls = await ask(twenty, 'q', { budget: { calls: 6 } });
    expect(calls.exhausted).toBe('calls');
    expect(server.requests).toHaveLength(6);
    server.forget();
    const tokens = await ask(twenty, { prompt: [user('q')], maxOutputTokens: 4 }, { budget: { tokens: 150 } });
    expect(tokens.exhausted).toBe('tokens');
    expect(server.requests.length).toBeGreaterThan(3);
    expect(server.requests.length * (7 + 4)).toBeLessThanOrEqual(150);
    server.forget();
    // Without a bound of its own the output is bounded by what is left.
    const usd = await ask(twenty, 'q', { budget: { usd: 0.2 } });
    expect(usd.usage.usd).toBeLessThanOrEqual(0.2);
    expect(server.requests.every(({ body }) => (body.max_tokens ?? Infinity) <= 100)).toBe(true);
  });

  it('budgets hold with native n', async () => {
    const { server, model } = await serve({ answers: ABC });
    const sampled = await within(async ({ choice }) => {
      const { context, close } = rootScope({ choice, budget: { calls: 6 } });
      const drawn = await model.sample({ prompt: [user('q')], n: 20 }, context);
      close();
      return drawn;
    });
    expect(sampled.samples).toHaveLength(6);
    expect(sampled.exhausted).toBe('calls');
    expect(server.requests.map(({ body }) => body.n)).toEqual([6]);
  });

  it('no field of a caller loosens the bound a budget sets', async () => {
    const { server, model } = await serve({}, { settings: { max_completion_tokens: 5000 } });
    const request: Request = { prompt: [user('q')], providerOptions: { openaiCompatible: { max_tokens: 9000 } } };
    await ask(model, request, { budget: { tokens: 200 } });
    expect(server.requests[0]?.body.max_tokens).toBeLessThan(200);
    expect(server.requests[0]?.body).not.toHaveProperty('max_completion_tokens');
  });

  it('the text an answer is continued from counts as input', async () => {
    const prefix = 'one two three four five six seven eight nine ten ';
    const { server, model } = await serve({ answers: { [`${prefix}end`]: 1 } }, { api: 'completions' });
    const request: Request = { prompt: [user('q')], maxOutputTokens: 1 };
    const { context, close } = rootScope({ budget: { tokens: 100 } });
    await expect(model.continueFrom?.(request, prefix, context)).rejects.toThrow('Budget of 100 tokens');
    close();
    expect(server.requests).toHaveLength(0);
  });

  it('several draws at temperature 0 get a warning', async () => {
    const { model } = await serve();
    const { warnings } = await ask(plus(model, bestOfN({ n: 3, score: () => 1 })), {
      prompt: [user('q')],
      temperature: 0,
    });
    expect(warnings.map(({ code }) => code)).toEqual(['greedy-n']);
  });

  it('a journal answers the second run, draw by draw', async () => {
    const { server, model } = await serve({ answers: ABC, dropsSeed: true }, { quirks: { n: false } });
    const journal = memoryJournal();
    const request: Request = { prompt: [user('q')], n: 9 };
    const run = async (): Promise<string[]> => {
      const { context, close } = rootScope({ journal });
      try {
        return texts(await model.sample(request, context));
      } finally {
        close();
      }
    };
    const first = await run();
    expect(new Set(first).size).toBeGreaterThan(1);
    expect(await run()).toEqual(first);
    expect(server.requests).toHaveLength(9);
  });
});
