/** Notes that outlive a run, by namespace and key. What is deleted is gone from the disk, not only from view. */
import { decodeJson, encodeJson } from '../core/index.ts';
import type { Driver } from './driver.ts';
import type { Writer } from './group-commit.ts';

export interface Note {
  readonly key: string;
  /** Plain data; binary content is kept. */
  readonly value: unknown;
}

export interface Memory {
  put(namespace: string, key: string, value: unknown): Promise<void>;
  get(namespace: string, key: string): Promise<unknown>;
  /** The notes whose key starts with `prefix`, by key. */
  list(namespace: string, prefix?: string): Promise<readonly Note[]>;
  /** Deletes one note, or the whole namespace. Resolves when the file and its log hold it no more. */
  delete(namespace: string, key?: string): Promise<void>;
}

export function storedMemory(driver: Driver, writer: Writer): Memory {
  return {
    put: (namespace, key, value) =>
      writer.add({
        sql: `INSERT INTO memory (namespace, key, note) VALUES (?, ?, ?)
              ON CONFLICT (namespace, key) DO UPDATE SET note = excluded.note, updated = CURRENT_TIMESTAMP`,
        params: [namespace, key, encodeJson(value ?? null)],
      }),
    async get(namespace, key) {
      await writer.flush();
      const [row] = await driver.read({
        sql: 'SELECT note FROM memory WHERE namespace = ? AND key = ?',
        params: [namespace, key],
      });
      return row && decodeJson(String(row['note']));
    },
    async list(namespace, prefix = '') {
      await writer.flush();
      const rows = await driver.read({
        sql: 'SELECT key, note FROM memory WHERE namespace = ? AND substr(key, 1, length(?)) = ? ORDER BY key',
        params: [namespace, prefix, prefix],
      });
      return rows.map((row) => ({ key: String(row['key']), value: decodeJson(String(row['note'])) }));
    },
    async delete(namespace, key) {
      await writer.add(
        key === undefined
          ? { sql: 'DELETE FROM memory WHERE namespace = ?', params: [namespace] }
          : { sql: 'DELETE FROM memory WHERE namespace = ? AND key = ?', params: [namespace, key] },
      );
      await driver.scrub();
    },
  };
}
