import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, plusx } from '../test-support/plusx.ts';

let asked = 0;
const server = createServer((_, response) => {
  asked++;
  response.writeHead(404).end();
});
let address = '';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/small.gguf`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe('a file by its address', () => {
  it.each([
    ['within -p', ['-m', 'enumerable', '-p', 'selfConsistency(n=2) + bestOfN(n=2, score=judge("gguf:ADDRESS"))']],
    ['in a formula of -m', ['-m', '"gguf:ADDRESS" + selfConsistency(n=2)']],
    ['as a model of a combiner', ['-m', 'fusion("gguf:ADDRESS", enumerable)']],
  ])('is never fetched %s', async (_, args) => {
    const filled = args.map((argument) => argument.replace('ADDRESS', address));
    const { code, err } = await plusx(['ask', 'What is 2 * 3?', ...filled], { env: { PLUSX_MODELS: folder } });
    expect(err).toContain('a name within a formula fetches nothing');
    expect(code).toBe(2);
    expect(asked).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is fetched as the model that -m names', async () => {
    const { code, err } = await plusx(['ask', 'Hi', '-m', 'gguf:http://127.0.0.1:9/a.gguf'], {
      env: { PLUSX_MODELS: folder },
    });
    expect(code).not.toBe(0);
    // Where the library is not installed it is asked for first.
    expect(err).toMatch(/cannot be fetched: fetch failed|A GGUF file needs node-llama-cpp/);
  });

  it('is offered with its size and licence', async () => {
    const models = json(await plusx(['models', '--json'])) as { name: string; about: string }[];
    const offered = models.filter(({ name }) => name.startsWith('gguf:hf:'));
    expect(offered.length).toBeGreaterThanOrEqual(2);
    for (const { about } of offered) expect(about).toMatch(/\d [MG]B, \S+; fetched once$/);
  });
});
