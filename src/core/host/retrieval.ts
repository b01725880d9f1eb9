/**
 * What a search is made of, the same in every memory: words, the BM25 score of a text, the cosine of vectors, and the
 * fusion of rankings. Everything is counted within one namespace, and ties go to the note put first.
 */

/** The words of a text, in small letters; each sign of a script that writes without spaces is a word. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]|[\p{L}\p{N}\p{M}]+/gu;

/** What a text is indexed by: its words without the commonest English endings, so that `walks` finds `walking`. */
export function termsOf(text: string): string[] {
  return wordsOf(text).map(stem);
}

/** Longer words of plain letters only: the same on both sides of a search, so a wrong cut joins words and loses none. */
function stem(word: string): string {
  if (word.length < 5 || !/^[a-z]+$/.test(word)) return word;
  const cut = word.replace(/(?:(?<=[aeiouy].+)(?:ing|ed)|(?<!s)s)$/, '').replace(/e$/, '');
  return cut.replace(/([^aeiousl])\1$/, '$1');
}

/** Where a word of the query stands: places of notes, each once, and how often it occurs in each. */
export interface Postings {
  readonly at: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
}

/** What a namespace holds, by place: notes in the order they were first put. */
export interface Corpus {
  readonly size: number;
  /** Words of each note. */
  readonly lengths: ArrayLike<number>;
  readonly totalLength: number;
}

const K1 = 1.2;
const B = 0.75;

/** Places of the notes that share a word with the query, by BM25 (Robertson et al., "Okapi at TREC-3", 1994). */
export function rankByWords({ size, lengths, totalLength }: Corpus, query: readonly Postings[]): number[] {
  const scores = new Float64Array(size);
  const mean = totalLength / size || 1;
  for (const { at, counts } of query) {
    const found = at.length;
    const rarity = Math.log(1 + (size - found + 0.5) / (found + 0.5));
    for (let i = 0; i < found; i++) {
      const place = at[i] as number;
      const count = counts[i] as number;
      const damping = K1 * (1 - B + (B * (lengths[place] as number)) / mean);
      scores[place] = (scores[place] as number) + (rarity * count * (K1 + 1)) / (count + damping);
    }
  }
  return best(scores);
}

/** Places of the notes whose vectors point the query's way, more than by chance, by cosine; and all the cosines. */
export function rankByVectors(
  vectors: Float32Array,
  query: Float32Array,
  chance = 0,
): { readonly places: number[]; readonly cosines: Float64Array } {
  const width = query.length;
  const cosines = new Float64Array(Math.floor(vectors.length / width));
  for (let place = 0, at = 0; place < cosines.length; place++) {
    let sum = 0;
    for (let i = 0; i < width; i++, at++) sum += (vectors[at] as number) * (query[i] as number);
    cosines[place] = sum;
  }
  return { places: best(cosines, chance), cosines };
}

/** How many of each ranking are fused. */
export const DEPTH = 100;

/** The places with the highest scores above `floor`, at most DEPTH of them, best first; of equals, the first. */
function best(scores: Float64Array, floor = 0): number[] {
  const heap: number[] = []; // the worst on top
  const worse = (a: number, b: number): boolean =>
    scores[a] === scores[b] ? a > b : (scores[a] as number) < (scores[b] as number);
  for (let place = 0; place < scores.length; place++) {
    if (!((scores[place] as number) > floor)) continue;
    if (heap.length < DEPTH) rise(heap, heap.push(place) - 1, worse);
    else if (worse(heap[0] as number, place)) {
      heap[0] = place;
      sink(heap, worse);
    }
  }
  return heap.sort((a, b) => (worse(a, b) ? 1 : -1));
}

type Worse = (a: number, b: number) => boolean;

function rise(heap: number[], from: number, worse: Worse): void {
  for (let at = from; at > 0;) {
    const above = (at - 1) >> 1;
    if (!worse(heap[at] as number, heap[above] as number)) return;
    swap(heap, at, above);
    at = above;
  }
}

function sink(heap: number[], worse: Worse): void {
  for (let at = 0; ;) {
    let worst = at;
    for (const below of [2 * at + 1, 2 * at + 2])
      if (below < heap.length && worse(heap[below] as number, heap[worst] as number)) worst = below;
    if (worst === at) return;
    swap(heap, at, worst);
    at = worst;
  }
}

function swap(heap: number[], a: number, b: number): void {
  [heap[a], heap[b]] = [heap[b] as number, heap[a] as number];
}

const RRF_K = 60;

/**
 * Rankings made one: an entry scores the sum of 1/(60 + rank) over the rankings it stands in; of equals, the one that
 * `before` puts first. (Cormack et al., "Reciprocal rank fusion outperforms Condorcet", 2009)
 */
export function fuse<T>(
  rankings: ReadonlyArray<readonly T[]>,
  before: (a: T, b: T) => number,
): { readonly entry: T; readonly score: number }[] {
  const scores = new Map<T, number>();
  for (const ranking of rankings)
    for (const [i, entry] of ranking.entries()) scores.set(entry, (scores.get(entry) ?? 0) + 1 / (RRF_K + i + 1));
  return [...scores]
    .map(([entry, score]) => ({ entry, score }))
    .sort((a, b) => (Math.abs(a.score - b.score) > 1e-12 ? b.score - a.score : before(a.entry, b.entry)));
}
