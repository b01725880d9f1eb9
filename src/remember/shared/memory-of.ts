import {
  countsOf,
  fuse,
  hashedEmbedder,
  rankByVectors,
  rankByWords,
  searchedText,
  termsOf,
  type Context,
  type Embedder,
  type Found,
  type Memory,
  type Note,
  type Postings,
} from '../../core/index.ts';

export interface MemoryOfOptions {
  /** Where the first notes go. Default `default`. */
  readonly namespace?: string | undefined;
  /** Makes vectors of texts. Default: `hashedEmbedder()`. */
  readonly embedder?: Embedder | undefined;
}

interface Entry {
  note: Note;
  words: ReadonlyMap<string, number>;
  length: number;
  vector: Float32Array;
}

/**
 * A memory that lives as long as this process, with the notes given: in a browser, in tests, or for a list of examples.
 * It finds what the memory on disk finds, in the same order. A search goes over every note of the namespace: for more
 * than some ten thousand, open a file.
 */
export function memoryOf(
  notes: readonly Note[] = [],
  { namespace: first = 'default', embedder = hashedEmbedder() }: MemoryOfOptions = {},
): Memory {
  const rooms = new Map<string, Map<string, Entry>>();
  const entriesOf = (namespace: string): Entry[] => [...(rooms.get(namespace)?.values() ?? [])];
  const add = async (namespace: string, added: readonly Note[], context?: Context): Promise<void> => {
    if (added.length === 0) return;
    const vectors = await embedder.embed(added.map(searchedText), context);
    const room = rooms.get(namespace) ?? new Map<string, Entry>();
    rooms.set(namespace, room);
    for (const [i, note] of added.entries()) {
      const words = termsOf(searchedText(note));
      room.set(note.id, { note, words: countsOf(words), length: words.length, vector: vectors[i] as Float32Array });
    }
  };
  let ready: Promise<void> | undefined;
  /** The first notes go in when they are first needed: a list of examples may never be. */
  const begun = (context?: Context): Promise<void> => (ready ??= add(first, notes, context));

  return {
    name: 'memory',
    async put(namespace, added, context) {
      await begun(context);
      await add(namespace, added, context);
    },
    async search(namespace, query, limit, context) {
      await begun(context);
      const entries = entriesOf(namespace);
      if (entries.length === 0 || limit < 1) return [];
      const [vector] = await embedder.embed([query], context);
      const byVectors = rankByVectors(joined(entries, embedder.dimensions), vector as Float32Array, embedder.chance);
      const lengths = entries.map(({ length }) => length);
      const totalLength = lengths.reduce((sum, length) => sum + length, 0);
      const postings = [...new Set(termsOf(query))].map((word) => postingsOf(entries, word));
      const byWords = rankByWords({ size: entries.length, lengths, totalLength }, postings);
      return fuse([byWords, byVectors.places], (a, b) => a - b)
        .slice(0, limit)
        .map(({ entry: place, score }): Found => {
          const { note } = entries[place] as Entry;
          return { ...note, score, similarity: byVectors.cosines[place] };
        });
    },
    async list(namespace, ids) {
      await begun();
      const kept = entriesOf(namespace).map(({ note }) => note);
      return ids ? kept.filter(({ id }) => ids.includes(id)) : kept;
    },
    async namespaces() {
      await begun();
      return [...rooms.keys()].sort();
    },
    async remove(namespace, ids) {
      await begun();
      const room = rooms.get(namespace);
      if (!room) return 0;
      const gone = [...(ids ?? room.keys())].filter((id) => room.delete(id)).length;
      if (room.size === 0) rooms.delete(namespace);
      return gone;
    },
  };
}

function joined(entries: readonly Entry[], width: number): Float32Array {
  const vectors = new Float32Array(entries.length * width);
  for (const [i, { vector }] of entries.entries()) vectors.set(vector, i * width);
  return vectors;
}

function postingsOf(entries: readonly Entry[], word: string): Postings {
  const at: number[] = [];
  const counts: number[] = [];
  for (const [place, { words }] of entries.entries()) {
    const count = words.get(word);
    if (count === undefined) continue;
    at.push(place);
    counts.push(count);
  }
  return { at, counts };
}
