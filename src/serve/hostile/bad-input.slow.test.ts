/** What is sent to a server by somebody who means it no good. */
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../../store/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { listen, type Listening, type ListenOptions } from '../listen.ts';
import { answering, rawUpstream, type RawUpstream } from '../test-support/raw-upstream.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

const REPLY =
  '{"id":"1","object":"chat.completion","model":"real","choices":[{"index":0,"message":{"role":"assistant","content":"4"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
const two = enumerable({ name: 'two', answers: { '*': { 4: 1 } } });

async function serve(
  options: Partial<ListenOptions> = {},
): Promise<{ readonly server: Listening; readonly upstream: RawUpstream }> {
  const upstream = await rawUpstream(answering(REPLY));
  const m = openaiCompatible({ model: 'real', name: 'm', baseURL: upstream.url, quirks: { n: false } });
  const server = await listen({ port: 0, models: { m, two }, ...options });
  open.push(upstream, { close: () => server.close(0) });
  return { server, upstream };
}

const post = (server: Listening, body: string): Promise<Response> =>
  fetch(`${server.url}/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

interface Told {
  readonly status: number;
  readonly code: string | null;
}

async function told(response: Response): Promise<Told> {
  const { error } = (await response.json()) as { error: { code: string | null } };
  expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code']);
  return { status: response.status, code: error.code };
}

const user = (content: string) => ({ role: 'user', content });

describe('what is too much', () => {
  it('a body of 10 MB is read, and more than is allowed is not', async () => {
    const { server, upstream } = await serve();
    const text = 'x'.repeat(10 * 2 ** 20);
    expect((await post(server, JSON.stringify({ model: 'm', messages: [user(text)] }))).status).toBe(200);
    expect(upstream.requests[0]?.text).toContain(text);
    const { server: small } = await serve({ limits: { bodyBytes: 2 ** 20 } });
    expect(await told(await post(small, JSON.stringify({ model: 'm', messages: [user(text)] })))).toEqual({
      status: 413,
      code: 'body_too_large',
    });
  });

  it('100,000 messages are refused where they have to be read', async () => {
    const { server } = await serve();
    const messages = Array.from({ length: 100_000 }, () => user('x'));
    const refused = await told(await post(server, JSON.stringify({ model: 'two + reRead', messages })));
    expect(refused).toEqual({ status: 400, code: 'invalid_value' });
  });

  it.each(['[', '{"a":'])('JSON 10,000 deep is refused: %s', async (piece) => {
    const { server } = await serve();
    const end = piece === '[' ? ']' : '}';
    const deep = `${piece.repeat(10_000)}1${end.repeat(10_000)}`;
    for (const model of ['m', 'two'])
      expect(
        await told(
          await post(server, `{"model":"${model}","messages":[{"role":"user","content":"x"}],"metadata":${deep}}`),
        ),
      ).toEqual({ status: 400, code: 'invalid_json' });
  });
});

/** Writes pieces one after the other and resolves to what is heard until the server closes. */
function dripped(
  port: number,
  pieces: Iterable<string>,
  everyMs: number,
): Promise<{ readonly heard: string; readonly ms: number }> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const all = pieces[Symbol.iterator]();
    const timer = setInterval(() => {
      const { done, value } = all.next();
      if (!done) socket.write(value);
    }, everyMs);
    let heard = '';
    socket.on('data', (piece) => (heard += piece.toString()));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ heard, ms: performance.now() - begun });
    });
  });
}

const BODY = JSON.stringify({ model: 'm', messages: [user('x'.repeat(1000))] });
const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n`;

describe('who is slow on purpose', () => {
  it.each([
    ['the head', ''],
    ['the body', `${HEAD}\r\n`],
    ['the body in chunks', `${HEAD.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')}\r\n`],
  ])('is cut off with a word: %s', async (what, sent) => {
    const { server, upstream } = await serve({ headMs: 300, requestMs: 600 });
    const drops =
      what === 'the head' ? `${HEAD}X: ${'y'.repeat(5000)}` : what === 'the body' ? BODY : '1\r\nx\r\n'.repeat(500);
    const size = what === 'the body in chunks' ? 6 : 1;
    const pieces = [sent, ...(drops.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [])].filter(Boolean);
    const { heard, ms } = await dripped(server.port, pieces, 20);
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4))).toMatchObject({
      error: { code: 'request_timeout' },
    });
    expect(ms).toBeLessThan(5000);
    expect(upstream.requests).toEqual([]);
  });

  it('does not hold up others', async () => {
    const { server } = await serve({ headMs: 2000 });
    const slow = Array.from({ length: 200 }, () => dripped(server.port, HEAD, 100));
    const asked = await Promise.all(Array.from({ length: 20 }, () => post(server, BODY)));
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
    await server.close(1);
    await Promise.all(slow);
  });
});

