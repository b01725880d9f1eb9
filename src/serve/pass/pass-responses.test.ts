import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import OpenAI from 'openai';
import { openaiCompatible, type OpenAICompatibleOptions } from '../../models/openai/index.ts';
import { openStore } from '../../store/index.ts';
import { keysIn } from '../keys/stored.ts';
import { listen, type Listening, type ListenOptions } from '../listen.ts';
import { answering, rawUpstream, type RawUpstream } from '../test-support/raw-upstream.ts';
import { sharedPath } from '../test-support/shared.ts';
import { respondingBehind } from './pass.ts';

const KEY = 'sk-operator-0123456789abcdef';
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function serve(
  answer: Parameters<typeof rawUpstream>[0],
  model: Partial<OpenAICompatibleOptions> = {},
  options: Partial<ListenOptions> = {},
): Promise<{ readonly upstream: RawUpstream; readonly server: Listening }> {
  const upstream = await rawUpstream(answer);
  const m = openaiCompatible({
    model: 'real-id',
    name: 'm',
    baseURL: upstream.url,
    apiKey: KEY,
    quirks: { responses: true },
    ...model,
  });
  const server = await listen({ port: 0, models: { m }, ...options });
  open.push(upstream, { close: () => server.close(0) });
  return { upstream, server };
}

const post = (server: Listening, body: string, headers: { readonly [name: string]: string } = {}): Promise<Response> =>
  fetch(`${server.url}/responses`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });

const REPLY =
  '{ "id":"resp_1", "object":"response","status":"completed", "error":null, "model":"real-id-2026-01-01","output":[], "x_new":1.0,\n"usage":{"input_tokens":3,"output_tokens":1,"total_tokens":4}}';

/** Chunks as the events that a server sends them in. */
const written = (chunks: readonly string[]): string =>
  chunks.map((chunk) => `event: ${/"type":"([^"]+)"/.exec(chunk)?.[1]}\ndata: ${chunk}\n\n`).join('');

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const streaming =
  (text: string, end: 'end' | 'destroy' = 'end'): Parameters<typeof rawUpstream>[0] =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => (end === 'end' ? response.end() : response.destroy()));
  };

