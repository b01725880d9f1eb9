import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { fetchWeights, readWeights } from './load.ts';
import { randomWeights } from './test-support/random-weights.ts';
import { parseWeights } from './network/weights.ts';

const bytes = randomWeights();

describe('readWeights', () => {
  it('reads a file by its path or address', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weights-'));
    const file = join(folder, 'tiny.plusx');
    writeFileSync(file, bytes);
    for (const place of [file, pathToFileURL(file)])
      expect(parseWeights(readWeights(place)).digest).toBe(parseWeights(bytes).digest);
    rmSync(folder, { recursive: true });
    expect(() => readWeights(file)).toThrow('cannot be read: ENOENT');
  });
  it('says what to do where there are no files', () => {
    vi.stubGlobal('process', undefined);
    try {
      expect(() => readWeights('tiny.plusx')).toThrow('Await fetchWeights(address)');
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

it('fetchWeights fetches them, or says what the server answered', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/tiny.plusx' ? 200 : 404;
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(await fetchWeights(`${address}/tiny.plusx`)).toEqual(bytes);
    await expect(fetchWeights(`${address}/other`)).rejects.toThrow('the server answered 404');
  } finally {
    server.close();
  }
});

it('weights that do not begin at a multiple of four bytes are read all the same', () => {
  const shifted = new Uint8Array(bytes.length + 3).subarray(3);
  shifted.set(bytes);
  const { values, scales } = parseWeights(shifted).matrix('output.weight', 264, 32);
  expect([values, scales]).toEqual(
    Object.values((({ values, scales }) => ({ values, scales }))(parseWeights(bytes).matrix('output.weight', 264, 32))),
  );
});
