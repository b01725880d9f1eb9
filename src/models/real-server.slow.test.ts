/**
 * A server and a model that nobody here wrote: llama.cpp's own server with a small instruct model, as `../shared/real/serve`
 * starts it. What is checked in a cell stands in scripts/measure/servers/cells.ts.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CELLS, measure } from '../../scripts/measure/servers/cells.ts';
import { subjectOf } from '../../scripts/measure/servers/subject.ts';

const SERVE = fileURLToPath(new URL('../../../shared/real/serve', import.meta.url));
/** The first start fetches about 130 MB. */
const START_MS = 200_000;
const END_MS = 10_000;
/** A probe writes some 600 tokens, on a machine that may be busy. */
const PROBE_MS = 900_000;

interface Started {
  readonly baseURL: string;
  readonly server: ChildProcess;
}

/** The server once it says where it listens, or why there is none. */
async function started(): Promise<Started | string> {
  if (!existsSync(SERVE)) return 'there is no ../shared/real/serve';
  const server = spawn(SERVE, [`${await freePort()}`], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  server.stderr.on('data', (data: Buffer) => said.push(data.toString()));
  const timer = setTimeout(() => server.stdin.destroy(), START_MS);
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      const baseURL = /^listening on (http:\S+)$/.exec(line)?.[1];
      if (baseURL !== undefined) return { baseURL, server };
    }
  } finally {
    clearTimeout(timer);
  }
  return `it could not be had: ${said.join('').trim().split('\n').at(-1) ?? 'it said nothing'}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

const found = await started();
if (typeof found === 'string') console.warn(`real server: skipped, ${found}`);

describe.skipIf(typeof found === 'string')('llama.cpp with SmolLM2-135M-Instruct', async () => {
  if (typeof found === 'string') return;
  const { baseURL, server } = found;
  const common = { name: 'llama.cpp', baseURL, model: 'SmolLM2-135M-Instruct', weights: 'chatml' };
  const chat = await subjectOf({ ...common, provider: 'llama.cpp' }, AbortSignal.timeout(PROBE_MS));
  const completions = await subjectOf(
    { ...common, provider: 'llama.cpp', api: 'completions' },
    AbortSignal.timeout(PROBE_MS),
  );

  afterAll(async () => {
    const ended = once(server, 'exit', { signal: AbortSignal.timeout(END_MS) });
    server.stdin?.end();
    await ended;
  });

  // Seeds side by side are left out: the server computes what comes together in one batch, and its last bits differ.
  it.each(['ask', 'stream', 'log-probabilities', 'stop', 'token limit', 'tools with history', 'JSON schema', 'eval'])(
    'chat: %s',
    async (name) => {
      expect(await measure(cell(name), chat)).toEqual({ kind: 'works', told: expect.any(String) });
    },
  );

  it.each([
    'ask',
    'stream',
    'log-probabilities',
    'continuation',
    'stop',
    'token limit',
    'JSON schema',
    'particle filter',
  ])('completions: %s', async (name) => {
    expect(await measure(cell(name), completions)).toEqual({ kind: 'works', told: expect.any(String) });
  });

  it.each(['tools with history', 'score, also with emoji'])('completions: %s is refused in one line', async (name) => {
    expect(await measure(cell(name), completions)).toEqual({ kind: 'refused', told: expect.any(String) });
  });
});

function cell(name: string): (typeof CELLS)[number] {
  const found = CELLS.find((one) => one.name === name);
  if (!found) throw new Error(`no cell is called ${name}`);
  return found;
}
