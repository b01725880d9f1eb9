/**
 * The PostgreSQL that workers share, through `pg`, an optional peer. A statement whose connection breaks is made again until the
 * server is back or patience ends, so each statement of this folder may be made twice: it says what is to be, and not what is to be
 * added.
 */
import type * as Client from 'pg';
import { PlusxError } from '../core/index.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** PostgreSQL could not do its part; what was done before still stands. */
export class ClusterError extends PlusxError {
  override readonly kind: 'usage' | 'failure';
  constructor({ problem, hint, kind = 'failure' }: { problem: string; hint: string; kind?: 'usage' | 'failure' }) {
    super(`${problem}. ${hint}`);
    this.kind = kind;
  }
}

/** A column's value as `pg` hands it over: what the statements here select are texts, numbers, truths and JSON. */
export type Cell = string | number | boolean | null | Date | object;
export type Row = { readonly [column: string]: Cell };

export interface Database {
  /** The address without what is secret in it. */
  readonly shown: string;
  /** The address as it was given: for the queue, which opens connections of its own. */
  readonly address: string;
  readonly patienceMs: number;
  /** Makes the statement, again where the connection broke. */
  query(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  /** A connection of one's own, for a lock that lives as long as it. Resolves to undefined where the lock is taken. */
  lock(name: string): Promise<Lock | undefined>;
  close(): Promise<void>;
}

export interface Lock {
  /** Settles when the lock is lost with its connection, never where it was released. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

export interface DatabaseOptions {
  /** Milliseconds a statement is made again while the server cannot be reached. Default 30,000. */
  readonly patienceMs?: number | undefined;
  /** Most connections. Default 4. */
  readonly connections?: number | undefined;
  /** Shown by PostgreSQL as whose connections they are. */
  readonly application?: string | undefined;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1000;

/** Opens it, and makes the tables where there are none. Every failure is a ClusterError of one line. */
export async function openDatabase(
  address: string,
  { patienceMs = 30_000, connections = 4, application = 'plusx' }: DatabaseOptions = {},
): Promise<Database> {
  const shown = shownAddress(address);
  const { default: pg } = await postgresClient();
  const settings = {
    connectionString: address,
    application_name: application,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
  const pool: Client.Pool = new pg.Pool({ ...settings, max: connections });
  pool.on('error', () => undefined); // an idle connection that broke is replaced when it is needed

  const query = async (
    sql: string,
    params: readonly unknown[] = [],
    patience = patienceMs,
  ): Promise<readonly Row[]> => {
    const start = performance.now();
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        return (await pool.query<Row>(sql, [...params])).rows;
      } catch (error) {
        if (!isPassing(error) || performance.now() - start > patience) throw inWords(error, shown);
      }
      await pause(wait);
    }
  };

  try {
    await query(SCHEMA, [], 0);
    const [row] = await query('SELECT max(version) AS version FROM plusx_cluster.versions');
    const version = Number(row?.['version']);
    if (version > SCHEMA_VERSION)
      throw new ClusterError({
        kind: 'usage',
        problem: `${shown} has the tables of version ${version} of workers, and this plusx knows version ${SCHEMA_VERSION}`,
        hint: 'Update plusx here, or name another database',
      });
  } catch (error) {
    await pool.end().catch(() => undefined);
    throw error;
  }
  return {
    shown,
    address,
    patienceMs,
    query: (sql, params) => query(sql, params),
    lock: (name) => patient(() => lock(new pg.Client(settings), name), { shown, patienceMs }),
    close: () => pool.end(),
  };
}

/** Takes a lock that lives as long as its connection; undefined where another has it. */
async function lock(client: Client.Client, name: string): Promise<Lock | undefined> {
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  let released = false;
  client.on('error', () => undefined); // the end of the connection follows
  client.on('end', () => {
    if (!released) lose();
  });
  const release = async (): Promise<void> => {
    released = true;
    await client.end();
  };
  try {
    await client.connect();
    await client.query('SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3');
    const { rows } = await client.query<Row>(LOCK, [`plusx ${name}`]);
    if (rows[0]?.['mine'] === true) return { lost, release };
  } catch (error) {
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return undefined;
}
const LOCK = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine';

/** Does it again while the server cannot be reached, and says in one line what else is wrong. */
export async function patient<T>(
  work: () => Promise<T>,
  { shown, patienceMs }: Pick<Database, 'shown' | 'patienceMs'>,
): Promise<T> {
  const start = performance.now();
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || performance.now() - start > patienceMs) throw inWords(error, shown);
    }
    await pause(wait);
  }
}

const PEER = 'pg';

/** The module `pg`, by its name: a bundler does not look for a peer that may be absent. */
async function postgresClient(): Promise<{ readonly default: typeof Client }> {
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ PEER)) as { default: typeof Client };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ClusterError({
      kind: 'usage',
      problem: 'Workers meet in PostgreSQL, and its client is not installed',
      hint: 'Install it: npm i pg pg-boss',
    });
  }
}

/** Host, port and database: never the user's password, nor what stands behind a question mark. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address))
    throw new ClusterError({
      kind: 'usage',
      problem: 'The store of workers is no address',
      hint: 'It is one such as postgres://user:password@host:5432/database',
    });
  const { protocol, host, pathname } = new URL(address);
  if (protocol !== 'postgres:' && protocol !== 'postgresql:')
    throw new ClusterError({
      kind: 'usage',
      problem: `Workers share a store on PostgreSQL, and ${protocol}// is none`,
      hint: 'Give --store postgres://user:password@host:5432/database',
    });
  return `postgres://${host}${pathname}`;
}

/** Whether the server, or the way to it, was away: the same statement may succeed later. */
export function isPassing(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (typeof code === 'string' && (PASSING.has(code) || code.startsWith('08'))) return true;
  return /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error/i.test(
    message,
  );
}

/** Sockets that break or are refused, a server that stops, starts or recovers, and two statements that wait for each other. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '57P01',
  '57P02',
  '57P03',
  '40001',
  '40P01',
  '53300',
]);

/** An error of `pg` as one line with a way out. */
export function inWords(error: unknown, shown: string): unknown {
  if (error instanceof PlusxError || !(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const found = typeof code === 'string' ? KNOWN[code] : undefined;
  if (found) return new ClusterError({ kind: 'usage', problem: `${shown} ${found[0]}`, hint: found[1] });
  if (isPassing(error) || code === 'ENOTFOUND')
    return new ClusterError({
      problem: `${shown} cannot be reached (${oneLine(error.message || String(code))})`,
      hint: 'What was written before still stands: run the same command again when the server is back',
    });
  return new ClusterError({
    problem: `${shown} refused a statement (${oneLine(error.message)})`,
    hint: 'Nothing of it was written',
  });
}

const KNOWN: { readonly [code: string]: readonly [string, string] } = {
  '28P01': ['refuses the user or its password', 'Give the right ones in the address of --store'],
  '28000': ['does not let this user in', 'Allow the user in pg_hba.conf, or give another in the address of --store'],
  '3D000': ['has no such database', 'Make it (CREATE DATABASE), or name another in the address of --store'],
  '42501': [
    'does not let this user write',
    'Workers write results and limits: give a user that may create tables, or have its owner run one command first',
  ],
  '25006': ['can only be read: it is a replica, or its user is read-only', 'Give the address of the primary'],
  '53100': [
    'has no space left on its disk',
    'Make room, and run the same command again: what was written still stands',
  ],
};

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);

/** A column that holds text. */
export const textOf = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
