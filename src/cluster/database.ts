/**
 * The PostgreSQL that workers share, through `pg`, an optional peer. A statement whose connection breaks is made again until the
 * server is back or patience ends, so each statement of this folder may be made twice: it says what is to be, and not what is to be
 * added.
 */
import type * as Client from 'pg';
import { PlusxError } from '../core/index.ts';
import { addressOf, isPostgres } from '../store/drivers/postgres-address.ts';
import { hostsOf, type ClientClass } from '../store/drivers/postgres-hosts.ts';
import { isThere, mayPass, toStoreError } from '../store/drivers/postgres-error.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** Workers cannot do what is asked of them; what was done before still stands. */
export class ClusterError extends PlusxError {
  override readonly kind: 'usage' | 'failure';
  constructor({ problem, hint, kind = 'failure' }: { problem: string; hint: string; kind?: 'usage' | 'failure' }) {
    super(`${problem}. ${hint}`);
    this.kind = kind;
  }
}

/** No worker has ever been there: nobody made their tables. */
export class NoWorkersYet extends ClusterError {}

/** A column's value as `pg` hands it over: what the statements here select are texts, numbers, truths and JSON. */
export type Cell = string | number | boolean | null | Date | object;
export type Row = { readonly [column: string]: Cell };

export interface Database {
  /** The address without what is secret in it. */
  readonly shown: string;
  /** For the queue, which opens connections of its own, and where the queue's tables lie. */
  readonly Client: ClientClass;
  readonly queueSchema: string;
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
  /** Whether tables are made where there are none; else that is the error `NoWorkersYet`. Default: yes. */
  readonly makesTables?: boolean | undefined;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1000;

/** Opens it, and makes the tables where there are none. Every failure is a ClusterError of one line. */
export async function openDatabase(
  address: string,
  { patienceMs = 30_000, connections = 4, application = 'plusx', makesTables = true }: DatabaseOptions = {},
): Promise<Database> {
  if (!isPostgres(address))
    throw new ClusterError({
      kind: 'usage',
      problem: 'Workers share a store on PostgreSQL, and this one is a file',
      hint: 'Give --store postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    });
  const of = addressOf(address);
  const { shown, schema: store } = of;
  const schema = `${store}_cluster`;
  const { default: pg } = await postgresClient();
  const hosts = hostsOf(pg.Client, of);
  const settings = {
    application_name: application,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  };
  const pool: Client.Pool = new pg.Pool({ ...settings, Client: hosts.Client, max: connections });
  pool.on('error', () => undefined); // an idle connection that broke is replaced when it is needed

  const query = (sql: string, params: readonly unknown[] = [], isNew = false): Promise<readonly Row[]> =>
    patient(async () => (await pool.query<Row>(inSchema(sql, schema), [...params])).rows, { shown, patienceMs, isNew });

  try {
    await patient(async () => (await hosts.connect(settings)).end(), { shown, patienceMs, isNew: true });
    if (makesTables) await query(SCHEMA, [], true);
    else if ((await query(MADE))[0]?.['made'] !== true)
      throw new NoWorkersYet({
        kind: 'usage',
        problem: `No worker has been at ${shown} yet`,
        hint: 'Start one with `plusx worker --store ...`',
      });
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
    Client: hosts.Client,
    queueSchema: `${store}_queue`,
    patienceMs,
    query: (sql, params) => query(sql, params),
    lock: (name) => patient(() => lock(new hosts.Client(settings), `${schema} ${name}`), { shown, patienceMs }),
    close: () => pool.end(),
  };
}

/** Statements are written with the name of the usual schema. */
const inSchema = (sql: string, schema: string): string =>
  schema === 'plusx_cluster' ? sql : sql.replaceAll('plusx_cluster', schema);

const MADE = `SELECT to_regclass('plusx_cluster.versions') IS NOT NULL AS made`;

/**
 * Takes a lock that lives as long as its connection; undefined where another has it. It is held by a transaction that is left open
 * and reads nothing: it holds no row and no vacuum up, and a pooler hands its connection to nobody else meanwhile.
 */
async function lock(client: Client.Client, name: string): Promise<Lock | undefined> {
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  let released = false;
  client.on('error', () => undefined); // the end of the connection follows
  client.on('end', () => {
    if (!released) lose();
  });
  const release = async (): Promise<void> => {
    released = true;
    await client.query('ROLLBACK').catch(() => undefined); // the next one may have it, however late the connection ends
    await client.end();
  };
  try {
    await client.connect();
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY');
    await client.query(PATIENT);
    const { rows } = await client.query<Row>(LOCK, [name]);
    if (rows[0]?.['mine'] === true) return { lost, release };
  } catch (error) {
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return undefined;
}
const LOCK = 'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS mine';
/** A client that is gone is seen within 11 seconds, and one that is there may be silent. Not every version has every setting. */
const PATIENT = `
SELECT set_config(name, value, true) FROM pg_settings JOIN (VALUES
  ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'),
  ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0')
) AS wanted (name, value) USING (name)`;

/**
 * Does it again while the server cannot be reached, and says in one line what else is wrong. A new address may be a wrong one: where
 * nothing answers there, it is not waited for.
 */
export async function patient<T>(
  work: () => Promise<T>,
  { shown, patienceMs, isNew = false }: Pick<Database, 'shown' | 'patienceMs'> & { readonly isNew?: boolean },
): Promise<T> {
  const start = performance.now();
  let wasReached = !isNew;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      wasReached ||= isThere(error);
      const isOver = !wasReached || performance.now() - start > patienceMs;
      if (error instanceof PlusxError || !mayPass(error) || isOver) throw inWords(error, shown);
    }
    await pause(wait);
  }
}

/** What PostgreSQL says, in the words of the store, which lies there too. */
const inWords = (error: unknown, shown: string): PlusxError =>
  error instanceof PlusxError ? error : toStoreError(shown, error);

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

/** A column that holds text. */
export const textOf = (cell: Cell | undefined): string => (typeof cell === 'string' ? cell : '');

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
