/** What a server refuses, ignores or does its own way is found out once, said, and asked for in another way from then on. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  ask,
  assistant,
  rootScope,
  stream,
  system,
  textOf,
  user,
  type Context,
  type Message,
  type Model,
  type Request,
  type Sample,
  type Sampled,
  type Warning,
} from '../../core/index.ts';
import {
  openaiServer,
  type Failure,
  type OpenAIServer,
  type OpenAIServerOptions,
} from '../../testing/servers/openai-server.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';
import { provider } from './providers.ts';

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
const draw = (model: Model, n: number): Promise<Sampled> =>
  within((context) => model.sample({ prompt: [user('q')], n }, context));
const codes = ({ warnings }: Pick<Sampled, 'warnings'>): string[] => warnings.map(({ code }) => code);
const asked = ({ requests }: OpenAIServer): (number | undefined)[] => requests.map(({ body }) => body.n);
/** The same where the order is not known. */
const askedInAll = (server: OpenAIServer): number[] =>
  asked(server)
    .map((n = 1) => n)
    .toSorted((a, b) => a - b);

interface Got {
  readonly heard: string;
  readonly text: string;
  readonly sample: Sample;
  readonly warnings: readonly Warning[];
}
async function streamed(model: Model, request: Request): Promise<Got> {
  let heard = '';
  for await (const part of stream(model, request)) {
    if (part.type === 'text-delta') heard += part.delta;
    if (part.type !== 'finish') continue;
    const [sample] = part.sampled.samples as [Sample];
    return { heard, text: textOf(sample.content), sample, warnings: part.sampled.warnings };
  }
  throw new Error('no finish');
}
async function wholly(model: Model, request: Request): Promise<Got> {
  const { sample, text, warnings } = await ask(model, request);
  return { heard: text, text, sample, warnings };
}

const ABC = { a: 0.5, b: 0.3, c: 0.2 };

describe('several candidates', () => {
  it.each<[number, string]>([
    [400, "'n' : number must be at most 1"],
    [400, 'Only one completion choice is allowed'],
    [500, 'Only one completion choice is allowed'],
    [422, 'best_of must be 1'],
    [400, 'Extra inputs are not permitted: n'],
    [400, 'This server draws a single sample'],
    [400, 'nope'],
    [501, 'not implemented'],
  ])('are drawn one by one where they are refused with %d, %s', async (status, message) => {
    const { server, model } = await serve({ answers: ABC, refusesN: { status, message } });
    const first = await draw(model, 4);
    expect(first.samples).toHaveLength(4);
    expect(codes(first)).toEqual(['n-ignored']);
    expect(first.warnings[0]?.message).toContain(message);
    expect(asked(server)).toEqual([4, undefined, undefined, undefined, undefined]);
    expect(new Set(server.requests.slice(1).map(({ body }) => body.seed)).size).toBe(4);
    // The model was found to be so, and so is another one of the same server and name.
    const other = openaiCompatible({ model: 'm', baseURL: server.url });
    server.forget();
    expect(codes(await draw(other, 3))).toEqual([]);
    expect(asked(server)).toEqual([undefined, undefined, undefined]);
    expect((await draw(openaiCompatible({ model: 'other', baseURL: server.url }), 2)).samples).toHaveLength(2);
    expect(asked(server)).toContain(2);
  });

  it('are asked for as many at a time as the server says', async () => {
    const { server, model } = await serve({ answers: ABC, mostN: 4 });
    const first = await draw(model, 10);
    expect(first.samples).toHaveLength(10);
    expect(first.usage).toMatchObject({ calls: 10, outputTokens: 10 });
    expect(first.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('Value must be between 1 <= value <= 4, but got 10'),
    ]);
    expect(askedInAll(server)).toEqual([2, 4, 4, 10]);
    server.forget();
    expect(codes(await draw(model, 4))).toEqual([]);
    expect(asked(server)).toEqual([4]);
    server.forget();
    expect(codes(await draw(model, 5))).toEqual([]);
    expect(askedInAll(server)).toEqual([1, 4]);
  });

  it('that fail for another reason leave the server as it was', async () => {
    const refusal = { status: 400, body: '{"error":{"message":"the context is too long"}}' };
    const { server, model } = await serve({ answers: ABC, failures: [refusal, refusal] });
    await expect(draw(model, 5)).rejects.toThrow('the context is too long');
    expect(asked(server)).toEqual([5, undefined]);
    expect(codes(await draw(model, 5))).toEqual([]);
    expect(asked(server).at(-1)).toBe(5);
  });

  it('survive an overload before the first answer', async () => {
    const { server, model } = await serve({ answers: ABC, failures: [503, 503] });
    expect(codes(await draw(model, 5))).toEqual([]);
    expect(asked(server)).toEqual([5, 5, 5]);
  });

  it('of one accident with 500 are asked for together again', async () => {
    const { server, model } = await serve({ answers: ABC, failures: [500] });
    expect((await draw(model, 3)).samples).toHaveLength(3);
    server.forget();
    expect(codes(await draw(model, 3))).toEqual([]);
    expect(asked(server)).toEqual([3]);
  });
});

