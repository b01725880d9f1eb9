/** Texts as vectors whose angles say how alike the texts are. */
import { hash } from '../context/choice.ts';
import type { Context } from '../context/context.ts';
import { InvalidOption } from '../errors.ts';
import { wordsOf } from './retrieval.ts';

export interface Embedder {
  /** With `dimensions`, which vectors these are: those of two embedders are never compared. */
  readonly name: string;
  readonly dimensions: number;
  /** The cosine that unlike texts may have by chance: what is no nearer is not found. Default 0. */
  readonly chance?: number | undefined;
  /** One vector of length 1 for each text, in order; all zeros for a text that says nothing. */
  embed(texts: readonly string[], context?: Context): Promise<readonly Float32Array[]>;
}

export interface HashedEmbedderOptions {
  /** Numbers in a vector. Default 256. */
  readonly dimensions?: number | undefined;
  /** Lengths of the character n-grams, from and to. Default 3 to 5. */
  readonly grams?: readonly [number, number] | undefined;
}

/**
 * Vectors of hashed character n-grams: no model, no network, the same on every machine. Each n-gram of a word, its ends
 * marked, and the word itself add 1 or -1 at a place, times the square root of how often the word occurs. It sees
 * spelling and not meaning: `walked` is near `walking` and a typing error is forgiven, and a synonym is as far as any
 * other word. (Weinberger et al., "Feature hashing for large scale multitask learning", 2009)
 */
export function hashedEmbedder({ dimensions = 256, grams = [3, 5] }: HashedEmbedderOptions = {}): Embedder {
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new InvalidOption({
      where: 'hashedEmbedder',
      option: 'dimensions',
      rule: 'must be a positive integer',
      value: dimensions,
    });
  const [shortest, longest] = grams;
  return {
    name: `ngrams-${shortest}-${longest}-${dimensions}-v${VERSION}`,
    dimensions,
    chance: 2 / Math.sqrt(dimensions), // twice the deviation of the cosine of random directions
    async embed(texts) {
      const known = new Map<string, readonly number[]>();
      const hashesOf = (word: string): readonly number[] => {
        const found = known.get(word) ?? gramsOf(word, shortest, longest).map((gram) => hash(gram)[0] >>> 0);
        known.set(word, found);
        return found;
      };
      return texts.map((text) => {
        const vector = new Float64Array(dimensions);
        for (const [word, count] of countsOf(wordsOf(text)))
          for (const hashed of hashesOf(word)) {
            const at = (hashed >>> 1) % dimensions;
            vector[at] = (vector[at] as number) + (hashed & 1 ? 1 : -1) * Math.sqrt(count);
          }
        return unit(vector);
      });
    },
  };
}

/** Rises when the same text gets another vector. Version 2 tells the scripts of a text apart. */
const VERSION = 2;

function gramsOf(word: string, shortest: number, longest: number): string[] {
  const marked = Array.from(`^${word}$`);
  const grams = [marked.join('')];
  for (let size = shortest; size <= longest; size++)
    for (let at = 0; at + size <= marked.length; at++) grams.push(marked.slice(at, at + size).join(''));
  return grams;
}

/** How often each word occurs, in the order of the first time. */
export function countsOf(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The vector of length 1 in the same direction. */
export function unit(vector: ArrayLike<number>): Float32Array {
  let square = 0;
  for (let i = 0; i < vector.length; i++) square += (vector[i] as number) ** 2;
  const length = Math.sqrt(square) || 1;
  return Float32Array.from(vector, (x) => x / length);
}
