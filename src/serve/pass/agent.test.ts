import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { ask } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { openaiServer } from '../../testing/index.ts';
import { keptFetch, keptSockets, sendOut } from './agent.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

it('requests one after the other share a socket', async () => {
  let connections = 0;
  const server = createHttpServer((request, response) => {
    request.resume();
    request.on('end', () => response.end(`${request.method} ${request.headers['x-a']}`));
  });
  server.on('connection', () => connections++);
  const url = await listening(server);
  for (let i = 0; i < 20; i++) {
    const response = await keptFetch(url, { method: 'POST', body: 'x', headers: { 'X-A': `${i}` } });
    expect(await response.text()).toBe(`POST ${i}`);
  }
  expect(connections).toBe(1);
});

/** Answers the first request of each connection, and ends the connection at the second. */
const ending = (end: (socket: Socket) => unknown) => {
  const state = { requests: 0 };
  const server = createServer((socket) => {
    let count = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      state.requests++;
      if (++count === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else end(socket);
    });
  });
  return { server, state };
};

it('a socket that the server has just closed is not met twice', async () => {
  const { server } = ending((socket) => socket.destroy()); // as if it had been closed before the request came
  const url = await listening(server);
  expect(await (await keptFetch(url)).text()).toBe('ok');
  expect(await (await keptFetch(url)).text()).toBe('ok');
});

it('a request that a server may have read is not sent twice', async () => {
  const { server, state } = ending((socket) => socket.resetAndDestroy());
  const url = await listening(server);
  expect(await (await keptFetch(url)).text()).toBe('ok');
  await expect(keptFetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
  expect(state.requests).toBe(2);
});

it('what breaks is told as fetch tells it, and an abort by its reason', async () => {
  const url = await listening(
    createServer((socket) => socket.on('error', () => {}).on('data', () => socket.resetAndDestroy())),
  );
  await expect(keptFetch(url)).rejects.toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } });
  const quiet = await listening(createServer((socket) => socket.on('error', () => {})));
  const controller = new AbortController();
  const asked = keptFetch(quiet, { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  await expect(keptFetch(quiet, { signal: controller.signal })).rejects.toThrow('enough');
});

const PIECES = ['data: 1\n\n', 'data: 2\n\n'];
const REPLIES: { readonly [name: string]: (response: ServerResponse) => void } = {
  'all of it, in chunks': (response) => {
    for (const piece of PIECES) response.write(piece);
    response.end();
  },
  'all of it, with its length': (response) => {
    const text = PIECES.join('');
    response.writeHead(200, { 'content-length': text.length }).end(text);
  },
  'more than is read at once': (response) => void response.end('x'.repeat(300_000)),
  'a part of it': (response) => void response.write(PIECES[0]),
};
const MOMENTS: { readonly [name: string]: (reader: ReadableStreamDefaultReader<Uint8Array>) => Promise<unknown> } = {
  'before anything is read': async () => {},
  'as the first piece is there': (reader) => reader.read(),
  'a moment later': async (reader) => {
    await reader.read();
    await new Promise(setImmediate);
  },
};

/** What reading to the end meets, if anything. */
async function failureOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string | undefined> {
  try {
    while (!(await reader.read()).done);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

for (const [what, send] of Object.entries(REPLIES))
  for (const [when, until] of Object.entries(MOMENTS))
    it(`an abort ends a reply and nothing else: ${what}, ${when}`, async () => {
      const url = await listening(createHttpServer((_, response) => send(response)));
      const loose: unknown[] = [];
      const onLoose = (error: unknown): void => void loose.push(error);
      // Such an error would end a server, and every request of it.
      const others = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException').on('uncaughtException', onLoose);
      try {
        const controller = new AbortController();
        const reader = (await keptFetch(url, { signal: controller.signal })).body?.getReader();
        if (!reader) throw new Error('no body');
        await until(reader);
        controller.abort(new Error('enough'));
        // A reply that has come to its end cannot be given up any more.
        expect(['enough', undefined]).toContain(await failureOf(reader));
        expect(await (await keptFetch(url)).body?.getReader().read()).toMatchObject({
          done: false,
        });
        expect(loose).toEqual([]);
      } finally {
        process.removeAllListeners('uncaughtException');
        for (const one of others) process.on('uncaughtException', one);
      }
    });

it('a model asks over it what it asks otherwise', async () => {
  const upstream = await openaiServer({ answers: 'Four.', failures: [500, { status: 429, retryAfter: 0 }] });
  const model = openaiCompatible({ model: 'm', baseURL: upstream.url, retry: { firstWaitMs: 1 } });
  expect((await ask(keptSockets(model), '2 + 2?')).text).toBe('Four.');
  expect(keptSockets(keptSockets(model))).toBeDefined();
  const own = openaiCompatible({ model: 'm', baseURL: upstream.url, fetch });
  expect(keptSockets(own)).toBe(own);
  await upstream.close();
});

it('the head of a request names the host, who asks, and each of the headers once', async () => {
  const seen: string[][] = [];
  const url = await listening(
    createHttpServer((request, response) => {
      seen.push(request.rawHeaders);
      response.end();
    }),
  );
  const { host } = new URL(url);
  const body = { method: 'POST', body: 'é' };
  await (
    await keptFetch(url.replace('//', '//mia:a%20b@'), { ...body, headers: { 'accept-encoding': 'gzip' } })
  ).text();
  await (await keptFetch(url, { ...body, headers: { Authorization: 'Bearer x', Host: 'other' } })).text();
  const rest = ['accept-encoding', 'identity', 'content-length', '2', 'Connection', 'keep-alive'];
  expect(seen.map((all) => all.filter((_, i, list) => list[i - (i % 2)] !== 'content-type'))).toEqual([
    ['host', host, 'authorization', `Basic ${btoa('mia:a b')}`, ...rest],
    ['host', 'other', 'authorization', 'Bearer x', ...rest],
  ]);
});

it('a header that cannot be sent is an error, and nothing is asked', async () => {
  const url = await listening(createHttpServer((_, response) => response.end()));
  await expect(sendOut(url, { method: 'GET', headers: { 'x-a': 'b\r\nx-b: c' } })).rejects.toThrow(/header/i);
});
