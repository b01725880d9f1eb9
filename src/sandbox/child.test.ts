/** Processes that programs run in are ended with their host, whatever becomes of it, and leave nothing behind. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { openBubblewrap } from './bubblewrap.ts';
import { finish, startChild } from './child.ts';
import { walled } from './deno.ts';
import { limitsOf } from './limits.ts';
import { RUNNER } from './python-runner.ts';

const folder = await mkdtemp(join(tmpdir(), 'plusx-child-'));
afterAll(() => rm(folder, { recursive: true }));

/** A program in Deno's place, inside the walls. */
async function inDenosPlace(name: string, script: string) {
  const deno = join(folder, name);
  await writeFile(deno, `#!/bin/sh\n${script}\n`);
  await chmod(deno, 0o755);
  return walled({ deno, pyodide: folder }, [], 1200, 60, []);
}

describe.skipIf(platform !== 'linux' && platform !== 'darwin')('a process', () => {
  it.skipIf(platform !== 'linux')('whose start fails half way is not left behind', async () => {
    const mark = '86399.5';
    const start = { command: 'sleep', args: [mark], env: { PATH: process.env['PATH'] ?? '' }, mostBytes: 10 };
    const extra = 5 as unknown as Uint8Array;
    expect(() => startChild({ ...start, extra })).toThrow('chunk');
    const running = async (): Promise<number> => {
      const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
      const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
      return lines.filter((line) => line.includes(mark)).length;
    };
    await expect.poll(running).toBe(0);
  });

  it.skipIf(platform !== 'linux')('in the walls of Deno ends with a host that is killed', async () => {
    const start = await inDenosPlace('stays', 'exec sleep 300');
    const source = new URL('./child.ts', import.meta.url).href;
    const script = `const { startChild } = await import(${JSON.stringify(source)});
      const { pid } = startChild(${JSON.stringify({ ...start, mostBytes: 1000 })});
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const host = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [told] = (await once(host.stdout, 'data')) as [Buffer];
    const pid = Number(told.toString());
    await expect.poll(async () => (await psOf(pid, 'args')).includes('sleep')).toBe(true);
    host.kill('SIGKILL');
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('in the walls of Deno has a first limit of time, which tells of itself, and a second', async () => {
    const start = await inDenosPlace('limits', 'ulimit -S -t; ulimit -H -t');
    const { bytes } = await finish(startChild({ ...start, mostBytes: 1000 }), 10_000, undefined);
    expect(new TextDecoder().decode(bytes)).toBe('60\n61\n');
  });
});

const engine = await openBubblewrap(limitsOf({ timeoutMs: 200 }));
const works = await engine?.run({ language: 'python', code: 'answer = 1' }, undefined).catch(() => undefined);
if (!works || works.status !== 0) console.log('The processes of bubblewrap are not looked at: it does not work here.');

describe.skipIf(!works || works.status !== 0)('a program in bubblewrap', () => {
  it('that is stopped is ended from the inside out, so that no process is left to nobody', async () => {
    const loop = { language: 'python', code: 'while True: pass' } as const;
    // Its own end, with the status of what it waited for: an outer process that is killed has none.
    expect(await engine?.run(loop, undefined)).toMatchObject({ stopped: 'time', status: 137, killedBy: null });
  });

  it('leaves no process behind where nobody takes in orphans', async () => {
    const source = new URL('./index.ts', import.meta.url).href;
    const script = `const { openSandbox } = await import(${JSON.stringify(source)});
      const { execFileSync } = await import('node:child_process');
      const short = await openSandbox({ python: 'bubblewrap', timeoutMs: 100 });
      const long = await openSandbox({ python: 'bubblewrap', timeoutMs: 15_000 });
      const run = (sandbox, code, signal) => sandbox.run({ language: 'python', code }, { signal }).catch(() => {});
      await Promise.all([run(short, 'while True: pass'), run(short, 'while True: pass', AbortSignal.timeout(20)), run(long, 'answer = 1')]);
      await Promise.all([short.close(), long.close()]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log(execFileSync('ps', ['-eo', 'stat=,args=']).toString());`;
    const first = ['-p', '-f', '--mount-proc', process.execPath]; // process 1 of a name space of its own
    const running = promisify(execFile)('unshare', [...first, '--input-type=module', '-e', script], {
      timeout: 50_000,
    });
    const table = await running.then(
      ({ stdout }) => stdout,
      (error: unknown) => `not permitted: ${String(error)}`,
    );
    if (table.startsWith('not permitted')) console.log(`Orphans are not looked for: ${table.slice(0, 120)}`);
    expect(table).toMatch(/not permitted|node/);
    expect(table.split('\n').filter((line) => line.startsWith('Z'))).toEqual([]);
  });

  it.each([
    ['is told by a signal', 'while True: pass', 'SIGXCPU'],
    [
      'is ended where it does not hear',
      'import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass',
      'SIGKILL',
    ],
  ])('that is out of processor time %s', async (_how, code, signal) => {
    const job = { code, globals: {}, seed: 0, memory: 2 ** 30, seconds: 1, output: 100 };
    const running = promisify(execFile)('/usr/bin/python3', ['-s', '-S', '-B', '-c', RUNNER], { timeout: 30_000 });
    running.child.stdin?.end(JSON.stringify(job));
    await expect(running).rejects.toMatchObject({ signal });
  });
});

async function psOf(pid: number, column: string): Promise<string> {
  const { stdout } = await promisify(execFile)('ps', ['-o', `${column}=`, '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.trim();
}

/** What has ended and is not yet taken notice of does not run. */
async function isRunning(pid: number): Promise<boolean> {
  const state = await psOf(pid, 'stat');
  return state !== '' && !state.startsWith('Z');
}
