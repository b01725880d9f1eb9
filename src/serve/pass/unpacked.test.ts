import { brotliCompressSync, createGzip, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { openaiCompatible } from '../../models/openai/index.ts';
import { listen, type Listening } from '../listen.ts';
import { rawUpstream } from '../test-support/raw-upstream.ts';
import { keptFetch, keptSockets } from './agent.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

type Answering = Parameters<typeof rawUpstream>[0];

const CODINGS: { readonly [coding: string]: (text: string) => Buffer } = {
  gzip: (text) => gzipSync(text),
  'X-GZIP': (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text),
  zstd: (text) => zstdCompressSync(text),
  'deflate, gzip': (text) => gzipSync(deflateSync(text)),
};

const REPLY = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Grüße' }, finish_reason: 'stop' }],
});
const STREAM = [{ content: 'Grü' }, { content: 'ße' }, {}]
  .map((delta, i) => ({ model: 'm', choices: [{ index: 0, delta, finish_reason: i === 2 ? 'stop' : null }] }))
  .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
  .join('');
const REFUSAL = JSON.stringify({ error: { message: 'the prompt is too long' } });

/** A server that answers so, and what ours makes of it: handed on, and computed. */
async function serve(answer: Answering): Promise<Listening> {
  const upstream = await rawUpstream(answer);
  const server = await listen({
    port: 0,
    models: { m: keptSockets(openaiCompatible({ model: 'm', baseURL: upstream.url, retry: { attempts: 1 } })) },
  });
  open.push(upstream, { close: () => server.close(0) });
  return server;
}

const post = (server: Listening, model: string, stream: boolean): Promise<Response> =>
  fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'hi' }] }),
  });

const packed =
  (coding: string, pack: (text: string) => Buffer): Answering =>
  ({ text }, response) => {
    const stream = text.includes('"stream":true');
    response.writeHead(200, {
      'content-type': stream ? 'text/event-stream' : 'application/json',
      'content-encoding': coding,
    });
    response.end(pack(stream ? STREAM : REPLY));
  };

describe.each(Object.entries(CODINGS))('a server that sends %s, asked for it or not', (coding, pack) => {
  it.each(['m', 'm + reRead'])('is understood: %s', async (model) => {
    const server = await serve(packed(coding, pack));
    expect(await (await post(server, model, false)).json()).toMatchObject({
      choices: [{ message: { content: 'Grüße' } }],
    });
    const response = await post(server, model, true);
    expect(response.headers.get('content-encoding')).toBeNull();
    const text = await response.text();
    expect([...text.matchAll(/"content":"([^"]*)"/g)].map(([, one]) => one).join('')).toBe('Grüße');
    expect(text).not.toContain('"error"');
  });

  it.each(['m', 'm + reRead'])('is told in its words where it refuses: %s', async (model) => {
    const server = await serve(
      (_, response) => void response.writeHead(400, { 'content-encoding': coding }).end(pack(REFUSAL)),
    );
    const response = await post(server, model, false);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('the prompt is too long')]);
  });
});

it('what is compressed comes as it is written', async () => {
  const more = Promise.withResolvers<void>();
  const upstream = await rawUpstream(async (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const zip = createGzip();
    zip.pipe(response);
    zip.write('one');
    zip.flush();
    await more.promise;
    zip.end('two');
  });
  open.push(upstream);
  const reader = (await keptFetch(upstream.url)).body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('one');
  more.resolve();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('two');
});

it.each([
  ['bytes that are no gzip', 'gzip', () => Buffer.from(REPLY), 502],
  ['a coding that nobody knows', 'rot13', () => Buffer.from(REPLY), 200],
  ['no coding at all', 'identity', () => Buffer.from(REPLY), 200],
  ['an empty one', '', () => Buffer.from(REPLY), 200],
] as const)('%s', async (_what, coding, body, status) => {
  const server = await serve((_, response) => void response.writeHead(200, { 'content-encoding': coding }).end(body()));
  expect((await post(server, 'm', false)).status).toBe(status);
  expect((await post(server, 'm + reRead', false)).status).toBe(status);
});

it('a compressed reply can be given up at any time', async () => {
  const closed = Promise.withResolvers<void>();
  const upstream = await rawUpstream((request, response) => {
    void request.closed.then(closed.resolve);
    response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync('one'));
  });
  open.push(upstream);
  const controller = new AbortController();
  const reader = (await keptFetch(upstream.url, { signal: controller.signal })).body?.getReader();
  await reader?.read();
  controller.abort(new Error('enough'));
  await expect(reader?.read()).rejects.toThrow('enough');
  await closed.promise;
});
