/** What docs/serve.md shows of mounting the handler, with the packed package in a folder of its own: Hono, Express, Deno, Next.js. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf } from '../../../scripts/blocks.ts';
import { answersAt, freePort } from '../../models/test-support/ports.ts';
import { openaiServer, type OpenAIServer } from '../../testing/index.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'plusx-mounts-'));
const PEERS = [
  'hono',
  '@hono/node-server',
  'express',
  'next',
  'react',
  'react-dom',
  'typescript',
  '@types/node',
  // Next.js asks a registry for them otherwise, and waits for ever where it may not (`CI`).
  '@types/react',
  'deno',
];

/** Whether the packed package and what it is mounted in could be installed. */
async function installed(): Promise<boolean> {
  if (!existsSync(join(ROOT, 'dist/serve/index.js'))) {
    console.warn('skipped, there is no dist: npm run build');
    return false;
  }
  const quiet = ['--silent', '--no-fund', '--no-audit'];
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
  try {
    await run('npm', ['install', ...quiet, `./${stdout.trim()}`, ...PEERS], { cwd: folder, timeout: 180_000 });
    return true;
  } catch (error) {
    console.warn(`skipped, these cannot be installed: ${PEERS.join(', ')}: ${String(error).slice(0, 200)}`);
    return false;
  }
}

/** The handler of the page, with a model behind an upstream of ours beside its own. */
const ANSWER = `
import { openaiCompatible, tiny } from 'plusx/models';
import { handler } from 'plusx/serve';
const up = openaiCompatible({ model: 'test', name: 'up', baseURL: process.env.UPSTREAM ?? '' });
export const answer = handler({
  models: { careful: 'plusx:tiny + selfConsistency(n=5)', up, voted: 'up + selfConsistency(n=3)' },
  model: (name) => (name === 'plusx:tiny' ? tiny() : undefined),
});
`;

const files = new Map(
  blocksOf(readFileSync(join(ROOT, 'docs/serve.md'), 'utf8')).flatMap(({ meta, text }) => {
    const [, file] = /file=(\S+)/.exec(meta) ?? [];
    return file === undefined ? [] : [[file, text] as const];
  }),
);

function written(file: string, text: string): void {
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

const MOUNTS: readonly (readonly [name: string, prefix: string, command: (port: number) => readonly string[]])[] = [
  ['hono', '/ai', () => [process.execPath, 'hono.ts']],
  ['express', '/ai', () => [process.execPath, 'express.ts']],
  ['deno', '', () => ['node_modules/.bin/deno', 'run', '--allow-all', 'deno.ts']],
  [
    'next',
    '',
    (port) => [process.execPath, 'node_modules/next/dist/bin/next', 'dev', 'next', '-H', '127.0.0.1', '-p', `${port}`],
  ],
];

/** Starting and ending takes its time where much else is going on. */
const HOOK_MS = 600_000;

const isReady = await installed();
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }), HOOK_MS);

describe.skipIf(!isReady)('the handler', () => {
  let upstream: OpenAIServer;
  beforeAll(async () => {
    const said = { content: 'One two three four five six seven eight nine ten.' };
    const late = (): Promise<typeof said> => new Promise((resolve) => setTimeout(() => resolve(said), 2000).unref());
    // What is not streamed takes long enough to be left.
    upstream = await openaiServer({ answers: ({ body }) => (body.stream ? said : late()), chunkMs: 50 });
  });
  afterAll(() => upstream.close());

  describe.each(MOUNTS)('in %s, as the page shows it', (_name, prefix, command) => {
    let child: ChildProcess;
    let openai: OpenAI;
    let url = '';
    beforeAll(async () => {
      const port = await freePort();
      for (const [file, text] of files) written(file, text.replace(/300\d/, `${port}`));
      written('answer.ts', ANSWER);
      written('next/answer.ts', ANSWER);
      const [program = '', ...args] = command(port);
      child = spawn(program, args, {
        cwd: folder,
        // It asks a registry about its lockfile otherwise, and waits.
        env: {
          ...process.env,
          UPSTREAM: upstream.url,
          NEXT_TELEMETRY_DISABLED: '1',
          NEXT_IGNORE_INCORRECT_LOCKFILE: '1',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (text: Buffer) => void (said += text.toString()));
      url = `http://127.0.0.1:${port}${prefix}/v1`;
      openai = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 });
      await answersAt(`${url}/models`).catch((error: unknown) => {
        throw new Error(`${program} ${args.join(' ')} said: ${said}`, { cause: error });
      });
    }, HOOK_MS);
    afterAll(async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }, HOOK_MS);

    it('answers with what the page names', async () => {
      const content = 'Question: Paul has 58 nails. He loses 46. How many nails does Paul have?';
      const reply = await openai.chat.completions.create({
        model: 'careful',
        messages: [{ role: 'user', content }],
        seed: 1,
      });
      expect(reply.choices[0]?.message.content).toBe('58-46=12\nAnswer: 12');
      await expect(openai.chat.completions.create({ model: 'none', messages: [] })).rejects.toMatchObject({
        status: 404,
      });
    });

    const messages = [{ role: 'user' as const, content: 'Count.' }];

    it.each(['up', 'up + reRead'])('streams %s as it is written', async (model) => {
      const stream = await openai.chat.completions.create({ model, messages, stream: true });
      const states: string[] = [];
      let text = '';
      for await (const { choices } of stream) {
        const { content } = choices[0]?.delta ?? {};
        if (!content) continue;
        text += content;
        states.push(upstream.requests.at(-1)?.state ?? 'none');
      }
      expect(text).toBe('One two three four five six seven eight nine ten.');
      expect(states.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'open'));
    });

    it.each(['up', 'voted', 'up + reRead'])('cancels what is under way when a client of %s leaves', async (model) => {
      upstream.forget();
      const controller = new AbortController();
      const asked = (async () => {
        const { signal } = controller;
        const stream = await openai.chat.completions.create({ model, messages, stream: true }, { signal });
        for await (const _chunk of stream) controller.abort();
      })();
      await expect.poll(() => upstream.requests.length).toBeGreaterThan(0);
      if (model === 'voted') controller.abort();
      await asked.catch(() => undefined);
      await upstream.idle();
      expect(new Set(upstream.requests.map(({ state }) => state))).toEqual(new Set(['aborted']));
    });
  });
});
