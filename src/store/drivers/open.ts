/** A store is named by a file, or by an address of PostgreSQL. */
import type { Driver } from '../driver.ts';
import { isPostgres } from './postgres-address.ts';
import { postgresDriver, type PostgresOptions } from './postgres.ts';
import { sqliteDriver, type SqliteOptions } from './sqlite.ts';

/** Where a store lies: a file or an address by its name, or with options, or a driver of your own. */
export type StoreAt = string | SqliteOptions | PostgresOptions | { readonly driver: Driver };

export function driverOf(at: StoreAt): Driver {
  if (typeof at === 'string') return isPostgres(at) ? postgresDriver({ url: at }) : sqliteDriver({ file: at });
  if ('driver' in at) return at.driver;
  if ('url' in at) return postgresDriver(at);
  return isPostgres(at.file) ? postgresDriver({ url: at.file, waitMs: at.busyMs }) : sqliteDriver(at);
}
