/**
 * PostgreSQL through the package `pg`, an optional peer: one connection that reads and one that writes, queries sent without waiting for
 * the answers to those before. A connection that is lost is made again; a write whose end was not heard is done once all the same.
 */
import { randomUUID } from 'node:crypto';
import type * as Pg from 'pg';
import type { Client, ClientConfig, QueryResult } from 'pg';
import { StoreError } from '../../core/index.ts';
import type { Driver, Row, Statement, VectorSearch } from '../driver.ts';
import { decodeText, encodeText, POSTGRES } from './dialects.ts';
import { addressOf, type Address } from './postgres-address.ts';
import { codeOf, isForgotten, isThere, lost, mayPass, toStoreError } from './postgres-error.ts';
import { hostsOf, type Hosts } from './postgres-hosts.ts';
import { nameOf, translator, type Query } from './postgres-sql.ts';
import { MIGRATIONS, SCHEMA_VERSION } from './postgres-tables.ts';
import {
  makeVectors,
  VECTORS,
  vectorColumns,
  vectorSearch,
  vectorState,
  type VectorState,
} from './postgres-vectors.ts';
import { closedStore } from './sqlite-error.ts';

export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. `?schema=NAME` names another schema than `plusx`. */
  readonly url: string;
  /** How long to wait for a server that went away, or for other processes, in milliseconds. Default 30,000. */
  readonly waitMs?: number | undefined;
}

const PAUSE_MS = 100;
/** For the server to say that the time is up. */
const GRACE_MS = 5_000;
/** Until the files are written anew without what was deleted. */
const SCRUB_MS = 600_000;
/** Advisory locks have two numbers: this is ours, and the other is of the name of the lock. */
const LOCKS = 0x706c7573;
/** Writers that were last seen so many days ago have ended. */
const WRITER_DAYS = 30;

/** Names the database. It is reached when it is first used, or by `ready`. */
export function postgresDriver({ url, waitMs = 30_000 }: PostgresOptions): Driver {
  const address = addressOf(url);
  const { shown: file, schema } = address;
  const sql = translator(schema);
  const writer = randomUUID();
  const dirty = new Set<string>();
  const hosts = once(() => load(address));
  const reading = link(hosts);
  const writing = link(hosts);
  // The server ends a transaction that waits too long, and nothing of it is done.
  const begin = `BEGIN; SET LOCAL lock_timeout = ${Math.ceil(waitMs)}`;
  let wasReached = false;
  let isClosed = false;
  let sequence = 0;
  let last: Promise<unknown> = Promise.resolve();
  let prepared: Promise<VectorSearch | undefined> | undefined;
  /** Statements are parsed once a connection, until a pooler shows that it hands connections on without them. */
  let isNamed = true;
  const toConfig = ({ name, text, values }: Query) => ({
    ...(isNamed && name !== undefined && { name }),
    text,
    values: [...values],
  });
  /** Sends all at once. The first that fails says why: those after it fail because of it, and the last ends the transaction. */
  const together = async (client: Client, queries: readonly (Query | string)[]): Promise<void> => {
    const sent = queries.map((query): Promise<QueryResult> =>
      typeof query === 'string' ? client.query(query) : client.query(toConfig(query)),
    );
    for (const answer of await Promise.allSettled(sent)) if (answer.status === 'rejected') throw answer.reason;
  };

  /** Works on a connection, and on another where that is lost, until it is done or the time is up. */
  const patiently = async <T>(
    of: Link,
    work: (client: Client, attempt: number) => Promise<T>,
    ms = waitMs,
  ): Promise<T> => {
    const start = performance.now();
    for (let attempt = 0; ; attempt++) {
      if (isClosed) throw closedStore(file);
      const left = ms - (performance.now() - start);
      try {
        return await of.use((client) => work(client, attempt), Math.max(left, PAUSE_MS) + Math.min(ms, GRACE_MS));
      } catch (error) {
        wasReached ||= isThere(error);
        if (isForgotten(error)) isNamed = false;
        else if (!mayPass(error) || !wasReached) throw toStoreError(file, error);
        if (performance.now() - start > ms) throw lost(file, ms, error);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };

  const prepare = (): Promise<VectorSearch | undefined> => {
    prepared ??= patiently(writing, (client) => setUp(client, file, schema, () => (wasReached = true))).catch(
      (error: unknown) => {
        prepared = undefined; // what is wrong now may be right later
        throw error;
      },
    );
    return prepared;
  };
  const ready = async (): Promise<void> => void (await prepare());

  const lockOf = (name: string): Query => ({
    text: `SELECT pg_advisory_xact_lock(${LOCKS}, hashtext($1))`,
    values: [encodeText(`${schema} ${name}`)],
  });
  /** Makes the transaction the `number`-th of this store. It finds no row where an attempt before it was that already. */
  const claim = (number: number): Query => ({ ...claiming, values: [writer, number] });
  const text = `INSERT INTO ${sql.table('plusx_writers')} AS w (writer, done) VALUES ($1, $2)
    ON CONFLICT (writer) DO UPDATE SET done = excluded.done, at = now() WHERE w.done < excluded.done`;
  const claiming = { name: nameOf(text), text };

  const transact = async (statements: readonly Statement[]): Promise<void> => {
    const locks = [...new Set(statements.flatMap(({ lock }) => lock ?? []))].toSorted();
    const queries = [...locks.map(lockOf), ...sql.queries(statements)];
    const [only] = queries;
    if (only && queries.length === 1 && sql.isRepeatable(only)) {
      await patiently(writing, (client) => client.query(toConfig(only)));
      return;
    }
    const number = ++sequence;
    await patiently(writing, async (client, attempt) => {
      if (attempt === 0) return together(client, [begin, claim(number), ...queries, 'COMMIT']);
      await client.query('ROLLBACK'); // where the attempt before left a transaction open
      await client.query(begin);
      const { rowCount } = await client.query(toConfig(claim(number)));
      await together(client, rowCount === 0 ? ['ROLLBACK'] : [...queries, 'COMMIT']);
    });
  };

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => {}); // whoever asked hears of the error
    return next;
  };

  return {
    file,
    dialect: POSTGRES,
    ready,
    vectors: prepare,
    async read(statement) {
      if (isClosed) throw closedStore(file);
      await ready();
      const { rows } = await patiently(reading, (client) => client.query<Row>(toConfig(sql.query(statement))));
      return rows;
    },
    async write(statements) {
      if (isClosed) throw closedStore(file);
      await ready();
      await inTurn(() => transact(statements));
      for (const { sql: text } of statements) {
        const [, table] = /^\s*(?:DELETE FROM|UPDATE) (\w+)/.exec(text) ?? [];
        if (table) dirty.add(table);
        if (table === 'notes') for (const beside of ['namespaces', VECTORS]) dirty.add(beside); // what goes with notes
      }
    },
    async scrub() {
      await ready();
      const tables = [...dirty];
      dirty.clear();
      try {
        // A row that is deleted stays in its page until the table is written anew.
        for (const table of tables)
          await inTurn(() => patiently(writing, (client) => vacuum(client, file, sql.table(table)), SCRUB_MS));
      } catch (error) {
        for (const table of tables) dirty.add(table);
        throw error;
      }
    },
    shrink: () => Promise.resolve(), // `scrub` has done it
    async close() {
      if (isClosed) return;
      await last;
      if (sequence > 0)
        await writing
          .use(
            (client) => client.query(`DELETE FROM ${sql.table('plusx_writers')} WHERE writer = $1`, [writer]),
            PAUSE_MS,
          )
          .catch(() => undefined); // a row that is left over goes when it is old
      isClosed = true;
      await Promise.all([reading.end(), writing.end()]);
    },
  };
}

