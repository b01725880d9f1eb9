import { STEMMED_LETTERS } from '../bounds.ts';
import type { Note } from '../context/context.ts';

/**
 * What a search is made of, the same in every memory: words, the BM25 score of a text, the cosine of vectors, and the
 * fusion of rankings. Everything is counted within one namespace, and ties go to the note put first.
 */

/**
 * The words of a text, in small letters. A word is of one script: `用Python写` is three words. In scripts that write words
 * without spaces, or with their endings attached, each sign is a word: Chinese, Japanese, Korean, Thai and their like.
 * Digits belong to the Latin letters they touch (`h2o`, `1990s`), and are a word of their own in all other scripts. A
 * word broken at the end of a line counts as its two parts and as the whole.
 *
 * By scripts and not by `Intl.Segmenter`: its dictionaries change from one engine to the next, and what one process put
 * into a file, another must find.
 */
export function wordsOf(text: string): string[] {
  const isPlain = PLAIN.test(text);
  const plain = (isPlain ? text : text.normalize('NFKC').replaceAll(UNSEEN, '')).toLowerCase();
  const words: string[] = isPlain ? (plain.match(PLAIN_WORD) ?? []) : [];
  if (!isPlain)
    for (const run of plain.match(RUN) ?? []) {
      if (/^[a-z0-9]+$/.test(run)) words.push(run);
      else for (const [word] of run.matchAll(WORD)) words.push(word);
    }
  if (/[-\u2010]\n/.test(plain))
    for (const [, first = '', second = ''] of plain.matchAll(BROKEN)) words.push(...wordsOf(first + second));
  return words;
}

/** Most texts: what is told of scripts below says the same of them. */
const PLAIN = /^[\0-\x7f]*$/;
const PLAIN_WORD = /[a-z0-9]{1,4096}/g;
/** What shows nothing (soft hyphens, spaces of no width), and the stroke that only makes an Arabic word longer. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u0640]/gu;
/** A longer run is read in parts: an engine has no room to go back over millions of letters. */
const RUN = /[\p{L}\p{N}\p{M}]{1,4096}/gu;
const BROKEN =
  /(?<![\p{L}\p{N}\p{M}])([\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Greek}\p{M}]{1,100})[-\u2010]\n[ \t]{0,100}([\p{L}\p{M}]{1,100})/gu;

const oneOf = (scripts: string): string =>
  scripts
    .split(' ')
    .map((script) => `\\p{sc=${script}}`)
    .join('');
/** Each of these is a word; the last are the long mark and the repetition marks of Japanese. */
const SIGN = `[${oneOf(
  'Han Hiragana Katakana Bopomofo Hangul Yi Thai Lao Khmer Myanmar Javanese Balinese Tai_Le New_Tai_Lue Tai_Tham Tai_Viet',
)}\\u30fc\\u3031-\\u3035]`;
const DIGIT = `(?:(?!${SIGN})[\\p{N}\\p{M}])`;
/** Told apart where they touch. Letters of the scripts that are not named make one kind. */
const SCRIPTS =
  'Cyrillic Greek Arabic Hebrew Syriac Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Armenian Georgian Ethiopic';
const WORD = new RegExp(
  [
    `(?=${SIGN})\\P{M}\\p{M}*`,
    `${DIGIT}*\\p{sc=Latin}(?:\\p{sc=Latin}|${DIGIT})*`,
    `${DIGIT}+`,
    ...SCRIPTS.split(' ').map((script) => `\\p{sc=${script}}[\\p{sc=${script}}\\p{M}]*`),
    `(?:(?!${SIGN}|[${oneOf(`Latin ${SCRIPTS}`)}\\p{N}])[\\p{L}\\p{M}])+`,
    '\\p{M}+',
  ].join('|'),
  'gu',
);

/** What a text is indexed by: its words without the commonest English endings, so that `walks` finds `walking`. */
export function termsOf(text: string): string[] {
  return wordsOf(text).map(stem);
}

/** Words of four letters and less, or not of plain letters, stay. Both sides of a search are cut, so a wrong cut joins words and loses none. */
function stem(word: string): string {
  if (word.length < 5 || word.length > STEMMED_LETTERS || !/^[a-z]+$/.test(word)) return word;
  const cut = word.replace(/(?:(?<=[aeiouy].+)(?:ing|ed)|(?<!s)s)$/, '').replace(/e$/, '');
  return cut.replace(/([^aeiousl])\1$/, '$1');
}

/** The text that a note is found by: its own, under its title and its heading where it has them. */
export function searchedText({ text, data }: Note): string {
  const above = [data?.['title'], data?.['heading']].filter((name) => typeof name === 'string');
  return [...above, text].join('\n');
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
