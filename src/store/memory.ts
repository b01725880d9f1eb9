/**
 * Notes and pages on disk, found by words (FTS5) and by vectors. What is deleted is gone from the disk, not only from view.
 *
 * FTS5 keeps where each word stands; the ranking is the core's, and so the same in a browser. A word goes into the index
 * as a hash of itself and its namespace: counts are those of one namespace only, and no text lies in the index.
 */
import { checkName } from '../core/host/names.ts';
import {
  DEPTH,
  fuse,
  hash,
  hashedEmbedder,
  rankByWords,
  searchedText,
  StoreError,
  termsOf,
  type Context,
  type Embedder,
  type Found,
  type Memory,
  type Note,
} from '../core/index.ts';
import type { Dialect, Driver, Row, Statement } from './driver.ts';
import { byVectors } from './notes/by-vectors.ts';
import {
  identityOf,
  lockOf,
  namespaceCache,
  NotCompared,
  otherEmbedder,
  type Loaded,
} from './notes/namespace-cache.ts';
import { driverOf } from './drivers/open.ts';
import type { PostgresOptions } from './drivers/postgres.ts';
import type { SqliteOptions } from './drivers/sqlite.ts';

export interface StoredMemory extends Memory {
  /** Indexes all notes of another embedder anew. Resolves to how many there are. */
  reindex(context?: Context): Promise<number>;
  /** What `search` finds, with the place of each note among those found by words and among those found by vectors. */
  explain(namespace: string, query: string, limit: number, context?: Context): Promise<readonly RankedNote[]>;
  /** The namespaces that hold a note, by name, and how many they hold. */
  sizes(): Promise<readonly { readonly namespace: string; readonly notes: number }[]>;
  /** Some notes of a namespace in the order of `list`, long texts cut; `after` is the `next` of the page before. */
  page(namespace: string, of: { readonly after?: number | undefined; readonly most: number }): Promise<NotePage>;
}

export interface RankedNote extends Found {
  /** From 1; `undefined` where no word of the query is in the note. */
  readonly byWords: number | undefined;
  /** From 1; `undefined` where the note is not among those nearest by vector. */
  readonly byVectors: number | undefined;
}

export interface NotePage {
  readonly notes: readonly Note[];
  /** Nothing on the last page. */
  readonly next: number | undefined;
}

export interface OpenMemory extends StoredMemory {
  /** Lets go of the file, or of the server. */
  close(): Promise<void>;
}
export type MemoryOptions = (SqliteOptions | PostgresOptions) & {
  /** Makes vectors of texts. Default: `hashedEmbedder()`, which needs nothing and sees spelling only. */
  readonly embedder?: Embedder | undefined;
};

/**
 * Opens the memory in a file or in a PostgreSQL, which may be a store's. Several processes may have the same file open. What a write
 * acknowledged (its promise resolved) survives the process. Every failure is a StoreError that says what to do.
 */
export function openMemory({ embedder, ...options }: MemoryOptions): OpenMemory {
  const driver = driverOf(options);
  return { ...storedMemory(driver, embedder), close: () => driver.close() };
}

/** Texts given to the embedder at once. */
const BATCH = 256;

