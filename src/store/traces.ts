/** Finished trace trees, by their own id and by run and item. */
import { checkName } from '../core/host/names.ts';
import { decodeJson, encodeJson, type Trace } from '../core/index.ts';
import type { Driver } from './driver.ts';
import type { Writer } from './group-commit.ts';

/** Where a trace belongs. */
export interface TraceOf {
  readonly run?: string | undefined;
  readonly item?: string | undefined;
}

export interface Traces {
  /** Puts or replaces a trace. */
  put(trace: Trace, of?: TraceOf): Promise<void>;
  get(id: string): Promise<Trace | undefined>;
  /** Ids with where they belong, oldest first; of one run and item where these are given. */
  list(of?: TraceOf): Promise<readonly (TraceOf & { readonly id: string })[]>;
  /** Deletes a trace, and what the log still holds of it. */
  delete(id: string): Promise<void>;
}

function checkNames(names: { readonly [option: string]: string | undefined }): void {
  for (const [option, name] of Object.entries(names)) if (name !== undefined) checkName('traces', option, name);
}

export function storedTraces(driver: Driver, writer: Writer): Traces {
  return {
    async put(trace, { run, item } = {}) {
      checkNames({ id: trace.id, run, item });
      await writer.add({
        sql: `INSERT INTO traces (id, run, item, trace) VALUES (?, ?, ?, ?)
              ON CONFLICT (id) DO UPDATE SET run = excluded.run, item = excluded.item, trace = excluded.trace`,
        params: [trace.id, run ?? null, item ?? null, encodeJson(trace.root)],
      });
    },
    async get(id) {
      checkNames({ id });
      await writer.flush();
      const [row] = await driver.read({ sql: 'SELECT trace FROM traces WHERE id = ?', params: [id] });
      return row && { id, root: decodeJson(String(row['trace'])) as Trace['root'] };
    },
    async list({ run, item } = {}) {
      checkNames({ run, item });
      await writer.flush();
      const rows = await driver.read({
        sql: `SELECT id, run, item FROM traces
              WHERE (CAST(? AS TEXT) IS NULL OR run = ?) AND (CAST(? AS TEXT) IS NULL OR item = ?) ORDER BY created, id`,
        params: [run ?? null, run ?? null, item ?? null, item ?? null],
      });
      return rows.map((row) => ({
        id: String(row['id']),
        run: row['run'] === null ? undefined : String(row['run']),
        item: row['item'] === null ? undefined : String(row['item']),
      }));
    },
    async delete(id) {
      checkNames({ id });
      await writer.add({ sql: 'DELETE FROM traces WHERE id = ?', params: [id] });
      await writer.scrub();
    },
  };
}
