/**
 * What the queue costs, on a real PostgreSQL of its own: empty units a second; units that wait for a server, with no queue at all, with
 * one worker and with two; the queue of the same pg-boss as it works by default; and how large its tables get while units pass.
 *
 *     node benchmarks/cluster.ts [--units 20000] [--waiting 3000] [--ms 30] [--json]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PgBoss } from 'pg-boss';
import { coordinate } from '../src/cluster/coordinator.ts';
import { openDatabase, pause, type Database } from '../src/cluster/database.ts';
import { openQueue, type Queue } from '../src/cluster/queue.ts';
import { call, upstream } from '../src/cluster/test-support/upstream.ts';
import { run, type Child } from '../src/store/test-support/children.ts';
import { noPostgres, postgres } from '../src/store/test-support/postgres.ts';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '20000' },
    waiting: { type: 'string', default: '3000' },
    ms: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const EMPTY = Number(values.units);
const WAITING = Number(values.waiting);
const MS = Number(values.ms);
/** Units in flight of each worker, and of the loop without a queue. */
const IN_FLIGHT = 16;
const WORKER = join(import.meta.dirname, '../src/cluster/test-support/unit-worker.ts');

if (noPostgres !== undefined) {
  console.log(`skipped: ${noPostgres}`);
  process.exit(0);
}
const server = await postgres({ settings: { synchronous_commit: 'on' } });
const database = await openDatabase(server.url);
const queue = await openQueue(database);
const provider = await upstream();
const results: { [name: string]: number } = {};
/** Bytes of the queue's tables, at most. */
let largest = 0;
const say = (name: string, value: number, unit: string): void => {
  results[name] = value;
  if (!values.json) console.log(`${name.padEnd(52)} ${value.toFixed(value < 10 ? 2 : 0).padStart(8)} ${unit}`);
};

try {
  const rates = await withWorkers(2, 64, () => timed('empty', EMPTY, { ms: 0 }));
  say('empty units, two workers', rates, 'a second');

  const alone = await bare();
  say(`units of ${MS} ms at a server, no queue`, alone, 'a second');
  const one = await withWorkers(1, IN_FLIGHT, () => timed('one', WAITING, { ms: MS, url: provider.url }));
  say(`units of ${MS} ms at a server, one worker`, one, 'a second');
  const two = await withWorkers(2, IN_FLIGHT, () => timed('two', WAITING, { ms: MS, url: provider.url }));
  say(`units of ${MS} ms at a server, two workers`, two, 'a second');
  say('one worker against no queue', one / alone, 'times');
  say('two workers against one', two / one, 'times');

  const polled = await byDefault();
  say('the same with pg-boss as it works by default', polled, 'a second');
  say('two workers against that', two / polled, 'times');
  say('tables of the queue while empty units pass, at most', largest / 2 ** 20, 'MiB');
  if (values.json) console.log(JSON.stringify(results));
} finally {
  await provider.close();
  await queue.close();
  await database.close();
  await server.close();
}

/** Units a second of a run that is handed out from here, from its first result to its last. */
async function timed(name: string, count: number, spec: object): Promise<number> {
  const units = Array.from({ length: count }, (_, i) => `unit ${i}`);
  let [first, last] = [0, 0];
  const watching = setInterval(() => void sizeOf(database).then((bytes) => (largest = Math.max(largest, bytes))), 250);
  try {
    await coordinate(database, queue satisfies Queue, {
      run: name,
      spec: JSON.stringify(spec),
      units,
      signal: new AbortController().signal,
      onResult() {
        last = performance.now();
        first ||= last;
      },
    });
  } finally {
    clearInterval(watching);
  }
  return ((count - 1) / (last - first)) * 1000;
}

async function withWorkers(count: number, inFlight: number, measure: () => Promise<number>): Promise<number> {
  const workers: Child[] = Array.from({ length: count }, (_, i) => run(WORKER, [server.url, `w${i}`, `${inFlight}`]));
  try {
    await pause(1500); // they start
    return await measure();
  } finally {
    for (const worker of workers) {
      worker.kill();
      await worker.ended;
    }
    await database.query('DELETE FROM plusx_cluster.workers');
  }
}

/** The same units in a loop of one process. */
async function bare(): Promise<number> {
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < WAITING) {
        await call(provider.url, `bare ${next++}`);
        await pause(MS);
      }
    }),
  );
  return (WAITING / (performance.now() - start)) * 1000;
}

/** Two pollers of pg-boss with its own settings, each with as many in flight, on fewer units: it is slow. */
async function byDefault(): Promise<number> {
  const count = Math.min(WAITING, 400);
  const boss = new PgBoss({ connectionString: server.url, schema: 'by_default' });
  boss.on('error', () => undefined);
  await boss.start();
  await boss.createQueue('units');
  await boss.insert(
    'units',
    Array.from({ length: count }, (_, i) => ({ data: { unit: i } })),
  );
  let done = 0;
  const start = performance.now();
  const { promise, resolve } = Promise.withResolvers<void>();
  for (let poller = 0; poller < 2; poller++)
    await boss.work('units', { batchSize: IN_FLIGHT }, async (jobs) => {
      await Promise.all(
        jobs.map(async ({ id }) => {
          await call(provider.url, id);
          await pause(MS);
        }),
      );
      done += jobs.length;
      if (done >= count) resolve();
    });
  await promise;
  const seconds = (performance.now() - start) / 1000;
  await boss.stop({ graceful: false });
  return count / seconds;
}

async function sizeOf(of: Database): Promise<number> {
  const [row] = await of
    .query(
      `SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname = $1`,
      [of.queueSchema],
    )
    .catch(() => []);
  return Number(row?.['bytes'] ?? 0);
}
