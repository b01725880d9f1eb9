/** How much a store holds, what of it is old, and what one end user or one key left in it. */
import type { Driver, Statement } from '../driver.ts';
import { driverOf, type StoreAt } from '../drivers/open.ts';
import { NOTES, TABLES, VECTORS } from './tables.ts';

export interface Usage {
  readonly rows: number;
  /** On disk, with indexes. */
  readonly bytes: number;
}

/** Until when things are old: a time of the form `YYYY-MM-DD hh:mm:ss`, UTC. What is left out is kept. */
export interface Before {
  /** Replies by the day on which they were kept. */
  readonly journal?: string | undefined;
  /** Traces and responses of a server, with what was said of them. */
  readonly traces?: string | undefined;
  /** Runs that are not under way, with their items and traces. */
  readonly runs?: string | undefined;
}

/** Whose things: an end user, by whose name notes are kept apart, or the id of a key of the server. */
export interface Whose {
  readonly user?: string | undefined;
  readonly key?: string | undefined;
}

/** Rows that went, by table. */
export type Removed = { readonly [table: string]: number };

export async function usageOf(at: StoreAt): Promise<{ readonly [table: string]: Usage }> {
  return opened(at, async (driver) => {
    const usage: { [table: string]: Usage } = {};
    // Vectors have a table of their own where the database compares them.
    const vectors = (await driver.vectors?.()) ? [VECTORS] : [];
    for (const { name } of [...TABLES, NOTES, ...vectors]) {
      const [rows] = await driver.read({ sql: `SELECT count(*) AS n FROM ${name}`, params: [] });
      const [bytes] = await driver.read(driver.dialect.sizeOf(name));
      usage[name] = { rows: Number(rows?.['n']), bytes: Number(bytes?.['bytes']) };
    }
    return usage;
  });
}

/** Deletes what is older than that, and gives its space back. Replies of before the days were written down count as of the day of the update. */
export async function removeOld(at: StoreAt, { journal, traces, runs }: Before): Promise<Removed> {
  const old = "created < ? AND status <> 'running'";
  const ofRuns = `run IN (SELECT name FROM runs WHERE ${old})`;
  return opened(at, async (driver) => {
    const days = journal === undefined ? [] : await journalBefore(driver, journal.slice(0, 10));
    return remove(driver, [
      ...days,
      ...(traces === undefined
        ? []
        : [
            { sql: 'feedback WHERE generation IN (SELECT id FROM traces WHERE created < ?)', params: [traces] },
            { sql: 'traces WHERE created < ?', params: [traces] },
            { sql: 'responses WHERE created < ?', params: [traces] },
          ]),
      ...(runs === undefined
        ? []
        : [
            { sql: `items WHERE ${ofRuns}`, params: [runs] },
            { sql: `traces WHERE ${ofRuns}`, params: [runs] },
            { sql: `runs WHERE ${old}`, params: [runs] },
          ]),
    ]);
  });
}

/** Deletes all that one left, so that nothing of it can be read from the files. Replies in the journal are nobody's: `journal` deletes them all. */
export async function erase(
  at: StoreAt,
  { user, key, journal = false }: Whose & { readonly journal?: boolean | undefined },
): Promise<Removed> {
  return opened(at, async (driver) => {
    const names = await driver.read({ sql: 'SELECT name FROM namespaces', params: [] });
    const own = names.map(({ name }) => String(name)).filter((name) => user !== undefined && ownerOf(name) === user);
    return remove(driver, [
      ...own.map((name) => ({ sql: 'notes WHERE namespace = ?', params: [name], lock: `notes ${name}` })),
      ...(key === undefined
        ? []
        : [
            { sql: 'feedback WHERE generation IN (SELECT id FROM traces WHERE owner = ?)', params: [key] },
            { sql: 'traces WHERE owner = ?', params: [key] },
            { sql: 'responses WHERE owner = ?', params: [key] },
            { sql: 'reservations WHERE key = ?', params: [key], lock: 'accounts' },
            { sql: 'accounts WHERE key = ?', params: [key], lock: 'accounts' },
            { sql: 'server_keys WHERE id = ?', params: [key] },
          ]),
      ...(journal ? ['model_states', 'journal'].map((table) => ({ sql: `${table} WHERE 1 = 1`, params: [] })) : []),
    ]);
  });
}

/** The user in the name of a namespace, such as `mia@default#cheatsheet`: the last @ ends it. */
const ownerOf = (namespace: string): string | undefined =>
  namespace.includes('@') ? namespace.slice(0, namespace.lastIndexOf('@')) : undefined;

/** Replies that were kept before a day; where none stays, nothing is left to compare the states of models with. */
async function journalBefore(driver: Driver, day: string): Promise<Statement[]> {
  const [first] = await driver.read({
    sql: 'SELECT CAST(min(applied) AS TEXT) AS applied FROM plusx_migrations WHERE version >= ?',
    params: [driver.dialect.daysSince],
  });
  const isUndatedOld = String(first?.['applied'] ?? '9').slice(0, 10) < day;
  const stays = `day >= ?${isUndatedOld ? '' : ' OR day IS NULL'}`;
  return [
    { sql: `model_states WHERE NOT EXISTS (SELECT 1 FROM journal WHERE ${stays})`, params: [day] },
    { sql: `journal WHERE day < ?${isUndatedOld ? ' OR day IS NULL' : ''}`, params: [day] },
  ];
}

/** Deletes in one transaction, counts what goes, and sees that it is gone from the files. */
async function remove(driver: Driver, what: readonly Statement[]): Promise<Removed> {
  const removed: { [table: string]: number } = {};
  for (const { sql, params } of what) {
    const table = sql.slice(0, sql.indexOf(' '));
    const [row] = await driver.read({ sql: `SELECT count(*) AS n FROM ${sql}`, params });
    removed[table] = (removed[table] ?? 0) + Number(row?.['n']);
  }
  await driver.write(what.map((one) => ({ ...one, sql: `DELETE FROM ${one.sql}` })));
  await driver.shrink();
  await driver.scrub();
  return removed;
}

async function opened<T>(at: StoreAt, work: (driver: Driver) => Promise<T>): Promise<T> {
  const driver = driverOf(at);
  try {
    await driver.ready();
    return await work(driver);
  } finally {
    await driver.close();
  }
}
