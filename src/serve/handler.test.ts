import { connect } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enumerable } from '../models/written/index.ts';
import { TimedOut, Unreachable, type Model } from '../core/index.ts';
import type { ServeOptions } from './config.ts';
import { handler } from './handler.ts';
import type { Caller } from './keys/keys.ts';
import { listen } from './listen.ts';
import { serving, type Serving } from './test-support/serving.ts';

const two = enumerable({ name: 'two', answers: { '*': { 'The answer is 4.': 3, 'The answer is 5.': 1 } } });
const MESSAGES = [{ role: 'user', content: 'What is 2 + 2?' }];
const CHAT = 'http://localhost/v1/chat/completions';

const post = (options: ServeOptions, body: unknown, init: RequestInit = {}, url = CHAT): Promise<Response> =>
  handler(options)(
    new Request(url, {
      method: 'POST',
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body),
      ...init,
      headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) },
    }),
  );
const get = (options: ServeOptions, path: string): Promise<Response> =>
  handler(options)(new Request(`http://localhost${path}`));

const error = (code: string, param: string | null = null) => ({
  error: { message: expect.any(String) as string, type: expect.any(String) as string, param, code },
});

describe('models', () => {
  const options: ServeOptions = {
    models: {
      two,
      careful: 'two + selfConsistency(n=3)',
      nested: 'careful + reRead',
      loop: 'pool + reRead',
      pool: 'loop',
    },
    model: (name) => (name === 'other' ? two : undefined),
    listed: ['other'],
  };
  const says = async (model: string): Promise<unknown> => {
    const response = await post(options, { model, messages: MESSAGES, seed: 1 });
    return [response.status, await response.json()];
  };

  it('are listed, and looked up by id', async () => {
    const list = (await (await get(options, '/v1/models')).json()) as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(['two', 'careful', 'nested', 'loop', 'pool', 'other']);
    expect(await (await get(options, '/v1/models/careful')).json()).toMatchObject({ id: 'careful', object: 'model' });
    const formula = encodeURIComponent('two + bestOfN(score=judge(two))');
    expect((await get(options, `/v1/models/${formula}`)).status).toBe(200);
    expect((await get(options, '/v1/models/none')).status).toBe(404);
  });

  it.each([
    ['two', 'two'],
    ['careful', 'two + selfConsistency(n=3)'],
    ['nested', 'two + selfConsistency(n=3) + reRead'],
    ['other + reRead', 'two + reRead'],
    ['mixture(two, careful)', 'mixture(two, two + selfConsistency(n=3))'],
  ])('can be named: %s', async (model, formula) => {
    expect(await says(model)).toMatchObject([200, { model, plusx: { formula } }]);
  });

  it.each([
    ['none', 404, 'model_not_found'],
    ['none + reRead', 404, 'model_not_found'],
    ['two + bestOfN(score=judge(none))', 404, 'model_not_found'],
    ['pool:/etc/passwd', 404, 'model_not_found'],
    ['recorded:x.jsonl + reRead', 404, 'model_not_found'],
    ['__proto__', 404, 'model_not_found'],
    ['constructor', 404, 'model_not_found'],
    ['two + nonsense', 400, 'invalid_formula'],
    ['two + selfConsistency(n=0)', 400, 'invalid_formula'],
    ['two +', 400, 'invalid_formula'],
    ['two + bestOfN(score=nothing)', 400, 'invalid_formula'],
    ['('.repeat(3000), 400, 'invalid_formula'],
    [`two${' + reRead'.repeat(1000)}`, 400, 'invalid_formula'],
    ['loop', 500, 'invalid_configuration'],
    ['  ', 400, 'missing_model'],
  ])('that cannot: %s', async (model, status, code) => {
    expect(await says(model)).toMatchObject([status, error(code, status === 500 ? null : 'model')]);
  });

  it.each([undefined, null, 7, {}, ['two']])('must be named: %j', async (model) => {
    const response = await post(options, { model, messages: MESSAGES });
    expect([response.status, await response.json()]).toMatchObject([400, error('missing_model', 'model')]);
  });
});

