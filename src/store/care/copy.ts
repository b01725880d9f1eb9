/**
 * Moves all of a store to another one, whatever databases they are. A copy that was broken off goes on with the same call: a mark in
 * the target says whose copy it is, until all of it has arrived.
 */
import { hash } from 'node:crypto';
import { StoreError } from '../../core/index.ts';
import type { Driver, Row, Statement, Value } from '../driver.ts';
import { driverOf, type StoreAt } from '../drivers/open.ts';
import { indexed } from '../memory.ts';
import { NOTES, TABLES, type Table } from './tables.ts';

export interface CopyOptions {
  /** Hears how many rows of a table have been looked at. The copy waits for what it returns. */
  readonly onProgress?: ((table: string, rows: number) => void | Promise<void>) | undefined;
}

/** Rows of each table that the target has at the end, which are as many as the source has. */
export type Copied = { readonly [table: string]: number };

/** Rows that go together in one transaction. */
const PAGE = 200;
const MARK = 'copy of';

export async function copyStore(from: StoreAt, to: StoreAt, { onProgress }: CopyOptions = {}): Promise<Copied> {
  const source = driverOf(from);
  const target = driverOf(to);
  try {
    await source.ready();
    await target.ready();
    await begin(source, target);
    for (const table of [...TABLES, NOTES]) await move(table, source, target, onProgress);
    const [sent, arrived] = [await countsOf(source), await countsOf(target)];
    const short = Object.keys(sent).find((table) => sent[table] !== arrived[table]);
    if (short !== undefined)
      throw new StoreError({
        file: target.file,
        problem: `it has ${arrived[short]} rows of ${short}, and ${source.file} has ${sent[short]}: something wrote to one of them meanwhile`,
        hint: 'End what writes, and copy again: it goes on where it was',
      });
    await target.write([{ sql: 'DELETE FROM server_secrets WHERE name = ?', params: [MARK] }]);
    return arrived;
  } finally {
    await source.close();
    await target.close();
  }
}

/** Rows of each table. */
export async function countsOf(driver: Driver): Promise<Copied> {
  const counts: { [table: string]: number } = {};
  for (const { name } of [...TABLES, NOTES]) {
    const where = name === 'server_secrets' ? ' WHERE name <> ?' : '';
    const [row] = await driver.read({
      sql: `SELECT count(*) AS n FROM ${name}${where}`,
      params: where === '' ? [] : [MARK],
    });
    counts[name] = Number(row?.['n']);
  }
  return counts;
}

/** Marks an empty target, or finds the mark of the same copy. */
async function begin(source: Driver, target: Driver): Promise<void> {
  if (source.file === target.file)
    throw new StoreError({ file: target.file, problem: 'it is both ends of the copy', hint: 'Name another target' });
  const of = hash('sha256', source.file, 'hex');
  const [mark] = await target.read({ sql: 'SELECT value FROM server_secrets WHERE name = ?', params: [MARK] });
  const isEmpty = Object.values(await countsOf(target)).every((rows) => rows === 0);
  if (mark ? mark['value'] !== of : !isEmpty)
    throw new StoreError({
      file: target.file,
      problem: mark ? 'a copy of another store into it was broken off' : 'it is not empty',
      hint: 'Name a new store, which the copy makes',
    });
  if (!mark)
    await target.write([{ sql: 'INSERT INTO server_secrets (name, value) VALUES (?, ?)', params: [MARK, of] }]);
}

async function move(
  table: Table,
  source: Driver,
  target: Driver,
  onProgress: CopyOptions['onProgress'],
): Promise<void> {
  let last: readonly Value[] | undefined;
  for (let rows = 0; ;) {
    const page = await source.read(pageOf(table, last));
    if (page.length > 0) await target.write(page.flatMap((row) => insertion(table, row, target)));
    rows += page.length;
    await onProgress?.(table.name, rows);
    if (page.length < PAGE) return;
    last = table.key.map((column) => (page.at(-1) as Row)[column] as Value);
  }
}

/** The next rows, in the order of their key. */
function pageOf({ name, columns, key }: Table, last: readonly Value[] | undefined): Statement {
  const all = [...new Set([...key, ...columns, ...(name === NOTES.name ? ['length', 'embedder', 'vector'] : [])])];
  const after = last === undefined ? '' : `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`;
  return {
    sql: `SELECT ${all.join(', ')} FROM ${name} ${after} ORDER BY ${key.join(', ')} LIMIT ${PAGE}`,
    params: last ?? [],
  };
}

function insertion({ name, columns, key }: Table, row: Row, target: Driver): Statement[] {
  if (name === 'server_secrets' && row['name'] === MARK) return [];
  if (name === NOTES.name) return [noteInsertion(row, target)];
  return [
    {
      sql: `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT (${key.join(', ')}) DO NOTHING`,
      params: columns.map((column) => row[column] as Value),
    },
  ];
}

/** Notes are indexed anew, in the order in which they were put. */
function noteInsertion(row: Row, target: Driver): Statement {
  const note = { id: String(row['id']), text: String(row['text']) };
  const data = row['data'] as string | null;
  const { words } = indexed(target.dialect, String(row['namespace']), {
    ...note,
    ...(data !== null && { data: JSON.parse(data) as Record<string, string> }),
  });
  return {
    sql: `INSERT INTO notes (namespace, id, text, data, words, length, embedder, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (namespace, id) DO NOTHING`,
    params: [
      String(row['namespace']),
      note.id,
      note.text,
      data,
      words,
      Number(row['length']),
      String(row['embedder']),
      row['vector'] as Uint8Array,
    ],
  };
}
