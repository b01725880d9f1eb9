/** Closed forms of techniques that change each token: written models of a few letters, and the probabilities of all their texts. */
import type { Subject } from '../../testing/laws/technique-law.ts';
import { weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import type { Transform } from '../../core/index.ts';
import { add, type P } from '../../testing/laws/closed-form.ts';
import { enumerableTokens, type EnumerableTokensOptions } from '../../models/written/index.ts';

type Weights = EnumerableTokensOptions['next'];

/** Weights that depend on the last token: those of the first token, then those after each token. */
export function afterLast(first: readonly number[], ...after: readonly (readonly number[])[]): Weights {
  return (prefix) => (prefix.length === 0 ? first : (after[prefix.at(-1) as number] as readonly number[]));
}

/** Texts of at most two letters, which depend on the letter before. */
export const TWO_LETTERS: EnumerableTokensOptions = {
  name: 'base',
  tokens: ['a', 'b'],
  next: afterLast([1, 2, 3], [4, 1, 1], [1, 1, 5]),
  maxTokens: 2,
};
export const twoLetters = enumerableTokens(TWO_LETTERS);

/** The same, for a reader to change. */
export const LETTERS = weightsAfter(
  { nothing: { a: 1, b: 2, end: 3 }, a: { a: 4, b: 1, end: 1 }, b: { a: 1, b: 1, end: 5 } },
  'how often a letter or the end comes after nothing, and after each letter',
);
/** A model of two letters as it is written down so. */
export function lettersOf(after: Tables, name = 'base'): EnumerableTokensOptions {
  const row = (given: string): readonly number[] => ['a', 'b', 'end'].map((next) => after[given]?.[next] ?? 0);
  return { ...TWO_LETTERS, name, next: afterLast(row('nothing'), row('a'), row('b')) };
}

/** Texts of at most three letters, which depend on all that stands before them. */
export const THREE_LETTERS: EnumerableTokensOptions = {
  name: 'base',
  tokens: ['a', 'b', 'c'],
  next: (prefix) => {
    const mixed = prefix.reduce((sum, token) => sum * 3 + token + 1, 1);
    return [1 + (mixed % 5), 2 + ((mixed * 7) % 11), 3 + ((mixed * 5) % 3), 0.5 + (mixed % 2)];
  },
  maxTokens: 3,
};
export const threeLetters = enumerableTokens(THREE_LETTERS);

/** Four tokens that are equally likely, the end among them: the first two hold exactly half. */
export const TIED: EnumerableTokensOptions = {
  name: 'tied',
  tokens: ['a', 'b', 'c'],
  next: () => [1, 1, 1, 1],
  maxTokens: 2,
};

/** What a technique makes of the probabilities of the next token, up to their sum. */
export type Step = (probabilities: readonly number[], prefix: readonly number[]) => readonly number[];
export const unchanged: Step = (p) => p;

/** All texts, each with the product over its tokens of what `step` makes of their probabilities. */
export function tokenwise(step: Step, { tokens, next, maxTokens }: EnumerableTokensOptions = THREE_LETTERS): P {
  const all = new Map<string, number>();
  const visit = (prefix: readonly number[], probability: number): void => {
    const text = written(prefix, tokens);
    if (prefix.length === maxTokens) return add(all, text, probability);
    share(step(share(next(prefix, [])), prefix)).forEach((p, token) => {
      if (p === 0) return;
      if (token === tokens.length) add(all, text, p * probability);
      else visit([...prefix, token], p * probability);
    });
  };
  visit([], 1);
  return all;
}

export function written(prefix: readonly number[], tokens: readonly string[]): string {
  return prefix.map((token) => tokens[token]).join('');
}

/** Weights as probabilities. */
export function share(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** A technique over a base that can be opened token by token. */
export function opened(transform: Transform): Subject {
  return { transform, next: true };
}
