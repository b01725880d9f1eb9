/**
 * Python in Deno: Pyodide, which is CPython as WebAssembly, in a process that Deno denies all of the machine. What a program
 * reaches of the JavaScript around it is inside the same walls. Linux and macOS.
 *
 * A process serves one program. The next one's is started ahead, from a copy of the memory Python begins with.
 */
import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { arch, platform } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { finish, firstThat, mostBytesOf, startChild, type Child, type Engine } from './child.ts';
import type { SandboxLimits } from './limits.ts';

export interface DenoPlaces {
  /** The executable. */
  readonly deno: string;
  /** The folder of Pyodide's files. */
  readonly pyodide: string;
}

const RUNNER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './deno-runner.ts' : './deno-runner.js', import.meta.url),
);
/** All that the process may read, until the program begins. */
const FILES = ['pyodide.mjs', 'pyodide.asm.mjs', 'pyodide.asm.wasm', 'python_stdlib.zip', 'pyodide-lock.json'];
/** Its walls were tried with this version. */
const FIRST_DENO: readonly [major: number, minor: number] = [2, 9];
const ASK_MS = 5000;
/** Python takes seconds of a processor to begin with, and the machine may be busy. */
const BOOT_MS = 120_000;
const BOOT_CPU_SECONDS = 60;
/** Beyond its deadline, for the process to be told of its program and to tell what became of it. */
const GRACE_MS = 500;
const PAGES_PER_MB = 16;
/** The interpreter's own part of WebAssembly's memory, of which it begins with 480 pages. */
const OWN_PAGES = 640;
/** What the process may take besides the program's share: JavaScript's heap, and code that is compiled as it runs. */
const SLACK_MB = 96;
const LOOK_MS = platform === 'linux' ? 20 : 250;
const MOST_SNAPSHOT = 64 << 20;

/** Python in Deno, or nothing where deno or pyodide is not installed. */
export async function openDeno(limits: SandboxLimits, modules?: string): Promise<Engine | undefined> {
  const places = await findDeno(modules);
  if (!places) return undefined;
  let snapshot = await snapshotOf(places);
  let closed = false;
  let spare: Booting | undefined = boot(places, limits, snapshot);
  if (snapshot && !(await begins(spare))) {
    snapshot = undefined;
    spare = boot(places, limits, snapshot);
  }
  const all = new Set<Child>();
  const refill = (): void => {
    if (!closed) spare ??= boot(places, limits, snapshot);
  };
  return {
    async run({ code, globals = {}, seed = 0 }, signal) {
      signal?.throwIfAborted();
      const { child, ready } = spare?.child.alive() ? spare : boot(places, limits, snapshot);
      spare = undefined;
      all.add(child);
      child.hold(true);
      try {
        await orAbort(ready, signal);
        const unwatch = await watchMemory(child, limits.memoryMb + SLACK_MB);
        child.end(JSON.stringify({ code, globals, seed, output: limits.outputChars }));
        return await finish(child, limits.timeoutMs + GRACE_MS, signal).finally(unwatch);
      } finally {
        child.stop('unwanted');
        all.delete(child);
        refill();
      }
    },
    close() {
      closed = true;
      spare?.child.stop('unwanted');
      for (const child of all) child.stop('unwanted');
    },
  };
}

interface Booting {
  readonly child: Child;
  /** When it waits for its program. */
  readonly ready: Promise<void>;
}

async function begins({ child, ready }: Booting): Promise<boolean> {
  child.hold(true);
  return ready.then(
    () => true,
    () => false,
  );
}

/** Starts a process that loads Python and waits. While it waits, it does not keep this one alive. */
function boot(places: DenoPlaces, limits: SandboxLimits, snapshot: Uint8Array | undefined): Booting {
  const child = startDeno(places, 'program', limits, mostBytesOf(limits));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(snapshot?.length ?? 0);
  child.write(length);
  if (snapshot) child.write(snapshot);
  child.hold(false);
  const timer = setTimeout(() => child.stop('time'), BOOT_MS).unref();
  const ready = child.spoke.then(async () => {
    clearTimeout(timer);
    if (child.alive()) return;
    const { complaint } = await child.ended;
    throw new Error(`Deno ended before its program began: ${complaint.trim().slice(0, 300)}`);
  });
  ready.catch(() => {}); // told to the program it was started for
  return { child, ready };
}

const snapshots = new Map<string, Promise<Uint8Array | undefined>>();

/** The memory of a Python that has just begun, from which others begin several times faster; made once in each process. */
function snapshotOf(places: DenoPlaces): Promise<Uint8Array | undefined> {
  const key = `${places.deno}\n${places.pyodide}`;
  const known = snapshots.get(key);
  if (known) return known;
  const making = (async () => {
    const child = startDeno(places, 'snapshot', { memoryMb: 0, timeoutMs: 0 }, MOST_SNAPSHOT);
    const { bytes, status, stopped } = await finish(child, BOOT_MS, undefined);
    return status === 0 && !stopped && bytes.length > 0 ? bytes : undefined;
  })().catch(() => undefined); // each Python begins from nothing then
  snapshots.set(key, making);
  return making;
}

