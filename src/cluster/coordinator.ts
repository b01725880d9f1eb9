/**
 * Hands the units of a run out and takes their results in. It keeps no more units offered than workers get through in a few seconds,
 * so that a pause is short, runs of one priority share, and the queue stays small. Whatever it knows it can read again: killed and
 * started once more it goes on, and what the queue lost is offered anew.
 */
import { PlusxError } from '../core/index.ts';
import { ClusterError, pause, textOf, type Database, type Row } from './database.ts';
import type { Queue } from './queue.ts';
import { openRun, setSharedState, type SharedRun, type SharedRunState } from './runs.ts';

/** What became of a unit. `lost`: it ended its workers, and is set aside. */
export interface UnitResult {
  readonly unit: string;
  readonly status: 'done' | 'lost';
  readonly result: string;
}

/** Units that are wanted while a run goes on. */
export interface UnitSource {
  /** As many as there may be, for people who watch. */
  readonly total: number;
  /** Those that have been wanted since it was last asked; undefined where there will be no more. */
  next(): readonly string[] | undefined;
}

export interface CoordinatorOptions {
  readonly run: string;
  readonly spec: string;
  /** All units, in the order in which they are handed out; or where they come from, if what is wanted next depends on what came back. */
  readonly units: readonly string[] | UnitSource;
  readonly priority?: number | undefined;
  /** Ends it: what is offered is withdrawn. */
  readonly signal: AbortSignal;
  /** What the run then is. `stopped`, the default: what is being worked on is finished and kept. `cancelled`: nobody wants it, and workers leave it. */
  readonly ends?: 'stopped' | 'cancelled' | undefined;
  /** Told of the run once it is there. */
  readonly onOpen?: ((run: SharedRun) => void) | undefined;
  /** Told of each result, once. */
  readonly onResult: (result: UnitResult) => void;
  /** Told when it is paused, and when it goes on. */
  readonly onRest?: ((isPaused: boolean) => void) | undefined;
  /** Told where nobody works on it, and why: now and then. */
  readonly onIdle?: ((why: string) => void) | undefined;
  /** Most units offered at one time. Default 2,048. */
  readonly window?: number | undefined;
}

/** The run was cancelled, from here or elsewhere. */
export class RunCancelled extends PlusxError {
  constructor({ run }: { run: string }) {
    super(`Run ${JSON.stringify(run)} was cancelled. What was done is kept: the same command goes on with it.`);
  }
}

const SHORTEST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 200;
const LOOK_EVERY_MS = 500;
const OFFER_AGAIN_MS = 5000;
const LEAST_OFFERED = 64;
/** Seconds' worth of units that are offered ahead. */
const AHEAD_S = 2;
/** Units after which the queue is tidied: some 10 MB of rows of jobs that are gone. */
const TIDY_EVERY = 16_384;