/** A second request, hidden in the first: it must never be answered, nor reach the upstream. */
const HIDDEN_BODY = JSON.stringify({ model: 'm', messages: [user('hidden')] });
const HIDDEN = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${HIDDEN_BODY.length}\r\n\r\n${HIDDEN_BODY}`;
const smuggled = (lines: string, body: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${lines}\r\n\r\n${body}${HIDDEN}`;

describe('a request within a request', () => {
  it.each([
    ['a length and chunks', smuggled('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
    ['chunks and a length', smuggled('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n')],
    ['two lengths', smuggled('Content-Length: 0\r\nContent-Length: 5', '')],
    ['two lengths in one', smuggled('Content-Length: 0, 5', '')],
    ['a length with a sign', smuggled('Content-Length: +0', '')],
    ['a length in hexadecimal', smuggled('Content-Length: 0x0', '')],
    ['another coding', smuggled('Transfer-Encoding: xchunked', '0\r\n\r\n')],
    ['chunks, then another coding', smuggled('Transfer-Encoding: chunked, identity', '0\r\n\r\n')],
    ['a coding twice', smuggled('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n')],
    ['a blank before the colon', smuggled('Content-Length : 0', '')],
    ['a header over two lines', smuggled('X: a\r\n b\r\nContent-Length: 0', '')],
    ['a coding over two lines', smuggled('Transfer-Encoding:\r\n chunked\r\nContent-Length: 5', '0\r\n\r\n')],
    ['a line that ends in a line feed alone', smuggled('X: a\nContent-Length: 0', '')],
    ['a carriage return within a value', smuggled('X: a\rContent-Length: 0\r\nY: b', '')],
    ['a chunk longer than it says', smuggled('Transfer-Encoding: chunked', '1\r\nxx\r\n0\r\n\r\n')],
    ['a chunk of no length', smuggled('Transfer-Encoding: chunked', 'x\r\n\r\n')],
  ])('%s', async (_what, text) => {
    const { server, upstream } = await serve({ headMs: 500, requestMs: 500 });
    const { heard } = await dripped(server.port, [text], 1);
    expect(heard).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(heard.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(heard).toMatch(/\r\nConnection: close\r\n/i);
    expect(upstream.requests).toEqual([]);
  });

  it('and a header reaches the upstream only where it has a use there', async () => {
    const { server, upstream } = await serve();
    const lines = `Content-Length: ${BODY.length}\r\nX-Forwarded-For: 1.2.3.4\r\nAuthorization: Bearer mine\r\nCookie: a=b\r\nUpgrade: h2c\r\nTE: trailers\r\nX-Request-Id: mine\r\nConnection: close, x-title\r\nX-Title: t`;
    const heard = dripped(server.port, [smuggled(lines, BODY).slice(0, -HIDDEN.length)], 1);
    expect((await heard).heard).toMatch(/^HTTP\/1\.1 200 /);
    const { headers } = upstream.requests[0] as RawUpstream['requests'][number];
    expect(Object.keys(headers).toSorted()).toEqual(
      ['accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'x-title'].toSorted(),
    );
  });
});

describe('a key', () => {
  /**
   * How much longer one of two checks takes than the other, as a share of a check: of medians, each check in its turn, so that what
   * else the machine does meets both alike.
   */
  function apart(check: (key: string) => unknown, one: string, other: string): number {
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < 60_000; i++) {
      const which = (i * 7919) % 2;
      const start = process.hrtime.bigint();
      check(which === 0 ? one : other);
      if (i > 10_000) times[which]?.push(Number(process.hrtime.bigint() - start));
    }
    const [a = 0, b = 0] = times.map((all) => all.toSorted((p, q) => p - q)[Math.floor(all.length / 2)]);
    return Math.abs(a - b) / Math.max(a, b);
  }

  it('cannot be guessed by how long its refusal takes', async () => {
    const store = openStore({ file: ':memory:' });
    open.push(store);
    const { key } = await store.keys.add('mia', null);
    const { verify } = await store.keys.verifier();
    const other = (letter: string): string => (letter === 'a' ? 'b' : 'a');
    const wrongAtStart = key.slice(0, 16) + other(key[16] as string) + key.slice(17);
    const wrongAtEnd = key.slice(0, -1) + other(key.at(-1) as string);
    const unknown = `px-${'0'.repeat(12)}${key.slice(15)}`;
    for (const one of [wrongAtStart, wrongAtEnd, unknown]) expect(verify(one)).toBeUndefined();
    const least = (one: string, other_: string): number =>
      Math.min(...Array.from({ length: 3 }, () => apart(verify, one, other_)));
    /** To look an id up takes a few nanoseconds more where it is known, and it is no secret. To hash a key takes most of a check. */
    const NOTHING = 0.15;
    expect(least(wrongAtStart, wrongAtEnd)).toBeLessThan(NOTHING);
    expect(least(wrongAtEnd, unknown)).toBeLessThan(NOTHING);
    const shortcut = (one: string): unknown => (one.startsWith(key.slice(0, 15)) ? verify(one) : undefined);
    expect(apart(shortcut, wrongAtEnd, unknown)).toBeGreaterThan(NOTHING * 3);
  });
});