export function storedMemory(driver: Driver, embedder: Embedder = hashedEmbedder()): StoredMemory {
  const load = namespaceCache(driver, embedder);
  const identity = identityOf(embedder);

  const vectorsOf = async (texts: readonly string[], context: Context | undefined): Promise<Uint8Array[]> => {
    const found: Uint8Array[] = [];
    for (let at = 0; at < texts.length; at += BATCH)
      for (const vector of await embedder.embed(texts.slice(at, at + BATCH), context)) {
        if (vector.length !== embedder.dimensions) throw wrongWidth(driver.file, embedder, vector.length);
        found.push(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
      }
    return found;
  };

  /** Of a namespace, the last note says it for all: none is put beside one of another embedder. */
  const checkEmbedder = async (namespace: string): Promise<void> => {
    const [row] = await driver.read({
      sql: 'SELECT embedder FROM notes WHERE namespace = ? ORDER BY seq DESC LIMIT 1',
      params: [namespace],
    });
    if (row && row['embedder'] !== identity) throw otherEmbedder(driver.file, String(row['embedder']), identity);
  };

  const notesAt = async (seqs: readonly number[]): Promise<ReadonlyMap<number, Note>> => {
    const listed = driver.dialect.numbers(seqs);
    const rows = await driver.read({
      sql: `SELECT seq, id, text, data FROM notes WHERE seq IN (${listed.sql})`,
      params: [listed.param],
    });
    return new Map(rows.map((row) => [Number(row['seq']), toNote(row)]));
  };

  const ranked: StoredMemory['explain'] = async (namespace, query, limit, context) => {
    checkName('search', 'namespace', namespace);
    const loaded = await orHere(() => load(namespace));
    if (!loaded || limit < 1) return [];
    const [vector = new Float32Array(0)] = await embedder.embed([query], context);
    if (vector.length !== embedder.dimensions) throw wrongWidth(driver.file, embedder, vector.length);
    return orHere(async (isAgain) => {
      const over = isAgain ? await load(namespace) : loaded;
      return over ? find(over, namespace, query, vector, limit) : [];
    });
  };

  const find = async (
    loaded: Loaded,
    namespace: string,
    query: string,
    vector: Float32Array,
    limit: number,
  ): Promise<readonly RankedNote[]> => {
    const near = await byVectors(driver, embedder, loaded, vector);
    const byWords = rankByWords(loaded, await postings(driver, namespace, query, loaded));
    const fused = fuse([byWords, near.places], (a, b) => a - b);
    // A few more than asked for: another process may have deleted some since they were read.
    const top = fused.slice(0, Math.min(limit + DEPTH, fused.length));
    const notes = await notesAt(top.map(({ entry }) => loaded.seqs[entry] as number));
    const shown = top.filter(({ entry }) => notes.has(loaded.seqs[entry] as number)).slice(0, limit);
    const cosines = await near.cosinesAt(shown.map(({ entry }) => entry));
    return shown.map(({ entry: place, score }) => ({
      ...(notes.get(loaded.seqs[place] as number) as Note),
      score,
      similarity: cosines.get(place),
      byWords: rankOf(byWords, place),
      byVectors: rankOf(near.places, place),
    }));
  };

  /** Where the database compares vectors no more (its extension went, or the right to use it), this process does from then on. */
  const orHere = async <T>(work: (isAgain: boolean) => Promise<T>): Promise<T> => {
    try {
      return await work(false);
    } catch (error) {
      if (!(error instanceof NotCompared)) throw error;
      load.compareHere(true);
      return work(true).catch(() => {
        load.compareHere(false);
        throw error.cause;
      });
    }
  };

  return {
    name: driver.file,
    async put(namespace, notes, context) {
      checkName('put', 'namespace', namespace);
      for (const { id } of notes) checkName('put', 'id of a note', id);
      if (notes.length === 0) return;
      await checkEmbedder(namespace);
      const vectors = await vectorsOf(notes.map(searchedText), context);
      await driver.write(
        notes.map((note, i) => insertion(driver, namespace, note, identity, vectors[i] as Uint8Array)),
      );
    },
    async search(...asked) {
      return (await ranked(...asked)).map(({ byWords: _words, byVectors: _vectors, ...found }) => found);
    },
    explain: ranked,
    async sizes() {
      const rows = await driver.read({ sql: 'SELECT name, notes FROM namespaces ORDER BY name', params: [] });
      return rows.map((row) => ({ namespace: String(row['name']), notes: Number(row['notes']) }));
    },
    async page(namespace, { after = 0, most }) {
      checkName('page', 'namespace', namespace);
      const rows = await driver.read({
        sql: `SELECT seq, id, ${cut('text')} AS text, CASE WHEN octet_length(data) < ${LONG} THEN data END AS data FROM notes
              WHERE namespace = ? AND seq > ? ORDER BY seq LIMIT ?`,
        params: [namespace, after, most + 1],
      });
      const shown = rows.slice(0, most);
      return { notes: shown.map(toNote), next: rows.length > most ? Number(shown.at(-1)?.['seq']) : undefined };
    },
    async list(namespace, ids) {
      checkName('list', 'namespace', namespace);
      for (const id of ids ?? []) checkName('list', 'id of a note', id);
      const where = among(driver, namespace, ids);
      const rows = await driver.read({
        sql: `SELECT id, text, data FROM notes ${where.sql} ORDER BY seq`,
        params: where.params,
      });
      return rows.map(toNote);
    },
    async namespaces() {
      const rows = await driver.read({ sql: 'SELECT name FROM namespaces ORDER BY name', params: [] });
      return rows.map((row) => String(row['name']));
    },
    async remove(namespace, ids) {
      checkName('remove', 'namespace', namespace);
      for (const id of ids ?? []) checkName('remove', 'id of a note', id);
      const { sql, params } = among(driver, namespace, ids);
      const [row] = await driver.read({ sql: `SELECT count(*) AS notes FROM notes ${sql}`, params });
      await driver.write([{ sql: `DELETE FROM notes ${sql}`, params, lock: lockOf(namespace) }]);
      await driver.scrub();
      return Number(row?.['notes']);
    },
    async reindex(context) {
      const rows = await driver.read({
        sql: 'SELECT seq, namespace, id, text, data FROM notes WHERE embedder <> ?',
        params: [identity],
      });
      const vectors = await vectorsOf(
        rows.map((row) => searchedText(toNote(row))),
        context,
      );
      await driver.write(
        rows.map((row, i) => {
          const { words, length } = indexed(driver.dialect, String(row['namespace']), toNote(row));
          return {
            // Only if the note is still the one that was read: another process may have replaced it.
            sql: 'UPDATE notes SET words = ?, length = ?, embedder = ?, vector = ? WHERE seq = ? AND text = ? AND data IS NOT DISTINCT FROM ?',
            params: [
              words,
              length,
              identity,
              vectors[i] as Uint8Array,
              row['seq'] as number,
              row['text'] as string,
              row['data'] as string | null,
            ],
            lock: lockOf(String(row['namespace'])),
          };
        }),
      );
      return rows.length;
    },
  };
}

/** From 1. */
function rankOf(places: readonly number[], place: number): number | undefined {
  const at = places.indexOf(place);
  return at < 0 ? undefined : at + 1;
}

/** Bytes of a text that a page of notes shows whole. */
const LONG = 20_000;
const cut = (column: string): string =>
  `CASE WHEN octet_length(${column}) < ${LONG} THEN ${column} ELSE substr(${column}, 1, 1000) END`;

/** Of a namespace, the notes of these ids, or all. */
function among({ dialect }: Driver, namespace: string, ids: readonly string[] | undefined): Statement {
  if (!ids) return { sql: 'WHERE namespace = ?', params: [namespace] };
  const { sql, param } = dialect.texts(ids);
  return { sql: `WHERE namespace = ? AND id IN (${sql})`, params: [namespace, param] };
}

function insertion(
  { dialect }: Driver,
  namespace: string,
  note: Note,
  identity: string,
  vector: Uint8Array,
): Statement {
  const { words, length } = indexed(dialect, namespace, note);
  const { id, text, data } = note;
  return {
    sql: `INSERT INTO notes (namespace, id, text, data, words, length, embedder, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (namespace, id) DO UPDATE SET text = excluded.text, data = excluded.data, words = excluded.words,
            length = excluded.length, embedder = excluded.embedder, vector = excluded.vector`,
    params: [namespace, id, text, data === undefined ? null : JSON.stringify(data), words, length, identity, vector],
    lock: lockOf(namespace),
  };
}

/** The words of a note as they stand in the index. */
export function indexed(
  dialect: Dialect,
  namespace: string,
  note: Note,
): { readonly words: string; readonly length: number } {
  const terms = termsOf(searchedText(note));
  return { words: dialect.words(terms.map((word) => keyOf(namespace, word))), length: terms.length };
}

/** A word as it stands in the index: 64 bits of a hash, in letters and digits. */
function keyOf(namespace: string, word: string): string {
  const [a, b] = hash(`${namespace}\n${word}`);
  return `${(a >>> 0).toString(36)}${(b >>> 0).toString(36).padStart(7, '0')}`;
}

async function postings(
  driver: Driver,
  namespace: string,
  query: string,
  { places, size }: Loaded,
): Promise<{ readonly at: number[]; readonly counts: number[] }[]> {
  const words = [...new Set(termsOf(query))];
  const found = await Promise.all(words.map((word) => driver.read(driver.dialect.postings(keyOf(namespace, word)))));
  return found.map(([row]) => {
    const counts = new Map<number, number>();
    const times = row?.['counts'] === undefined ? undefined : (JSON.parse(String(row['counts'])) as number[]);
    for (const [i, seq] of (JSON.parse(String(row?.['docs'])) as number[]).entries()) {
      const place = places.get(seq);
      // Not what was added since the namespace was read.
      if (place !== undefined && place < size) counts.set(place, (counts.get(place) ?? 0) + (times?.[i] ?? 1));
    }
    return { at: [...counts.keys()], counts: [...counts.values()] };
  });
}

function toNote(row: Row): Note {
  const data = row['data'];
  return {
    id: String(row['id']),
    text: String(row['text']),
    ...(typeof data === 'string' && { data: JSON.parse(data) as Note['data'] }),
  };
}

function wrongWidth(file: string, { name, dimensions }: Embedder, got: number): StoreError {
  return new StoreError({
    file,
    problem: `${name} gave a vector of ${got} numbers and not of ${dimensions}`,
    hint: 'Give the embedder its right `dimensions`',
  });
}
