/** What stands side by side, each a process of its own: the upstream, a bare proxy, `plusx serve`, optillm. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Running {
  readonly port: number;
  readonly pid: number;
  end(): void;
}

const HERE = import.meta.dirname;
const CLI = join(HERE, '../../src/cli/main.ts');
const run = promisify(execFile);

export const upstream = (): Promise<Running> => started([process.execPath, join(HERE, 'upstream.ts')], /port (\d+)/);

export const bareProxy = (to: number): Promise<Running> =>
  started([process.execPath, join(HERE, 'proxy.ts'), String(to)], /port (\d+)/);

/** `plusx serve` as a user starts it, with a store, keys, metrics and a line of log for each request; `m0/x`, `m50/x`, `m1000/x` are models behind the upstream. */
export async function plusxServe(
  to: number,
  folder: string,
): Promise<Running & { readonly key: string; readonly counted: string }> {
  mkdirSync(folder, { recursive: true });
  const provider = (ms: number) => ({ baseURL: `http://127.0.0.1:${to}/${ms}/v1`, quirks: { n: false } });
  const config = join(folder, 'plusx.config.json');
  writeFileSync(config, JSON.stringify({ providers: { m0: provider(0), m50: provider(50), m1000: provider(1000) } }));
  const command = [CLI, '--config', config];
  const store = ['--store', join(folder, 'serve.db')];
  const add = async (...more: string[]): Promise<string> =>
    (await run(process.execPath, [...command, 'keys', 'add', ...more, ...store], { cwd: folder })).stdout.trim();
  const key = await add('bench');
  const counted = await add('counted', '--day', 'calls=100000000,tokens=100000000000');
  const running = await started(
    [process.execPath, ...command, 'serve', '--port', '0', '--log', join(folder, 'serve.log'), ...store],
    /127\.0\.0\.1:(\d+)/,
    folder,
  );
  return { ...running, key, counted };
}

/** optillm in a virtual environment; nothing where it cannot be installed. */
export async function optillm(to: number, folder: string, given?: string): Promise<Running | undefined> {
  try {
    const environment = given ?? join(folder, 'optillm');
    const python = join(environment, 'bin/python');
    if (!existsSync(python)) await run('python3', ['-m', 'venv', environment]);
    const command = join(environment, 'bin/optillm');
    if (!existsSync(command)) await run(python, ['-m', 'pip', 'install', '-q', 'optillm'], { timeout: 1_200_000 });
    const port = await freePort();
    const base = `http://127.0.0.1:${to}/0/v1`;
    const started = spawn(
      command,
      ['--port', String(port), '--base-url', base, '--approach', 'none', '--log', 'error'],
      {
        env: { ...process.env, OPENAI_API_KEY: 'sk-bench' },
        stdio: 'ignore',
      },
    );
    await listening(started, port);
    return { port, pid: started.pid ?? 0, end: () => void started.kill() };
  } catch (error) {
    console.log(`optillm is left out, it cannot be had here: ${String(error).slice(0, 300)}`);
    return undefined;
  }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const reply = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
    if (reply) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill();
  throw new Error('it did not listen within 60 s');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Starts a program and waits until it says on which port it listens. */
function started([program = '', ...args]: readonly string[], says: RegExp, cwd?: string): Promise<Running> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let said = '';
    const onData = (piece: Buffer): void => {
      said += piece.toString();
      const [, port] = says.exec(said) ?? [];
      if (port === undefined) return;
      for (const out of [child.stdout, child.stderr]) out.off('data', onData).resume();
      resolve({ port: Number(port), pid: child.pid ?? 0, end: () => void child.kill() });
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}: ${said}`)));
  });
}
