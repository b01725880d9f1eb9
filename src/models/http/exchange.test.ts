/** Requests against servers on the loopback interface that behave as the worst ones do. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { REPLY_BYTES } from '../../core/bounds.ts';
import {
  ask,
  plus,
  stream,
  systemClock,
  user,
  type Clock,
  type Progress,
  type Sample,
  type Warning,
} from '../../core/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { getJson } from './exchange.ts';
import { openaiCompatible, openaiEmbedder, type OpenAICompatibleOptions } from '../openai/index.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, index: number) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server, and the requests it got. */
async function serve(answer: Answer) {
  const requests: { readonly url: string; readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      requests.push({ url: request.url ?? '', headers: request.headers, body });
      answer(request, response, requests.length - 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const at = (origin: string, more: Partial<OpenAICompatibleOptions> = {}) =>
  openaiCompatible({ model: 'm', baseURL: `${origin}/v1`, retry: { firstWaitMs: 1 }, ...more });

const REPLY = {
  choices: [{ message: { content: 'fine' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
};
const send = (response: ServerResponse, body: unknown, status = 200, headers: { [name: string]: string } = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const fine: Answer = (_request, response) => send(response, REPLY);
const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => String(error),
  );

interface Read {
  readonly deltas: string[];
  readonly sample: Sample | undefined;
  readonly warnings: readonly Warning[];
  readonly outputTokens: number | undefined;
}
async function read(parts: ReturnType<typeof stream>): Promise<Read> {
  const deltas: string[] = [];
  for await (const part of parts) {
    if (part.type === 'text-delta') deltas.push(part.delta);
    if (part.type !== 'finish') continue;
    const { samples, warnings, usage } = part.sampled;
    return { deltas, sample: samples[0], warnings, outputTokens: usage.outputTokens };
  }
  return { deltas, sample: undefined, warnings: [], outputTokens: undefined };
}

/** The machine's clock, but nobody waits before another try. */
const hasty: Clock = {
  now: systemClock.now,
  after: (ms, callback, hold) => systemClock.after(hold ? 0 : ms, callback, hold),
};

describe('what is refused', () => {
  it('for good is asked once', async () => {
    const kinds: readonly (readonly [number, unknown])[] = [
      [501, { error: { message: 'This server does not support embeddings', code: 501 } }],
      [505, {}],
      [500, { detail: '7 validation errors for ValidatorIterator' }],
      [500, { error: { message: 'image input is not supported' } }],
      [500, 'Error code: 400 - bad request'],
    ];
    for (const [status, body] of kinds) {
      const { origin, requests } = await serve((_request, response) => send(response, body, status));
      expect(await messageOf(ask(at(origin), 'q'))).toContain(`answered ${status}: `);
      expect(requests).toHaveLength(1);
    }
  });

  it('for a while is asked again, and the error says how often', async () => {
    const { origin, requests } = await serve((_request, response) => send(response, { message: 'Slow down.' }, 429));
    const hint = (): string => 'Wait a little';
    expect(await messageOf(ask(at(origin, { retry: { attempts: 3, firstWaitMs: 1 }, hint }), 'q'))).toBe(
      `UpstreamError: ${origin}/v1/chat/completions answered 429 (3 tries): Slow down. Wait a little`,
    );
    expect(requests).toHaveLength(3);
  });

  it('for longer than anybody waits says for how long', async () => {
    const headers = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' };
    const { origin, requests } = await serve((_request, response) => send(response, { error: 'busy' }, 429, headers));
    expect(await messageOf(ask(at(origin), 'q'))).toMatch(/answered 429: busy\. The server asks to wait 360 s/);
    expect(requests).toHaveLength(1);
  });

  it('is told while somebody waits, by models and by embedders', async () => {
    const told: Progress[] = [];
    const { origin } = await serve((_request, response, index) =>
      index < 2
        ? send(response, {}, index === 0 ? 429 : 503, index === 0 ? { 'retry-after': '2' } : {})
        : send(response, { ...REPLY, data: [{ embedding: [1] }] }),
    );
    await ask(at(origin), 'q', { clock: hasty, onProgress: (progress) => told.push(progress) });
    expect(told.map(({ text }) => text)).toEqual(['m tries again after 2 s (429)', 'm tries again after 0.1 s (503)']);
    expect(told[0]?.path).toContain('draw/0');
  });

  it('as one of several draws multiplies no tries', async () => {
    const { origin, requests } = await serve((_request, response) => send(response, {}, 500));
    const model = at(origin, { retry: { attempts: 3, firstWaitMs: 1 }, quirks: { n: false } });
    expect(await messageOf(ask(plus(model, selfConsistency({ n: 3 })), 'q'))).toContain('answered 500 (3 tries)');
    expect(requests).toHaveLength(9);
  });

  it.each(['attempts', 'firstWaitMs', 'totalWaitMs'])('is not tried for ever by a wrong option: %s', async (option) => {
    const { origin, requests } = await serve((_request, response) => send(response, {}, 500));
    expect(await messageOf(ask(at(origin, { retry: { [option]: Number.NaN } }), 'q'))).toContain(
      `retry.${option} must`,
    );
    expect(requests).toHaveLength(0);
  });

  it('with status 200 for good is asked once', async () => {
    const { origin, requests } = await serve((_request, response) => send(response, { error: 'no such model: m' }));
    expect(await messageOf(ask(at(origin), 'q'))).toContain('answered 500: no such model: m');
    expect(requests).toHaveLength(1);
  });

  it('without a word is told by its status', async () => {
    const { origin } = await serve((_request, response) => void response.writeHead(403).end());
    expect(await messageOf(ask(at(origin), 'q'))).toContain('answered 403: Forbidden. Check `apiKey`');
  });

  it('with a body that never ends is read as far as its words go', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(400);
      const more = (): boolean => response.write('so bad '.repeat(1000), () => void (response.destroyed || more()));
      more();
    });
    expect(await messageOf(ask(at(origin), 'q'))).toMatch(/answered 400: so bad so bad/);
  });
});

describe('a redirect', () => {
  const secret = { 'api-key': 'azure-key-1234', 'x-goog': 'g-12345678' };
  it.each([301, 302, 303, 307, 308])('to another server carries nothing there: %s', async (status) => {
    const other = await serve(fine);
    const { origin } = await serve((request, response) =>
      response.writeHead(status, { location: `${other.origin}${request.url}?key=hidden-in-query` }).end(),
    );
    const told = await messageOf(ask(at(origin, { headers: secret, apiKey: 'bearer-key' }), 'the prompt'));
    expect(told).toMatch(
      new RegExp(`answered ${status}: it sends the request on to ${other.origin}/v1/chat/completions\\.`),
    );
    expect(told).toContain('baseURL');
    expect(told).not.toContain('hidden');
    expect(other.requests).toHaveLength(0);
    expect(
      await messageOf(openaiEmbedder({ model: 'm', baseURL: `${origin}/v1`, dimensions: 1 }).embed(['text'])),
    ).toContain(`answered ${status}`);
    expect(other.requests).toHaveLength(0);
  });

  it.each([307, 308])('within the server is followed, prompt and all: %s', async (status) => {
    const { origin, requests } = await serve((request, response, index) =>
      index === 0 ? response.writeHead(status, { location: `${request.url}/` }).end() : fine(request, response, index),
    );
    expect((await ask(at(origin, { headers: secret }), 'the prompt')).text).toBe('fine');
    expect(requests[1]).toMatchObject({ url: '/v1/chat/completions/', headers: secret, body: requests[0]?.body });
  });

  it('that goes round and round ends', async () => {
    const { origin, requests } = await serve((request, response) =>
      response.writeHead(307, { location: request.url ?? '' }).end(),
    );
    expect(await messageOf(ask(at(origin), 'q'))).toContain('answered 307');
    expect(requests.length).toBeLessThan(10);
  });

  it('to nowhere is told', async () => {
    const { origin } = await serve((_request, response) => response.writeHead(307).end());
    expect(await messageOf(ask(at(origin), 'q'))).toContain('not to a known place');
  });
});

describe('what comes is bounded', () => {
  it('a small body that unpacks into a large one', async () => {
    const bomb = gzipSync(Buffer.alloc(2 * REPLY_BYTES, ' '), { level: 9 });
    for (const status of [200, 400]) {
      const { origin } = await serve((_request, response) =>
        response.writeHead(status, { 'content-encoding': 'gzip' }).end(bomb),
      );
      const told = await messageOf(ask(at(origin), 'q'));
      expect(told).toMatch(status === 200 ? /malformed reply: more than 67108864 bytes/ : /answered 400/);
    }
  });

  it('JSON too deep to go down into', async () => {
    const deep = `{"choices":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const { origin } = await serve((_request, response) => response.writeHead(200).end(deep));
    expect(await messageOf(ask(at(origin), 'q'))).toMatch(/MalformedReply: .*lists and objects more than 512 deep/);
    expect(await messageOf(read(stream(at(origin), 'q')))).toMatch(/MalformedReply: .*too deep/);
  });

  const endless =
    (piece: string): Answer =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(piece.repeat(10)), 1);
      response.on('close', () => clearInterval(timer));
    };
  it.each([
    ['words', chunk('word '), 100],
    ['letters', chunk('x'), 400],
    ['thoughts', chunk('').replace('content', 'reasoning_content').replace('""', '"hm "'), 0],
  ])('a stream of %s that goes on after the most that was asked for', async (_kind, piece, pieces) => {
    const { origin } = await serve(endless(piece));
    const got = await read(stream(at(origin), { prompt: [user('q')], maxOutputTokens: 100 }));
    expect(got.deltas).toHaveLength(pieces);
    expect(got.sample?.finish.unified).toBe('length');
    expect(got.warnings.map(({ code }) => code)).toContain('stream-too-long');
    expect(got.outputTokens).toBeUndefined();
  });

  it('and a stream of just as much is left alone', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${chunk('a ').repeat(5)}${chunk('', 'stop')}data: [DONE]\n\n`);
    });
    const got = await read(stream(at(origin), { prompt: [user('q')], maxOutputTokens: 5 }));
    expect(got.deltas).toHaveLength(5);
    expect(got.sample?.finish.unified).toBe('stop');
    expect(got.warnings).toEqual([]);
  });
});