/** Resolves when every unit has its result. */
export async function coordinate(
  database: Database,
  queue: Queue,
  {
    run,
    spec,
    units: wanted,
    priority = 0,
    signal,
    ends = 'stopped',
    onOpen,
    onResult,
    onRest,
    onIdle,
    window = 2048,
  }: CoordinatorOptions,
): Promise<void> {
  const lock = await database.lock(`run ${run}`);
  if (!lock) throw coordinatedElsewhere(run);
  let held = lock;
  const isLost = { now: false };
  const watch = (): void => void held.lost.then(() => (isLost.now = true));
  watch();
  /** After the server was away, the lock is taken again; another process may have been faster. */
  const keepLock = async (): Promise<void> => {
    if (!isLost.now) return;
    const again = await database.lock(`run ${run}`);
    if (!again) throw coordinatedElsewhere(run);
    held = again;
    isLost.now = false;
    watch();
  };

  try {
    const source = 'next' in wanted ? wanted : listed(wanted);
    const opened = await openRun(database, { name: run, spec, priority, total: source.total });
    await queue.open(run);
    onOpen?.(opened);
    const waiting = new Set<string>();
    const offered = new Set<string>();
    const take = (rows: readonly Row[]): void => {
      for (const row of rows) {
        const unit = textOf(row['unit']);
        offered.delete(unit);
        if (waiting.delete(unit))
          onResult({ unit, status: row['status'] === 'lost' ? 'lost' : 'done', result: textOf(row['result']) });
      }
    };
    const earlier = new Map(
      (await database.query('SELECT unit, status, result FROM plusx_cluster.results WHERE run = $1', [run])).map(
        (row) => [textOf(row['unit']), row] as const,
      ),
    );
    const rest: string[] = [];
    let next = 0;
    const isOver = { now: false };
    /** Takes what is wanted by now: what an earlier coordinator got is there, and the rest is to be handed out. */
    const want = (): void => {
      const units = isOver.now ? undefined : source.next();
      isOver.now = units === undefined;
      for (const unit of units ?? []) {
        waiting.add(unit);
        const row = earlier.get(unit);
        if (row) take([row]);
        else rest.push(unit);
      }
    };
    let rate = 0;
    let wait = SHORTEST_WAIT_MS;
    let looked = -Infinity;
    let offeredAgain = performance.now();
    let polled = performance.now();
    let state: SharedRunState = 'running';
    let idleSince = performance.now();
    let told = source.total;
    let untidy = 0;
    let tidying = false;

    for (want(); waiting.size > 0 || !isOver.now; want()) {
      signal.throwIfAborted();
      await keepLock();
      const now = performance.now();
      if (now - looked > LOOK_EVERY_MS) {
        looked = now;
        const before = state;
        state = (await stateOf(database, run)) ?? 'cancelled';
        if (source.total !== told) await setTotal(database, run, (told = source.total));
        if (state === 'cancelled') throw new RunCancelled({ run });
        if ((state === 'paused') !== (before === 'paused')) onRest?.(state === 'paused');
        if (state === 'paused' && before !== 'paused') await queue.withdraw(run);
        if (state === 'running' && before === 'paused') await queue.offer(run, [...offered]);
      }
      if (state === 'running') {
        const most = Math.min(window, Math.max(LEAST_OFFERED, Math.ceil(rate * AHEAD_S)));
        const more = rest.slice(next, next + Math.max(0, most - offered.size));
        if (more.length > 0 && (more.length >= most / 8 || next + more.length === rest.length)) {
          await queue.offer(run, more);
          for (const unit of more) offered.add(unit);
          next += more.length;
        }
      }
      const rows = offered.size > 0 ? await database.query(RESULTS, [run, [...offered]]) : [];
      take(rows);
      const passed = performance.now() - polled;
      polled += passed;
      rate = 0.8 * rate + 0.2 * (rows.length / (passed / 1000));
      if (rows.length > 0 || offered.size === 0) idleSince = polled;
      untidy += rows.length;
      if (untidy >= TIDY_EVERY && !tidying) {
        untidy = 0;
        tidying = true;
        // What is not tidied now is tidied the next time, or by the server itself.
        const tidied = (): boolean => (tidying = false);
        void queue.tidy().then(tidied, tidied);
      }
      if (state === 'running' && polled - offeredAgain > OFFER_AGAIN_MS) {
        offeredAgain = polled;
        await queue.offer(run, [...offered]); // those that are there stay as they are
        const why = onIdle && polled - idleSince > OFFER_AGAIN_MS ? await whyIdle(database, run) : undefined;
        if (why !== undefined) onIdle?.(why);
      }
      if (waiting.size === 0 && isOver.now) break;
      wait = rows.length > 0 ? SHORTEST_WAIT_MS : Math.min(LONGEST_WAIT_MS, 2 * wait);
      await pause(wait);
    }
    await setSharedState(database, run, 'done', ['running', 'paused', 'stopped']);
    await queue.drop(run);
  } catch (error) {
    if (!isCoordinatedElsewhere(error)) {
      const from: SharedRunState[] = ends === 'stopped' ? ['running'] : ['running', 'paused'];
      await setSharedState(database, run, ends, from).catch(() => undefined);
      await queue.withdraw(run).catch(() => undefined);
    }
    throw error;
  } finally {
    await held.release().catch(() => undefined);
  }
}

/** Units that are all known. */
function listed(units: readonly string[]): UnitSource {
  let isTold = false;
  return {
    total: units.length,
    next() {
      const all = isTold ? undefined : units;
      isTold = true;
      return all;
    },
  };
}

const RESULTS = 'SELECT unit, status, result FROM plusx_cluster.results WHERE run = $1 AND unit = ANY($2)';

class CoordinatedElsewhere extends ClusterError {}

const isCoordinatedElsewhere = (error: unknown): boolean => error instanceof CoordinatedElsewhere;

const coordinatedElsewhere = (run: string): ClusterError =>
  new CoordinatedElsewhere({
    kind: 'usage',
    problem: `Run ${JSON.stringify(run)} is coordinated by another process`,
    hint: 'Watch it with `plusx runs watch`, or end that process first; nothing was changed',
  });

async function setTotal(database: Database, run: string, total: number): Promise<void> {
  await database.query('UPDATE plusx_cluster.runs SET total = $2 WHERE name = $1', [run, total]);
}

async function stateOf(database: Database, run: string): Promise<SharedRunState | undefined> {
  const [row] = await database.query('SELECT state FROM plusx_cluster.runs WHERE name = $1', [run]);
  return row?.['state'] as SharedRunState | undefined;
}

/** Why nothing comes back, where it can be known: there are no workers, or none of them wants it. */
async function whyIdle(database: Database, run: string): Promise<string | undefined> {
  const [row] = await database.query(
    `SELECT count(*) AS workers, count(d.worker) AS declining, min(d.why) AS why FROM plusx_cluster.workers AS w
     LEFT JOIN plusx_cluster.declined AS d ON d.worker = w.id AND d.run = $1
     WHERE w.seen > clock_timestamp() - interval '10 seconds'`,
    [run],
  );
  const workers = Number(row?.['workers']);
  if (workers === 0) return 'there are no workers: start some with `plusx worker --store ...`';
  return Number(row?.['declining']) === workers ? `no worker can do it: ${textOf(row?.['why'])}` : undefined;
}