/** What the types of the client leave out. */
type Wire = Client & {
  ref(): void;
  unref(): void;
  readonly connection: { readonly stream: { destroy(): void } };
};

interface Link {
  /** Works on the connection, which is made if there is none. After `ms` without an end it is cut. */
  use<T>(work: (client: Client) => Promise<T>, ms: number): Promise<T>;
  end(): Promise<void>;
}

/** One connection. It keeps no process alive while nothing is asked of it. */
function link(hosts: () => Promise<Hosts>): Link {
  let opened: Promise<Wire> | undefined;
  let uses = 0;
  const open = (): Promise<Wire> => {
    const opening = connect(hosts, () => {
      if (opened === opening) opened = undefined;
    });
    opening.catch(() => {
      if (opened === opening) opened = undefined;
    });
    return opening;
  };
  return {
    async use(work, ms) {
      opened ??= open();
      const client = await opened;
      uses++;
      client.ref();
      const timer = setTimeout(() => cut(client), ms);
      try {
        return await work(client);
      } finally {
        clearTimeout(timer);
        if (--uses === 0) client.unref();
      }
    },
    async end() {
      const client = await opened?.catch(() => undefined);
      client?.ref(); // its goodbye is waited for
      await client?.end().catch(() => undefined);
    },
  };
}

/** Cuts a connection that does not answer: what waits on it hears that it is lost. */
function cut(client: Wire): void {
  client.connection.stream.destroy();
}