describe('what was not asked for', () => {
  it('JSON in place of a stream, whatever it is called', async () => {
    for (const type of ['application/json', 'text/event-stream', 'text/plain', 'application/x-ndjson']) {
      const { origin } = await serve((_request, response) => send(response, REPLY, 200, { 'content-type': type }));
      expect((await read(stream(at(origin), 'q'))).deltas.join('')).toBe('fine');
    }
  });

  it('a stream in place of JSON', async () => {
    const events = `: hello\n\n${chunk('fi')}${chunk('ne', 'stop')}data: {"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":1}}\n\ndata: [DONE]\n\n`;
    for (const type of ['application/json', 'text/event-stream']) {
      const { origin } = await serve((_request, response) =>
        response.writeHead(200, { 'content-type': type }).end(events),
      );
      const { text, usage } = await ask(at(origin), 'q');
      expect([text, usage.inputTokens, usage.outputTokens]).toEqual(['fine', 2, 1]);
    }
  });

  it('a stream of several draws in place of JSON is one of them, and the rest is asked for', async () => {
    const { origin, requests } = await serve((_request, response) =>
      response.writeHead(200).end(`${chunk('fine', 'stop')}data: [DONE]\n\n`),
    );
    const { text, usage } = await ask(plus(at(origin), selfConsistency({ n: 3 })), 'q');
    expect([text, usage.calls, requests.length]).toEqual(['fine', 3, 3]);
  });

  it('an error inside such a stream', async () => {
    const { origin } = await serve((_request, response) =>
      response.writeHead(200).end(`${chunk('fi')}data: {"error":{"message":"no more","code":400}}\n\n`),
    );
    expect(await messageOf(ask(at(origin), 'q'))).toContain('answered 400: no more');
  });

  it('a page', async () => {
    const page = '<!doctype html><html><head><title>Open WebUI</title></head><body>...</body></html>';
    const { origin } = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end(page),
    );
    const told =
      /an HTML page, not \w+(?: \w+)?: Open WebUI\. Check that `baseURL` ends where the API begins, often in \/v1/;
    expect(await messageOf(ask(at(origin), 'q'))).toMatch(told);
    expect(await messageOf(read(stream(at(origin), 'q')))).toMatch(told);
    expect(await messageOf(openaiEmbedder({ model: 'm', baseURL: origin, dimensions: 1 }).embed(['x']))).toMatch(told);
  });

  it('nothing', async () => {
    const { origin } = await serve((_request, response) => response.writeHead(200).end());
    expect(await messageOf(ask(at(origin), 'q'))).toContain('malformed reply: nothing, not JSON');
  });
});