const CALLED: readonly Message[] = [
  user('Look.'),
  {
    role: 'assistant',
    content: [{ type: 'tool-call', toolCallId: '1', toolName: 'look', input: '{"id": 9123456789012345671}' }],
  },
  {
    role: 'tool',
    content: [{ type: 'tool-result', toolCallId: '1', toolName: 'look', output: { type: 'text', value: 'a cat' } }],
  },
];

describe('a conversation', () => {
  const roles = ({ requests }: OpenAIServer): string =>
    (requests.at(-1)?.body.messages ?? []).map(({ role }) => role[0]).join('');

  it.each<[string, OpenAIServerOptions, readonly Message[], string]>([
    ['two users', { takesRoles: 'plain' }, [user('a'), user('b')], 'u'],
    [
      'a system message in the middle',
      { takesRoles: 'alternating' },
      [system('s'), user('a'), assistant('b'), system('t'), user('c')],
      'suau',
    ],
    ['an assistant at the end', { takesRoles: 'alternating' }, [user('a'), assistant('b')], 'uau'],
    ['a result after nothing', { takesRoles: 'alternating' }, [user('a'), ...CALLED.slice(2)], 'u'],
    ['a system message at all', { takesRoles: 'plain' }, [system('s'), user('a')], 'u'],
    ['a user behind a result', { takesRoles: 'plain' }, [...CALLED, user('So?')], 'uau'],
    ['calls with their results', { takesRoles: 'plain' }, CALLED, 'uat'],
    ['calls beside null', { refusesNull: true }, CALLED, 'uat'],
  ])('with %s is answered by %o', async (_, knobs, prompt, sent) => {
    const { server, model } = await serve(knobs);
    expect((await ask(model, { prompt })).text).toBe('ok');
    expect(roles(server)).toBe(sent);
    // A call keeps its digits, sent as one or told.
    const said = JSON.stringify(server.requests.at(-1)?.body.messages);
    expect(said.includes('9123456789012345671')).toBe(prompt.includes(CALLED[1] as Message));
    // Remembered: it is sent so at once from now on, streamed as well.
    server.forget();
    expect(await streamed(model, { prompt })).toMatchObject({ heard: 'ok', text: 'ok' });
    expect(server.requests).toHaveLength(1);
    expect(roles(server)).toBe(sent);
  });

  it('that is taken as it is stays as it is', async () => {
    const { server, model } = await serve();
    await ask(model, { prompt: [...CALLED, user('So?')] });
    expect(roles(server)).toBe('uatu');
    expect(server.requests[0]?.body.messages?.[1]?.content).toBeNull();
  });

  it('that is refused whatever its form ends in the first words of the server', async () => {
    const refusal = (message: string): object => ({ status: 400, body: JSON.stringify({ error: { message } }) });
    const failures = ['first', 'second', 'third', 'fourth'].map((message) => ({ status: 400, ...refusal(message) }));
    const { model } = await serve({ failures });
    await expect(ask(model, { prompt: [system('s'), ...CALLED, user('So?')] })).rejects.toThrow('answered 400: first');
  });

  it('is not sent in other forms to a server that is out of order', async () => {
    const { server, model } = await serve({ failures: () => 500 }, { retry: { attempts: 2, firstWaitMs: 1 } });
    await expect(ask(model, { prompt: [system('s'), user('a')] })).rejects.toThrow('answered 500');
    expect(server.requests).toHaveLength(2);
  });

  it('says that it was reshaped, with the words of the server', async () => {
    const { model } = await serve({ takesRoles: 'plain' });
    const { warnings } = await ask(model, { prompt: [system('s'), user('a')] });
    expect(warnings).toEqual([
      { code: 'messages-reshaped', message: expect.stringContaining('Conversation roles must alternate') as string },
    ]);
  });
});