describe('responses of a server that has them', () => {
  it('are what it wrote, and it gets what the client wrote, but for the name of the model', async () => {
    const { upstream, server } = await serve(answering(REPLY, 200, { 'x-request-id': 'req-1' }));
    const body = `{"model": "m", "input":"hi" , "store":true,"previous_response_id":"resp_0","background":false,"truncation":"auto","tools":[{"type":"web_search"}],"x":1.0}`;
    const response = await post(server, body);
    expect(await response.text()).toBe(REPLY.replace('"real-id-2026-01-01"', '"m"'));
    expect(response.headers.get('x-request-id')).toBe('req-1');
    expect(upstream.requests).toMatchObject([{ path: '/v1/responses', text: body.replace('"m"', '"real-id"') }]);
  });

  it('are computed with techniques, and what the server would have kept is refused by name', async () => {
    const { upstream, server } = await serve(answering(REPLY));
    const body = { model: 'm + reRead', input: 'hi', previous_response_id: 'resp_0' };
    const response = await post(server, JSON.stringify(body));
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'previous_response_id' } }]);
    expect(upstream.requests).toEqual([]);
  });

  it.each<[string, Partial<OpenAICompatibleOptions>, boolean]>([
    ["OpenAI's own", { baseURL: 'https://api.openai.com/v1' }, true],
    [
      "OpenAI's own that is said to have none",
      { baseURL: 'https://api.openai.com/v1', quirks: { responses: false } },
      false,
    ],
    ['any other', { baseURL: 'http://127.0.0.1:8000/v1' }, false],
    ['one whose name holds that of another', { baseURL: 'https://api.openai.com.example/v1' }, false],
    ['one that is said to have them', { baseURL: 'http://127.0.0.1:8000/v1', quirks: { responses: true } }, true],
    [
      'one of texts alone',
      { baseURL: 'http://127.0.0.1:8000/v1', quirks: { responses: true }, api: 'completions' },
      false,
    ],
  ])('%s', (_what, options, has) => {
    const model = openaiCompatible({ model: 'x', baseURL: '', ...options });
    expect(respondingBehind(model) !== undefined).toBe(has);
  });

  it('take what the operator set for a chat by the names it has there', async () => {
    const settings = { temperature: 0.5, top_p: 0.9, max_tokens: 50, reasoning_effort: 'low' };
    const { upstream, server } = await serve(answering(REPLY), { settings });
    await post(server, '{"model":"m","input":"hi","temperature":1}');
    expect(JSON.parse(upstream.requests[0]?.text ?? '')).toEqual({
      model: 'real-id',
      input: 'hi',
      temperature: 1,
      top_p: 0.9,
      max_output_tokens: 50,
      reasoning: { effort: 'low' },
    });
  });

  it('say what they cost where the price is known, whole or as a stream', async () => {
    const price = { input: 1e-6, output: 2e-6 };
    const told = `"total_tokens":4,"cost":${3 * price.input + price.output}}`;
    const { server } = await serve(answering(REPLY), { price });
    const text = await (await post(server, '{"model":"m","input":"hi"}')).text();
    expect(text).toBe(REPLY.replace('"real-id-2026-01-01"', '"m"').replace('"total_tokens":4}', told));
    const done = `{"type":"response.completed","response":${REPLY.replaceAll('\n', '')},"sequence_number":0}`;
    const { server: other } = await serve(streaming(written([done])), { price });
    const events = await (await post(other, '{"model":"m","input":"hi","stream":true}')).text();
    expect(events).toBe(written([done.replace('"real-id-2026-01-01"', '"m"').replace('"total_tokens":4}', told)]));
  });

  it('that failed say so themselves, and refusals are told in our form', async () => {
    const failed = REPLY.replace('"error":null', '"error":{"code":"server_error","message":"It broke."}');
    const { server } = await serve(answering(failed.replace('"completed"', '"failed"')));
    expect(await (await post(server, '{"model":"m","input":"hi"}')).json()).toMatchObject({
      status: 'failed',
      model: 'm',
    });
    const { server: other } = await serve(
      answering(`{"error":{"message":"bad ${KEY}","type":"invalid_request_error","param":"input","code":"x"}}`, 400),
    );
    const response = await post(other, '{"model":"m","input":"hi"}');
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: { message: 'bad [key]', type: 'invalid_request_error', param: 'input', code: 'x' } },
    ]);
  });
});

