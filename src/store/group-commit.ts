/**
 * Group commit: what is written within one turn of the event loop, and while a commit is under way, shares the next
 * transaction and its one sync to disk.
 */
import type { Driver, Statement } from './driver.ts';
import { closedStore } from './drivers/sqlite-error.ts';

export interface Writer {
  /** Resolves when the statements are on disk, all in one transaction. What is committed together shares one promise. */
  add(statements: Statement | readonly Statement[]): Promise<void>;
  /** Resolves when everything added so far is on disk or has been refused. */
  flush(): Promise<void>;
  /** Flushes, and makes sure that nothing deleted before can be read from the database's files. */
  scrub(): Promise<void>;
  /** Refuses whatever comes later, then flushes. */
  close(): Promise<void>;
}

/** Bounds the memory and the lock time of one transaction. */
const MAX_BATCH = 5_000;

interface Batch {
  readonly statements: Statement[];
  readonly done: PromiseWithResolvers<void>;
}

export function groupCommit(driver: Driver): Writer {
  const queue: Batch[] = [];
  let draining = false;
  let closed = false;
  let settled: Promise<unknown> = Promise.resolve();

  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const { statements, done } = queue.shift() as Batch;
      try {
        await driver.write(statements);
        done.resolve();
      } catch (error) {
        done.reject(error);
      }
    }
    draining = false;
  };

  return {
    add(added) {
      if (closed) return Promise.reject(closedStore(driver.file));
      let batch = queue.at(-1);
      if (!batch || batch.statements.length >= MAX_BATCH) {
        batch = { statements: [], done: Promise.withResolvers() };
        queue.push(batch);
        settled = batch.done.promise.catch(() => {}); // whoever added to it hears of the error
      }
      batch.statements.push(...('sql' in added ? [added] : added));
      if (!draining) {
        draining = true;
        void drain();
      }
      return batch.done.promise;
    },
    async flush() {
      await settled;
    },
    async scrub() {
      await settled;
      await driver.scrub();
    },
    async close() {
      closed = true;
      await settled;
    },
  };
}