describe('one document', () => {
  const get = (origin: string, timeoutMs = 5000) =>
    getJson(
      {
        url: `${origin}/models`,
        shown: `${origin}/models`,
        headers: { authorization: 'Bearer canary-4711' },
        secrets: ['canary-4711'],
        fetch,
        setBy: 'PLUSX_BASE_URL',
      },
      { signal: new AbortController().signal, timeoutMs },
    );

  it('is got, also where it moved to within the server', async () => {
    const { origin, requests } = await serve((request, response) =>
      request.url === '/models'
        ? response.writeHead(301, { location: '/v1/models' }).end()
        : send(response, { data: [], method: request.method }),
    );
    expect(await get(origin)).toEqual({ data: [], method: 'GET' });
    expect(requests[1]?.headers.authorization).toBe('Bearer canary-4711');
  });

  it('or it is told in one line why not, and without keys', async () => {
    const other = await serve(fine);
    const kinds: readonly (readonly [Answer, RegExp])[] = [
      [(_request, response) => send(response, { error: 'bad canary-4711' }, 401), /answered 401: bad \[key\]$/],
      [
        (_request, response) => send(response, { error: { message: 'canary-4711', code: 403 } }),
        /answered 403: \[key\]$/,
      ],
      [
        (_request, response) => void response.end('<html><title>Hi</title>'),
        /HTML page, not JSON: Hi\. Check that PLUSX_BASE_URL/,
      ],
      [
        (_request, response) => response.writeHead(302, { location: other.origin }).end(),
        /answered 302: .* with PLUSX_BASE_URL$/,
      ],
      [(_request, response) => response.destroy(), /Cannot reach .*ECONNRESET|Cannot reach .*UND_ERR_SOCKET/],
    ];
    for (const [answer, told] of kinds) {
      const { origin, requests } = await serve(answer);
      expect(await messageOf(get(origin))).toMatch(told);
      expect(requests).toHaveLength(1);
    }
    expect(other.requests).toHaveLength(0);
    const { origin } = await serve(() => undefined);
    expect(await messageOf(get(origin, 50))).toMatch(/Cannot reach .*: no answer in 0\.05 s\./);
  });
});

