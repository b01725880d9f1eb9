/** A process a program runs in: what it writes is collected up to a bound, and its whole group can be ended at any time. */
import { spawn } from 'node:child_process';
import type { Program } from '../core/index.ts';

/** A way to run Python: each program in a process of its own, which is gone when its program is through. */
export interface Engine {
  /** What became of the process. Rejects for an abort, with its reason, and where no process can be started. */
  run(program: Program, signal: AbortSignal | undefined): Promise<Ended>;
  close(): void;
}

/** Why a process was ended from outside. */
export type Stop = 'time' | 'output' | 'memory' | 'unwanted';

export interface Ended {
  readonly bytes: Uint8Array;
  /** The beginning of what it wrote to standard error. */
  readonly complaint: string;
  readonly status: number | null;
  readonly killedBy: NodeJS.Signals | null;
  readonly stopped: Stop | undefined;
}

export interface Child {
  readonly pid: number | undefined;
  readonly alive: () => boolean;
  /** When it has written its first byte, or is gone. */
  readonly spoke: Promise<void>;
  /** Rejects where it could not be started. */
  readonly ended: Promise<Ended>;
  /** Writes to its standard input. */
  write(data: Uint8Array | string): void;
  /** Writes the last of its standard input. */
  end(data: Uint8Array | string): void;
  stop(why: Stop): void;
  /** Whether this process waits for it before it ends by itself. */
  hold(yes: boolean): void;
}

export interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
  readonly cwd?: string;
  /** What it can read from file descriptor 3. */
  readonly extra?: Uint8Array;
  /** Whether it writes the number of its own child to file descriptor 4, as bubblewrap does with `--json-status-fd 4`. */
  readonly tellsOfInner?: true;
  /** It is ended where it writes more. */
  readonly mostBytes: number;
}

const ERRORS_KEPT = 2000;
/** How long a process may take to follow its child, which was ended first. */
const FOLLOW_MS = 1000;

/** What ends each process that is running, at once. */
const living = new Set<() => void>();
let watched = false;

/** Ends it where this process exits before it does. */
function endWithThisProcess(kill: () => void): void {
  living.add(kill);
  if (watched) return;
  watched = true;
  process.once('exit', () => {
    for (const one of living) one();
  });
}

export function startChild({ command, args, env, cwd, extra, tellsOfInner, mostBytes }: Start): Child {
  const spoke = Promise.withResolvers<void>();
  const over = Promise.withResolvers<Ended>();
  over.promise.catch(() => {}); // told to whoever waits for it
  const child = spawn(command, args, {
    detached: true, // a process group of its own
    env: { ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'pipe', 'pipe', extra || tellsOfInner ? 'pipe' : 'ignore', tellsOfInner ? 'pipe' : 'ignore'],
  });
  let alive = true;
  let inner: number | undefined;
  const killGroup = (): void => {
    if (alive && child.pid !== undefined) kill(-child.pid);
  };
  /** The child of its child first: an orphan stays in the table of processes where nobody takes in orphans. */
  const killAll = (): void => {
    if (inner !== undefined) kill(inner);
    killGroup();
  };
  endWithThisProcess(killAll);
  const end = (): void => {
    alive = false;
    living.delete(killAll);
    spoke.resolve();
  };
  try {
    const [stdin, stdout, stderr, third, fourth] = child.stdio as unknown as [Sink, Source, Source, Sink?, Source?];
    const chunks: Buffer[] = [];
    let bytes = 0;
    let complaint = '';
    let stopped: Stop | undefined;
    const stop = (why: Stop): void => {
      stopped ??= why;
      if (!tellsOfInner) return killGroup();
      if (inner !== undefined) kill(inner); // or it is told of in a moment
      setTimeout(killGroup, FOLLOW_MS).unref();
    };
    stdout.on('data', (chunk: Buffer) => {
      spoke.resolve();
      bytes += chunk.length;
      if (bytes <= mostBytes) chunks.push(chunk);
      else stop('output');
    });
    stderr.on('data', (chunk: Buffer) => {
      if (complaint.length < ERRORS_KEPT) complaint += chunk.toString();
    });
    let told = '';
    fourth?.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      inner = told.includes('"exit-code"') ? undefined : innerIn(told);
      if (stopped && inner !== undefined) kill(inner);
    });
    for (const pipe of [stdin, third, fourth]) pipe?.on('error', () => {}); // what died has been told already
    if (extra) third?.end(extra);
    child.once('error', (error) => {
      end();
      over.reject(error);
    });
    child.once('exit', () => {
      inner = undefined;
    });
    child.once('close', (status, killedBy) => {
      end();
      over.resolve({ bytes: Buffer.concat(chunks), complaint, status, killedBy, stopped });
    });
    return {
      pid: child.pid,
      alive: () => alive,
      spoke: spoke.promise,
      ended: over.promise,
      write: (data) => void stdin.write(data),
      end: (data) => void stdin.end(data),
      stop,
      hold(yes) {
        for (const one of [child, stdin, stdout, stderr, third, fourth] as (Kept | undefined)[])
          (yes ? one?.ref : one?.unref)?.call(one);
      },
    };
  } catch (error) {
    killAll(); // nobody would hear of it
    child.once('error', end).once('close', end);
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is over already
  }
}

function innerIn(told: string): number | undefined {
  const pid = /"child-pid":\s*(\d+)/.exec(told)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

type Kept = { ref?(): unknown; unref?(): unknown };
type Sink = NodeJS.WritableStream & Kept;
type Source = NodeJS.ReadableStream & Kept;

/** What becomes of a process within so many milliseconds from now. Rejects for an abort, with the signal's reason. */
export async function finish(child: Child, withinMs: number, signal: AbortSignal | undefined): Promise<Ended> {
  const timer = setTimeout(() => child.stop('time'), withinMs);
  const abort = (): void => child.stop('unwanted');
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  try {
    const ended = await child.ended;
    signal?.throwIfAborted();
    return ended;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** The most bytes a reply may have: a character of JSON takes up to six. */
export function mostBytesOf(limits: { readonly outputChars: number; readonly resultChars: number }): number {
  return 6 * (limits.outputChars + limits.resultChars) + 10_000;
}

/** The first of the candidates for which there is something, asked one after the other. */
export async function firstThat<A, B>(
  candidates: readonly A[],
  find: (candidate: A) => Promise<B | undefined>,
): Promise<B | undefined> {
  for (const candidate of candidates) {
    const found = await find(candidate);
    if (found) return found;
  }
  return undefined;
}
