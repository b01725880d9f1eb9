import { afterEach, describe, expect, it } from 'vitest';
import type { Model } from '../../core/index.ts';
import { enumerable } from '../../models/index.ts';
import { openaiCompatible, type OpenAICompatibleOptions } from '../../models/openai/index.ts';
import { listen, type Listening } from '../listen.ts';
import { answering, rawUpstream, type RawUpstream } from '../test-support/raw-upstream.ts';

const KEY = 'sk-operator-0123456789abcdef';
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

async function serve(
  answer: Parameters<typeof rawUpstream>[0],
  options: Partial<OpenAICompatibleOptions> = {},
  more: { readonly [name: string]: Model } = {},
): Promise<{ readonly upstream: RawUpstream; readonly server: Listening }> {
  const upstream = await rawUpstream(answer);
  const model = openaiCompatible({ model: 'real-id', name: 'm', baseURL: upstream.url, apiKey: KEY, ...options });
  const server = await listen({ port: 0, models: { ...more, m: model } });
  open.push(upstream, { close: () => server.close(0) });
  return { upstream, server };
}

const post = (server: Listening, body: string, more: RequestInit = {}): Promise<Response> =>
  fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    body,
    ...more,
    headers: { 'content-type': 'application/json', ...(more.headers as Record<string, string> | undefined) },
  });

const MESSAGES = '"messages":[{"role":"user","content":"hi"}]';
const REPLY =
  '{ "id" : "chatcmpl-1", "model":"real-id-2026-01-01", "choices":[{"index":0,"message":{"role":"assistant","content":"h\\u0069","unknown":[1.0,1e2]},"finish_reason":"stop"}],\n "usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}, "x_new":12345678901234567890 }';

describe('without techniques', () => {
  it('a request is what the client wrote, but for the name of the model', async () => {
    const { upstream, server } = await serve(answering(REPLY));
    const body = `{ "model" : "m" ,${MESSAGES},\t"seed":12345678901234567890,"temperature":1.0,"x_unknown":{"a":[null]},"stream":false }`;
    await post(server, body);
    expect(upstream.requests[0]?.text).toBe(body.replace('"m"', '"real-id"'));
  });

  it('a reply is what the server wrote, but for the name of the model', async () => {
    const { server } = await serve(answering(REPLY));
    const response = await post(server, `{"model":"m",${MESSAGES}}`);
    expect(await response.text()).toBe(REPLY.replace('"real-id-2026-01-01"', '"m"'));
  });

  it('headers of use go both ways, and no others', async () => {
    const { upstream, server } = await serve(
      answering(REPLY, 200, {
        'x-request-id': 'req-7',
        'x-ratelimit-remaining-requests': '9',
        'openai-organization': 'org-secret',
        'set-cookie': 'a=b',
        server: 'secret',
      }),
    );
    const response = await post(server, `{"model":"m",${MESSAGES}}`, {
      headers: {
        authorization: 'Bearer client-key',
        cookie: 'c=d',
        'openai-beta': 'x=1',
        traceparent: '00-1-2-01',
        'x-api-key': 'other',
      },
    });
    expect(upstream.requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'openai-beta': 'x=1',
      traceparent: '00-1-2-01',
    });
    for (const name of ['cookie', 'x-api-key', 'origin', 'user-agent'])
      expect(upstream.requests[0]?.headers[name]).toBeUndefined();
    expect(response.headers.get('x-request-id')).toBe('req-7');
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('9');
    for (const name of ['openai-organization', 'set-cookie', 'server', 'x-powered-by'])
      expect(response.headers.get(name)).toBeNull();
  });

  it('the field plusx stays here, and fields of the operator are added where the client says nothing', async () => {
    const { upstream, server } = await serve(answering(REPLY), { settings: { top_k: 5, temperature: 0.5 } });
    await post(server, `{"plusx":{"progress":true},"model":"m","temperature":1,${MESSAGES}}`);
    expect(JSON.parse(upstream.requests[0]?.text ?? '')).toEqual({
      model: 'real-id',
      temperature: 1,
      messages: [{ role: 'user', content: 'hi' }],
      top_k: 5,
    });
  });

  it('a second name of a model in the same body reaches nobody', async () => {
    const { upstream, server } = await serve(answering(REPLY));
    await post(server, `{"model":"forbidden","mod\\u0065l":"m",${MESSAGES}}`);
    expect(upstream.requests[0]?.text).toBe(`{"model":"real-id","mod\\u0065l":"real-id",${MESSAGES}}`);
  });
});

