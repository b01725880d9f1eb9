/** Closed forms of growing an answer step by step: answers of a few lines with beginnings in common, and how they go on. */
import { scorer, textOf, type Transform } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { finite, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import type { Subject } from '../../testing/laws/technique-law.ts';

/** Scores whatever the base of the shared laws writes. */
export const size = scorer('size', ({ content }) => textOf(content).length % 7);

/** A technique over a base that goes on from a beginning. */
export const stepped = (transform: Transform): Subject => ({ transform, continueFrom: true });

/** Answers of one to three lines. */
export const LINES: Distribution = { 'a\nx': 3, 'a\ny\nz': 2, 'b\nx': 1.5, b: 1 };
export const lines = finite(LINES, 'lines');

/** A score of every beginning. */
const SCORES: { readonly [text: string]: number } = {
  'a\n': 0.6,
  'b\n': 0.9,
  b: 0.3,
  'a\nx': 0.4,
  'a\ny\n': 0.2,
  'a\ny\nz': 1,
  'b\nx': 0.5,
  'a\nv': 0.7,
  'a\nw': 0.1,
  'b\nv': 0.8,
};
export const scoreOf = (text: string): number => SCORES[text] ?? Number.NaN;
export const score = scorer('score', ({ content }) => scoreOf(textOf(content)));

/** A text written so far, the whole it was cut from, and its score. */
export interface Begun {
  readonly text: string;
  readonly whole: string;
  readonly value: number;
}
export const START: Begun = { text: '', whole: '', value: Number.NaN };
export const isWhole = ({ text, whole }: Begun): boolean => text !== '' && text === whole;

/** One more line of a text: every way, with its probability. */
export function further(p: P, { text }: Begun): (readonly [Begun, number])[] {
  const fitting = [...p].filter(([whole]) => whole.startsWith(text));
  const total = fitting.reduce((sum, [, q]) => sum + q, 0);
  return fitting.map(([whole, q]) => {
    const written = whole.split('\n').length;
    const taken = text.split('\n').length;
    const next = taken < written ? `${whole.split('\n').slice(0, taken).join('\n')}\n` : whole;
    return [{ text: next, whole, value: scoreOf(next) }, q / total] as const;
  });
}

/** Every list of independent draws, one from each of the given distributions. */
export function independent<T>(
  each: ReadonlyArray<ReadonlyArray<readonly [T, number]>>,
): (readonly [readonly T[], number])[] {
  return each.reduce<(readonly [readonly T[], number])[]>(
    (all, options) => all.flatMap(([list, p]) => options.map(([one, q]) => [[...list, one], p * q] as const)),
    [[[], 1]],
  );
}

/** A model of tokens, each a step of its own: two tokens and an end, whose weights depend on the text before. */
export const TOKENS = ['u\n', 'v\n'];
export const nextWeights = (prefix: readonly number[]): number[] => [
  2 + prefix.length,
  1 + (prefix[0] ?? 1) * 2,
  0.5 + prefix.length,
];
export const tokens = enumerableTokens({ tokens: TOKENS, next: nextWeights, maxTokens: 2 });
export const tokenScoreOf = (text: string): number =>
  0.3 + Array.from(text).filter((c) => c === 'v').length * 0.8 + (text.startsWith('u') ? 0.4 : 0);
export const tokenScore = scorer('tokenScore', ({ content }) => tokenScoreOf(textOf(content)));