describe('a JSON schema', () => {
  const SCHEMA = { type: 'object', properties: { answer: { type: 'integer' } }, required: ['answer'] };
  const request: Request = { prompt: [user('q')], responseFormat: { type: 'json', schema: SCHEMA } };
  const formats = ({ requests }: OpenAIServer): unknown[] => requests.map(({ body }) => body['response_format']);
  const inObject = { type: 'json_object', schema: SCHEMA };

  it('is asked for in the way that the server takes, and that is remembered', async () => {
    const { server, model } = await serve({ schemaInObject: true });
    const first = await ask(model, request);
    expect(first.text).toBe('{"answer":1}');
    expect(codes(first)).toEqual(['schema-reshaped']);
    expect(first.warnings[0]?.message).toContain("Input should be 'text' or 'json_object'");
    expect(formats(server)).toEqual([{ type: 'json_schema', json_schema: expect.any(Object) as object }, inObject]);
    server.forget();
    const other = openaiCompatible({ model: 'm', baseURL: server.url });
    expect(await streamed(other, request)).toMatchObject({ text: '{"answer":1}', warnings: [] });
    expect(formats(server)).toEqual([inObject]);
  });

  it.each<[string, number]>([
    ["Invalid schema for response_format 'response': In context=(), 'required' is required to be supplied", 1],
    ["Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", 2],
    ['This model does not support response format `json_schema`', 2],
  ])('that is refused either way ends in the first words of the server: %s', async (message, requests) => {
    const refusal = (words: string): Failure => ({ status: 400, body: JSON.stringify({ error: { message: words } }) });
    const failures = [message, 'Unknown parameter: schema.'].slice(0, requests).map(refusal);
    const { server, model } = await serve({ failures });
    await expect(ask(model, request)).rejects.toThrow(`answered 400: ${message.slice(0, 40)}`);
    expect(server.requests).toHaveLength(requests);
    // The server was not found to take the other way.
    server.forget();
    await ask(model, request);
    expect(formats(server)).toMatchObject([{ type: 'json_schema' }]);
  });

  it('that the server does not heed is said', async () => {
    const { model } = await serve({ ignoresFormat: true, answers: 'Twenty-eight.' });
    expect(codes(await ask(model, request))).toEqual(['format-ignored']);
    expect((await streamed(model, request)).warnings.map(({ code }) => code)).toEqual(['format-ignored']);
  });
});

describe('draws of a server that is greedy whatever it is asked', () => {
  const answers = { [`${'so '.repeat(20)}on`]: 0.5, [`${'and '.repeat(20)}on`]: 0.5 };
  it.each(['one request', 'several', 'one by one'])('are said to be copies: %s', async (how) => {
    const { model } = await serve({ answers, alwaysGreedy: true, ignoresN: how === 'several' });
    const found =
      how === 'one by one'
        ? await Promise.all(Array.from({ length: 4 }, async (_, seed) => ask(model, 'q', { seed })))
        : [await draw(model, 4)];
    expect(found.flatMap(codes)).toContain('draws-identical');
  });

  it('are not said to be so of a server that draws', async () => {
    const { model } = await serve({ answers });
    for (let i = 0; i < 5; i++) expect(codes(await draw(model, 8))).toEqual([]);
  });
});