describe('how long a reply may take is what the caller says', () => {
  const KEY = Symbol.for('undici.globalDispatcher.1');
  interface Agent {
    readonly constructor: new (limits: { headersTimeout: number; bodyTimeout: number }) => object;
  }
  /** Runs with a fetch whose own limits are 100 ms in place of 300 seconds. */
  async function impatient<T>(work: () => Promise<T>): Promise<T> {
    await fetch('data:,');
    const usual = Reflect.get(globalThis, KEY) as Agent;
    Reflect.set(globalThis, KEY, new usual.constructor({ headersTimeout: 100, bodyTimeout: 100 }));
    try {
      return await work();
    } finally {
      Reflect.set(globalThis, KEY, usual);
    }
  }
  const late: Answer = (_request, response) => void setTimeout(() => send(response, REPLY), 2500);

  it('and not what fetch says', { timeout: 20_000 }, async () => {
    const { origin } = await serve(late);
    await impatient(async () => {
      await expect(fetch(origin, { method: 'POST', body: '{}' })).rejects.toMatchObject({
        cause: { code: 'UND_ERR_HEADERS_TIMEOUT' },
      });
      expect((await ask(at(origin, { timeoutMs: 10_000 }), 'q')).text).toBe('fine');
      expect(await messageOf(ask(at(origin, { timeoutMs: 50 }), 'q'))).toMatch(
        /no sign of life for 50 ms\. Raise `timeoutMs`/,
      );
    });
  });

  it('between two pieces of a stream too', { timeout: 20_000 }, async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk('fi'));
      setTimeout(() => response.end(`${chunk('ne', 'stop')}data: [DONE]\n\n`), 2500);
    });
    await impatient(async () => {
      expect((await read(stream(at(origin), 'q'))).deltas).toEqual(['fi', 'ne']);
    });
  });

  it('but where the caller’s own fetch says it, and then the error names that', { timeout: 20_000 }, async () => {
    const { origin } = await serve(late);
    await impatient(async () => {
      const own: typeof fetch = (input, init) => fetch(input, init);
      expect(await messageOf(ask(at(origin, { fetch: own, timeoutMs: 10_000 }), 'q'))).toMatch(
        /no sign of life for \d+ ms\. That is the limit of the `fetch` in use \(UND_ERR_HEADERS_TIMEOUT\)/,
      );
    });
  });
});
