/** Threads that are kept warm for programs: each runs one at a time, and one that met a limit is replaced. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Execution } from '../core/index.ts';
import { failed, outOfTime, type SandboxLimits } from './limits.ts';
import type { Job, Reply, WorkerSetup } from './worker.ts';

export interface Pool {
  run(job: Job, signal: AbortSignal | undefined): Promise<Execution>;
  /** Ends all threads, with what runs in them. */
  close(): Promise<void>;
}

/** How long after its deadline a program may take to notice, before its thread is ended from outside. */
const GRACE_MS = 500;
/** For the thread's own JavaScript, which is small: the program's memory is WebAssembly's. */
const RESOURCES = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, codeRangeSizeMb: 16, stackSizeMb: 4 };
const SOURCE = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

let compiled: Promise<WebAssembly.Module> | undefined;

export function openPool(limits: SandboxLimits, size: number): Pool {
  const idle: Worker[] = [];
  const waiting: ((worker: Worker | Promise<Worker>) => void)[] = [];
  const all = new Set<Worker>();
  let seats = 0;
  let closed = false;

  const gone = (worker: Worker): void => {
    if (!all.delete(worker)) return;
    seats--;
    const at = idle.indexOf(worker);
    if (at !== -1) idle.splice(at, 1);
  };
  const hire = async (): Promise<Worker> => {
    seats++;
    try {
      const worker = await start(limits);
      all.add(worker);
      worker.once('exit', () => gone(worker));
      if (closed) await worker.terminate();
      return worker;
    } catch (error) {
      seats--;
      waiting.shift()?.(hire());
      throw error;
    }
  };
  const give = (worker: Worker): void => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };
  const replace = (worker: Worker): void => {
    gone(worker);
    void worker.terminate();
    if (closed) return;
    const next = waiting.shift();
    if (next) next(hire());
    // A replacement that cannot start is the next program's to hear of, not this one's.
    else hire().then(give, () => {});
  };
  const take = (signal: AbortSignal | undefined): Promise<Worker> => {
    const free = idle.pop();
    if (free) return Promise.resolve(free);
    if (seats < size) return hire();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      const go = (worker: Worker | Promise<Worker>): void => {
        signal?.removeEventListener('abort', leave);
        resolve(worker);
      };
      waiting.push(go);
      signal?.addEventListener('abort', leave, { once: true });
    });
  };

  return {
    async run(job, signal) {
      signal?.throwIfAborted();
      if (closed) throw isClosed();
      const worker = await take(signal);
      if (signal?.aborted) {
        give(worker);
        throw signal.reason;
      }
      try {
        const { execution, spent } = await runIn(worker, job, limits, { signal, isOver: () => closed });
        if (spent) replace(worker);
        else give(worker);
        return execution;
      } catch (error) {
        replace(worker);
        throw error;
      }
    },
    async close() {
      closed = true;
      for (const next of waiting.splice(0)) next(Promise.reject(isClosed()));
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

const isClosed = (): Error => new Error('The sandbox is closed.');

async function start(limits: SandboxLimits): Promise<Worker> {
  compiled ??= readFile(createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')).then(
    (bytes) => WebAssembly.compile(bytes),
  );
  const setup: WorkerSetup = { module: await compiled, limits };
  const worker = new Worker(SOURCE, {
    workerData: setup,
    env: {},
    execArgv: [],
    resourceLimits: RESOURCES,
    stdout: true, // what an interpreter that breaks has to say is in its reply
    stderr: true,
  });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The sandbox's thread ended with ${code} before it began.`)));
    worker.once('message', () => resolve());
  });
  worker.on('error', () => {}); // told to whoever waits for a reply
  worker.unref();
  return worker;
}

interface Running {
  readonly signal: AbortSignal | undefined;
  /** Whether the sandbox has been closed, which ends its threads. */
  readonly isOver: () => boolean;
}

function runIn(worker: Worker, job: Job, limits: SandboxLimits, { signal, isOver }: Running): Promise<Reply> {
  return new Promise<Reply>((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      worker.off('message', reply).off('error', broken).off('exit', ended);
      worker.unref();
      act();
    };
    const stop = (execution: Execution): void =>
      settle(() => (isOver() ? reject(isClosed()) : resolve({ execution, spent: true })));
    const reply = (message: Reply): void => settle(() => resolve(message));
    const broken = ({ message }: Error): void => stop(failed('memory', `The program's thread broke: ${message}`));
    const ended = (): void => stop(failed('memory', "The program's thread ended."));
    const abort = (): void => settle(() => reject(signal?.reason));
    const timer = setTimeout(() => stop(outOfTime(limits)), limits.timeoutMs + GRACE_MS);
    worker.ref();
    worker.on('message', reply).on('error', broken).on('exit', ended);
    signal?.addEventListener('abort', abort, { once: true });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's, not a window's
    worker.postMessage(job);
  });
}
