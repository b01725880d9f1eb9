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
  /** What it can read from the file descriptor after standard error. */
  readonly extra?: Uint8Array;
  /** It is ended where it writes more. */
  readonly mostBytes: number;
}

const ERRORS_KEPT = 2000;

const living = new Set<Child>();
let watched = false;

/** Ends it where this process exits before it does. */
function endWithThisProcess(child: Child): void {
  living.add(child);
  const gone = (): void => void living.delete(child);
  child.ended.then(gone, gone);
  if (watched) return;
  watched = true;
  process.once('exit', () => {
    for (const one of living) one.stop('unwanted');
  });
}

export function startChild({ command, args, env, cwd, extra, mostBytes }: Start): Child {
  const child = spawn(command, args, {
    detached: true, // a process group of its own
    env: { ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'pipe', 'pipe', ...(extra ? ['pipe' as const] : [])],
  });
  const [stdin, stdout, stderr, fourth] = child.stdio as unknown as [Sink, Source, Source, Sink?];
  const chunks: Buffer[] = [];
  let bytes = 0;
  let complaint = '';
  let stopped: Stop | undefined;
  let alive = true;
  const stop = (why: Stop): void => {
    stopped ??= why;
    try {
      if (alive && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it is over already
    }
  };
  const spoke = Promise.withResolvers<void>();
  stdout.on('data', (chunk: Buffer) => {
    spoke.resolve();
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else stop('output');
  });
  stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < ERRORS_KEPT) complaint += chunk.toString();
  });
  for (const sink of [stdin, fourth]) sink?.on('error', () => {}); // what died has been told already
  if (extra) fourth?.end(extra);
  const ended = new Promise<Ended>((resolve, reject) => {
    const over = (): void => {
      alive = false;
      spoke.resolve();
    };
    child.once('error', (error) => {
      over();
      reject(error);
    });
    child.once('close', (status, killedBy) => {
      over();
      resolve({ bytes: Buffer.concat(chunks), complaint, status, killedBy, stopped });
    });
  });
  ended.catch(() => {}); // told to whoever waits for it
  const started: Child = {
    pid: child.pid,
    alive: () => alive,
    spoke: spoke.promise,
    ended,
    write: (data) => void stdin.write(data),
    end: (data) => void stdin.end(data),
    stop,
    hold(yes) {
      for (const one of [child, stdin, stdout, stderr] as Kept[]) (yes ? one.ref : one.unref)?.call(one);
    },
  };
  endWithThisProcess(started);
  return started;
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
