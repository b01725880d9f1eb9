/** Statements of the store as PostgreSQL takes them: numbered parameters, tables with their schema, and few round trips. */
import { createHash } from 'node:crypto';
import type { Statement, Value } from '../driver.ts';
import { encodeText } from './dialects.ts';

/** A query as the client takes it. One with a name is parsed once a connection. */
export interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly Value[];
}

export interface Translator {
  query(statement: Statement): Query;
  /**
   * The queries of one transaction. Neighbours that insert into one table what is not there yet become one query of many rows,
   * in the order of their first value: two processes that insert the same do not wait for each other crosswise.
   */
  queries(statements: readonly Statement[]): readonly Query[];
  /** Whether doing the query twice is doing it once. */
  isRepeatable(query: Query): boolean;
  /** A table with its schema. */
  table(name: string): string;
}

/**
 * A statement's name says its whole text. A pooler hands a connection of the server from client to client, with what another one
 * prepared on it: a name that is known there must be of the same statement.
 */
export const nameOf = (text: string): string => `plusx_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;

const MOST_ROWS = 128;
const INSERT = /^(INSERT INTO .* VALUES) (\([?, A-Z_]+\))( ON CONFLICT \([^)]*\) DO NOTHING)$/;

export function translator(schema: string): Translator {
  const known = new Map<string, { readonly name: string; readonly text: string }>();
  const table = (name: string): string => `"${schema}".${name}`;
  const prepared = (sql: string): { readonly name: string; readonly text: string } => {
    const before = known.get(sql);
    if (before) return before;
    let count = 0;
    const text = sql
      .replaceAll('?', () => `$${++count}`)
      .replaceAll(
        /\b(FROM|INTO|JOIN|UPDATE) (?!SET\b|json_|pg_)([a-z_]+)\b/g,
        (_, word: string, name: string) => `${word} ${table(name)}`,
      );
    const made = { name: nameOf(text), text };
    known.set(sql, made);
    return made;
  };
  const query = ({ sql, params }: Statement): Query => ({ ...prepared(sql), values: params.map(encoded) });
  const rowsOf = (
    [first, ...others]: readonly [Statement, ...Statement[]],
    [, before, row, after]: readonly string[],
  ): Query[] => {
    const all = [first, ...others].toSorted((a, b) => compare(a.params[0], b.params[0]));
    const queries: Query[] = [];
    for (let at = 0; at < all.length; at += MOST_ROWS) {
      const some = all.slice(at, at + MOST_ROWS);
      queries.push(
        query({
          sql: `${before} ${some.map(() => row).join(', ')}${after}`,
          params: some.flatMap(({ params }) => params),
        }),
      );
    }
    return queries;
  };
  return {
    query,
    table,
    isRepeatable: ({ text }) => text.endsWith('DO NOTHING'),
    queries(statements) {
      const queries: Query[] = [];
      for (let at = 0; at < statements.length;) {
        const first = statements[at] as Statement;
        const parts = INSERT.exec(first.sql);
        let end = at + 1;
        if (parts) while (statements[end]?.sql === first.sql) end++;
        queries.push(...(parts ? rowsOf([first, ...statements.slice(at + 1, end)], parts) : [query(first)]));
        at = end;
      }
      return queries;
    },
  };
}

const encoded = (value: Value): Value => (typeof value === 'string' ? encodeText(value) : value);

const compare = (a: Value | undefined, b: Value | undefined): number =>
  a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) : String(a) < String(b) ? -1 : 1;
