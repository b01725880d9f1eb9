/**
 * Jobs that are asked for one by one and done together: what is asked for within one turn of the event loop is one batch.
 * Work that makes many separate calls so runs as fast as one call for many candidates.
 */

/** @param most jobs of a batch; further ones wait for the next turn. */
export function createBatcher<Job, Result>(
  run: (jobs: readonly Job[]) => readonly Result[],
  most: number,
): (job: Job) => Promise<Result> {
  interface Asked {
    readonly job: Job;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  let queue: Asked[] = [];
  let due = false;
  const work = (): void => {
    const batch = queue.slice(0, most);
    queue = queue.slice(most);
    due = queue.length > 0;
    if (due) afterThisTurn(work);
    try {
      const results = run(batch.map(({ job }) => job));
      batch.forEach(({ resolve }, i) => resolve(results[i] as Result));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  return (job) =>
    new Promise((resolve, reject) => {
      queue.push({ job, resolve, reject });
      if (due) return;
      due = true;
      afterThisTurn(work);
    });
}

/** Runs after what this turn of the event loop has brought about, so that timers and input get theirs in between. */
const afterThisTurn: (work: () => void) => void =
  typeof setImmediate === 'function'
    ? (work) => void setImmediate(work)
    : (work) => {
        const { port1, port2 } = new MessageChannel();
        const once = (): void => {
          port1.close();
          work();
        };
        port1.addEventListener('message', once);
        port1.start();
        port2.postMessage(undefined);
      };
