/** The databases that `memory.ts` compares, each behind the same few functions. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { fuse, rankByVectors, wordsOf, type Embedder } from '../src/core/index.ts';
import { openMemory } from '../src/store/index.ts';

export interface Entry {
  readonly id: string;
  readonly text: string;
  readonly vector: Float32Array;
}
export interface Database {
  index(entries: readonly Entry[]): Promise<void>;
  /** Ids, nearest first: full text and vectors fused, in the database's own way where it has one. */
  search(query: Entry, limit: number): Promise<readonly string[]>;
  /** Deletes for good, with whatever the database offers for that. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}
type Open = (folder: string, packages: string) => Promise<Database>;

/** A package of the folder given: none of them is a dependency. */
// oxlint-disable-next-line typescript/no-explicit-any -- the packages are not there to be typed
async function load(name: string, packages: string): Promise<any> {
  const require = createRequire(join(resolve(packages), 'package.json'));
  return import(pathToFileURL(require.resolve(name)).href);
}

const WIDTH = 256;
const DEEP = 100;
const bytesOf = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
const match = (text: string): string => [...new Set(wordsOf(text))].map((word) => `"${word}"`).join(' OR ');
const merged = (rankings: ReadonlyArray<readonly string[]>, limit: number): string[] =>
  fuse(rankings, (a, b) => (a < b ? -1 : 1))
    .slice(0, limit)
    .map(({ entry }) => entry);

/** The memory of plusx: FTS5 as the index of words, BM25 and cosine in the core. The vectors are those given. */
const plusx: Open = async (folder) => {
  const given = new Map<string, Float32Array>();
  const embedder: Embedder = {
    name: 'given',
    dimensions: WIDTH,
    chance: 0.125,
    embed: async (texts) => texts.map((text) => given.get(text) as Float32Array),
  };
  const memory = openMemory({ file: join(folder, 'memory.db'), embedder });
  const learn = (entries: readonly Entry[]): void => entries.forEach(({ text, vector }) => given.set(text, vector));
  return {
    async index(entries) {
      learn(entries);
      for (let at = 0; at < entries.length; at += 5000) await memory.put('default', entries.slice(at, at + 5000));
    },
    async search(query, limit) {
      learn([query]);
      return (await memory.search('default', query.text, limit)).map(({ id }) => id);
    },
    remove: async (id) => void (await memory.remove('default', [id])),
    close: () => memory.close(),
  };
};

