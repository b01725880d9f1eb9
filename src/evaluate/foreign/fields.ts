/** What the forms of other programs have in common: fields that may hold anything, and results made of what they do hold. */
import { NO_USAGE, addUsage, type Json, type Usage } from '../../core/index.ts';
import type { ItemResult, Reply } from '../records.ts';
import { mean } from '../statistics.ts';

export type Fields = { readonly [field: string]: unknown };

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
/** A number of tokens or dollars; unknown where there is none. */
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** A reply, and what it came from. */
export interface Told {
  readonly result: ItemResult;
  readonly reply: Reply;
  /** Of the replies to its item. */
  readonly i: number;
}

export const repliesIn = (results: readonly ItemResult[]): readonly Told[] =>
  results.flatMap((result) => result.replies.map((reply, i) => ({ result, reply, i })));

/** What a file says of a reply. What it does not say is unknown, not nothing. */
export interface Found {
  readonly text: string;
  readonly grade: number;
  readonly answer?: string | null | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly usd?: number | undefined;
  readonly ms?: number | undefined;
}

export function made(
  id: string,
  question: string,
  expected: unknown,
  found: readonly Found[],
  error?: string,
): ItemResult {
  const replies = found.map(({ text, grade, answer = null, ms, ...took }): Reply => {
    const { inputTokens, outputTokens, usd } = took;
    const unknown = { reasoningTokens: undefined, cachedInputTokens: undefined, cacheWriteInputTokens: undefined };
    const usage: Usage = { ...NO_USAGE, calls: 1, ...unknown, inputTokens, outputTokens, usd };
    return { text, grade, answer, samples: 1, usage, ...(ms !== undefined && { ms }) };
  });
  return {
    id,
    question,
    expected: expected === null ? undefined : (expected as Json | undefined),
    grade: replies.length === 0 ? undefined : mean(replies.map(({ grade }) => grade)),
    answer: replies[0]?.answer ?? null,
    samples: 1,
    usage: replies.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
    replies,
    ...(replies.length === 0 && { error: error || 'no reply was kept' }),
  };
}

/** From 0 to 1. Inspect writes C, P, I and N for correct, partly, incorrect and no answer. */
export function gradeOf(value: unknown): number {
  const letters: { readonly [letter: string]: number } = { C: 1, P: 0.5, I: 0, N: 0 };
  const grade = typeof value === 'string' ? (letters[value] ?? Number(value)) : Number(value);
  return Number.isFinite(grade) ? Math.min(1, Math.max(0, grade)) : 0;
}

/** A text, or the last message of the user, whose content may be a text or a list of parts. */
export function questionIn(input: unknown): string {
  if (!Array.isArray(input)) return textOf(input);
  const { content } = fieldsOf(input.findLast((message) => fieldsOf(message)['role'] === 'user'));
  return contentIn(content);
}

/** The text of a message. */
export const contentIn = (content: unknown): string =>
  Array.isArray(content) ? content.map((part) => textOf(fieldsOf(part)['text'])).join('') : textOf(content);
