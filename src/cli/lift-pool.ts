/** A few threads for the jobs of a lift table: the embedded model computes in the thread that asks it. */
import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './lift.ts';

const SOURCE = new URL(import.meta.url.endsWith('.ts') ? './lift-worker.ts' : './lift-worker.js', import.meta.url);

export interface JobPool {
  /** The result of a job; the same job is run once. */
  run(job: Job): Promise<JobResult>;
  close(): Promise<void>;
}

export function openJobPool(threads: number, signal: AbortSignal): JobPool {
  const workers = Array.from({ length: threads }, () => new Worker(SOURCE));
  const idle = [...workers];
  const waiting: { readonly job: Job; readonly settle: PromiseWithResolvers<JobResult> }[] = [];
  const results = new Map<string, Promise<JobResult>>();

  const next = (): void => {
    const worker = idle.pop();
    const entry = worker && waiting.shift();
    if (!worker || !entry) return void (worker && idle.push(worker));
    const done = (): void => {
      worker.removeAllListeners();
      idle.push(worker);
      next();
    };
    worker.once('message', ({ result, error }: { readonly result?: JobResult; readonly error?: string }) => {
      if (result) entry.settle.resolve(result);
      else entry.settle.reject(new Error(`${entry.job.plus || 'the model'} on ${entry.job.task}: ${error}`));
      done();
    });
    worker.once('error', (error) => entry.settle.reject(error));
    worker.postMessage(entry.job);
    next();
  };
  const stop = (): void => {
    for (const { settle } of waiting.splice(0)) settle.reject(signal.reason);
    for (const worker of workers) void worker.terminate();
  };
  signal.addEventListener('abort', stop, { once: true });
  return {
    run(job) {
      const key = JSON.stringify(job);
      const known = results.get(key);
      if (known) return known;
      const settle = Promise.withResolvers<JobResult>();
      results.set(key, settle.promise);
      waiting.push({ job, settle });
      next();
      return settle.promise;
    },
    async close() {
      signal.removeEventListener('abort', stop);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