describe('a key may use what it may use', () => {
  const caller: Caller = {
    key: 'mia',
    mayUseModel: (name) => name === 'two' || name === 'careful',
    mayUseTechnique: (name) => name === 'reRead',
  };
  const options: ServeOptions = {
    models: { two, secret: two, careful: 'secret + selfConsistency(n=3)' },
    keys: { callerOf: (key) => (key === 'k' ? caller : undefined) },
  };
  const says = async (model: string, key = 'k'): Promise<unknown> => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await post(
      options,
      { model, messages: MESSAGES },
      { headers },
      'http://elsewhere.example/v1/chat/completions',
    );
    return [response.status, await response.json()];
  };

  it.each([
    ['two', 200],
    ['two + reRead', 200],
    ['careful', 200],
    ['careful + reRead', 200],
    ['secret', 404],
    ['two + bestOfN(score=judge(secret))', 403],
    ['mixture(two, secret)', 403],
    ['two + selfConsistency', 403],
    ['two + reRead + selfConsistency(n=3)', 403],
    ['two + nonsense', 400],
  ])('%s: %i', async (model, status) => {
    expect(await says(model)).toMatchObject([status, status === 200 ? {} : { error: {} }]);
  });

  it('and without one nothing, the list included', async () => {
    for (const key of ['', 'wrong', 'k2'])
      expect(await says('two', key)).toMatchObject([401, error('invalid_api_key')]);
    expect((await get(options, '/v1/models')).status).toBe(401);
    expect((await get(options, '/healthz')).status).toBe(200);
  });

  it('and lists no other', async () => {
    const answer = handler(options);
    const request = new Request('http://localhost/v1/models', { headers: { authorization: 'Bearer k' } });
    const { data } = (await (await answer(request)).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(['two', 'careful']);
  });
});

describe('without keys only this machine is answered', () => {
  it.each([
    ['http://localhost:8080', undefined, 200],
    ['http://127.0.0.1', undefined, 200],
    ['http://[::1]:80', undefined, 200],
    ['http://127.0.0.1', 'http://localhost:3000', 200],
    ['http://evil.example', undefined, 403],
    ['http://127.0.0.1.evil.example', undefined, 403],
    ['http://localhost.evil.example', undefined, 403],
    ['http://127.0.0.1', 'https://evil.example', 403],
    ['http://127.0.0.1', 'null', 403],
  ])('%s from %s: %i', async (host, origin, status) => {
    const init = origin === undefined ? {} : { headers: { origin } };
    const response = await post(
      { models: { two } },
      { model: 'two', messages: MESSAGES },
      init,
      `${host}/v1/chat/completions`,
    );
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('and no other address is listened on', async () => {
    await expect(listen({ host: '0.0.0.0', port: 0 })).rejects.toThrow('must be this machine where there are no keys');
    await expect(listen({ host: '::', port: 0 })).rejects.toThrow('must be this machine');
  });
});

describe('what is no request is told so in one form', () => {
  const options: ServeOptions = { models: { two }, limits: { bodyBytes: 10_000, messages: 50 } };
  it.each<[string, string | Uint8Array, number, string]>([
    ['nothing', '', 400, 'invalid_json'],
    ['no JSON', '{"model":', 400, 'invalid_json'],
    ['a list', '[]', 400, 'invalid_json'],
    ['null', 'null', 400, 'invalid_json'],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe, 0x7b), 400, 'invalid_json'],
    ['depth', `{"model":"two","messages":${'['.repeat(4000)}${']'.repeat(4000)}}`, 400, 'invalid_json'],
    [
      'size',
      JSON.stringify({ model: 'two', messages: [{ role: 'user', content: 'x'.repeat(10_000) }] }),
      413,
      'body_too_large',
    ],
    ['length', JSON.stringify({ model: 'two', messages: Array.from({ length: 51 }, () => 0) }), 400, 'invalid_value'],
  ])('%s', async (_what, body, status, code) => {
    const response = await post(options, body);
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { error: { code, type: 'invalid_request_error' } },
    ]);
  });

  it('a body of unknown length is cut at the limit', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1000).fill(0x20));
        if (++sent > 1000) controller.close();
      },
    });
    const response = await post(options, '', { body, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(20);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'a body of type %s',
    async (type) => {
      const response = await post(options, '{"model":"two"}', { headers: { 'content-type': type } });
      expect(response.status).toBe(415);
    },
  );

  it('a name of a model that is no address', async () => {
    for (const name of ['%', '%ff', '%E0%A4%A'])
      expect([(await get(options, `/v1/models/${name}`)).status, name]).toEqual([400, name]);
    expect(await (await get(options, '/v1/models/two%20%2B%20reRead')).json()).toMatchObject({ id: 'two + reRead' });
  });

  it.each([
    [
      new Unreachable({ url: 'http://10.0.0.7:9/v1', why: 'no such host' }),
      502,
      /^Cannot reach the server of the model: no such host/,
    ],
    [new TimedOut({ url: 'http://10.0.0.7:9/v1', ms: 5 }), 504, /^The server of the model gave no sign of life/],
  ])('a server behind is not named: %s', async (thrown, status, message) => {
    const lost: Model = { ...two, sample: () => Promise.reject(thrown) };
    const response = await post(
      { models: { lost: 'lost' }, model: () => lost },
      { model: 'lost + selfConsistency', messages: MESSAGES },
    );
    expect([response.status, await response.json()]).toMatchObject([
      status,
      { error: { message: expect.stringMatching(message) as string } },
    ]);
  });

  it('other routes and methods', async () => {
    expect([(await get(options, '/v2/x')).status, await (await get(options, '/v2/x')).json()]).toMatchObject([
      404,
      error('not_found'),
    ]);
    for (const path of ['/chat/completions', '/v1/v1/chat/completions', '/models'])
      expect(await (await get(options, path)).json()).toMatchObject({
        error: { message: expect.stringContaining('ends with /v1, once: ask for /v1/') as string },
      });
    for (const path of ['/v2/x', '/', '/v1', '/metrics', '/v1/healthz'])
      expect(await (await get(options, path)).text()).not.toContain('base URL');
    expect((await get(options, '/v1/chat/completions')).status).toBe(405);
    const answer = handler(options);
    expect((await answer(new Request(CHAT, { method: 'OPTIONS' }))).status).toBe(405);
    expect((await answer(new Request('http://localhost/v1/models', { method: 'DELETE' }))).status).toBe(405);
    expect(await (await get(options, '/readyz')).json()).toEqual({ status: 'ready' });
  });

  it('and whatever else comes, it is a 4xx in that form, or an answer', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('two', 'two + reRead', MESSAGES, true, 1, -1));
    const names = [
      'model',
      'messages',
      'n',
      'stop',
      'tools',
      'stream',
      'seed',
      'response_format',
      'plusx',
      'top_logprobs',
      'tool_choice',
    ];
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), value), fc.boolean(), async (fields, isServed) => {
        const body = isServed ? { model: 'two + reRead', messages: MESSAGES, ...fields } : fields;
        const response = await post(options, JSON.stringify(body));
        const text = await response.text();
        if (response.status === 200) return;
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        const { error: told } = JSON.parse(text) as { error: object };
        expect(Object.keys(told)).toEqual(['message', 'type', 'param', 'code']);
      }),
      { numRuns: 500 },
    );
  });
});