function startDeno(
  places: DenoPlaces,
  task: 'program' | 'snapshot',
  { memoryMb, timeoutMs }: Pick<SandboxLimits, 'memoryMb' | 'timeoutMs'>,
  mostBytes: number,
): Child {
  const readable = FILES.map((file) => join(places.pyodide, file));
  const runner = [RUNNER, task, places.pyodide, pathToFileURL(join(places.pyodide, 'pyodide.mjs')).href];
  const seconds = BOOT_CPU_SECONDS + 2 * Math.ceil(timeoutMs / 1000);
  return startChild({ ...walled(places, readable, OWN_PAGES + memoryMb * PAGES_PER_MB, seconds, runner), mostBytes });
}

/**
 * How a script is run inside the walls: Deno denies it everything but to read these files. What the kernel holds besides: no
 * file is written, no core dumped, and a process whose host is gone ends by itself.
 */
export function walled(
  { deno, pyodide }: DenoPlaces,
  readable: readonly string[],
  pages: number,
  cpuSeconds: number,
  script: readonly string[],
) {
  const engine = [
    `--wasm-max-mem-pages=${pages}`,
    '--max-old-space-size=96',
    // No text becomes code: what a program reaches of JavaScript it can call, and not add to.
    '--disallow-code-generation-from-strings',
  ];
  const args = [
    ['run', '--quiet', '--no-prompt', '--no-remote', '--no-npm', '--cached-only', '--no-config', '--no-lock'],
    ['--no-check', '--no-code-cache', '--node-modules-dir=none', `--v8-flags=${engine.join(',')}`],
    ['net', 'write', 'env', 'sys', 'run', 'ffi', 'import'].map((what) => `--deny-${what}`),
    [readable.length > 0 ? `--allow-read=${readable.join(',')}` : '--deny-read', ...script],
  ].flat();
  // On Linux the kernel ends it with the host, however that ends.
  const limited = `ulimit -c 0 && ulimit -f 0 && ulimit -S -t "$0" && ulimit -H -t $(($0 + 1)) || exit
    if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL "$@"; fi
    exec "$@"`;
  return {
    command: '/bin/sh',
    args: ['-c', limited, String(cpuSeconds), deno, ...args],
    // A folder that cannot be made, so that nothing is cached, and none of the host's settings.
    env: {
      DENO_DIR: join(RUNNER, 'none'),
      DENO_NO_UPDATE_CHECK: '1',
      DENO_NO_PACKAGE_JSON: '1',
      NO_COLOR: '1',
      TZ: 'UTC',
    },
    cwd: pyodide,
  };
}

/** Ends a process that takes so many megabytes more than it does now. Gives how to stop looking. */
async function watchMemory(child: Child, moreMb: number): Promise<() => void> {
  const { pid } = child;
  const now = pid === undefined ? undefined : await residentMb(pid);
  if (pid === undefined || now === undefined) {
    if (child.alive()) throw new Error('The memory of the process Python runs in cannot be looked at.');
    return () => {}; // it is gone, which is told where it is waited for
  }
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    if (((await residentMb(pid)) ?? 0) > now + moreMb) child.stop('memory');
    looking = false;
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}

/** Megabytes of a process that are in memory, or nothing where it is gone. */
async function residentMb(pid: number): Promise<number | undefined> {
  try {
    if (platform === 'linux')
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'rss=', '-p', String(pid)]);
    return Number(stdout.trim()) / 1024;
  } catch {
    return undefined;
  }
}

/** Deno and Pyodide, as npm installs them or, for Deno, on the path. */
export async function findDeno(modules?: string): Promise<DenoPlaces | undefined> {
  if (platform !== 'linux' && platform !== 'darwin') return undefined;
  const here = modules === undefined ? import.meta.url : join(resolve(modules), 'package.json');
  const pyodide = await packageFolder(here, 'pyodide');
  // Deno would take a comma in a path for the end of it, and allow to read something else.
  if (pyodide === undefined || pyodide.includes(',')) return undefined;
  const deno = await firstThat([() => installedDeno(here), denoOnPath], async (find) => {
    const file = await find();
    return file !== undefined && (await isRecent(file)) ? file : undefined;
  });
  return deno === undefined ? undefined : { deno, pyodide };
}

async function packageFolder(from: string, name: string): Promise<string | undefined> {
  try {
    return await realpath(dirname(createRequire(from).resolve(`${name}/package.json`)));
  } catch {
    return undefined;
  }
}

/** The executable in the package of this platform: the one in deno itself is there only where its install script has run. */
async function installedDeno(from: string): Promise<string | undefined> {
  const deno = await packageFolder(from, 'deno');
  const own = deno && (await packageFolder(join(deno, 'package.json'), `@deno/${platform}-${arch}${LIBC}`));
  return own === undefined ? undefined : join(own, 'deno');
}

const LIBC = platform === 'linux' ? '-glibc' : '';

async function denoOnPath(): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'command -v deno'], { timeout: ASK_MS });
    return await realpath(stdout.trim());
  } catch {
    return undefined;
  }
}

async function isRecent(deno: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)(deno, ['--version'], { timeout: ASK_MS });
    const [, major, minor] = /^deno (\d+)\.(\d+)/.exec(stdout) ?? [];
    const [firstMajor, firstMinor] = FIRST_DENO;
    return Number(major) > firstMajor || (Number(major) === firstMajor && Number(minor) >= firstMinor);
  } catch {
    return false;
  }
}

/** Waits for it, or throws the signal's reason. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