async function connect(hosts: () => Promise<Hosts>, onEnd: () => void): Promise<Wire> {
  const { connect: reach } = await hosts();
  const parsers: ClientConfig['types'] = {
    getTypeParser: (type: number) => (NUMBERS.has(type) ? Number : type === BYTES ? bytesOf : decodeText),
  };
  const client = await reach({
    types: parsers,
    pipeline: true,
    keepAlive: true,
    application_name: 'plusx',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', onEnd); // what was asked of it hears of it too
  client.on('end', onEnd);
  return client as Wire;
}

/** int8, int2, int4, float4, float8, numeric. */
const NUMBERS = new Set([20, 21, 23, 700, 701, 1700]);
const BYTES = 17;
const bytesOf = (text: string): Uint8Array => Buffer.from(text.slice('\\x'.length), 'hex');

const PACKAGE: string = 'pg';

/** Both connections go to one host, where there are several. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function load(address: Address): Promise<Hosts> {
  try {
    const { default: pg } = (await import(PACKAGE)) as { readonly default: typeof Pg };
    return hostsOf(pg.Client, address);
  } catch (error) {
    throw new StoreError({
      file: address.shown,
      problem: `PostgreSQL is reached by the package ${PACKAGE}, which ${codeOf(error) === 'ERR_MODULE_NOT_FOUND' ? 'is not installed' : 'does not load'}`,
      hint: `Install it: npm i ${PACKAGE}`,
    });
  }
}

/** Writes a table anew, without what was deleted. */
async function vacuum(client: Client, file: string, table: string): Promise<void> {
  const { rows } = await client.query<Row>('SELECT to_regclass($1) IS NOT NULL AS there', [table]);
  if (rows[0]?.['there'] !== 't') return; // that of vectors is not everywhere
  let skipped: string | undefined;
  const listen = ({ message = '' }: { message?: string | undefined }): void => {
    if (/skipping/.test(message)) skipped = message;
  };
  client.on('notice', listen);
  try {
    await client.query(`VACUUM (FULL) ${table}`);
  } finally {
    client.off('notice', listen);
  }
  if (skipped !== undefined)
    throw new StoreError({
      file,
      problem: `what was deleted is still in the files of the server (${skipped})`,
      hint: 'Delete again as the owner of the tables',
    });
}

interface State extends VectorState {
  /** Of the tables; 0 where the schema is empty. */
  readonly version: number;
}

/** Looks at the schema, makes it if there is none, and brings its tables up to date: one process at a time. */
async function setUp(
  client: Client,
  file: string,
  schema: string,
  reached: () => void,
): Promise<VectorSearch | undefined> {
  const before = await stateOf(client, file, schema);
  reached();
  if (before.version > SCHEMA_VERSION)
    throw new StoreError({
      file,
      problem: `a newer plusx wrote it (version ${before.version} of its tables, this one knows ${SCHEMA_VERSION})`,
      hint: 'Update plusx, or name another schema: `?schema=NAME`',
    });
  const isToMake = before.version < SCHEMA_VERSION || before.mayMake;
  const { isThere, mayFill } = isToMake ? await make(client, file, schema) : before;
  return isThere ? vectorSearch(`"${schema}"`, mayFill) : undefined;
}

async function make(client: Client, file: string, schema: string): Promise<State> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${LOCKS}, hashtext($1))`, [`${schema} tables`]);
    // Looked at again under the lock: another process may have been faster.
    const found = await stateOf(client, file, schema);
    for (let { version } = found; version < SCHEMA_VERSION; version++) {
      if (version === 0) await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
      await client.query(`SET LOCAL search_path TO "${schema}"`);
      if (version === 0)
        await client.query(
          'CREATE TABLE plusx_migrations (version BIGINT PRIMARY KEY, applied TIMESTAMPTZ NOT NULL DEFAULT now())',
        );
      for (const step of MIGRATIONS[version] as readonly string[]) await client.query(step);
      await client.query('INSERT INTO plusx_migrations (version) VALUES ($1)', [version + 1]);
    }
    await client.query(`DELETE FROM "${schema}".plusx_writers WHERE at < now() - interval '${WRITER_DAYS} days'`);
    const isNew = found.version < SCHEMA_VERSION;
    if (isNew || found.mayMake) await makeVectors(client, `"${schema}"`, isNew);
    const made = await stateOf(client, file, schema);
    await client.query('COMMIT');
    return made;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // a connection that is lost ends it too
    throw error;
  }
}

async function stateOf(client: Client, file: string, schema: string): Promise<State> {
  const { rows } = await client.query<Row>(
    `SELECT to_regclass($1) IS NOT NULL AS ours, current_setting('server_encoding') AS encoding,
       (SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = $2) AS tables,
       ${vectorColumns(`"${schema}"`)}`,
    [`"${schema}".plusx_migrations`, schema],
  );
  const [row] = rows;
  if (row?.['encoding'] !== 'UTF8')
    throw new StoreError({
      file,
      problem: `its texts are kept as ${String(row?.['encoding'])}, which has not all letters`,
      hint: 'Make a database with `createdb --encoding UTF8 --template template0`',
    });
  if (row['ours'] !== 't') {
    if (row['tables'] === 0) return { version: 0, ...vectorState(row) };
    throw new StoreError({
      file,
      problem: `the schema ${schema} is of another program`,
      hint: 'Name another schema: `?schema=NAME`',
    });
  }
  const found = await client.query<Row>(`SELECT max(version) AS version FROM "${schema}".plusx_migrations`);
  return { version: Number(found.rows[0]?.['version'] ?? 0), ...vectorState(row) };
}
