/** A thread that runs jobs of a lift table, one after the other. */
import { parentPort } from 'node:worker_threads';
import type { Job } from './lift.ts';
import { runJob } from './lift-job.ts';

parentPort?.on('message', (job: Job) => {
  runJob(job).then(
    (result) => parentPort?.postMessage({ result }),
    (error: unknown) => parentPort?.postMessage({ error: error instanceof Error ? error.message : String(error) }),
  );
});
