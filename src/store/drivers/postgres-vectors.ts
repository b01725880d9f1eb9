/**
 * Vectors of notes in PostgreSQL, where it has the extension `vector` (pgvector): a table beside `notes`, which triggers fill from the
 * bytes that stay in `notes`. So nothing that writes notes knows of it, and when the extension goes, nothing is lost.
 *
 * No statement here names the schema of the extension after the table is made: the functions are bound to what they call.
 */
import type { Client } from 'pg';
import type { Row, VectorSearch } from '../driver.ts';
import { mayPass } from './postgres-error.ts';

export const VECTORS = 'notes_vectors';
/** The first PostgreSQL whose functions are bound to what they call. */
const OLDEST = 140_000;

/** What a connection finds of vectors. */
export interface VectorState {
  /** Whether this role can have them compared. */
  readonly isThere: boolean;
  /** Whether it may put in those of notes that were there before the table. */
  readonly mayFill: boolean;
  /** Whether the extension is there, and the tables are this role's, so that it can make the table of vectors. */
  readonly mayMake: boolean;
}

/** Columns of a query that says it of a schema, which is given in quotes. */
export const vectorColumns = (schema: string): string => {
  const table = `to_regclass('${schema}.${VECTORS}')`;
  const isThere = `to_regproc('${schema}.notes_near') IS NOT NULL AND has_table_privilege(${table}, 'SELECT')`;
  const mayWrite = "NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off'";
  return `COALESCE(${isThere}, FALSE)::int AS near,
    COALESCE(${isThere} AND ${mayWrite} AND has_table_privilege(${table}, 'INSERT'), FALSE)::int AS fill,
    (to_regproc('${schema}.notes_near') IS NULL AND ${mayWrite} AND current_setting('server_version_num')::int >= ${OLDEST}
      AND EXISTS (SELECT FROM pg_extension WHERE extname = 'vector' AND has_schema_privilege(extnamespace, 'USAGE'))
      AND EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('${schema}.notes') AND pg_has_role(relowner, 'USAGE')))::int AS make`;
};

export const vectorState = (row: Row): VectorState => ({
  isThere: row['near'] === 1,
  mayFill: row['fill'] === 1,
  mayMake: row['make'] === 1,
});

/**
 * What a note has of bytes, as numbers: floats of 32 bits, the lowest byte first, whatever machine the server is. NULL where the error of a comparison has
 * no bound (the length is more than 1), or where there are more numbers than the extension takes: the process compares those.
 */
const NUMBERS_OF = `CREATE OR REPLACE FUNCTION notes_numbers_of(bytes bytea) RETURNS float8[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
  DECLARE
    size CONSTANT int := octet_length(bytes);
    held CONSTANT bytea := bytes || ''::bytea; -- read once: each look at a long value would read all of it
    numbers float8[];
  BEGIN
    IF size NOT BETWEEN 4 AND 64000 OR size % 4 <> 0 THEN
      RETURN NULL;
    END IF;
    numbers := ARRAY(
      SELECT (get_byte(held, i) + (get_byte(held, i + 1) << 8) + ((high & 127) << 16)
          + CASE WHEN high < 128 AND top & 127 = 0 THEN 0 ELSE 8388608 END)
        * (CASE WHEN top > 127 THEN -1 ELSE 1 END * power(2::float8, greatest(((top & 127) << 1) + (high >> 7), 1) - 150))
      FROM (SELECT i, get_byte(held, i + 3) AS top, get_byte(held, i + 2) AS high
            FROM generate_series(0, size - 1, 4) AS i OFFSET 0) AS parts);
    RETURN CASE WHEN (SELECT sum(x * x) FROM unnest(numbers) AS x) <= 1.002 THEN numbers END;
  END $$`;

const hashed = (name: string): string => `substr(sha256(convert_to(${name}, 'UTF8')), 1, 16)`;

/** How to make the table, within a schema that is alone on the search path. `of` is the schema of the extension, in quotes. */
const STEPS = (schema: string, of: string): readonly string[] => [
  // One that the extension went from, and with it its column.
  `DROP TABLE IF EXISTS ${VECTORS}`,
  // A namespace stands here by a hash of its name: what is left here when the extension goes names nobody.
  `CREATE TABLE ${VECTORS} (seq BIGINT PRIMARY KEY, namespace BYTEA NOT NULL, v ${of}.vector) WITH (toast_tuple_target = 8160)`,
  ...['seq', 'namespace', 'v'].map((column) => `ALTER TABLE ${VECTORS} ALTER COLUMN ${column} SET STATISTICS 0`),
  `CREATE INDEX notes_vectors_in_order ON ${VECTORS} (namespace, seq)`,
  NUMBERS_OF,
  `CREATE OR REPLACE FUNCTION notes_vector_of(bytes bytea) RETURNS ${of}.vector LANGUAGE sql IMMUTABLE PARALLEL SAFE
   RETURN ${schema}.notes_numbers_of(bytes)::${of}.vector`,
  `CREATE OR REPLACE FUNCTION notes_near(a ${of}.vector, b ${of}.vector) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
   RETURN CASE WHEN ${of}.vector_dims(a) = ${of}.vector_dims(b) THEN ${of}.inner_product(a, b) END`,
  // With the rights of the owner: who may write notes need not know of this table. When the extension went, notes are written and deleted as before.
  `CREATE OR REPLACE FUNCTION note_vector_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO ${schema}, pg_temp AS $$
   BEGIN
     IF TG_OP <> 'INSERT' AND to_regclass('${VECTORS}') IS NOT NULL THEN
       DELETE FROM ${VECTORS} WHERE seq = old.seq;
     END IF;
     IF TG_OP <> 'DELETE' AND to_regproc('notes_vector_of') IS NOT NULL THEN
       INSERT INTO ${VECTORS} (seq, namespace, v) VALUES (new.seq, ${hashed('new.namespace')}, notes_vector_of(new.vector));
     END IF;
     RETURN NULL;
   END $$`,
  `CREATE OR REPLACE TRIGGER note_vector_changed AFTER INSERT OR UPDATE OF vector OR DELETE ON notes
   FOR EACH ROW EXECUTE FUNCTION note_vector_changed()`,
];

