import { toRequest, type Message } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/enumerable-tokens.ts';

export const TOKENS = ['a', 'b', 'c'];
export const MAX = 3;
type Next = (prefix: readonly number[], prompt: readonly Message[]) => readonly number[];

/** Weights of a, b, c and the end that depend on the whole prefix. */
export const WEIGHTS: Next = (prefix) => {
  const mixed = prefix.reduce((sum, token) => sum * 3 + token + 1, 1);
  return [1 + (mixed % 5), 2 + ((mixed * 7) % 11), 3 + ((mixed * 5) % 3), 0.5 + (mixed % 2)];
};
export const base = enumerableTokens({ name: 'base', tokens: TOKENS, next: WEIGHTS, maxTokens: MAX });

/** The closed form of a token-by-token law: all texts, each with the product of what `step` makes of the weights. */
export function tokenwise(
  step: (probabilities: number[], prefix: readonly number[]) => readonly number[],
  next: Next = WEIGHTS,
): Map<string, number> {
  const all = new Map<string, number>();
  const visit = (prefix: readonly number[], probability: number): void => {
    const text = prefix.map((token) => TOKENS[token]).join('');
    if (prefix.length === MAX) return void all.set(text, probability);
    const weights = step(share(next(prefix, [])), prefix);
    share(weights).forEach((p, token) => {
      if (p === 0) return;
      if (token === TOKENS.length) all.set(text, p * probability);
      else visit([...prefix, token], p * probability);
    });
  };
  visit([], 1);
  return all;
}

export function share(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

export const request = toRequest('question');
