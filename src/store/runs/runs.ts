/** Runs: what is being measured, and the result of each item, so that a run that was stopped goes on where it was. */
import { checkName } from '../../core/host/names.ts';
import { ADDRESS_RULE, decodeJson, encodeJson, StoreError } from '../../core/index.ts';
import type { Driver, Row } from '../driver.ts';
import type { Writer } from '../group-commit.ts';
import { storedWork, type RunWork } from './work.ts';

export interface RunIdentity {
  readonly name: string;
  readonly task: string;
  readonly formula: string;
  readonly seed: number | string;
  /** Whatever else makes two runs different: limits, settings. Plain data. */
  readonly settings?: unknown;
}

export type RunStatus = 'running' | 'done' | 'stopped' | 'failed';

export interface Run extends RunIdentity {
  readonly status: RunStatus;
  /** UTC, `YYYY-MM-DD hh:mm:ss`. */
  readonly created: string;
}

export interface RunItem {
  readonly item: string;
  readonly status: 'ok' | 'failed';
  /** Plain data of whoever runs it; binary content is kept. */
  readonly result: unknown;
}

export interface Runs extends RunWork {
  /** Makes the run, or finds it again to go on with. Throws StoreError if the name belongs to a run of something else. */
  open(identity: RunIdentity): Promise<Run>;
  get(name: string): Promise<Run | undefined>;
  /** Oldest first. */
  list(): Promise<readonly Run[]>;
  /** How many items each run has, or the one that is named, and how many of these failed, without reading them. */
  counts(name?: string): Promise<readonly { readonly run: string; readonly items: number; readonly failed: number }[]>;
  setStatus(name: string, status: RunStatus): Promise<void>;
  /** Puts or replaces the result of an item: saving twice is saving once. */
  saveItem(name: string, item: RunItem): Promise<void>;
  items(name: string): Promise<readonly RunItem[]>;
  /**
   * Deletes the run with its items and traces, and what the log still holds of them. The replies of its calls are not
   * its own, and stay in the journal: `journal.clear()` deletes those.
   */
  delete(name: string): Promise<void>;
}

const COLUMNS = 'SELECT name, task, formula, seed, status, settings, created, rule FROM runs';

export function storedRuns(driver: Driver, writer: Writer): Runs {
  const read = async (sql: string, ...params: string[]): Promise<readonly Row[]> => {
    await writer.flush();
    return driver.read({ sql, params });
  };
  const get = async (name: string): Promise<Run | undefined> => {
    const [row] = await read(`${COLUMNS} WHERE name = ?`, name);
    return row && toRun(row);
  };
  return {
    ...storedWork(driver, writer),
    async get(name) {
      checkName('runs', 'name', name);
      return get(name);
    },
    async open(identity) {
      const { name, task, formula, seed, settings = null } = identity;
      checkName('runs', 'name', name);
      await writer.add({
        sql: `INSERT INTO runs (name, task, formula, seed, status, settings, rule) VALUES (?, ?, ?, ?, 'running', ?, ?) ON CONFLICT (name) DO NOTHING`,
        params: [name, task, formula, encodeJson(seed), encodeJson(settings), ADDRESS_RULE],
      });
      const [row] = (await read(`${COLUMNS} WHERE name = ?`, name)) as [Row];
      const run = toRun(row);
      const rule = Number(row['rule']);
      if (rule !== ADDRESS_RULE) throw otherDraws(driver.file, name, rule);
      const differs = (['task', 'formula', 'seed', 'settings'] as const).find(
        (field) => encodeJson(run[field] ?? null) !== encodeJson(identity[field] ?? null),
      );
      if (!differs) return run;
      const [there, asked] = unlike(run[differs], identity[differs]);
      throw new StoreError({
        file: driver.file,
        problem: `run ${JSON.stringify(name)} has ${differs} ${brief(there)}, not ${brief(asked)}`,
        hint: 'Give this run another name, or repeat the settings of the one that is there',
      });
    },
    list: async () => (await read(`${COLUMNS} ORDER BY created, name`)).map(toRun),
    async counts(name) {
      if (name !== undefined) checkName('runs', 'name', name);
      const sql = (where: string): string =>
        `SELECT run, COUNT(*) AS items, SUM(CASE WHEN status = 'failed' THEN 1 ELSE 0 END) AS failed FROM items${where} GROUP BY run`;
      const rows = await (name === undefined ? read(sql('')) : read(sql(' WHERE run = ?'), name));
      return rows.map((row) => ({
        run: String(row['run']),
        items: Number(row['items']),
        failed: Number(row['failed']),
      }));
    },
    async setStatus(name, status) {
      checkName('runs', 'name', name);
      await writer.add({ sql: 'UPDATE runs SET status = ? WHERE name = ?', params: [status, name] });
    },
    async saveItem(name, { item, status, result }) {
      checkName('runs', 'name', name);
      checkName('runs', 'item', item);
      await writer.add({
        sql: `INSERT INTO items (run, item, status, result) VALUES (?, ?, ?, ?)
              ON CONFLICT (run, item) DO UPDATE SET status = excluded.status, result = excluded.result`,
        params: [name, item, status, encodeJson(result ?? null)],
      });
    },
    async items(name) {
      checkName('runs', 'name', name);
      return (await read('SELECT item, status, result FROM items WHERE run = ? ORDER BY item', name)).map(toItem);
    },
    async delete(name) {
      checkName('runs', 'name', name);
      const tables = ['items WHERE run', 'traces WHERE run', 'runs WHERE name'];
      await Promise.all(tables.map((of) => writer.add({ sql: `DELETE FROM ${of} = ?`, params: [name] })));
      await writer.scrub();
    },
  };
}

function otherDraws(file: string, name: string, rule: number): StoreError {
  return new StoreError({
    file,
    problem: `run ${JSON.stringify(name)} was begun by rule ${rule} of the addresses of draws, and this plusx draws by rule ${ADDRESS_RULE}: its items would not be those of one run`,
    hint: 'Give this run another name, or go on with the plusx that began it',
  });
}

function toRun(row: Row): Run {
  return {
    name: String(row['name']),
    task: String(row['task']),
    formula: String(row['formula']),
    seed: decodeJson(String(row['seed'])) as number | string,
    settings: decodeJson(String(row['settings'])),
    status: row['status'] as RunStatus,
    created: String(row['created']),
  };
}

function toItem(row: Row): RunItem {
  return {
    item: String(row['item']),
    status: row['status'] as RunItem['status'],
    result: decodeJson(String(row['result'])),
  };
}

/** What two values differ in, where they are objects: what they share says nothing, and hides the rest. */
function unlike(one: unknown, other: unknown): readonly [unknown, unknown] {
  if (!isTable(one) || !isTable(other)) return [one, other];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  const found = [...keys]
    .filter((key) => encodeJson(one[key] ?? null) !== encodeJson(other[key] ?? null))
    .map((key) => [key, ...unlike(one[key] ?? null, other[key] ?? null)] as const);
  const side = (at: 1 | 2): unknown => Object.fromEntries(found.map((entry) => [entry[0], entry[at]]));
  return [side(1), side(2)];
}

const isTable = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function brief(value: unknown): string {
  const text = encodeJson(value ?? null);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
