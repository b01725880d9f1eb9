/**
 * What a search goes over of one namespace: places, lengths and vectors of its notes, read once and then only for what
 * another process or this one has changed.
 */
import { StoreError, type Corpus, type Embedder } from '../core/index.ts';
import type { Driver, Row } from './driver.ts';

export interface Loaded extends Corpus {
  /** Row number of each note, rising. */
  readonly seqs: readonly number[];
  readonly places: ReadonlyMap<number, number>;
  /** One after the other. */
  readonly vectors: Float32Array;
}

interface Held {
  readonly number: number;
  readonly removed: number;
  readonly seqs: number[];
  readonly lengths: number[];
  readonly places: Map<number, number>;
  totalLength: number;
  buffer: Float32Array;
}

/** Namespaces held at once; the one not used for the longest time goes. */
const MOST_HELD = 8;

export function namespaceCache(driver: Driver, embedder: Embedder): (namespace: string) => Promise<Loaded | undefined> {
  const identity = identityOf(embedder);
  const held = new Map<string, Held>();
  const last = new Map<string, Promise<unknown>>();

  /** One after another within a namespace: searches side by side read what is new once, and not each all of it. */
  return (namespace) => {
    const before = last.get(namespace) ?? Promise.resolve();
    const next = before.then(() => refresh(namespace));
    const settled = next.catch(() => {}); // whoever asked hears of the error
    last.set(namespace, settled);
    void settled.then(() => last.get(namespace) === settled && last.delete(namespace));
    return next;
  };

  async function refresh(namespace: string): Promise<Loaded | undefined> {
    const [state] = await driver.read({
      sql: 'SELECT number, removed FROM namespaces WHERE name = ?',
      params: [namespace],
    });
    const before = held.get(namespace);
    held.delete(namespace);
    if (!state) return undefined;
    const number = Number(state['number']);
    const removed = Number(state['removed']);
    const one = before?.number === number && before.removed === removed ? before : nothing(number, removed);
    append(one, await read(namespace, one.seqs.at(-1) ?? 0));
    held.set(namespace, one);
    const [oldest] = held.keys();
    if (held.size > MOST_HELD && oldest !== undefined) held.delete(oldest);
    // What is added while a search goes on lies behind `size`.
    return { ...one, size: one.seqs.length, vectors: one.buffer.subarray(0, one.seqs.length * embedder.dimensions) };
  }

  function read(namespace: string, after: number): Promise<readonly Row[]> {
    return driver.read({
      sql: 'SELECT seq, length, embedder, vector FROM notes WHERE namespace = ? AND seq > ? ORDER BY seq',
      params: [namespace, after],
    });
  }

  function append(into: Held, rows: readonly Row[]): void {
    const width = embedder.dimensions;
    const size = (into.seqs.length + rows.length) * width;
    if (into.buffer.length < size) {
      const larger = new Float32Array(into.seqs.length === 0 ? size : Math.ceil(size * 1.5));
      larger.set(into.buffer);
      into.buffer = larger;
    }
    for (const row of rows) {
      if (row['embedder'] !== identity) throw otherEmbedder(driver.file, String(row['embedder']), identity);
      const seq = Number(row['seq']);
      const bytes = row['vector'] as Uint8Array;
      if (bytes.byteLength !== width * 4)
        throw new StoreError({
          file: driver.file,
          problem: `a vector has ${bytes.byteLength / 4} numbers and not ${width}`,
          hint: 'Restore the file from a copy, or move it away and start a new one',
        });
      // Copied byte by byte where the blob does not start at a multiple of four.
      const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
      into.buffer.set(new Float32Array(aligned.buffer, aligned.byteOffset, width), into.seqs.length * width);
      into.places.set(seq, into.seqs.length);
      into.seqs.push(seq);
      into.lengths.push(Number(row['length']));
      into.totalLength += Number(row['length']);
    }
  }
}

/** Which vectors an embedder makes. A name is not enough: one model may give vectors of several lengths. */
export const identityOf = ({ name, dimensions }: Embedder): string => `${name} (${dimensions} numbers)`;

export function otherEmbedder(file: string, stored: string, opened: string): StoreError {
  return new StoreError({
    file,
    problem: `its notes have vectors of ${stored}, and this memory was opened with ${opened}`,
    hint: 'Open it with the embedder it was written with, or call `reindex()` once',
  });
}

const nothing = (number: number, removed: number): Held => ({
  number,
  removed,
  seqs: [],
  lengths: [],
  places: new Map(),
  totalLength: 0,
  buffer: new Float32Array(0),
});
