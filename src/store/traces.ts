/** Finished trace trees, by their own id and by run and item. */
import { checkName } from '../core/host/names.ts';
import { decodeJson, encodeJson, type Trace } from '../core/index.ts';
import type { Driver, Row } from './driver.ts';
import type { Writer } from './group-commit.ts';

/** Where a trace belongs. */
export interface TraceOf {
  readonly run?: string | undefined;
  readonly item?: string | undefined;
  /** The key of a server's client that asked for it. */
  readonly owner?: string | undefined;
}

/** A trace without its tree. */
export interface ListedTrace extends TraceOf {
  readonly id: string;
  /** UTC, `YYYY-MM-DD hh:mm:ss`. */
  readonly created: string;
}

export interface Traces {
  /** Puts or replaces a trace. */
  put(trace: Trace, of?: TraceOf): Promise<void>;
  get(id: string): Promise<Trace | undefined>;
  /** Ids with where they belong, oldest first; of one run, item and owner where these are given, and the last `most` of them. */
  list(of?: TraceOf & { readonly most?: number | undefined }): Promise<readonly ListedTrace[]>;
  /** Where a trace belongs; nothing where there is none of that id. */
  of(id: string): Promise<ListedTrace | undefined>;
  /** Deletes a trace with what was said of its answer, and what the log still holds of it. */
  delete(id: string): Promise<void>;
}

function checkNames(names: { readonly [option: string]: string | undefined }): void {
  for (const [option, name] of Object.entries(names)) if (name !== undefined) checkName('traces', option, name);
}

export function storedTraces(driver: Driver, writer: Writer): Traces {
  return {
    async put(trace, { run, item, owner } = {}) {
      checkNames({ id: trace.id, run, item, owner });
      await writer.add({
        sql: `INSERT INTO traces (id, run, item, owner, trace) VALUES (?, ?, ?, ?, ?)
              ON CONFLICT (id) DO UPDATE SET run = excluded.run, item = excluded.item, owner = excluded.owner,
                trace = excluded.trace`,
        params: [trace.id, run ?? null, item ?? null, owner ?? null, encodeJson(trace.root)],
      });
    },
    async get(id) {
      checkNames({ id });
      await writer.flush();
      const [row] = await driver.read({ sql: 'SELECT trace FROM traces WHERE id = ?', params: [id] });
      return row && { id, root: decodeJson(String(row['trace'])) as Trace['root'] };
    },
    async list({ run, item, owner, most } = {}) {
      checkNames({ run, item, owner });
      await writer.flush();
      const rows = await driver.read({
        sql: `SELECT id, run, item, owner, created FROM traces
              WHERE (CAST(? AS TEXT) IS NULL OR run = ?) AND (CAST(? AS TEXT) IS NULL OR item = ?)
                AND (CAST(? AS TEXT) IS NULL OR owner = ?) ORDER BY created DESC, id DESC LIMIT ?`,
        params: [...[run, item, owner].flatMap((name) => [name ?? null, name ?? null]), most ?? MOST],
      });
      return rows.map(toListed).toReversed();
    },
    async of(id) {
      checkNames({ id });
      await writer.flush();
      const sql = 'SELECT id, run, item, owner, created FROM traces WHERE id = ?';
      const [row] = await driver.read({ sql, params: [id] });
      return row && toListed(row);
    },
    async delete(id) {
      checkNames({ id });
      await writer.add([
        { sql: 'DELETE FROM traces WHERE id = ?', params: [id] },
        { sql: 'DELETE FROM feedback WHERE generation = ?', params: [id] },
      ]);
      await writer.scrub();
    },
  };
}

/** As many as there are. */
const MOST = 2 ** 31 - 1;

function toListed(row: Row): ListedTrace {
  const name = (column: string): string | undefined => (row[column] === null ? undefined : String(row[column]));
  return {
    id: String(row['id']),
    run: name('run'),
    item: name('item'),
    owner: name('owner'),
    created: String(row['created']),
  };
}
