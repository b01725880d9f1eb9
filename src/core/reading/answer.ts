/** The final answer of a text, by a declared format. `null`: the text has none. */
import { canonicalJson } from '../calls/journal.ts';
import { textOf } from '../message.ts';
import type { Request, Sample } from '../sample.ts';
import { stripped, strippedEnd } from './text.ts';

export const ANSWER_FORMATS = ['auto', 'answer', 'boxed', 'number', 'json', 'text'] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

const BOXED = /\\boxed\s*\{/g;
// "answer is", "answer:", "answer =", a heading that says "answer", or ####; never the bare word in a sentence.
const MARKED =
  /(?:^|[\s*])(?:####\s*|answer\**\s*(?:is\b\s*[:=]?|[:=])[*\s]*|#+[ \t]*(?:the[ \t]+)?(?:final[ \t]+)?answer[ \t]*\n\s*)([^\n]+)/gi;
const NUMBER = /[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?/g;
const MAX_PLAIN = 200;

/**
 * The answer of a candidate, as a text that is equal for equal answers.
 * Tool calls and structured output become canonical JSON. For text: `answer`, what follows "answer is", "Answer:" or
 * "####"; `boxed`, the last \boxed{}; `number`, the last number; `json`, canonical JSON; `text`, all of it; `auto`, the
 * first of boxed, answer and (for a text of one short line) text that is there.
 */
export function extractAnswer(sample: Sample, request: Request, format: AnswerFormat = 'auto'): string | null {
  const calls = sample.content.filter((part) => part.type === 'tool-call');
  if (calls.length > 0)
    return canonicalJson(calls.map(({ toolName, input }) => ({ toolName, input: parsed(input) ?? input })));
  if (format === 'auto' && sample.answer !== undefined) return sample.answer;
  const text = textOf(sample.content);
  if (format === 'json' || (format === 'auto' && request.responseFormat?.type === 'json')) return jsonAnswer(text);
  const found = inText(text, format);
  return found === null ? null : normalizeAnswer(found);
}

function inText(text: string, format: Exclude<AnswerFormat, 'json'>): string | null {
  switch (format) {
    case 'boxed':
      return boxed(text);
    case 'answer':
      return [...text.matchAll(MARKED)].at(-1)?.[1] ?? null;
    case 'number':
      return text.match(NUMBER)?.at(-1) ?? null;
    case 'text':
      return text.trim() || null;
    case 'auto':
      return boxed(text) ?? inText(text, 'answer') ?? plain(text);
  }
}

/** A text that is nothing but an answer: one short line. */
function plain(text: string): string | null {
  const line = text.trim();
  return line && line.length <= MAX_PLAIN && !line.includes('\n') ? line : null;
}

/** Equal answers in different dress become equal: spaces, a final full stop, `$`, `**`, thousands separators, trailing zeros. */
export function normalizeAnswer(answer: string): string {
  const plain = strippedEnd(stripped(answer, '*`$"\''), '.').replaceAll(/\s+/g, ' ');
  const digits = plain.replaceAll(/(?<=\d),(?=\d{3}(?!\d))/g, '');
  if (!/^[-+]?\d+(\.\d+)?$/.test(digits)) return plain;
  const short = digits.includes('.') ? strippedEnd(strippedEnd(digits, '0'), '.') : digits;
  return short.replace(/^\+/, '');
}

function boxed(text: string): string | null {
  const start = [...text.matchAll(BOXED)].at(-1);
  if (!start) return null;
  const from = start.index + start[0].length;
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return text.slice(from, i);
  }
  return null;
}

function jsonAnswer(text: string): string | null {
  const plain = text.trim();
  const from = plain.startsWith('```json') ? 7 : plain.startsWith('```') ? 3 : 0;
  const value = parsed(plain.slice(from, plain.endsWith('```') ? -3 : undefined));
  return value === undefined ? null : canonicalJson(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