/** SQLite with FTS5's own bm25, over the notes of all users; vectors in JavaScript or in sqlite-vec. */
const sqlite =
  (vec: boolean): Open =>
  async (folder, packages) => {
    const database = new DatabaseSync(join(folder, 'notes.db'), { allowExtension: vec });
    if (vec) (await load('sqlite-vec', packages)).load(database);
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 10000;
      CREATE TABLE IF NOT EXISTS notes (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, text TEXT, vector BLOB);
      CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (text, content='notes', content_rowid='seq');
      INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
      ${vec ? `CREATE VIRTUAL TABLE IF NOT EXISTS vectors USING vec0 (vector float[${WIDTH}] distance_metric=cosine)` : ''}`);
    const add = database.prepare('INSERT INTO notes (id, text, vector) VALUES (?, ?, ?)');
    const addWords = database.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
    const addVector = vec ? database.prepare('INSERT INTO vectors (rowid, vector) VALUES (?, ?)') : undefined;
    const byWords = database.prepare(
      `SELECT id FROM words JOIN notes ON notes.seq = words.rowid WHERE words MATCH ? ORDER BY bm25(words), seq LIMIT ${DEEP}`,
    );
    const all = database.prepare('SELECT id, vector FROM notes ORDER BY seq');
    const nearest = vec
      ? database.prepare(`SELECT rowid AS seq FROM vectors WHERE vector MATCH ? AND k = ${DEEP} ORDER BY distance`)
      : undefined;
    const idOf = database.prepare('SELECT id FROM notes WHERE seq = ?');
    let held: { readonly ids: string[]; readonly vectors: Float32Array } | undefined;
    const hold = (): NonNullable<typeof held> => {
      const rows = all.all();
      const vectors = new Float32Array(rows.length * WIDTH);
      for (const [i, row] of rows.entries())
        vectors.set(new Float32Array((row['vector'] as Uint8Array).slice().buffer), i * WIDTH);
      return { ids: rows.map((row) => String(row['id'])), vectors };
    };
    return {
      async index(entries) {
        held = undefined;
        database.exec('BEGIN');
        for (const { id, text, vector } of entries) {
          const { lastInsertRowid } = add.run(id, text, vec ? null : bytesOf(vector));
          addWords.run(lastInsertRowid, text);
          addVector?.run(BigInt(lastInsertRowid), bytesOf(vector));
        }
        database.exec('COMMIT');
      },
      async search({ text, vector }, limit) {
        const words = byWords.all(match(text)).map((row) => String(row['id']));
        if (nearest) {
          const seqs = nearest.all(bytesOf(vector)).map((row) => Number(row['seq']));
          return merged([words, seqs.map((seq) => String(idOf.get(seq)?.['id']))], limit);
        }
        held ??= hold();
        const { ids, vectors } = held;
        return merged([words, rankByVectors(vectors, vector).places.map((place) => ids[place] as string)], limit);
      },
      async remove(id) {
        const row = database.prepare('SELECT seq, text FROM notes WHERE id = ?').get(id);
        database
          .prepare("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)")
          .run(Number(row?.['seq']), String(row?.['text']));
        if (vec) database.prepare('DELETE FROM vectors WHERE rowid = ?').run(BigInt(Number(row?.['seq'])));
        database.prepare('DELETE FROM notes WHERE id = ?').run(id);
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      },
      close: async () => database.close(),
    };
  };

const lancedb: Open = async (folder, packages) => {
  const lance = await load('@lancedb/lancedb', packages);
  const database = await lance.connect(folder);
  const there = async (): Promise<boolean> => ((await database.tableNames()) as string[]).includes('notes');
  let table = (await there()) ? await database.openTable('notes') : undefined;
  const reranker = await lance.rerankers.RRFReranker.create();
  const plain = (entries: readonly Entry[]): unknown[] =>
    entries.map(({ id, text, vector }) => ({ id, text, vector: [...vector] }));
  return {
    async index(entries) {
      if (table) return void (await table.add(plain(entries)));
      for (let at = 0; at < entries.length; at += 5000) {
        const rows = plain(entries.slice(at, at + 5000));
        if (table) await table.add(rows);
        else table = await database.createTable('notes', rows);
      }
      await table.createIndex('text', { config: lance.Index.fts() });
      await table.optimize();
    },
    async search({ text, vector }, limit) {
      const rows = await table
        .query()
        .nearestTo(vector)
        .distanceType('cosine')
        .fullTextSearch(text, { columns: ['text'] })
        .rerank(reranker)
        .select(['id', 'text'])
        .limit(limit)
        .toArray();
      return rows.map((row: { id: string }) => row.id);
    },
    async remove(id) {
      await table.delete(`id = '${id}'`);
      await table.optimize({ cleanupOlderThan: new Date(Date.now() + 1000) });
    },
    close: async () => table?.close(),
  };
};

/** In memory, saved as one JSON file at close. Words only: it has no vectors. */
const minisearch: Open = async (folder, packages) => {
  const { default: MiniSearch } = await load('minisearch', packages);
  const file = join(folder, 'index.json');
  const options = { fields: ['text'], storeFields: [] };
  const index = existsSync(file) ? MiniSearch.loadJSON(readFileSync(file, 'utf8'), options) : new MiniSearch(options);
  const save = (): void => writeFileSync(file, JSON.stringify(index));
  return {
    async index(entries) {
      index.addAll(entries.map(({ id, text }) => ({ id, text })));
      save();
    },
    search: async ({ text }, limit) =>
      index
        .search(text, { fuzzy: 0.2 })
        .slice(0, limit)
        .map(({ id }: { id: string }) => id),
    async remove(id) {
      index.discard(id);
      await index.vacuum();
      save();
    },
    async close() {},
  };
};

/** In memory, saved as one JSON file at close. */
const orama: Open = async (folder, packages) => {
  const { create, insertMultiple, load: restore, remove, save, search } = await load('@orama/orama', packages);
  const file = join(folder, 'index.json');
  const database = create({ schema: { id: 'string', text: 'string', vector: `vector[${WIDTH}]` } });
  if (existsSync(file)) restore(database, JSON.parse(readFileSync(file, 'utf8')));
  const keep = (): void => writeFileSync(file, JSON.stringify(save(database)));
  return {
    async index(entries) {
      await insertMultiple(
        database,
        entries.map(({ id, text, vector }) => ({ id, text, vector: [...vector] })),
        5000,
      );
      keep();
    },
    async search({ text, vector }, limit) {
      const { hits } = await search(database, {
        mode: 'hybrid',
        term: text,
        vector: { value: [...vector], property: 'vector' },
        similarity: 0.1,
        limit,
      });
      return hits.map(({ id }: { id: string }) => id);
    },
    async remove(id) {
      await remove(database, id);
      keep();
    },
    async close() {},
  };
};

const pglite: Open = async (folder, packages) => {
  const { PGlite } = await load('@electric-sql/pglite', packages);
  const { vector: extension } = await load('@electric-sql/pglite-pgvector', packages);
  const database = await PGlite.create(join(folder, 'pg'), { extensions: { vector: extension } });
  await database.exec(`CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE IF NOT EXISTS notes (id text PRIMARY KEY, text text, vector vector(${WIDTH}),
      words tsvector GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED);
    CREATE INDEX IF NOT EXISTS by_words ON notes USING gin (words)`);
  const shown = (vector: Float32Array): string => `[${vector.join(',')}]`;
  return {
    async index(entries) {
      for (let at = 0; at < entries.length; at += 500) {
        const some = entries.slice(at, at + 500);
        await database.query(
          `INSERT INTO notes (id, text, vector)
           SELECT x->>'id', x->>'text', (x->>'vector')::vector FROM json_array_elements($1::json) AS x`,
          [JSON.stringify(some.map(({ id, text, vector }) => ({ id, text, vector: shown(vector) })))],
        );
      }
    },
    async search({ text, vector }, limit) {
      const query = [...new Set(wordsOf(text))].join(' | ');
      const words = await database.query(
        `SELECT id FROM notes WHERE words @@ to_tsquery('simple', $1) ORDER BY ts_rank(words, to_tsquery('simple', $1)) DESC, id LIMIT ${DEEP}`,
        [query],
      );
      const near = await database.query(`SELECT id FROM notes ORDER BY vector <=> $1, id LIMIT ${DEEP}`, [
        shown(vector),
      ]);
      const ids = ({ rows }: { rows: { id: string }[] }): string[] => rows.map(({ id }) => id);
      return merged([ids(words), ids(near)], limit);
    },
    async remove(id) {
      await database.query('DELETE FROM notes WHERE id = $1', [id]);
      await database.exec('VACUUM FULL notes');
      await database.exec('CHECKPOINT');
    },
    close: () => database.close(),
  };
};

export const CANDIDATES: { readonly [name: string]: Open } = {
  plusx,
  'sqlite fts5': sqlite(false),
  'sqlite fts5 + sqlite-vec': sqlite(true),
  lancedb,
  orama,
  minisearch,
  pglite,
};