const chunk = (delta: object, finish: string | null = null): string =>
  `data: {"id":"c","object":"chat.completion.chunk","model":"real-id","choices":[{"index":0,"delta":${JSON.stringify(delta)},"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
const USAGE =
  'data: {"id":"c","object":"chat.completion.chunk","model":"real-id","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n';
const STREAM = [
  ': hello\n\n',
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'h\u00e9' }),
  chunk({}, 'stop'),
  USAGE,
  'data: [DONE]\n\n',
];

function streaming(pieces: readonly string[], end: 'end' | 'destroy' = 'end'): Parameters<typeof rawUpstream>[0] {
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (end === 'end') response.end();
    else response.destroy();
  };
}

describe('a stream without techniques', () => {
  it('is handed on event by event, without the usage that nobody asked for', async () => {
    const { upstream, server } = await serve(streaming(STREAM));
    const response = await post(server, `{"model":"m","stream":true,${MESSAGES}}`);
    const expected = STREAM.filter((event) => event !== USAGE).join('');
    expect(await response.text()).toBe(expected.replaceAll('"real-id"', '"m"'));
    expect(JSON.parse(upstream.requests[0]?.text ?? '')).toMatchObject({ stream_options: { include_usage: true } });
  });

  it('with the usage where it was asked for, and other options kept', async () => {
    const { upstream, server } = await serve(streaming(STREAM));
    const options = '"stream_options":{"include_usage":true,"include_obfuscation":false}';
    const response = await post(server, `{"model":"m","stream":true,${options},${MESSAGES}}`);
    expect(await response.text()).toBe(STREAM.join('').replaceAll('"real-id"', '"m"'));
    expect(upstream.requests[0]?.text).toContain(options);
  });

  it('comes out the same however it is cut', async () => {
    const whole = Buffer.from(STREAM.join('').replaceAll('\n', '\r\n'));
    const { server } = await serve(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const byte of whole) {
        response.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    const options = '"stream_options":{"include_usage":true}';
    const response = await post(server, `{"model":"m","stream":true,${options},${MESSAGES}}`);
    expect(await response.text()).toBe(whole.toString().replaceAll('"real-id"', '"m"'));
  });

  it('gives its first event as soon as the server does', async () => {
    let finish = (): void => {};
    const { server } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(STREAM[1]);
      finish = () => response.end(chunk({}, 'stop'));
    });
    const response = await post(server, `{"model":"m","stream":true,${MESSAGES}}`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toBe(STREAM[1]?.replace('"real-id"', '"m"'));
    finish();
    while (!(await reader.read()).done);
  });

  it.each([
    ['without a word', [STREAM[1]], 'end'],
    ['by a reset', [STREAM[1]], 'destroy'],
    ['in the middle of an event', [STREAM[1], 'data: {"id":"c","cho'], 'destroy'],
  ] as const)('that breaks off %s ends with an error and no [DONE]', async (_how, pieces, end) => {
    const { server } = await serve(streaming(pieces as readonly string[], end));
    const text = await (await post(server, `{"model":"m","stream":true,${MESSAGES}}`)).text();
    expect(text).not.toContain('[DONE]');
    const last = text.trim().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.slice(6))).toEqual({
      error: {
        message: expect.stringContaining('broke off') as string,
        type: 'upstream_error',
        param: null,
        code: 'upstream_malformed',
      },
    });
  });

  it('that holds an error ends there, in our form and without the key', async () => {
    const error = `data: {"error":{"message":"no quota for ${KEY}","type":"x","code":429}}\n\n`;
    const { server } = await serve(streaming([STREAM[1] as string, error, 'data: [DONE]\n\n']));
    const text = await (await post(server, `{"model":"m","stream":true,${MESSAGES}}`)).text();
    expect(text).not.toContain(KEY);
    expect(text).not.toContain('[DONE]');
    expect(text.trim().split('\n\n').at(-1)).toMatch(
      /^data: \{"error":\{"message":"no quota for \[key\]","type":"upstream_error","param":null,"code":"upstream_429"\}\}$/,
    );
  });

  it('says that it is alive while nothing comes', async () => {
    const upstream = await rawUpstream(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(STREAM[1]);
      await new Promise((resolve) => setTimeout(resolve, 80));
      response.end(chunk({}, 'stop'));
    });
    const model = openaiCompatible({ model: 'real-id', name: 'm', baseURL: upstream.url });
    const server = await listen({ port: 0, models: { m: model }, limits: { keepAliveMs: 20 } });
    open.push(upstream, { close: () => server.close(0) });
    const text = await (await post(server, `{"model":"m","stream":true,${MESSAGES}}`)).text();
    expect(text.match(/: keep-alive\n\n/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text).toContain('"finish_reason":"stop"');
  });
});

describe('what it cost', () => {
  const price = { input: 1e-6, output: 2e-6 };
  const usd = 3 * price.input + 1 * price.output;

  it('is told where the price is known, and every other byte stays', async () => {
    const { server } = await serve(answering(REPLY), { price });
    const text = await (await post(server, `{"model":"m",${MESSAGES}}`)).text();
    expect(text).toBe(
      REPLY.replace('"real-id-2026-01-01"', '"m"').replace('"total_tokens":4}', `"total_tokens":4,"cost":${usd}}`),
    );
  });

  it.each([
    ['the server says it itself', ',"cost":7}', { price }],
    ['the server says that it does not know', ',"cost":null}', { price }],
    ['the price is not known', '}', {}],
    ['the counts do not agree', ',"completion_tokens":9}', { price }],
  ])('is left alone where %s', async (_what, end, options) => {
    const reply = REPLY.replace('"total_tokens":4}', `"total_tokens":4${end}`);
    const { server } = await serve(answering(reply), options);
    const text = await (await post(server, `{"model":"m",${MESSAGES}}`)).text();
    expect(text).toBe(reply.replace('"real-id-2026-01-01"', '"m"'));
  });

  it('stands in the usage of a stream that is asked for it', async () => {
    const { server } = await serve(streaming(STREAM), { price });
    const options = '"stream_options":{"include_usage":true}';
    const text = await (await post(server, `{"model":"m","stream":true,${options},${MESSAGES}}`)).text();
    const cost = 3 * price.input + 2 * price.output;
    expect(text).toBe(
      STREAM.join('').replaceAll('"real-id"', '"m"').replace('"total_tokens":5}', `"total_tokens":5,"cost":${cost}}`),
    );
    const without = await (await post(server, `{"model":"m","stream":true,${MESSAGES}}`)).text();
    expect(without).not.toContain('cost');
  });
});

const form = (message: unknown, type: string, code: string | null, param: string | null = null): object => ({
  error: { message, type, param, code },
});

describe('errors of the server behind', () => {
  it.each([
    [401, 502, 'upstream_error', 'upstream_401'],
    [402, 502, 'upstream_error', 'upstream_402'],
    [403, 502, 'upstream_error', 'upstream_403'],
    [404, 404, 'invalid_request_error', 'upstream_404'],
    [422, 422, 'invalid_request_error', 'upstream_422'],
    [429, 429, 'upstream_error', 'upstream_429'],
    [500, 502, 'upstream_error', 'upstream_500'],
    [502, 502, 'upstream_error', 'upstream_502'],
    [503, 503, 'upstream_error', 'upstream_503'],
    [529, 503, 'upstream_error', 'upstream_529'],
    [302, 502, 'upstream_error', 'upstream_302'],
  ])('%i becomes %i', async (status, ours, type, code) => {
    const { server } = await serve(answering(`{"detail":"it failed with ${KEY}"}`, status, { 'retry-after': '7' }));
    const response = await post(server, `{"model":"m",${MESSAGES}}`);
    expect(response.status).toBe(ours);
    expect(await response.json()).toEqual(form('it failed with [key]', type, code));
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('x-plusx-upstream-status')).toBe(String(status));
  });

  it('about the request keep the words and the place they name', async () => {
    const error = '{"error":{"message":"bad","type":"invalid_request_error","param":"n","code":"bad_n"}}';
    const { server } = await serve(answering(error, 400));
    const response = await post(server, `{"model":"m",${MESSAGES}}`);
    expect([response.status, await response.json()]).toEqual([400, form('bad', 'invalid_request_error', 'bad_n', 'n')]);
  });

  it('inside a reply of status 200 are errors too', async () => {
    const { server } = await serve(answering('{"error":{"message":"full","code":503}}'));
    const response = await post(server, `{"model":"m",${MESSAGES}}`);
    expect([response.status, await response.json()]).toEqual([503, form('full', 'upstream_error', 'upstream_503')]);
  });

  it.each([
    ['a page', '<html><title>It works!</title></html>'],
    ['nothing', ''],
    ['a list', '[1]'],
    ['half a reply', '{"id":'],
  ])('are what is no reply: %s', async (_what, text) => {
    const { server } = await serve(answering(text));
    const response = await post(server, `{"model":"m",${MESSAGES}}`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { type: 'upstream_error', code: 'upstream_malformed' } });
  });

  it('are a server that is not there, or goes away', async () => {
    const { server, upstream } = await serve((_request, response) => void response.destroy());
    const response = await post(server, `{"model":"m",${MESSAGES}}`);
    expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'upstream_unreachable' } }]);
    expect(upstream.requests.length).toBe(1);
    await upstream.close();
    expect((await post(server, `{"model":"m",${MESSAGES}}`)).status).toBe(502);
  });
});

describe('who leaves, or has no more time, is not worked for', () => {
  it.each([true, false])('at once, before the first byte (stream: %s)', async (stream) => {
    const { server, upstream } = await serve(() => {});
    const controller = new AbortController();
    const asked = post(server, `{"model":"m","stream":${stream},${MESSAGES}}`, { signal: controller.signal });
    await expect.poll(() => upstream.requests.length).toBe(1);
    controller.abort();
    await expect(asked).rejects.toThrow('abort');
    await upstream.requests[0]?.closed;
  });

  it('in the middle of a stream', async () => {
    const { server, upstream } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(STREAM[1]);
    });
    const controller = new AbortController();
    const response = await post(server, `{"model":"m","stream":true,${MESSAGES}}`, { signal: controller.signal });
    await (response.body as ReadableStream<Uint8Array>).getReader().read();
    controller.abort();
    await expect(upstream.requests[0]?.closed).resolves.toBeUndefined();
  });

  it('at the deadline of a header or of the field plusx', async () => {
    const { server, upstream } = await serve(() => {});
    const both = [
      post(server, `{"model":"m",${MESSAGES}}`, { headers: { 'x-plusx-deadline-ms': '30' } }),
      post(server, `{"model":"m","plusx":{"deadline_ms":30},${MESSAGES}}`),
    ];
    for (const response of await Promise.all(both)) {
      expect(response.status).toBe(504);
      expect(await response.json()).toMatchObject({ error: { code: 'deadline_exceeded' } });
    }
    await Promise.all(upstream.requests.map(({ closed }) => closed));
  });
});

describe('completions and embeddings', () => {
  it.each(['/completions', '/embeddings'])('%s are handed on', async (path) => {
    const { upstream, server } = await serve(
      answering(
        '{"object":"list","data":[],"choices":[],"model":"real-id","usage":{"prompt_tokens":2,"total_tokens":2}}',
      ),
    );
    const body = '{"model":"m","input":["a"],"prompt":"b","encoding_format":"base64"}';
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${server.url}${path}`, { method: 'POST', body, headers });
    expect([response.status, await response.json()]).toMatchObject([200, { model: 'm' }]);
    expect([upstream.requests[0]?.path, upstream.requests[0]?.text]).toEqual([
      `/v1${path}`,
      body.replace('"m"', '"real-id"'),
    ]);
  });

  it.each([
    [
      '/completions',
      'm + reRead',
      'Name a model without techniques, or send the text as a message to /v1/chat/completions.',
    ],
    [
      '/embeddings',
      'm + reRead',
      'Name a model without techniques, or name a model of a provider that makes embeddings.',
    ],
    [
      '/completions',
      'written',
      "is not behind a server of OpenAI's protocol: send the text as a message to /v1/chat/completions.",
    ],
    [
      '/embeddings',
      'written',
      "is not behind a server of OpenAI's protocol: name a model of a provider that makes embeddings.",
    ],
  ])('%s of %s are refused with the way out', async (path, model, way) => {
    const written = enumerable({ name: 'written', answers: { '*': { yes: 1 } } });
    const { upstream, server } = await serve(answering(REPLY), {}, { written });
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      body: JSON.stringify({ model, prompt: 'x', input: 'x' }),
      headers: { 'content-type': 'application/json' },
    });
    const { error } = (await response.json()) as { error: { message: string } };
    expect([response.status, error]).toMatchObject([400, { code: 'unsupported_model', param: 'model' }]);
    expect(error.message).toContain(way);
    expect(upstream.requests).toEqual([]);
  });
});

it('a client of the operator is used where one is given', async () => {
  let used = 0;
  const mine: typeof fetch = (input, init) => {
    used++;
    return fetch(input, init);
  };
  const { server } = await serve(answering(REPLY), { fetch: mine });
  expect((await post(server, `{"model":"m",${MESSAGES}}`)).status).toBe(200);
  expect(used).toBe(1);
});
