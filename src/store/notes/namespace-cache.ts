/**
 * What a search goes over of one namespace: places, lengths and vectors of its notes, read once and then only for what
 * another process or this one has changed. Vectors that the database compares are not read.
 */
import { StoreError, type Corpus, type Embedder } from '../../core/index.ts';
import type { Driver, Row, Statement, VectorSearch } from '../driver.ts';

export interface Loaded extends Corpus {
  /** Row number of each note, rising. */
  readonly seqs: readonly number[];
  readonly places: ReadonlyMap<number, number>;
  /** One after the other: of all notes, or of those in `held`. */
  readonly vectors: Float32Array;
  /** Where the database compares vectors: how it is asked. */
  readonly there?: Compared | undefined;
}

export interface Compared {
  readonly search: VectorSearch;
  readonly namespace: string;
  /** Places of the notes that it cannot compare. */
  readonly held: readonly number[];
}

interface Held {
  readonly number: number;
  readonly search: VectorSearch | undefined;
  readonly removed: number;
  readonly seqs: number[];
  readonly lengths: number[];
  readonly places: Map<number, number>;
  /** Places of the notes whose vectors are here, where not all are. */
  readonly vectorOf: number[];
  totalLength: number;
  /** How many vectors are in the buffer. */
  vectors: number;
  buffer: Float32Array;
}

export interface NamespaceCache {
  (namespace: string): Promise<Loaded | undefined>;
  /** Whether all vectors are read, whatever the database can. */
  compareHere(all: boolean): void;
}

/** The database did not do what it is asked where it compares vectors. The cause is its error. */
export class NotCompared extends Error {}

export function ask(driver: Driver, statement: Statement): Promise<readonly Row[]> {
  return driver.read(statement).catch((cause: unknown) => {
    throw new NotCompared('not compared', { cause });
  });
}

/** Namespaces held at once; the one not used for the longest time goes. */
const MOST_HELD = 8;

/** Vectors that are put in together where a database begins to compare them. */
const FILLED = 500;

export function namespaceCache(driver: Driver, embedder: Embedder): NamespaceCache {
  const identity = identityOf(embedder);
  const held = new Map<string, Held>();
  const last = new Map<string, Promise<unknown>>();
  let isHere = false;

  /** One after another within a namespace: searches side by side read what is new once, and not each all of it. */
  const load = (namespace: string): Promise<Loaded | undefined> => {
    const before = last.get(namespace) ?? Promise.resolve();
    const next = before.then(() => refresh(namespace));
    const settled = next.catch(() => {}); // whoever asked hears of the error
    last.set(namespace, settled);
    void settled.then(() => last.get(namespace) === settled && last.delete(namespace));
    return next;
  };
  return Object.assign(load, { compareHere: (all: boolean) => void (isHere = all) });

  async function refresh(namespace: string): Promise<Loaded | undefined> {
    const [state] = await driver.read({
      sql: 'SELECT number, removed FROM namespaces WHERE name = ?',
      params: [namespace],
    });
    const before = held.get(namespace);
    held.delete(namespace);
    if (!state) return undefined;
    const search = isHere ? undefined : await driver.vectors?.();
    const number = Number(state['number']);
    const removed = Number(state['removed']);
    const isSame = before?.number === number && before.removed === removed && before.search === search;
    const one = isSame ? before : nothing(number, removed, search);
    if (search && !isSame) await fill(search, namespace).catch(() => {}); // what is not put in is compared here
    append(one, await read(search, namespace, one.seqs.at(-1) ?? 0));
    held.set(namespace, one);
    const [oldest] = held.keys();
    if (held.size > MOST_HELD && oldest !== undefined) held.delete(oldest);
    // What is added while a search goes on lies behind `size`.
    const vectors = one.buffer.subarray(0, one.vectors * embedder.dimensions);
    return { ...one, size: one.seqs.length, vectors, there: search && { search, namespace, held: one.vectorOf } };
  }

  /** Notes of before the database compared vectors, and those that something else wrote. */
  async function fill(search: VectorSearch, namespace: string): Promise<void> {
    const missing = search.missing(namespace);
    const seqs = missing ? (await ask(driver, missing)).map(({ seq }) => Number(seq)) : [];
    for (let at = 0; at < seqs.length; at += FILLED)
      await driver.write([
        { ...search.fill(driver.dialect.numbers(seqs.slice(at, at + FILLED))), lock: lockOf(namespace) },
      ]);
  }

  function read(search: VectorSearch | undefined, namespace: string, after: number): Promise<readonly Row[]> {
    if (search) return ask(driver, search.notes(namespace, after));
    return driver.read({
      sql: 'SELECT seq, length, embedder, vector FROM notes WHERE namespace = ? AND seq > ? ORDER BY seq',
      params: [namespace, after],
    });
  }

  function append(into: Held, rows: readonly Row[]): void {
    const width = embedder.dimensions;
    const size = (into.vectors + rows.filter((row) => row['vector'] !== null).length) * width;
    if (into.buffer.length < size) {
      const larger = new Float32Array(into.vectors === 0 ? size : Math.ceil(size * 1.5));
      larger.set(into.buffer);
      into.buffer = larger;
    }
    for (const row of rows) {
      if (row['embedder'] !== identity) throw otherEmbedder(driver.file, String(row['embedder']), identity);
      const seq = Number(row['seq']);
      const bytes = row['vector'] as Uint8Array | null;
      if (bytes) {
        into.buffer.set(floatsOf(bytes, width, driver.file), into.vectors++ * width);
        if (into.search) into.vectorOf.push(into.seqs.length);
      }
      into.places.set(seq, into.seqs.length);
      into.seqs.push(seq);
      into.lengths.push(Number(row['length']));
      into.totalLength += Number(row['length']);
    }
  }
}

/** The numbers of a vector that is kept as bytes. */
export function floatsOf(bytes: Uint8Array, width: number, file: string): Float32Array {
  if (bytes.byteLength !== width * 4)
    throw new StoreError({
      file,
      problem: `a vector has ${bytes.byteLength / 4} numbers and not ${width}`,
      hint: 'Restore the file from a copy, or move it away and start a new one',
    });
  // Copied byte by byte where the blob does not start at a multiple of four.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, width);
}

/** Notes of a namespace get their numbers in the order in which they can be seen: what was read goes on after its last one. */
export const lockOf = (namespace: string): string => `notes ${namespace}`;

/** Which vectors an embedder makes. A name is not enough: one model may give vectors of several lengths. */
export const identityOf = ({ name, dimensions }: Embedder): string => `${name} (${dimensions} numbers)`;

export function otherEmbedder(file: string, stored: string, opened: string): StoreError {
  return new StoreError({
    file,
    problem: `its notes have vectors of ${stored}, and this memory was opened with ${opened}`,
    hint: 'Open it with the embedder it was written with, or call `reindex()` once',
  });
}

const nothing = (number: number, removed: number, search: VectorSearch | undefined): Held => ({
  number,
  removed,
  search,
  seqs: [],
  lengths: [],
  places: new Map(),
  vectorOf: [],
  totalLength: 0,
  vectors: 0,
  buffer: new Float32Array(0),
});
