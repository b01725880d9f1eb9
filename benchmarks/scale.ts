/**
 * What a call costs where workers make it, on a real PostgreSQL of its own, and from these costs where more workers stop to help:
 *
 *     node benchmarks/scale.ts [--items 20000] [--votes 5] [--workers 2] [--ms 0] [--json]
 *
 * `plusx eval --workers` hands a task out to `plusx worker`s, which call a server on the loopback interface that answers after `--ms`.
 * Memory, processor time, connections and the server's log are those of the processes themselves.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { noPostgres, postgres } from '../src/store/test-support/postgres.ts';
import { upstream } from './serve/processes.ts';
import { processorSeconds, residentBytes, slopeOf } from './serve/taken.ts';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '20000' },
    votes: { type: 'string', default: '5' },
    workers: { type: 'string', default: '2' },
    ms: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});
const [ITEMS, VOTES, WORKERS] = [Number(values.items), Number(values.votes), Number(values.workers)];
const IN_FLIGHT = 32;
const CALLS = ITEMS * VOTES;
const CLI = join(import.meta.dirname, '../src/cli/main.ts');

if (noPostgres !== undefined) {
  console.log(`skipped: ${noPostgres}`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'plusx-scale-'));
const server = await postgres({ settings: { synchronous_commit: 'on' } });
const provider = await upstream();
const children: ChildProcess[] = [];
const env = {
  ...process.env,
  PLUSX_BASE_URL: `http://127.0.0.1:${provider.port}/${values.ms}/v1`,
  PLUSX_MODEL: 'm',
};
const started = (...args: string[]): ChildProcess => {
  const child = spawn(process.execPath, [CLI, ...args, '--store', server.url], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
};
const number = async (sql: string): Promise<number> => Number(await server.sql(sql));

try {
  const lines = Array.from({ length: ITEMS }, (_, i) => `{"id":"q${i}","input":"Question ${i}?","expected":"42"}\n`);
  writeFileSync(join(folder, 'task.jsonl'), lines.join(''));
  // The tables are there before anything is counted.
  await promisify(execFile)(process.execPath, [CLI, 'runs', 'list', '--store', server.url], { cwd: folder, env });
  const workers = Array.from({ length: WORKERS }, () =>
    started('worker', '--concurrency', String(IN_FLIGHT), '--quiet'),
  );
  const logBefore = await number("SELECT pg_current_wal_lsn() - '0/0'");
  const start = performance.now();
  const asked = ['eval', 'task.jsonl', '-p', `selfConsistency(n=${VOTES})`, '--metric', 'numeric'];
  const coordinator = started(...asked, '--workers', '--run', 'scale', '--json', '--quiet', '--yes');
  let said = '';
  coordinator.stdout?.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(coordinator, 'exit');
  const points = new Map<number, { readonly x: number; readonly y: number }[]>(
    [...workers, coordinator].map(({ pid = 0 }) => [pid, []]),
  );
  const processor = new Map<number, number>();
  let connections = 0;
  let queued = 0;
  while (coordinator.exitCode === null) {
    const done = await number('SELECT COALESCE((SELECT count(*) FROM plusx_cluster.results), 0)').catch(() => 0);
    for (const [pid, own] of points) own.push({ x: done * VOTES, y: look(() => residentBytes(pid)) });
    for (const pid of [...points.keys(), ...ofServer()])
      processor.set(
        pid,
        Math.max(
          processor.get(pid) ?? 0,
          look(() => processorSeconds(pid)),
        ),
      );
    connections = Math.max(
      connections,
      await number("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"),
    );
    queued = Math.max(
      queued,
      await number(
        "SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'plusx_queue'",
      ),
    );
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  const seconds = (performance.now() - start) / 1000;
  const { failed, usage } = JSON.parse(said) as { readonly failed: number; readonly usage: { readonly calls: number } };
  const log = (await number("SELECT pg_current_wal_lsn() - '0/0'")) - logBefore;
  const journal = await number("SELECT pg_total_relation_size('plusx.journal')");
  const sum = (pids: readonly number[]): number => pids.reduce((total, pid) => total + (processor.get(pid) ?? 0), 0);
  const cost = {
    database: sum([...processor.keys()].filter((pid) => !points.has(pid))) / CALLS,
    worker: sum(workers.map(({ pid = 0 }) => pid)) / CALLS,
    coordinator: sum([coordinator.pid ?? 0]) / ITEMS,
  };
  const perWorker = (connections - 2) / WORKERS;
  table('what', 'measured');
  row('calls, and items that failed', `${usage.calls.toLocaleString('en')}, ${failed}`);
  row(
    `calls a second, ${WORKERS} workers of ${IN_FLIGHT} items, a server of ${values.ms} ms`,
    (CALLS / seconds).toFixed(0),
  );
  for (const [pid, own] of points) {
    const half = own.filter(({ x, y }) => x > CALLS / 2 && y > 0);
    const { slope, error } = slopeOf(half);
    const name = pid === coordinator.pid ? 'the coordinator' : 'a worker';
    row(
      `memory of ${name} over the last half`,
      `${mega(half[0]?.y)} MB to ${mega(half.at(-1)?.y)} MB, slope ${slope.toFixed(0)} ± ${(2 * error).toFixed(0)} bytes a call`,
    );
  }
  row('processor time of PostgreSQL a call', `${(cost.database * 1e6).toFixed(0)} µs`);
  row('processor time of a worker a call', `${(cost.worker * 1e6).toFixed(0)} µs`);
  row('processor time of the coordinator an item', `${(cost.coordinator * 1e6).toFixed(0)} µs`);
  row("PostgreSQL's log a call", `${(log / CALLS).toFixed(0)} bytes`);
  row('the journal a call', `${(journal / CALLS).toFixed(0)} bytes`);
  row('connections of a worker', perWorker.toFixed(1));
  row('tables of the queue, at most', `${(queued / 2 ** 20).toFixed(1)} MiB`);

  console.log('\nFrom these costs: workers of 32 items of five calls each, at a model that answers after a second.\n');
  table(
    'workers',
    'calls a second asked for',
    'cores of PostgreSQL',
    'log, MB/s',
    'connections',
    'share of one coordinator core',
    'cores of workers',
  );
  for (const count of [2, 10, 100, 1000]) {
    const calls = count * IN_FLIGHT * VOTES;
    row(
      ...[count, calls, (calls * cost.database).toFixed(1), ((calls * log) / CALLS / 1e6).toFixed(1)].map(String),
      (count * perWorker).toFixed(0),
      ((calls / VOTES) * cost.coordinator).toFixed(2),
      (calls * cost.worker).toFixed(1),
    );
  }
  if (values.json)
    console.log(JSON.stringify({ cost, log: log / CALLS, journal: journal / CALLS, perWorker, seconds, failed }));
} finally {
  for (const child of children) child.kill('SIGKILL');
  provider.end();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The processes of the PostgreSQL of this run: its first one and those that it started. */
function ofServer(): number[] {
  const first = Number(readFileSync(join(server.data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const parentOf = (pid: number): number =>
    look(() => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]));
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid === first || (pid > 0 && parentOf(pid) === first));
}

/** What a process says of itself; nothing of one that has just ended. */
function look(of: () => number): number {
  try {
    return of();
  } catch {
    return 0;
  }
}

function mega(bytes = 0): string {
  return (bytes / 1e6).toFixed(0);
}

function row(...cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function table(...heads: readonly string[]): void {
  row(...heads);
  row(...heads.map(() => '---'));
}