describe('on a port', () => {
  let server: Serving;
  beforeAll(async () => {
    server = await serving({}, { options: { models: { two } } });
  });
  afterAll(() => server.close());

  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(text));
      let heard = '';
      socket.on('data', (piece) => (heard += piece.toString()));
      socket.on('close', () => resolve(heard));
      socket.on('error', reject);
      setTimeout(() => socket.end(), 300);
    });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    [
      'two lengths',
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
    ],
    [
      'a length and chunks',
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    ],
    ['a header over two lines', 'GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\0\r\n\r\n'],
    ['a large head', `GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`],
  ])('%s is refused in the form of every error', async (_what, text) => {
    const heard = await raw(text);
    expect(heard).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(heard.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4))).toMatchObject({ error: { param: null } });
  });

  it('there is no word of what answers', async () => {
    const response = await server.post('/chat/completions', { model: 'two', messages: MESSAGES });
    for (const name of ['server', 'x-powered-by', 'via']) expect(response.headers.get(name)).toBeNull();
  });
});

it('text in a conversation chooses nothing', async () => {
  const seen: string[] = [];
  const spy: Model = {
    ...two,
    name: 'spy',
    sample: (request, context) => {
      seen.push(context.path);
      return two.sample(request, context);
    },
  };
  const content = 'model: two + selfConsistency(n=100)\n{"model":"two","plusx":{"n":9}}\nbon|moa two + bestOfN';
  const messages = [
    { role: 'system', content },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: content, arguments: content } }],
    },
    { role: 'tool', tool_call_id: 'a', content },
    { role: 'user', content },
  ];
  const headers = { 'x-model': 'two', 'x-plusx-model': 'two + selfConsistency', model: 'two' };
  const response = await post({ models: { spy, two } }, { model: 'spy', messages }, { headers });
  expect([response.status, seen.length]).toEqual([200, 1]);
});

it('two requests are two draws, and one seed is one draw', async () => {
  const many = enumerable({
    name: 'many',
    answers: { '*': Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}`, 1])) },
  });
  const say = async (seed?: number): Promise<string> => {
    const response = await post(
      { models: { many } },
      { model: 'many', messages: MESSAGES, ...(seed !== undefined && { seed }) },
    );
    return (
      ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content ?? ''
    );
  };
  expect(await say(7)).toBe(await say(7));
  const drawn = await Promise.all(Array.from({ length: 40 }, () => say()));
  expect(new Set(drawn).size).toBeGreaterThan(25);
});
