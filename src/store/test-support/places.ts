/**
 * Where the tests of the store keep theirs: in files, or on a PostgreSQL. The quick suite runs them on files, and
 * `vitest.slow.config.ts` runs the same tests on a server, on one behind a pooler, and on one that compares vectors itself.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import type { Driver } from '../driver.ts';
import { driverOf } from '../drivers/open.ts';
import { pgbouncer } from './pgbouncer.ts';
import { pgvector, withoutExtensions } from './pgvector.ts';
import { postgres } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly store?: 'postgres' | 'pgbouncer' | 'pgvector';
  }
}

export const isOnServer = inject('store') !== undefined;

const server = isOnServer ? await (inject('store') === 'pgvector' ? pgvector() : postgres()) : undefined;
if (server && inject('store') !== 'pgvector') await withoutExtensions(server);
const pooler =
  server && inject('store') === 'pgbouncer' ? await pgbouncer(server, { mode: 'transaction', size: 5 }) : undefined;
afterAll(async () => {
  await pooler?.close();
  await server?.close();
}, 60_000);

let unnamed = 0;

/** What names the store that would lie in `file`: on a server, a schema of its own. `:memory:` is another one each time. */
export function at(file: string): string {
  if (!server) return file;
  const name = file === ':memory:' ? `memory ${++unnamed}` : file;
  return `${(pooler ?? server).url}?schema=s_${createHash('sha256').update(name).digest('hex').slice(0, 20)}`;
}

/**
 * All bytes of the database `name`: of the files in `folder`, its log among them, or of its tables on the server, with their indexes and
 * what the planner knows of their values.
 */
export async function bytesOf(name: string, folder: string): Promise<Buffer> {
  if (!server) return Buffer.concat(readdirSync(folder).map((one) => readFileSync(join(folder, one))));
  const schema = new URL(name).searchParams.get('schema');
  const ours = `SELECT oid FROM pg_class WHERE relnamespace = '${schema}'::regnamespace`;
  const toasted = `SELECT reltoastrelid FROM pg_class WHERE oid IN (${ours})`;
  const files = await server.sql(`CHECKPOINT; SELECT DISTINCT pg_relation_filepath(oid) FROM pg_class
    WHERE relfilenode <> 0 AND (oid IN (${ours}) OR oid IN (${toasted})) OR oid = 'pg_statistic'::regclass`);
  const { data } = server;
  return Buffer.concat(files.split('\n').map((path) => readFileSync(join(data, path))));
}

/** Asks the database itself. */
export async function asked(name: string, sql: string): Promise<Awaited<ReturnType<Driver['read']>>> {
  const driver = driverOf(name);
  try {
    return await driver.read({ sql, params: [] });
  } finally {
    await driver.close();
  }
}

/** Changes the database behind the store's back. */
export async function changed(name: string, sql: string): Promise<void> {
  const driver = driverOf(name);
  try {
    await driver.write([{ sql, params: [] }]);
  } finally {
    await driver.close();
  }
}
