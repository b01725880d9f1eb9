import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CannotFetch, fetchGguf, isAddress, NotFetched, WrongFile } from './fetch.ts';
import { llamaLibrary, type LlamaLibrary } from './library.ts';

const library = await llamaLibrary((name) => import(process.env['PLUSX_LLAMA'] ?? name) as Promise<unknown>).catch(
  () => undefined,
);
if (!library) console.warn('gguf: node-llama-cpp is not installed, so the tests that fetch with it are skipped');

const BODY = randomBytes(3_000_000);
const SHA256 = createHash('sha256').update(BODY).digest('hex');
const OTHER = '0'.repeat(64);

/** So many answers with a body break off, after a third of it. */
let cuts = 0;
/** Never ends what it has begun. */
let hangs = false;
let asked: string[] = [];
const server = createServer(answer);
function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.method} ${request.url}`);
  if (request.url?.includes('none')) return void response.writeHead(404).end();
  if (request.url?.includes('/manifests/')) {
    const found = { ggufFile: { rfilename: 'small-Q4_0.gguf', size: BODY.length } };
    return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
  }
  const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
  const part = BODY.subarray(Number(from), to === '' ? BODY.length : Number(to) + 1);
  const whole = request.headers.range === undefined;
  response.writeHead(whole ? 200 : 206, {
    'content-length': part.length,
    'accept-ranges': 'bytes',
    ...(!whole && { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${BODY.length}` }),
  });
  if (request.method === 'HEAD') return void response.end();
  if (hangs) return void response.write(part.subarray(0, part.length / 3));
  if (cuts-- > 0) {
    response.write(part.subarray(0, part.length / 3), () => response.destroy());
    return;
  }
  response.end(part);
}

let folder = '';
let address = '';
let base = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  address = `${base}/models/small.gguf`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fetch-'));
  asked = [];
  cuts = 0;
  hangs = false;
});
afterEach(() => rm(folder, { recursive: true }));

const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('addresses', () => {
  it.each([
    ['hf:user/repo:Q4_K_M', true],
    ['https://example.com/a.gguf', true],
    ['HTTP://127.0.0.1/a.gguf', true],
    ['models/hf:a.gguf', false],
    ['C:/models/a.gguf', false],
    ['httpfoo.gguf', false],
  ])('%s: %s', (text, is) => {
    expect(isAddress(text)).toBe(is);
  });

  it.each([
    ['https://example.com/a.gguf#sha256=abc', 'a checksum is #sha256= and 64'],
    ['http://example.com/a.gguf', 'http is taken from this machine alone'],
  ])('refuses %s before it asks anybody', async (wrong, why) => {
    await expect(fetchGguf(wrong, { folder })).rejects.toThrow(why);
  });

  it('says what is not here where it may not fetch, without its secrets', async () => {
    const error = await failure(fetchGguf('https://me:pass@example.com/a.gguf?token=abc', { folder, download: false }));
    expect(error).toBeInstanceOf(NotFetched);
    expect(String(error)).toContain('https://example.com/a.gguf is not here');
    expect(String(error)).not.toMatch(/pass|abc/);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe.skipIf(!library)('fetching', () => {
  const get = (from: string, more: Parameters<typeof fetchGguf>[1] = {}): Promise<string> =>
    fetchGguf(from, { folder, library: library as LlamaLibrary, ...more });

  it('fetches once, tells how far it is, and takes what it has the next time, without a network too', async () => {
    const told: number[] = [];
    const file = await get(address, { onProgress: (bytes, of) => told.push(bytes / of) });
    expect(await readFile(file)).toEqual(BODY);
    expect(told.at(-1)).toBe(1);
    expect((await stat(join(file, '..'))).mode & 0o077).toBe(0);
    const before = asked.length;
    expect(await get(`${address}#sha256=${SHA256}`)).toBe(file);
    expect(await get(address, { download: false })).toBe(file);
    expect(asked).toHaveLength(before);
  });

  it('takes the file of a repository on a hub', async () => {
    const file = await get('hf:user/repo:Q4_0', { hub: base });
    expect(file).toMatch(/repo\.Q4_0\.gguf$/);
    expect(await readFile(file)).toEqual(BODY);
  });

  it('goes on where a connection broke', async () => {
    cuts = 2;
    expect(await readFile(await get(address))).toEqual(BODY);
    expect(cuts).toBeLessThanOrEqual(0);
  });

  it('never takes what broke off for the file, and fetches it the next time', async () => {
    hangs = true;
    const error = await failure(get(address, { patienceMs: 1500 }));
    expect(error).toBeInstanceOf(CannotFetch);
    expect(String(error)).toContain('nothing has come for 1.5 s');
    await expect(get(address, { download: false })).rejects.toThrow(NotFetched);
    hangs = false;
    expect(await readFile(await get(address))).toEqual(BODY);
  });

  it('stops when it is told to', async () => {
    hangs = true;
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 300);
    await expect(get(address, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('refuses and deletes a file with another checksum', async () => {
    const error = await failure(get(`${address}#sha256=${OTHER}`));
    expect(error).toBeInstanceOf(WrongFile);
    expect(String(error)).toContain(SHA256);
    const left = await readdir(folder, { recursive: true });
    expect(left.filter((name) => name.endsWith('.gguf') || name.endsWith('.json'))).toEqual([]);
    const file = await get(address);
    await expect(get(`${address}#sha256=${OTHER}`)).rejects.toThrow(/was asked for. Delete/);
    await truncate(file, 100);
    await expect(get(address)).rejects.toThrow('has 100 bytes and had 3000000');
  });

  it.each([
    ['where nobody answers', 'http://127.0.0.1:9/a.gguf', {}, /fetch failed.*Without a network, name a file/],
    ['where there is no such file', 'BASE/none.gguf', {}, 'the server says 404'],
    ['of a hub that does not answer', 'hf:user/repo:Q4_0', { hub: 'http://127.0.0.1:9/' }, /Without a network/],
  ])('says at once why it cannot fetch a file %s', async (_, from, more, message) => {
    const work = get(from.replace('BASE', base), more);
    await expect(work).rejects.toThrow(CannotFetch);
    await expect(work).rejects.toThrow(message);
  });
});
