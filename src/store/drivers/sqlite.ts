/** SQLite through `node:sqlite`: write-ahead log, a sync to disk at every commit, several processes on one file. */
import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreError } from '../../core/index.ts';
import type { Driver, Row, Statement } from '../driver.ts';
import { SQLITE } from './dialects.ts';
import { MIGRATIONS, SCHEMA_VERSION } from './sqlite-tables.ts';
import { loadSqlite } from './node-sqlite.ts';
import { closedStore, isBusy, lockedTooLong, toStoreError } from './sqlite-error.ts';

export interface SqliteOptions {
  readonly file: string;
  /** How long to wait for other processes that hold the file, in milliseconds. Default 10,000. */
  readonly busyMs?: number | undefined;
  /** The file may not grow beyond this. Default: as the disk allows. */
  readonly maxBytes?: number | undefined;
}

const PAGE = 4096;
/** How long SQLite itself waits, which holds up the whole thread; after that the wait is asynchronous. */
const BLOCKING_MS = 25;
const PAUSE_MS = 15;

/** Opens the file, makes it if there is none, and brings its tables up to date. Throws StoreError. */
export function sqliteDriver({ file, busyMs = 10_000, maxBytes }: SqliteOptions): Driver {
  const { DatabaseSync } = loadSqlite(file);
  makePrivate(file);
  const database = guard(file, () => new DatabaseSync(file));
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const made = database.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  try {
    patiently(file, busyMs, () => setUp(database, file, maxBytes));
  } catch (error) {
    database.close();
    throw toStoreError(file, error);
  }

  /** Tries until the lock is free, the time is up, or something else is wrong. */
  const retrying = async <T>(work: () => T): Promise<T> => {
    const start = performance.now();
    for (;;) {
      if (!database.isOpen) throw closedStore(file);
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw toStoreError(file, error);
        if (performance.now() - start > busyMs) throw lockedTooLong(file, busyMs);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };

  return {
    file,
    dialect: SQLITE,
    ready: () => Promise.resolve(),
    read: ({ sql, params }) => retrying(() => prepare(sql).all(...params) as Row[]),
    write: (work) => retrying(() => transact(database, prepare, work)),
    async scrub() {
      const start = performance.now();
      // Rows are overwritten when deleted (`secure_delete`); what is left of them is in the log, which this empties.
      while ((await retrying(() => prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()))?.['busy'] !== 0) {
        if (performance.now() - start > busyMs)
          throw new StoreError({
            file,
            problem: 'what was deleted is still in the log, because another process is reading it',
            hint: 'Delete again when that process is done',
          });
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    },
    async shrink() {
      await retrying(() => prepare('VACUUM').run());
    },
    async close() {
      if (database.isOpen) guard(file, () => database.close());
    },
  };
}

/**
 * A new file is for its owner only: prompts, replies and notes lie in it in plain. The log beside it takes the file's
 * permissions. One that is there keeps those it has.
 */
function makePrivate(file: string): void {
  if (file === '' || file === ':memory:' || file.startsWith('file:')) return;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch {
    // SQLite meets the same obstacle and names it.
  }
}

function transact(database: DatabaseSync, prepare: (sql: string) => StatementSync, work: readonly Statement[]): void {
  prepare('BEGIN IMMEDIATE').run();
  try {
    for (const { sql, params } of work) prepare(sql).run(...params);
    prepare('COMMIT').run();
  } catch (error) {
    // A full disk may have ended the transaction already.
    if (database.isTransaction) prepare('ROLLBACK').run();
    throw error;
  }
}

function setUp(database: DatabaseSync, file: string, maxBytes: number | undefined): void {
  database.exec(`PRAGMA busy_timeout = ${BLOCKING_MS}`);
  const version = versionOf(database, file);
  if (version > SCHEMA_VERSION)
    throw new StoreError({
      file,
      problem: `a newer plusx wrote it (version ${version} of its tables, this one knows ${SCHEMA_VERSION})`,
      hint: 'Update plusx, or name another file',
    });
  database.exec('PRAGMA journal_mode = WAL');
  // FULL: a commit has reached the disk before it is acknowledged. A long log: fewer copies into the file.
  database.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000; PRAGMA cache_size = -32768');
  database.exec('PRAGMA secure_delete = ON');
  if (maxBytes !== undefined) database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / PAGE))}`);
  if (version < SCHEMA_VERSION) migrate(database, file);
}

/** The version of the tables; 0 for an empty file. */
function versionOf(database: DatabaseSync, file: string): number {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  if (tables.length === 0) return 0;
  if (!tables.some(({ name }) => name === 'plusx_migrations'))
    throw new StoreError({ file, problem: 'it is the database of another program', hint: 'Name another file' });
  return Number(database.prepare('SELECT max(version) AS version FROM plusx_migrations').get()?.['version'] ?? 0);
}

function migrate(database: DatabaseSync, file: string): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    // Read again under the lock: another process may have been faster.
    for (let version = versionOf(database, file); version < SCHEMA_VERSION; version++) {
      if (version === 0)
        database.exec(
          'CREATE TABLE plusx_migrations (version INTEGER PRIMARY KEY, applied TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)',
        );
      for (const sql of MIGRATIONS[version] as readonly string[]) database.exec(sql);
      database.prepare('INSERT INTO plusx_migrations (version) VALUES (?)').run(version + 1);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Opening happens in one go, so it waits by blocking: some pragmas do not wait for a lock by themselves. */
function patiently(file: string, busyMs: number, work: () => void): void {
  const start = performance.now();
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() - start > busyMs) throw lockedTooLong(file, busyMs);
    }
    Atomics.wait(nobody, 0, 0, PAUSE_MS);
  }
}

function guard<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toStoreError(file, error);
  }
}
