/**
 * The Dockerfile, step by step without Docker: its instructions are read, and what they do is done in a folder in which the packed
 * package is installed. What stands for `/app` is a folder of its own. The base image is not there, so the Node of the tests runs it.
 * Where Podman is there and can start a container, it builds the image and runs it.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { answersAt, freePort } from '../../models/test-support/ports.ts';
import { openPodman } from '../test-support/podman.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../../..');
const isBuilt = existsSync(join(ROOT, 'dist/cli/main.js'));
const folder = mkdtempSync(join(tmpdir(), 'plusx-image-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}, 120_000);

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const instructions: readonly Instruction[] = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ name: line.slice(0, line.indexOf(' ')), rest: line.slice(line.indexOf(' ') + 1) }));

const all = (name: string): readonly string[] => instructions.flatMap((one) => (one.name === name ? [one.rest] : []));
const words = (text: string): string[] => JSON.parse(text) as string[];

let context: Promise<string> | undefined;
/** The folder of a user: the packed package, a configuration, and what must not come along. */
const installed = (): Promise<string> => (context ??= install(join(folder, 'context')));
async function install(context: string): Promise<string> {
  mkdirSync(context);
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
  });
  writeFileSync(join(context, 'package.json'), '{"private":true}');
  const quiet = ['--silent', '--no-fund', '--no-audit', '--omit=dev'];
  await run('npm', ['install', ...quiet, join(folder, stdout.trim())], { cwd: context });
  writeFileSync(join(context, 'plusx.config.json'), '{"models":{"careful":"plusx:tiny + selfConsistency(n=3)"}}');
  writeFileSync(join(context, '.env'), 'SECRET=1');
  expect(readFileSync(join(context, 'node_modules/plusx/Dockerfile'), 'utf8')).toBe(
    readFileSync(join(ROOT, 'Dockerfile'), 'utf8'),
  );
  return context;
}

