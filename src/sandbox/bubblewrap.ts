/**
 * Python in bubblewrap: a process of its own in name spaces of its own, with no network, an empty file system but for
 * the interpreter, limits on memory and processor time, and a filter of system calls. Linux only.
 */
import { execFile } from 'node:child_process';
import { arch, platform } from 'node:process';
import { promisify } from 'node:util';
import { finish, firstThat, mostBytesOf, startChild, type Engine } from './child.ts';
import type { SandboxLimits } from './limits.ts';
import { RUNNER } from './python-runner.ts';
import { seccompFilter } from './seccomp.ts';

const MEGABYTE = 1 << 20;
/** The interpreter's own part of the address space. */
const OWN_MB = 224;
/** A program may not be judged by how long its interpreter took to start. */
const START_MS = 1500;
const ASK_MS = 5000;

/** Python in bubblewrap, or nothing where there is no interpreter or no filter for this machine. */
export async function openBubblewrap(limits: SandboxLimits): Promise<Engine | undefined> {
  const filter = seccompFilter(arch);
  if (platform !== 'linux' || !filter) return undefined;
  const interpreter = await firstThat(['/usr/bin/python3', 'python3'], locate);
  return interpreter && inBubblewrap(interpreter, filter, limits);
}

interface Interpreter {
  readonly file: string;
  /** The folder it has its library in. */
  readonly home: string;
}

async function locate(command: string): Promise<Interpreter | undefined> {
  try {
    const ask = 'import sys; print(sys.executable); print(sys.base_prefix)';
    const { stdout } = await promisify(execFile)(command, ['-I', '-S', '-c', ask], { timeout: ASK_MS });
    const [file, home] = stdout.trim().split('\n');
    return file && home ? { file, home } : undefined;
  } catch {
    return undefined;
  }
}

function bubblewrapped({ file, home }: Interpreter): string[] {
  const shared = ['lib', 'lib64'].flatMap((name) => ['--ro-bind-try', `/${name}`, `/${name}`]);
  const own = home === '/usr' ? [] : ['--ro-bind', home, home];
  return [
    ['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ['--ro-bind', '/usr', '/usr', ...shared, ...own, '--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache'],
    // No /dev of bubblewrap's: that is a file system in memory, without a bound.
    ['null', 'zero', 'urandom'].flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    // Nor a folder to write to: a file system in memory counts bytes and no files, and empty files take memory too.
    ['--chdir', '/', '--remount-ro', '/'],
    ['--setenv', 'PYTHONHASHSEED', '0', '--setenv', 'TZ', 'UTC', '--hostname', 'sandbox', '--seccomp', '3', '--'],
    // Not isolated (-I), which would leave the seed of its hashes aside; its environment is the one above.
    [file, '-s', '-S', '-B', '-c', RUNNER],
  ].flat();
}

function inBubblewrap(interpreter: Interpreter, filter: Uint8Array, limits: SandboxLimits): Engine {
  const { timeoutMs, memoryMb, outputChars } = limits;
  const start = {
    command: 'bwrap',
    args: bubblewrapped(interpreter),
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    extra: filter,
    mostBytes: mostBytesOf(limits),
  };
  return {
    async run({ code, globals = {}, seed = 0 }, signal) {
      signal?.throwIfAborted();
      // Killed from outside, the sandbox's first process dies with its parent, and with it all that is in it.
      const child = startChild(start);
      const job = {
        code,
        globals,
        seed,
        memory: (memoryMb + OWN_MB) * MEGABYTE,
        seconds: Math.ceil(timeoutMs / 1000) + 1,
        output: outputChars,
      };
      child.end(JSON.stringify(job));
      return finish(child, timeoutMs + START_MS, signal);
    },
    close() {},
  };
}
