/** What SQLite and PostgreSQL write differently. All other SQL of the store is the same for both. */
import type { Dialect } from '../driver.ts';

export const SQLITE: Dialect = {
  words: (terms) => terms.join(' '),
  postings: (term) => ({
    sql: 'SELECT json_group_array(doc) AS docs FROM notes_index WHERE term = ?',
    params: [term],
  }),
  texts: (values) => ({ sql: 'SELECT value FROM json_each(?)', param: JSON.stringify(values) }),
  numbers: (values) => ({ sql: 'SELECT value FROM json_each(?)', param: JSON.stringify(values) }),
  sizeOf: (table) => ({
    sql: `SELECT COALESCE(SUM(pgsize), 0) AS bytes FROM dbstat
          WHERE aggregate = TRUE AND name IN (SELECT name FROM sqlite_master WHERE tbl_name = ? OR tbl_name LIKE ?)`,
    params: [table, `${table}_words%`],
  }),
  now: "((julianday('now') - 2440587.5) * 86400.0)",
  since: (column) => `CAST(julianday(CURRENT_DATE) - julianday(${column}) AS INTEGER)`,
  daysSince: 8,
};

export const POSTGRES: Dialect = {
  // A word once, and in the place of its position how often it stands there: a tsvector holds 255 positions of a word at most.
  words(terms) {
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    return [...counts].map(([term, count]) => `${term}:${count}`).join(' ');
  },
  postings: (term) => ({
    sql: `SELECT COALESCE(json_agg(seq), '[]')::text AS docs,
            COALESCE(json_agg(CAST(split_part(split_part(' ' || words, ' ' || ? || ':', 2), ' ', 1) AS INTEGER)), '[]')::text AS counts
          FROM notes WHERE tokens @@ CAST(? AS tsquery)`,
    params: [term, term],
  }),
  texts: (values) => ({
    sql: 'SELECT value FROM json_array_elements_text(CAST(? AS json)) AS list (value)',
    param: JSON.stringify(values.map(encodeText)),
  }),
  numbers: (values) => ({
    sql: 'SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST(? AS json)) AS list (value)',
    param: JSON.stringify(values),
  }),
  sizeOf: (table) => ({
    sql: `SELECT COALESCE(pg_total_relation_size((SELECT tableoid FROM ${table} LIMIT 1)), 0) AS bytes`,
    params: [],
  }),
  now: "date_part('epoch', clock_timestamp())",
  since: (column) => `CURRENT_DATE - ${column}`,
  daysSince: 1,
};

/**
 * PostgreSQL takes no NUL in a text. It is written as two signs that it takes, so that texts keep their order: NUL as U+0001 U+0001,
 * and U+0001 as U+0001 U+0002.
 */
export const encodeText = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  /[\0\u0001]/.test(text) ? text.replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001') : text;

export const decodeText = (text: string): string =>
  text.includes('\u0001')
    ? // oxlint-disable-next-line no-control-regex
      text.replaceAll(/\u0001([\u0001\u0002])/g, (_, second: string) => (second === '\u0001' ? '\0' : '\u0001'))
    : text;