/**
 * Makes the table of vectors within a transaction, or leaves everything as it was. With `create` it makes the extension, too, where
 * the server has it and this role may.
 */
export async function makeVectors(client: Client, schema: string, create: boolean): Promise<void> {
  await client.query('SAVEPOINT vectors; SET LOCAL search_path TO DEFAULT');
  try {
    if (create) await makeExtension(client);
    const { rows } = await client.query<Row>(
      `SELECT quote_ident(nspname) AS of, (SELECT relowner::regrole::text FROM pg_class WHERE oid = to_regclass($1)) AS owner
       FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'vector'`,
      [`${schema}.notes`],
    );
    const [row] = rows;
    if (row) {
      // Whose the notes are, whoever makes this: who deletes notes writes both tables anew.
      await client.query(`SET LOCAL search_path TO ${schema}; SET LOCAL ROLE ${String(row['owner'])}`);
      for (const step of STEPS(schema, String(row['of']))) await client.query(step);
      await client.query('SET LOCAL ROLE NONE');
    }
    await client.query('RELEASE vectors');
  } catch (error) {
    if (mayPass(error)) throw error;
    await client.query('ROLLBACK TO vectors'); // the process compares vectors then, as without the extension
  }
}

async function makeExtension(client: Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT name FROM pg_available_extensions WHERE name = 'vector' AND installed_version IS NULL`,
  );
  if (rows.length === 0) return;
  // It is one for all schemas of a database: two that make it at one time wait for each other.
  await client.query(`SELECT pg_advisory_xact_lock(hashtext('plusx makes the extension vector'))`);
  await client.query('CREATE EXTENSION IF NOT EXISTS vector');
}

/** What is asked of it. Names in quotes are of the query, and no tables. */
export const vectorSearch = (schema: string, mayFill: boolean): VectorSearch => ({
  missing: (namespace) =>
    mayFill
      ? {
          sql: `SELECT seq FROM notes AS n
                WHERE namespace = ? AND NOT EXISTS (SELECT 1 FROM ${VECTORS} AS v WHERE v.seq = n.seq) ORDER BY seq`,
          params: [namespace],
        }
      : undefined,
  fill: (seqs) => ({
    sql: `INSERT INTO ${VECTORS} (seq, namespace, v)
          SELECT seq, ${hashed('namespace')}, ${schema}.notes_vector_of(vector) FROM notes
          WHERE seq IN (${seqs.sql}) ON CONFLICT (seq) DO NOTHING`,
    params: [seqs.param],
  }),
  notes: (namespace, after) => ({
    sql: `SELECT n.seq, n.length, n.embedder, CASE WHEN v.v IS NULL THEN n.vector END AS vector
          FROM notes AS n LEFT JOIN ${VECTORS} AS v ON v.seq = n.seq WHERE n.namespace = ? AND n.seq > ? ORDER BY n.seq`,
    params: [namespace, after],
  }),
  nearest: ({ namespace, embedder, query, last, most, chance, error }) => ({
    // Of notes with the same vector, the first ones are enough.
    sql: `WITH "compared" AS MATERIALIZED (
            SELECT seq, ${schema}.notes_near(v, ?) AS near FROM ${VECTORS} WHERE namespace = ${hashed('CAST(? AS TEXT)')} AND seq <= ?
          ), "first" AS (
            SELECT near FROM "compared" WHERE near IS NOT NULL ORDER BY near DESC LIMIT 1 OFFSET ?
          ), "found" AS (
            SELECT n.seq, n.vector, row_number() OVER (PARTITION BY n.vector ORDER BY n.seq) AS copy
            FROM "compared" AS c JOIN notes AS n ON n.seq = c.seq
            WHERE near > ? AND near >= COALESCE((SELECT near FROM "first"), '-Infinity') - CAST(? AS float8) AND embedder = ?
          ) SELECT seq, vector FROM "found" WHERE copy <= ? ORDER BY seq`,
    params: [`[${query.join(',')}]`, namespace, last, most - 1, chance - error, 2 * error, embedder, most],
  }),
});