describe('a text that an answer goes on from', () => {
  const PREFIX = 'The sea is ';
  const answers = { 'The sea is blue.': 0.5, 'The sea is calm.': 0.5 };
  const goOn = (model: Model, prefix = PREFIX): Promise<string[]> =>
    within(async (context) => {
      const sampled = await model.continueFrom?.({ prompt: [user('q')], n: 4 }, prefix, context);
      return sampled?.samples.map(({ content }) => textOf(content)) ?? [];
    });

  it.each([true, false])('is there once, where the reply repeats it: %s', async (repeatsPrefix) => {
    for (const said of [undefined, repeatsPrefix]) {
      const { model } = await serve(
        { answers, repeatsPrefix },
        { quirks: { prefix: 'continue_final_message', repeatsPrefix: said } },
      );
      for (const text of await goOn(model)) expect(Object.keys(answers)).toContain(text);
    }
  });

  it('is not taken for repeated because of a letter', async () => {
    const { model } = await serve({ answers: { aab: 1 } }, { quirks: { prefix: 'continue_final_message' } });
    expect(new Set(await goOn(model, 'a'))).toEqual(new Set(['aab']));
  });

  it('that a reply drops is an error where replies hold it', async () => {
    const { model } = await serve(
      { answers, ignoresPrefix: true },
      { quirks: { prefix: 'continue_final_message', repeatsPrefix: true } },
    );
    await expect(goOn(model, 'The sky')).rejects.toThrow('it does not go on from the text it was given');
  });

  it('goes on at the chat endpoint of llama.cpp, which repeats it', async () => {
    const server = await openaiServer({ answers, repeatsPrefix: true });
    open.push(server);
    const model = provider('llama.cpp', 'm', { baseURL: server.url });
    for (const text of await goOn(model)) expect(Object.keys(answers)).toContain(text);
    expect(asked(server)).toEqual([undefined, undefined, undefined, undefined]);
    expect(server.requests[0]?.body).toMatchObject({
      repeat_penalty: 1,
      typical_p: 1,
      dry_multiplier: 0,
      xtc_probability: 0,
      mirostat: 0,
      presence_penalty: 0,
      frequency_penalty: 0,
    });
  });
});

describe('a stop sequence that the server leaves in', () => {
  it.each([false, true])('is cut off, streamed: %s', async (isStreamed) => {
    const { model } = await serve({ answers: 'one two. Three four.', leavesStop: true });
    const request = { prompt: [user('q')], stopSequences: ['. T', 'xx'] };
    const { heard, text, sample, warnings } = await (isStreamed ? streamed : wholly)(model, request);
    expect([heard, text]).toEqual(['one two', 'one two']);
    expect(sample.finish).toEqual({ unified: 'stop', raw: 'stop-sequence' });
    expect(warnings.map(({ code }) => code)).toEqual(['stop-left-in']);
  });

  it('cannot lend its log-probability to the text', async () => {
    const { model } = await serve({ answers: 'one two. Three four.', leavesStop: true });
    const { sample, warnings } = await ask(model, {
      prompt: [user('q')],
      stopSequences: ['. T'],
      logprobs: true,
      temperature: 1,
    });
    expect(sample.logprob).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(['logprob-unknown', 'stop-left-in']);
  });
});

describe('log-probabilities', () => {
  it('are got from servers that send none without alternatives', async () => {
    const { model } = await serve({ answers: ABC, logprobsNeedTop: true });
    const { sample } = await ask(model, { prompt: [user('q')], logprobs: true, temperature: 1 });
    expect(sample.tokens).toHaveLength(1);
  });

  it('are claimed for a whole text only where the temperature is known', async () => {
    const { model, server } = await serve({ answers: ABC, ownTemperature: 0.5 });
    const request = { prompt: [user('q')], logprobs: true };
    const { sample, warnings } = await ask(model, request);
    expect(sample.logprob).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(['logprob-unknown']);
    expect((await ask(model, { ...request, temperature: 1 })).sample.logprob).toBeLessThan(0);
    const neutral = openaiCompatible({ model: 'm', baseURL: server.url, quirks: { defaults: { temperature: 1 } } });
    expect((await ask(neutral, request)).sample.logprob).toBeLessThan(0);
  });
});

describe('the score of a text', () => {
  const TEXTS = ['yes 😀', '😀', '2+2', '🙂 no', 'né 𝒳 end', ' \u{1F1EB}\u{1F1F7} '];
  const PROMPTS = ['Question:', '😀', 'q 😀', 'é😀 q:', ''];
  it.each(['characters', 'utf16'] as const)('is the same whatever its signs, with offsets in %s', async (offsets) => {
    const answers = Object.fromEntries(TEXTS.map((text, i) => [text, i + 1]));
    const { model } = await serve({ answers, offsets }, { api: 'completions', quirks: { score: 'echo' } });
    for (const prompt of PROMPTS)
      for (const [text, weight] of Object.entries(answers)) {
        const scored = await within(async (context) => model.score?.({ prompt: [user(prompt)] }, text, context));
        expect([prompt, text, scored?.logprob?.toFixed(9)]).toEqual([prompt, text, Math.log(weight / 21).toFixed(9)]);
      }
  });
});
