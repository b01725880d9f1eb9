/**
 * The queue that hands out units: pg-boss on the same PostgreSQL, an optional peer. A queue a run, a job a unit. A worker asks for jobs
 * whenever it has room, so that no polling interval of the queue is ever waited for; it says every two seconds that it lives, and a job
 * whose worker was silent for ten is handed to another one by whichever process sees it first.
 */
import { createHash } from 'node:crypto';
import type * as Boss from 'pg-boss';
import { codeOf } from '../store/drivers/postgres-error.ts';
import { ClusterError, patient, type Database } from './database.ts';

/** A unit that a worker has been given. */
export interface Claim {
  readonly run: string;
  readonly unit: string;
  /** Of the job. */
  readonly id: string;
  /** How many workers had it before, and were not heard of again. */
  readonly losses: number;
}

export interface Queue {
  /** Makes the queue of a run, where there is none. */
  open(run: string): Promise<void>;
  /** Offers units. One that is offered already is not offered twice. */
  offer(run: string, units: readonly string[]): Promise<void>;
  /** Takes up to so many units. */
  take(run: string, most: number): Promise<readonly Claim[]>;
  /** Says that the units are being worked on. */
  hold(claims: readonly Claim[]): Promise<void>;
  /** The units are done with: their jobs are deleted. */
  remove(claims: readonly Claim[]): Promise<void>;
  /** Gives units back as if they had never been taken. */
  putBack(claims: readonly Claim[]): Promise<void>;
  /** Takes back what is offered and not taken. */
  withdraw(run: string): Promise<void>;
  /** Deletes the queue of a run with what is in it. */
  drop(run: string): Promise<void>;
  /** Lets the rows of jobs that are gone be used again. One process at a time does it, and others go on meanwhile. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

/** Seconds without a sign of life after which a unit is another worker's: the least that pg-boss allows. */
const SILENCE_SECONDS = 10;
export const HOLD_EVERY_MS = 2000;
const INSERTED_AT_ONCE = 500;

const OPTIONS: Boss.QueueOptions = {
  heartbeatSeconds: SILENCE_SECONDS,
  // Workers count how often a unit ended one; the queue itself always tries again.
  retryLimit: 10_000,
  retryDelay: 0,
  // Heartbeats say who is at work. A unit may take as long as it takes, a day at most.
  expireInSeconds: 86_399,
  deleteAfterSeconds: 60,
};

/** The table of jobs: every job is written three times in its short life, and a server by itself looks for dead rows once a minute. */
const JOBS = 'job_common';
/** What the table says to autovacuum: its size is that of what is dead in it, so a share of it says nothing. */
const VACUUM = {
  autovacuum_vacuum_scale_factor: 0,
  autovacuum_vacuum_threshold: 5000,
  autovacuum_vacuum_insert_scale_factor: 0,
  autovacuum_vacuum_insert_threshold: 50_000,
  autovacuum_vacuum_cost_delay: 0,
  autovacuum_analyze_scale_factor: 0,
  autovacuum_analyze_threshold: 5000,
  vacuum_truncate: false,
};

/** Opens it, and makes its tables where there are none. */
export async function openQueue(database: Database, { connections = 3 } = {}): Promise<Queue> {
  const { PgBoss, getConstructionPlans } = await bossClient();
  const pool = { Client: database.Client }; // its settings go to the pool that it opens
  const boss = new PgBoss({
    ...pool,
    schema: database.queueSchema,
    application_name: 'plusx queue',
    max: connections,
    schedule: false,
    registerInstance: false,
    // Every second one process looks for workers that were silent. By default it is one minute, and a dead worker's units wait for it.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    openTelemetry: { enabled: false },
  });
  boss.on('error', () => undefined); // what a caller waits for fails by itself, and upkeep is tried again a second later
  try {
    await patient(() => started(boss), database);
    // It brings tables of before up to date, and works on newer ones as if it knew them.
    const version = await patient(() => boss.schemaVersion(), database);
    const known = Number(/\.version\(version\) VALUES \('(\d+)'\)/.exec(getConstructionPlans('queue'))?.[1]);
    if (version !== null && version > known)
      throw new ClusterError({
        kind: 'usage',
        problem: `${database.shown} has a queue of version ${version} of pg-boss, and the pg-boss here knows version ${known}`,
        hint: 'Update pg-boss here, or name another schema: `?schema=NAME`',
      });
    await setUpVacuum(database);
  } catch (error) {
    await boss.stop({ graceful: false, close: true }).catch(() => undefined);
    throw error;
  }
  const done = <T>(work: () => Promise<T>): Promise<T> => patient(work, database);
  const byRun = async (
    claims: readonly Claim[],
    work: (queue: string, ids: string[]) => Promise<unknown>,
  ): Promise<void> => {
    for (const [run, ids] of Map.groupBy(claims, ({ run }) => run))
      await done(() =>
        work(
          queueOf(run),
          ids.map(({ id }) => id),
        ),
      );
  };
  const offer = async (run: string, units: readonly string[]): Promise<void> => {
    for (let at = 0; at < units.length; at += INSERTED_AT_ONCE) {
      const jobs = units.slice(at, at + INSERTED_AT_ONCE).map((unit) => ({ id: jobOf(run, unit), data: { unit } }));
      await done(() => boss.insert(queueOf(run), jobs));
    }
  };
  return {
    open: (run) => done(() => boss.createQueue(queueOf(run), OPTIONS)),
    offer,
    take: (run, most) =>
      done(async () => {
        // No unit has to wait: a time to come is left by a clock of the server that was set back.
        const jobs = await boss.fetch<{ unit: string }>(queueOf(run), { batchSize: most, ignoreStartAfter: true });
        return jobs.map(({ id, data, retryCount }) => ({ run, unit: data.unit, id, losses: retryCount }));
      }),
    hold: (claims) => byRun(claims, (queue, ids) => boss.touch(queue, ids)),
    remove: (claims) => byRun(claims, (queue, ids) => boss.deleteJob(queue, ids)),
    async putBack(claims) {
      await byRun(claims, (queue, ids) => boss.deleteJob(queue, ids));
      for (const [run, own] of Map.groupBy(claims, ({ run }) => run))
        await offer(
          run,
          own.map(({ unit }) => unit),
        );
    },
    withdraw: (run) => done(async () => void (await boss.deleteQueuedJobs(queueOf(run)))),
    drop: (run) => done(() => boss.deleteQueue(queueOf(run))),
    tidy: async () => void (await database.query(`VACUUM (SKIP_LOCKED) ${database.queueSchema}.${JOBS}`)),
    close: () => boss.stop({ graceful: false, close: true }),
  };
}

/** Two that make the tables at one time: pg-boss knows that the other was faster in most cases, and not where both made the schema. */
const started = (boss: Boss.PgBoss): Promise<unknown> =>
  boss.start().catch((error: unknown) => {
    if (codeOf(error) !== '23505') throw error;
    return boss.start();
  });

/** Says it once, where this role owns the table: `VACUUM` of a table of another does nothing, and autovacuum is then left alone too. */
async function setUpVacuum(database: Database): Promise<void> {
  const settings = Object.entries(VACUUM).map(([name, value]) => `${name}=${value}`);
  const [row] = await database.query(
    `SELECT pg_has_role(relowner, 'USAGE') AND NOT coalesce(reloptions, '{}') @> $2 AS is_new FROM pg_class WHERE oid = to_regclass($1)`,
    [`${database.queueSchema}.${JOBS}`, settings],
  );
  if (row?.['is_new'] === true)
    await database.query(`ALTER TABLE ${database.queueSchema}.${JOBS} SET (${settings.join(', ')})`);
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Names of runs hold any character, and those of queues few. */
const queueOf = (run: string): string => `run-${digest(run).slice(0, 32)}`;

/** The id of a unit's job: the same whoever offers it, and whenever. */
function jobOf(run: string, unit: string): string {
  const hex = digest(JSON.stringify([run, unit]));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const PEER = 'pg-boss';

async function bossClient(): Promise<typeof Boss> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ PEER)) as typeof Boss;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ClusterError({
      kind: 'usage',
      problem: 'Workers get their units from pg-boss, which is not installed',
      hint: 'Install it: npm i pg pg-boss',
    });
  }
}
