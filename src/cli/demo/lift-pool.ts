/** A few threads for the jobs of a lift table: the embedded model computes in the thread that asks it. */
import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './lift.ts';

const SOURCE = new URL(import.meta.url.endsWith('.ts') ? './lift-worker.ts' : './lift-worker.js', import.meta.url);

/** A thread's heap, in MB: V8 lets garbage lie for as long as it has room, and no job holds a third of this. */
const HEAP = { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 4 };

export interface JobPool {
  /** The result of a job; the same job is run once. Of those that wait, the one of the lowest rank is next. */
  run(job: Job, rank?: number): Promise<JobResult>;
  close(): Promise<void>;
}

interface Entry {
  readonly job: Job;
  readonly settle: PromiseWithResolvers<JobResult>;
  readonly rank: number;
}
type Reply = { readonly result: JobResult } | { readonly error: string };

export function openJobPool(threads: number, signal: AbortSignal): JobPool {
  const waiting: Entry[] = [];
  const idle: Worker[] = [];
  const working = new Map<Worker, Entry>();
  const results = new Map<string, Promise<JobResult>>();
  let alive = threads;

  const next = (): void => {
    while (idle.length > 0 && waiting.length > 0) {
      const [worker, entry] = [idle.pop() as Worker, waiting.shift() as Entry];
      working.set(worker, entry);
      const { job } = entry;
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
      worker.postMessage(job);
    }
  };
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(SOURCE, { resourceLimits: HEAP });
    const finish = (reply: Reply): void => {
      const entry = working.get(worker);
      working.delete(worker);
      if (!entry) return;
      const { job, settle } = entry;
      if ('result' in reply) settle.resolve(reply.result);
      else settle.reject(new Error(`${job.plus || 'the model'} on ${job.task}: ${reply.error}`));
    };
    worker.on('message', (reply: Reply) => {
      finish(reply);
      idle.push(worker);
      next();
    });
    worker.on('error', (error) => {
      finish({ error: error.message }); // the thread is gone; the others go on
      alive--;
      if (alive === 0) for (const { settle } of waiting.splice(0)) settle.reject(error);
    });
    return worker;
  });
  idle.push(...workers);
  const stop = (): void => {
    for (const { settle } of waiting.splice(0)) settle.reject(signal.reason);
    for (const worker of workers) void worker.terminate();
  };
  signal.addEventListener('abort', stop, { once: true });
  return {
    run(job, rank = 0) {
      const key = JSON.stringify(job);
      const known = results.get(key);
      if (known) return known;
      const settle = Promise.withResolvers<JobResult>();
      results.set(key, settle.promise);
      const after = waiting.findIndex((other) => other.rank > rank);
      waiting.splice(after === -1 ? waiting.length : after, 0, { job, settle, rank });
      next();
      return settle.promise;
    },
    async close() {
      signal.removeEventListener('abort', stop);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
