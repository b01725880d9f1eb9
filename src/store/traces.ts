/** Finished trace trees, by their own id and by run and item. */
import { checkName } from '../core/host/names.ts';
import { decodeJson, encodeJson, textOf, totalTokens, type Trace } from '../core/index.ts';
import type { Driver, Row, Value } from './driver.ts';
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

/** A trace in a list: what it is of, and what it took. What was kept by an older plusx has no figures. */
export interface FoundTrace extends ListedTrace {
  readonly formula: string | undefined;
  readonly status: string | undefined;
  readonly ms: number | undefined;
  readonly calls: number | undefined;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
  /** How what was asked and answered begins. */
  readonly preview: string | undefined;
}

export interface TraceFilter extends TraceOf {
  /** Stands in the formula, in how question and answer begin, or in the id; small and capital letters are the same. */
  readonly text?: string | undefined;
  readonly status?: string | undefined;
  readonly leastMs?: number | undefined;
  readonly leastUsd?: number | undefined;
  /** Older than this one: the last of the page before. */
  readonly before?: Pick<ListedTrace, 'id' | 'created'> | undefined;
  readonly most: number;
}

export interface Traces {
  /** Traces that are like the filter says, the newest first, without reading their trees. */
  find(filter: TraceFilter): Promise<readonly FoundTrace[]>;
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
      const { formula, status, ms, calls, tokens, usd, preview, words } = figuresOf(trace);
      await writer.add({
        sql: `INSERT INTO traces (id, run, item, owner, trace, formula, status, ms, calls, tokens, usd, preview, words)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
              ON CONFLICT (id) DO UPDATE SET run = excluded.run, item = excluded.item, owner = excluded.owner,
                trace = excluded.trace, formula = excluded.formula, status = excluded.status, ms = excluded.ms,
                calls = excluded.calls, tokens = excluded.tokens, usd = excluded.usd, preview = excluded.preview, words = excluded.words`,
        params: [
          trace.id,
          run ?? null,
          item ?? null,
          owner ?? null,
          encodeJson(trace.root),
          formula,
          status,
          ms ?? null,
          calls ?? null,
          tokens ?? null,
          usd ?? null,
          preview,
          words,
        ],
      });
    },
    async get(id) {
      checkNames({ id });
      await writer.flush();
      const [row] = await driver.read({ sql: 'SELECT trace FROM traces WHERE id = ?', params: [id] });
      return row && { id, root: decodeJson(String(row['trace'])) as Trace['root'] };
    },
    async find({ run, item, owner, text, status, leastMs, leastUsd, before, most }) {
      checkNames({ run, item, owner });
      await writer.flush();
      const rules: readonly (readonly [sql: string, ...params: Value[]])[] = [
        ...(run === undefined ? [] : [['run = ?', run] as const]),
        ...(item === undefined ? [] : [['item = ?', item] as const]),
        ...(owner === undefined ? [] : [['owner = ?', owner] as const]),
        ...(status === undefined ? [] : [['status = ?', status] as const]),
        ...(leastMs === undefined ? [] : [['ms >= ?', leastMs] as const]),
        ...(leastUsd === undefined ? [] : [['usd >= ?', leastUsd] as const]),
        ...(text === undefined || text === ''
          ? []
          : [["(words LIKE ? ESCAPE '!' OR lower(id) LIKE ? ESCAPE '!')", inside(text), inside(text)] as const]),
        ...(before ? [['(created, id) < (?, ?)', before.created, before.id] as const] : []),
      ];
      const rows = await driver.read({
        sql: `SELECT id, run, item, owner, created, formula, status, ms, calls, tokens, usd, preview FROM traces
              ${rules.length > 0 ? `WHERE ${rules.map(([sql]) => sql).join(' AND ')}` : ''} ORDER BY created DESC, id DESC LIMIT ?`,
        params: [...rules.flatMap(([, ...params]) => params), most],
      });
      return rows.map(toFound);
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

/** What a list shows of a trace, and what it is found by. */
function figuresOf({ root }: Trace) {
  const { facts, said, preview, start, end, status, usage } = root;
  const formula = facts?.['formula'];
  const question = said?.prompt?.at(-1);
  const asked =
    question === undefined ? '' : typeof question.content === 'string' ? question.content : textOf(question.content);
  const begins = [asked, said?.texts[0] ?? preview ?? ''].filter(Boolean).map((text) => text.slice(0, PREVIEW));
  const name = typeof formula === 'string' ? formula : root.name;
  return {
    formula: name,
    status,
    ms: end === undefined ? undefined : end - start,
    calls: usage?.calls,
    tokens: usage && totalTokens(usage),
    usd: usage?.usd,
    preview: begins.join('\n'),
    words: [name, ...begins].join('\n').toLowerCase(),
  };
}

const PREVIEW = 300;

/** A pattern of what has the text in it. */
const inside = (text: string): string => `%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;

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

function toFound(row: Row): FoundTrace {
  const number = (column: string): number | undefined => (row[column] === null ? undefined : Number(row[column]));
  const text = (column: string): string | undefined => (row[column] === null ? undefined : String(row[column]));
  return {
    ...toListed(row),
    formula: text('formula'),
    status: text('status'),
    ms: number('ms'),
    calls: number('calls'),
    tokens: number('tokens'),
    usd: number('usd'),
    preview: text('preview'),
  };
}
