/**
 * Python in bubblewrap: a process of its own in name spaces of its own, with no network, an empty file system but for
 * the interpreter, limits on memory and processor time, and a filter of system calls. Linux only.
 */
import { execFile, spawn } from 'node:child_process';
import { arch, platform } from 'node:process';
import { promisify } from 'node:util';
import type { Execution, Json, Program } from '../core/index.ts';
import { failed, outOfTime, readValue, tooLong, type SandboxLimits } from './limits.ts';
import { RUNNER } from './python-runner.ts';
import { seccompFilter } from './seccomp.ts';

export interface Python {
  run(program: Program, signal: AbortSignal | undefined): Promise<Execution>;
}

const MEGABYTE = 1 << 20;
/** The interpreter's own part of the address space. */
const OWN_MB = 224;
/** A program may not be judged by how long its interpreter took to start. */
const START_MS = 1500;
const ERRORS_KEPT = 2000;
const PROBE_MS = 5000;

/** Python in bubblewrap, or nothing where this machine cannot do that safely. */
export async function findPython(limits: SandboxLimits, size: number): Promise<Python | undefined> {
  const filter = seccompFilter(arch);
  if (platform !== 'linux' || !filter) return undefined;
  const interpreter = await firstThat(['/usr/bin/python3', 'python3'], locate);
  if (!interpreter) return undefined;
  const python = inBubblewrap(interpreter, filter, limits);
  const probe = await python
    .run({ language: 'python', code: 'answer = 6 * 7' }, AbortSignal.timeout(PROBE_MS))
    .catch(() => undefined);
  return probe?.kind === 'value' && probe.value === 42 ? queued(python, size) : undefined;
}

interface Interpreter {
  readonly file: string;
  /** The folder it has its library in. */
  readonly home: string;
}

async function locate(command: string): Promise<Interpreter | undefined> {
  try {
    const ask = 'import sys; print(sys.executable); print(sys.base_prefix)';
    const { stdout } = await promisify(execFile)(command, ['-I', '-S', '-c', ask], { timeout: PROBE_MS });
    const [file, home] = stdout.trim().split('\n');
    return file && home ? { file, home } : undefined;
  } catch {
    return undefined;
  }
}

async function firstThat<A, B>(
  candidates: readonly A[],
  find: (candidate: A) => Promise<B | undefined>,
): Promise<B | undefined> {
  for (const candidate of candidates) {
    const found = await find(candidate);
    if (found) return found;
  }
  return undefined;
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
    [file, '-I', '-S', '-B', '-c', RUNNER],
  ].flat();
}

function inBubblewrap(interpreter: Interpreter, filter: Uint8Array, limits: SandboxLimits): Python {
  const { timeoutMs, memoryMb, outputChars, resultChars } = limits;
  const mostBytes = 6 * (outputChars + resultChars) + 10_000; // a character of JSON takes up to six bytes
  return {
    run: ({ code, globals = {}, seed = 0 }, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const child = spawn('bwrap', bubblewrapped(interpreter), {
          detached: true,
          env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
          stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
        });
        const [stdin, stdout, stderr, seccomp] = child.stdio as unknown as [Sink, Source, Source, Sink];
        const chunks: Buffer[] = [];
        let bytes = 0;
        let complaint = '';
        let over = false;
        let late = false;
        const kill = (): void => {
          // The group and, as the sandbox's first process dies with its parent, all that is in it.
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        };
        const stop = (): void => {
          try {
            kill();
          } catch {
            // it is over already
          }
        };
        const timer = setTimeout(() => {
          late = true;
          stop();
        }, timeoutMs + START_MS);
        const abort = (): void => stop();
        signal?.addEventListener('abort', abort, { once: true });
        stdout.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= mostBytes) chunks.push(chunk);
          else if (!over) {
            over = true;
            stop();
          }
        });
        stderr.on('data', (chunk: Buffer) => {
          if (complaint.length < ERRORS_KEPT) complaint += chunk.toString();
        });
        const settle = (act: () => void): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          act();
        };
        child.once('error', (error) => settle(() => reject(error)));
        child.once('close', (status, killedBy) =>
          settle(() => {
            if (signal?.aborted) return reject(signal.reason);
            if (late || killedBy === 'SIGXCPU' || status === 128 + 24) return resolve(outOfTime(limits));
            if (over) return resolve(failed('output', 'The program wrote more than may be read back.'));
            resolve(readReply(Buffer.concat(chunks).toString(), limits) ?? ended(status, complaint));
          }),
        );
        for (const sink of [stdin, seccomp]) sink.on('error', () => {}); // what died has been told already
        seccomp.end(filter);
        stdin.end(
          JSON.stringify({
            code,
            globals,
            seed,
            memory: (memoryMb + OWN_MB) * MEGABYTE,
            seconds: Math.ceil(timeoutMs / 1000) + 1,
            output: outputChars,
          }),
        );
      }),
  };
}

type Sink = NodeJS.WritableStream;
type Source = NodeJS.ReadableStream;

/** What the runner wrote, or what the program wrote in its place. */
function readReply(text: string, limits: SandboxLimits): Execution | undefined {
  let reply: { readonly [field: string]: Json };
  try {
    reply = JSON.parse(text) as typeof reply;
  } catch {
    return undefined;
  }
  if (typeof reply !== 'object' || reply === null) return undefined;
  const { value, reason, message } = reply;
  const output = typeof reply['output'] === 'string' ? reply['output'] : '';
  if (reason === 'output' || output.length > limits.outputChars) return tooLong('output', limits.outputChars);
  if (typeof value === 'string')
    return value.length > limits.resultChars
      ? tooLong('value', limits.resultChars)
      : readValue(value === 'null' ? undefined : value, output);
  const known = REASONS.find((one) => one === reason);
  return known && typeof message === 'string' ? failed(known, message.slice(0, 1000), output) : undefined;
}

const REASONS = ['thrown', 'syntax', 'memory', 'unsupported'] as const;

/** The interpreter is gone without a word: by a signal where it met a limit, or because the program ended it. */
function ended(status: number | null, complaint: string): Execution {
  const why = complaint.trim().split('\n').at(-1);
  const how = status === null ? 'killed' : `status ${status}`;
  return failed(
    status === null || status > 128 ? 'memory' : 'thrown',
    `The program ended its interpreter (${how}${why ? `: ${why.slice(0, 300)}` : ''}).`,
  );
}

/** At most `size` programs at once; the others wait their turn. */
function queued(python: Python, size: number): Python {
  let running = 0;
  const waiting: (() => void)[] = [];
  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      const go = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      waiting.push(go);
      signal?.addEventListener('abort', leave, { once: true });
    });
  return {
    async run(program, signal) {
      if (running < size) running++;
      else await turn(signal);
      try {
        return await python.run(program, signal);
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