describe('the image', () => {
  it('fetches nothing but its base, and runs as a user by number', () => {
    expect(all('FROM')).toEqual(['node:24-slim']);
    expect(all('ADD')).toEqual([]);
    expect(all('RUN').filter((command) => /npm|npx|curl|wget|apt|apk|pip|https?:/.test(command))).toEqual([]);
    expect(all('USER').at(-1)).toBe('1000:1000');
    const order = instructions.map(({ name }) => name);
    expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('RUN'));
    // No shell stands between the signal that ends it and the server.
    for (const name of ['ENTRYPOINT', 'CMD']) expect(words(all(name)[0] ?? '')[0]).toMatch(/^[\w-]/);
  });

  it.skipIf(!isBuilt)('is built of a folder with the package, and serves', async () => {
    const app = join(folder, 'app');
    mkdirSync(app);
    const context = await installed();
    const [uid = 0, gid = 0] = (all('USER')[0] ?? '').split(':').map(Number);
    const isRoot = process.getuid?.() === 0;
    for (const { name, rest } of instructions) {
      if (name === 'COPY') {
        const [to = '', ...from] = rest.split(' ').toReversed();
        for (const file of from.flatMap((one) => globSync(one, { cwd: context })))
          cpSync(join(context, file), from.length > 1 ? join(app, file) : join(app, to), { recursive: true });
      }
      if (name === 'RUN') await run('sh', ['-c', isRoot ? rest : rest.replace(/ && chown \S+ \S+/, '')], { cwd: app });
    }
    expect(existsSync(join(app, '.env'))).toBe(false);

    const user = isRoot ? { uid, gid } : {};
    await run('chmod', ['a+rx', folder]);
    const port = await freePort();
    const [node = '', ...entry] = words(all('ENTRYPOINT')[0] ?? '');
    const program = (args: readonly string[]): ChildProcess => {
      const options = { ...user, cwd: app, env: { PATH: process.env['PATH'], NODE_ENV: 'production' } };
      const child = spawn(node === 'node' ? process.execPath : node, [...entry, ...args], {
        ...options,
        stdio: 'pipe',
      });
      children.push(child);
      return child;
    };
    const adding = program(['keys', 'add', 'mia', '--store', '.plusx/serve.db']);
    let key = '';
    adding.stdout?.on('data', (data: Buffer) => (key += data.toString()));
    expect(await once(adding, 'exit')).toEqual([0, null]);
    const server = program([...words(all('CMD')[0] ?? ''), '--port', String(port)]);
    await answersAt(`http://127.0.0.1:${port}/healthz`);
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key.trim()}` },
      body: '{"model":"careful","messages":[{"role":"user","content":"What is 2 + 3 ?"}]}',
    });
    expect([response.status, await response.json()]).toMatchObject([200, { usage: { plusx: { calls: 3 } } }]);
    const [, , check = ''] = words(/CMD (\[.*)$/.exec(all('HEALTHCHECK')[0] ?? '')?.[1] ?? '[]');
    await run(process.execPath, ['-e', check.replace('8080', String(port))]);
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(statSync(join(app, '.plusx/serve.db')).uid).toBe(isRoot ? uid : statSync(app).uid);
    expect(statSync(join(app, 'package.json')).uid).toBe(statSync(app).uid);
    // Nothing was written but there.
    expect(globSync('*', { cwd: app }).toSorted()).toEqual(['node_modules', 'package.json', 'plusx.config.json']);
  });

  it.skipIf(!isBuilt)(
    'is built by Podman without a network, and serves as a plain user',
    async ({ skip, onTestFinished }) => {
      const podman = await openPodman(join(folder, 'podman'), 'docker.io/library/node:24-slim');
      if (typeof podman === 'string') return skip(`Podman starts no container here: ${podman}`);
      onTestFinished(podman.close, 60_000);
      const context = await installed();
      const offline = ['--network=none', '--pull=never', '--format=docker'];
      await podman.command(
        'build',
        ...offline,
        '-f',
        join(context, 'node_modules/plusx/Dockerfile'),
        '-t',
        'plusx',
        context,
      );

      const store = ['--store', '.plusx/serve.db'];
      const served = ['--read-only', '--volume', 'plusx:/app/.plusx'];
      // With no key anybody could ask, so it does not start.
      await expect(podman.run('--rm', ...served, 'plusx')).rejects.toThrow('Add a key with `plusx keys add`');
      const key = (await podman.run('--rm', ...served, 'plusx', 'keys', 'add', 'mia', ...store)).trim();
      await podman.run('--detach', '--name=serve', ...served, 'plusx');
      const inside = (code: string): Promise<string> => podman.command('exec', 'serve', 'node', '-e', code);
      const isHealthy = (): Promise<boolean> =>
        podman.command('healthcheck', 'run', 'serve').then(
          () => true,
          () => false,
        );
      await expect.poll(isHealthy, { timeout: 60_000, message: 'the health check of the image' }).toBe(true);

      expect(JSON.parse(await inside(LOOK))).toEqual({
        user: [1000, 1000],
        owner: 0,
        files: ['.plusx', 'node_modules', 'package.json', 'plusx.config.json'],
        root: 'EROFS',
        store: 1000,
      });
      const asked = await inside(ASK(key));
      expect(JSON.parse(asked)).toMatchObject({ status: 200, usage: { plusx: { calls: 3 } } });

      await podman.command('stop', '--time', '60', 'serve');
      expect((await podman.command('inspect', 'serve', '--format', '{{.State.ExitCode}}')).trim()).toBe('0');
      await podman.command('start', 'serve');
      await expect.poll(isHealthy, { timeout: 60_000, message: 'the health check after the restart' }).toBe(true);
      expect(
        await podman.command('exec', 'serve', 'node', 'node_modules/plusx/dist/cli/main.js', 'keys', 'list', ...store),
      ).toMatch(/mia .* today: 3 calls/);
    },
  );
});

/** Who runs it, and what there is. */
const LOOK = `
  const fs = require('node:fs');
  let root = 'written';
  try { fs.writeFileSync('/app/package.json', ''); } catch (error) { root = error.code; }
  const { uid: owner } = fs.statSync('/app/node_modules');
  const { uid: store } = fs.statSync('/app/.plusx/serve.db');
  console.log(JSON.stringify({ user: [process.getuid(), process.getgid()], owner, files: fs.readdirSync('/app').sort(), root, store }));
`;
const ASK = (key: string): string => `
  fetch('http://127.0.0.1:8080/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ${key}' },
    body: JSON.stringify({ model: 'careful', messages: [{ role: 'user', content: 'What is 2 + 3 ?' }] }),
  }).then(async (reply) => console.log(JSON.stringify({ status: reply.status, ...(await reply.json()) })));
`;
