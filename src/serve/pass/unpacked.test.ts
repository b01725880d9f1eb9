import { brotliCompressSync, createGzip, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { behindOurs, BOTH_WAYS, EVENTS, REPLY, said, type Answering } from '../test-support/odd-upstream.ts';
import { rawUpstream, type RawUpstream } from '../test-support/raw-upstream.ts';
import { keptFetch } from './agent.ts';

async function raw(answer: Answering): Promise<RawUpstream> {
  const upstream = await rawUpstream(answer);
  onTestFinished(() => upstream.close());
  return upstream;
}

const CODINGS: { readonly [coding: string]: (text: string) => Buffer } = {
  gzip: (text) => gzipSync(text),
  'X-GZIP': (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text),
  zstd: (text) => zstdCompressSync(text),
  'deflate, gzip': (text) => gzipSync(deflateSync(text)),
};

const REFUSAL = JSON.stringify({ error: { message: 'the prompt is too long' } });

const packed =
  (coding: string, pack: (text: string) => Buffer): Answering =>
  ({ text }, response) => {
    const stream = text.includes('"stream":true');
    response.writeHead(200, {
      'content-type': stream ? 'text/event-stream' : 'application/json',
      'content-encoding': coding,
    });
    response.end(pack(stream ? EVENTS.join('') : REPLY));
  };

describe.each(Object.entries(CODINGS))('a server that sends %s, asked for it or not', (coding, pack) => {
  it.each(BOTH_WAYS)('is understood: %s', async (model) => {
    const { ask } = await behindOurs(packed(coding, pack));
    expect(await (await ask(model)).json()).toMatchObject({
      choices: [{ message: { content: 'Grüße' } }],
    });
    const response = await ask(model, true);
    expect(response.headers.get('content-encoding')).toBeNull();
    const text = await response.text();
    expect(said(text)).toBe('Grüße');
    expect(text).not.toContain('"error"');
  });

  it.each(BOTH_WAYS)('is told in its words where it refuses: %s', async (model) => {
    const { ask } = await behindOurs(
      (_, response) => void response.writeHead(400, { 'content-encoding': coding }).end(pack(REFUSAL)),
    );
    const response = await ask(model);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('the prompt is too long')]);
  });
});

it('what is compressed comes as it is written', async () => {
  const more = Promise.withResolvers<void>();
  const upstream = await raw(async (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const zip = createGzip();
    zip.pipe(response);
    zip.write('one');
    zip.flush();
    await more.promise;
    zip.end('two');
  });
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
  const { ask } = await behindOurs(
    (_, response) => void response.writeHead(200, { 'content-encoding': coding }).end(body()),
  );
  expect((await ask('m')).status).toBe(status);
  expect((await ask('m + reRead')).status).toBe(status);
});

it('a compressed reply can be given up at any time', async () => {
  const closed = Promise.withResolvers<void>();
  const upstream = await raw((request, response) => {
    void request.closed.then(closed.resolve);
    response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync('one'));
  });
  const controller = new AbortController();
  const reader = (await keptFetch(upstream.url, { signal: controller.signal })).body?.getReader();
  await reader?.read();
  controller.abort(new Error('enough'));
  await expect(reader?.read()).rejects.toThrow('enough');
  await closed.promise;
});
