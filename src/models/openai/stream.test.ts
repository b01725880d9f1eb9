import { afterEach, describe, expect, it } from 'vitest';
import { ask, stream, textOf, user, type Model, type Sample, type StreamPart } from '../../core/index.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from '../../testing/servers/openai-server.ts';
import { END_LOGPROB } from '../../testing/servers/replies.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from './openai-compatible.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));

async function serve(
  knobs: OpenAIServerOptions,
  options: Partial<OpenAICompatibleOptions> = {},
): Promise<{ server: OpenAIServer; model: Model }> {
  const server = await openaiServer(knobs);
  open.push(server);
  return {
    server,
    model: openaiCompatible({ model: 'm', baseURL: server.url, retry: { firstWaitMs: 1 }, ...options }),
  };
}
async function all(parts: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const found: StreamPart[] = [];
  for await (const part of parts) found.push(part);
  return found;
}

describe('a stream', () => {
  it('is reasoning, text and tool calls as they are written, and the same sample in the end', async () => {
    const { server, model } = await serve({
      answers: {
        reasoning: 'let me see',
        content: 'I look it up.',
        toolCalls: [
          { name: 'f', arguments: '{"a":12345}' },
          { name: 'g', arguments: '' },
        ],
      },
    });
    const parts = await all(stream(model, 'q'));
    const shape = parts.map(({ type }) => type).filter((type, i, types) => type !== types[i - 1]);
    expect(shape.join(' ')).toBe(
      'reasoning-start reasoning-delta reasoning-end text-start text-delta text-end ' +
        'tool-input-start tool-input-delta tool-input-start tool-input-end tool-call tool-input-delta tool-input-end tool-call finish',
    );
    const finish = parts.at(-1);
    if (finish?.type !== 'finish') throw new Error('no finish');
    const whole = await ask(model, 'q');
    expect(finish.sampled.samples[0]?.content).toEqual(whole.sample.content);
    expect(finish.sampled.samples[0]?.finish).toEqual(whole.sample.finish);
    expect(finish.sampled.usage).toEqual(whole.usage);
    expect(server.requests[0]?.body.stream_options).toEqual({ include_usage: true });
  });

  it.each(['chat', 'completions'] as const)('draws what a call draws, log-probabilities included: %s', async (api) => {
    const { model } = await serve({ answers: { 'one two': 0.5, 'three four five': 0.5 } }, { api });
    const request = { prompt: [user('q')], logprobs: true };
    for (let seed = 0; seed < 4; seed++) {
      const { sample } = await ask(model, request, { seed });
      const last = (await all(stream(model, request, { seed }))).at(-1);
      expect(last?.type === 'finish' && last.sampled.samples[0]).toEqual(sample);
    }
  });

  it.each([undefined, 'whole', 'always'] as const)(
    'has a log-probability of its own where the end of the text is told as in whole replies: %s',
    async (listsEnd) => {
      const { model } = await serve({ answers: { 'one two': 0.5, 'three four': 0.5 }, listsEnd });
      const request = { prompt: [user('q')], logprobs: true, temperature: 1 };
      const streamed = async (more: object = {}): Promise<Sample | undefined> => {
        const last = (await all(stream(model, { ...request, ...more }))).at(-1);
        return last?.type === 'finish' ? last.sampled.samples[0] : undefined;
      };
      // Before a whole reply is seen, nobody knows what such a server leaves out.
      expect((await streamed())?.logprob !== undefined).toBe(listsEnd === 'always');
      const whole = (await ask(model, request)).sample;
      expect(whole.logprob).toBeCloseTo(Math.log(0.5) + (listsEnd ? END_LOGPROB : 0), 9);
      const sample = await streamed();
      expect(sample?.logprob).toEqual(listsEnd === 'whole' ? undefined : whole.logprob);
      expect(sample?.tokens?.length).toBe(listsEnd === 'always' ? 3 : 2);
      // What was cut off has no end to be told.
      expect((await streamed({ maxOutputTokens: 1 }))?.logprob).toBeCloseTo(Math.log(0.5), 9);
    },
  );

  it('has no log-probability of its own where its last token may have been cut at a stop sequence', async () => {
    const ends = async (more: object, finish: object): Promise<number | undefined> => {
      const tokens = ['How', ' m'].map((token) => ({ token, logprob: -0.5, top_logprobs: [] }));
      const chunk = (one: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, ...one }] })}\n\n`;
      const pieces = tokens.map((one) => chunk({ delta: { content: one.token }, logprobs: { content: [one] } }));
      const body = `${pieces.join('')}${chunk({ delta: {}, ...finish })}data: [DONE]\n\n`;
      const { model } = await serve({ failures: [{ status: 200, body }] }, { quirks: { listsEnd: false } });
      const request = { prompt: [user('q')], logprobs: true, temperature: 1, ...more };
      const last = (await all(stream(model, request))).at(-1);
      return last?.type === 'finish' ? last.sampled.samples[0]?.logprob : Number.NaN;
    };
    const stops = { stopSequences: ['any'] };
    expect(await ends({}, { finish_reason: 'stop' })).toBe(-1);
    expect(await ends(stops, { finish_reason: 'length' })).toBe(-1);
    expect(await ends(stops, { finish_reason: 'stop', stop_reason: null })).toBe(-1);
    expect(await ends(stops, { finish_reason: 'stop', stop_reason: 'any' })).toBeUndefined();
    expect(await ends(stops, { finish_reason: 'stop' })).toBeUndefined();
  });

  it('tells the tokens with the text they write, where log-probabilities are asked for', async () => {
    const { model } = await serve({ answers: 'one two three' });
    const parts = await all(stream(model, { prompt: [user('q')], logprobs: 2 }));
    const written = parts.flatMap((part) => (part.type === 'text-delta' ? [part] : []));
    for (const { delta, tokens } of written) expect(tokens?.map(({ token }) => token).join('')).toBe(delta);
    const last = parts.at(-1);
    expect(last?.type === 'finish' && last.sampled.samples[0]?.tokens).toEqual(written.flatMap(({ tokens }) => tokens));
    for (const part of await all(stream(model, 'q'))) expect(part).not.toHaveProperty('tokens');
  });

  it('starts long before it ends', async () => {
    const { server, model } = await serve({ answers: 'a b c d e f g h i j', chunkMs: 30 });
    const states: unknown[] = [];
    for await (const part of stream(model, 'q'))
      if (part.type === 'text-delta') states.push(server.requests.at(-1)?.state);
    expect(states[0]).toBe('open');
  });

  it('stops the server when its reader leaves', async () => {
    const { server, model } = await serve({ answers: 'a b c d e f g h i j', chunkMs: 50 });
    for await (const part of stream(model, 'q')) if (part.type === 'text-delta') break;
    await server.idle();
    expect(server.requests.map(({ state }) => state)).toEqual(['aborted']);
  });

  it('without usage leaves it unknown', async () => {
    const { model } = await serve({ noUsage: true });
    const last = (await all(stream(model, 'q'))).at(-1);
    expect(last?.type === 'finish' && last.sampled.usage.outputTokens).toBeUndefined();
  });

  it('that breaks off is an error, and is not begun again', async () => {
    const { server, model } = await serve({ answers: 'one two three', truncateStream: 3 });
    const seen: string[] = [];
    await expect(async () => {
      for await (const part of stream(model, 'q')) seen.push(part.type);
    }).rejects.toThrow(/malformed reply: the stream broke off before its end: one two/);
    expect(seen).toContain('text-delta');
    expect(server.requests).toHaveLength(1);
  });

  it('is told by its reason, and not by its last mark: [DONE] behind half a text is no end', async () => {
    const piece = (more: string): string => `data: {"choices":[{"index":0,"delta":{"content":"half"}${more}}]}\n\n`;
    const served = async (body: string): Promise<Model> =>
      (await serve({ failures: [{ status: 200, body }] }, { retry: { attempts: 1 } })).model;
    const half = await served(`${piece('')}data: [DONE]\n\n`);
    await expect(all(stream(half, 'q'))).rejects.toThrow('the stream broke off before its end: half');
    // Some servers send no mark at all.
    const whole = await all(stream(await served(piece(',"finish_reason":"stop"')), 'q'));
    expect(whole.at(-1)).toMatchObject({ type: 'finish', sampled: { samples: [{ finish: { unified: 'stop' } }] } });
  });

  it.each([
    ['whole calls', ['{"a":', '1}'], true],
    ['a call that is cut', ['{"a":'], false],
    ['a call without arguments, which may be cut', [''], false],
  ])('without a reason ends well where calls are there to the last letter: %s', async (_what, pieces, isWhole) => {
    const chunk = (delta: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`;
    const call = (more: object): string => chunk({ tool_calls: [{ index: 0, function: more }] });
    const body = call({ name: 'f' }) + pieces.map((piece) => call({ arguments: piece })).join('');
    const { model } = await serve({ failures: [{ status: 200, body }] }, { retry: { attempts: 1 } });
    const last = await all(stream(model, 'q')).then((parts) => parts.at(-1), String);
    const reason = typeof last === 'object' && last.type === 'finish' && last.sampled.samples[0]?.finish.unified;
    expect(reason || JSON.stringify(last)).toMatch(isWhole ? /^tool-calls$/ : /broke off/);
  });

  it('of a server that knows no streams is its whole answer', async () => {
    const body = JSON.stringify({
      choices: [{ message: { content: 'all at once' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 3 },
    });
    const { model } = await serve({ failures: [{ status: 200, body }] });
    const last = (await all(stream(model, 'q'))).at(-1);
    expect(last?.type === 'finish' && textOf(last.sampled.samples[0]?.content ?? '')).toBe('all at once');
    expect(last?.type === 'finish' && last.sampled.usage.outputTokens).toBe(3);
  });

  it('that never begins is tried again', async () => {
    const { server, model } = await serve({ failures: [503, 'reset', 'error-in-200'], answers: 'fine' });
    const last = (await all(stream(model, 'q'))).at(-1);
    expect(last?.type === 'finish' && textOf(last.sampled.samples[0]?.content ?? '')).toBe('fine');
    expect(server.requests).toHaveLength(4);
  });
});
