/**
 * The notes of a namespace by their vectors: compared here, or by the database, which then names all that may be among the nearest. Those are
 * compared here once more, so that the notes, their order and their cosines are the same wherever they are compared.
 */
import { DEPTH, rankByVectors, type Embedder } from '../../core/index.ts';
import type { Driver } from '../driver.ts';
import { ask, floatsOf, identityOf, type Compared, type Loaded } from './namespace-cache.ts';

export interface ByVectors {
  /** Places of the nearest notes, best first. */
  readonly places: readonly number[];
  /** The cosines of notes at these places; none for one that has been deleted meanwhile. */
  cosinesAt(places: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/** Ranks as the core does. */
export async function byVectors(
  driver: Driver,
  embedder: Embedder,
  loaded: Loaded,
  query: Float32Array,
): Promise<ByVectors> {
  const { places, cosines } = rankByVectors(loaded.vectors, query, embedder.chance);
  const { there } = loaded;
  if (!there) return { places, cosinesAt: async (of) => new Map(of.map((place) => [place, cosines[place] as number])) };

  const width = embedder.dimensions;
  const known = new Map<number, number>();
  for (const [i, cosine] of cosines.entries()) known.set(there.held[i] as number, cosine);
  const candidates = new Map(
    places.map((i) => [there.held[i] as number, loaded.vectors.subarray(i * width, (i + 1) * width)]),
  );
  const found = known.size === loaded.size ? [] : await nearest(driver, embedder, loaded, there, query);
  for (const { seq, vector } of found) {
    const place = loaded.places.get(seq);
    if (place !== undefined && !known.has(place)) candidates.set(place, vector);
  }
  const ranked = rank([...candidates], query, embedder.chance);
  for (const [place, cosine] of ranked.cosines) known.set(place, cosine);
  return {
    places: ranked.places,
    async cosinesAt(of) {
      const others = of.filter((place) => !known.has(place)).map((place) => loaded.seqs[place] as number);
      if (others.length > 0) {
        const listed = driver.dialect.numbers(others);
        const rows = await driver.read({
          sql: `SELECT seq, vector FROM notes WHERE seq IN (${listed.sql}) AND embedder = ?`,
          params: [listed.param, identityOf(embedder)],
        });
        const vectors = rows.map(({ seq, vector }): [number, Float32Array] => [
          loaded.places.get(Number(seq)) as number,
          floatsOf(vector as Uint8Array, width, driver.file),
        ]);
        for (const [place, cosine] of rank(vectors, query, embedder.chance).cosines) known.set(place, cosine);
      }
      return known;
    },
  };
}

interface Candidate {
  readonly seq: number;
  readonly vector: Float32Array;
}

async function nearest(
  driver: Driver,
  embedder: Embedder,
  { seqs, size }: Loaded,
  { search, namespace }: Compared,
  query: Float32Array,
): Promise<readonly Candidate[]> {
  const length = Math.sqrt(query.reduce((sum, x) => sum + x * x, 0));
  if (!Number.isFinite(length)) return []; // it is near to nothing
  const rows = await ask(
    driver,
    search.nearest({
      namespace,
      embedder: identityOf(embedder),
      query,
      last: seqs[size - 1] as number,
      most: DEPTH,
      chance: embedder.chance ?? 0,
      error: errorOf(query.length) * length,
    }),
  );
  return rows.map(({ seq, vector }) => ({
    seq: Number(seq),
    vector: floatsOf(vector as Uint8Array, embedder.dimensions, driver.file),
  }));
}

/**
 * By how much a sum of products of 32-bit floats may be off, in whatever order it is added, for vectors of length 1: n u / (1 - n u) with u = 2^-24
 * (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, 3.1). Twice that, for lengths that are not quite 1.
 */
const errorOf = (numbers: number): number => (numbers + 2) * 2 ** -23;

/** Of vectors in the order of their places, so that of equals the first comes first. */
function rank(
  vectors: readonly (readonly [place: number, vector: Float32Array])[],
  query: Float32Array,
  chance: number | undefined,
): { readonly places: readonly number[]; readonly cosines: ReadonlyMap<number, number> } {
  const sorted = vectors.toSorted(([a], [b]) => a - b);
  const all = new Float32Array(sorted.length * query.length);
  for (const [i, [, vector]] of sorted.entries()) all.set(vector, i * query.length);
  const { places, cosines } = rankByVectors(all, query, chance);
  const placeOf = (i: number): number => (sorted[i] as (typeof sorted)[number])[0];
  return { places: places.map(placeOf), cosines: new Map([...cosines].map((cosine, i) => [placeOf(i), cosine])) };
}