describe('a stream of responses', () => {
  const folder = sharedPath('wire/responses');
  const linesOf = (file: string): readonly string[] =>
    readFileSync(join(folder as string, file), 'utf8')
      .trim()
      .split('\n');
  // The lines of one of them are no JSON.
  const files = folder
    ? readdirSync(folder).filter((name) => name.endsWith('.chunks.txt') && linesOf(name).every((line) => jsonIn(line)))
    : [];
  it.skipIf(!folder).each(files.length > 0 ? files : ['none'])('%s comes as it was recorded', async (file) => {
    const chunks = readFileSync(join(folder as string, file), 'utf8')
      .trim()
      .split('\n');
    const { server } = await serve(streaming(written(chunks)));
    const text = await (await post(server, '{"model":"m","input":"hi","stream":true}')).text();
    const named = written(
      chunks.map((chunk) => {
        const { response } = jsonIn(chunk) as { response?: { model?: string } };
        // The name stands in the response of an event, and nowhere else in it.
        const [, model] = /"model":("[^"]+")/.exec(chunk) ?? [];
        return response?.model === undefined ? chunk : chunk.replace(`"model":${model}`, '"model":"m"');
      }),
    );
    expect(text).toBe(named);
  });

  const events = (...chunks: readonly object[]): string => written(chunks.map((chunk) => JSON.stringify(chunk)));
  const created = {
    type: 'response.created',
    sequence_number: 0,
    response: { id: 'r', model: 'real-id', usage: null },
  };
  const delta = { type: 'response.output_text.delta', sequence_number: 1, delta: '"model":"real-id"' };

  it.each(['end', 'destroy'] as const)('that breaks off (%s) ends with the next event, an error', async (end) => {
    const { server } = await serve(streaming(events(created, delta), end));
    const text = await (await post(server, '{"model":"m","input":"hi","stream":true}')).text();
    expect(text).toBe(
      events({ ...created, response: { ...created.response, model: 'm' } }, delta, {
        type: 'error',
        code: 'upstream_malformed',
        message: 'The stream of the model broke off before its end.',
        param: null,
        sequence_number: 2,
      }),
    );
  });

  it('that fails says so in the words of the server, without its key', async () => {
    const error = { code: 'x', message: `no quota for ${KEY}` };
    const failed = { type: 'response.failed', sequence_number: 3, response: { model: 'real-id', error } };
    const { server } = await serve(streaming(events(created, { type: 'error', sequence_number: 2, ...error }, failed)));
    const text = await (await post(server, '{"model":"m","input":"hi","stream":true}')).text();
    expect(text).not.toContain(KEY);
    expect(text.match(/no quota for \[key\]/g)).toHaveLength(2);
    expect(text).toContain('"sequence_number":3,"response":{"model":"m"');
  });

  it.skipIf(!folder)("is read by OpenAI's own package", async () => {
    const chunks = linesOf('openai-web-search-tool.1.chunks.txt');
    const { server } = await serve(streaming(written(chunks)));
    const openai = new OpenAI({ baseURL: server.url, apiKey: 'none', maxRetries: 0 });
    const final = await openai.responses.stream({ model: 'm', input: 'hi', store: true }).finalResponse();
    expect([final.model, final.status, final.output_text.length > 0]).toEqual(['m', 'completed', true]);
  });
});

describe('on the account of a key', () => {
  const keyed = async (answer: Parameters<typeof rawUpstream>[0]) => {
    const store = openStore({ file: ':memory:' });
    const { key, id } = await store.keys.add('mia', { day: { tokens: 10_000 } });
    const { upstream, server } = await serve(answer, {}, { keys: await keysIn(store) });
    open.unshift(store);
    const ask = (body: object): Promise<Response> =>
      post(server, JSON.stringify({ model: 'm', input: 'hi', ...body }), { authorization: `Bearer ${key}` });
    return { ask, upstream, standing: () => store.accounts.standing(id, Date.now()) };
  };
  const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };

  it('they take what the server reports, whole or as a stream', async () => {
    const { ask, standing, upstream } = await keyed(({ text }, response) => {
      const done = { type: 'response.completed', response: { model: 'x', usage } };
      if (!text.includes('"stream":true')) return answering(REPLY)({ text } as never, response);
      return streaming(written([JSON.stringify(done)]))({ text } as never, response);
    });
    await (await ask({})).text();
    await expect.poll(async () => (await standing()).day.tokens).toBe(4);
    await (await ask({ stream: true })).text();
    await expect.poll(async () => (await standing()).day.tokens).toBe(11);
    // Where the request sets no bound, the budget does.
    expect(JSON.parse(upstream.requests[0]?.text ?? '')).toMatchObject({
      max_output_tokens: expect.any(Number) as number,
    });
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_0' }],
    ['conversation', { conversation: 'conv_0' }],
    ['prompt', { prompt: { id: 'pmpt_0' } }],
    ['tools[1]', { tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] }],
  ])('what has the server read more than is sent is refused under a budget: %s', async (param, body) => {
    const { ask, upstream } = await keyed(answering(REPLY));
    const response = await ask(body);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { param, code: 'unsupported_parameter' } },
    ]);
    expect(upstream.requests).toEqual([]);
  });
});
