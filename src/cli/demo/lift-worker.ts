/** A thread that runs jobs of a lift table, one after the other. */
import { parentPort } from 'node:worker_threads';
import type { Job } from './lift.ts';
import { runJob } from './lift-job.ts';

parentPort?.on('message', (job: Job) => {
  void runJob(job).then(
    (result) => reply({ result }),
    (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
  );
});

function reply(message: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(message);
}
