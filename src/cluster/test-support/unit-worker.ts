/** A worker of made-up units: `unit-worker.ts ADDRESS ID CONCURRENCY`. What a unit does stands in the spec of its run. */
import { openDatabase, pause } from '../database.ts';
import { openQueue } from '../queue.ts';
import { work } from '../worker.ts';
import { call } from './upstream.ts';

export interface UnitSpec {
  /** Milliseconds a unit takes. */
  readonly ms: number;
  /** Is called once a unit, by the name of the unit. */
  readonly url?: string | undefined;
  /** The unit that ends whoever does it. */
  readonly poison?: string | undefined;
  /** The workers that can do it; undefined: all. */
  readonly only?: string | undefined;
}

const [address = '', id = '', concurrency = '8'] = process.argv.slice(2);
const database = await openDatabase(address, { patienceMs: 60_000 });
const queue = await openQueue(database);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
await work(database, queue, {
  id: `${id} ${process.pid}`,
  place: id,
  concurrency: Number(concurrency),
  signal: stop.signal,
  accept(run) {
    const spec = JSON.parse(run.spec) as UnitSpec;
    if (spec.only !== undefined && spec.only !== id) return Promise.reject(new Error(`model m is not on ${id}`));
    return Promise.resolve({
      async work(unit) {
        if (spec.url !== undefined) await call(spec.url, `${unit}@${id}`);
        if (spec.ms > 0) await pause(spec.ms);
        if (unit === spec.poison) process.kill(process.pid, 'SIGKILL');
        return `result of ${unit}`;
      },
      close: () => Promise.resolve(),
    });
  },
});
await queue.close();
await database.close();
