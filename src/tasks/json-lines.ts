/** Files of questions, and how those of well-known sets read. */
import {
  DataError,
  declaring,
  questionOf,
  user,
  type DeclaredFormat,
  type Json,
  type Message,
  type Request,
} from '../core/index.ts';
import type { JsonLine } from '../models/pool/index.ts';
import type { FileMetric } from './task.ts';
import type { Item } from './task.ts';
import { fieldsOf, readRows, type Mapping } from './rows.ts';

/** How the lines of a common file of questions read. */
export interface Format {
  readonly doc: string;
  /** What a line looks like, for the errors. */
  readonly expected: string;
  readonly metric: 'exact' | 'numeric' | 'code';
  /** What kind of answer its questions ask for. */
  readonly answer: DeclaredFormat;
  readonly item: (value: JsonLine['value']) => { readonly input: unknown; readonly expected: unknown };
}

const PLAIN = '{"input": "a question", "expected": "the answer"}, with an "id" if you like.';

/** Formats by name: `gsm8k:FILE`. */
export const FORMATS: { readonly [name: string]: Format } = {
  gsm8k: {
    doc: 'grade-school word problems: a JSONL file of {question, answer}, the number after "####"',
    expected: '{"question": ..., "answer": "... #### 42"}.',
    metric: 'numeric',
    answer: 'number',
    item: ({ question, answer }) => ({
      input: typeof question === 'string' ? `${question}\n\n${END_WITH_NUMBER}` : question,
      expected: typeof answer === 'string' ? answer.split('####').at(-1)?.trim() : undefined,
    }),
  },
  math: {
    doc: 'competition mathematics: a JSONL file of {problem, answer}',
    expected: '{"problem": ..., "answer": ...}.',
    metric: 'exact',
    answer: 'math',
    item: ({ problem, answer }) => ({
      input: typeof problem === 'string' ? `${problem}\n\n${END_BOXED}` : problem,
      expected: answer,
    }),
  },
  humaneval: {
    doc: 'Python functions: a JSONL file of {prompt, test, entry_point}; needs Python in the sandbox',
    expected: '{"prompt": "def ...", "test": "def check(candidate): ...", "entry_point": ...}.',
    metric: 'code',
    answer: 'code',
    item: ({ prompt, test, entry_point: entry }) => ({
      input: typeof prompt === 'string' ? `${COMPLETE}\n\n\`\`\`python\n${prompt.trimEnd()}\n\`\`\`` : prompt,
      expected:
        typeof prompt === 'string' && typeof test === 'string' && typeof entry === 'string'
          ? { language: 'python', start: prompt, tests: `${test}\ncheck(${entry})` }
          : undefined,
    }),
  },
};

/** How the rows of a file read. */
interface Reading {
  readonly format?: Format | undefined;
  readonly mapping?: Mapping | undefined;
  /** The field of a row that names the group of its item. */
  readonly group?: string | undefined;
  /** The field of a row that holds the tags of its item. */
  readonly tags?: string | undefined;
}

/** The items of a file of questions. Every row is checked before the first call is made. */
export async function readItems(
  file: string,
  metric: FileMetric,
  { format, mapping = {}, group, tags }: Reading = {},
): Promise<Item[]> {
  const expectedLine = format?.expected ?? PLAIN;
  const { rows, areTexts } = await readRows(file, expectedLine);
  const names = format ? undefined : fieldsOf(file, rows, mapping, { needsExpected: true });
  const ids = new Map<string, number>();
  return rows.map(({ line, value }) => {
    const wrong = (problem: string): DataError =>
      new DataError({ file, line, problem: areTexts ? `${problem}.` : `${problem}. A line is ${expectedLine}` });
    const { input, expected: given } = format ? format.item(value) : named(value, names);
    const id = idOf(value[names?.id ?? 'id'], line, wrong);
    const twin = ids.get(id);
    if (twin !== undefined) throw wrong(`the id ${JSON.stringify(id)} stands on line ${twin} already`);
    ids.set(id, line);
    const request = declaring(toRequest(input, wrong), metric.answer ?? format?.answer);
    const missing = format ? 'the answer is missing' : `the field ${JSON.stringify(names?.expected)} is missing`;
    if (given === undefined || (areTexts && given === '')) throw wrong(missing);
    const expected =
      metric.answer === 'json' && areTexts && typeof given === 'string' ? valueOf(given, wrong) : (given as Json);
    const rule = metric.broken(expected);
    if (rule) throw wrong(`with the metric ${metric.name} "expected" ${rule}`);
    return {
      id,
      request,
      expected,
      ...(group !== undefined && { group: groupOf(value, group, wrong) }),
      ...(tags !== undefined && { tags: tagsOf(value, tags, wrong) }),
    };
  });
}

const named = (value: JsonLine['value'], names: ReturnType<typeof fieldsOf> | undefined) => ({
  input: value[names?.input ?? 'input'],
  expected: value[names?.expected ?? 'expected'],
});

/** A cell that holds JSON. */
function valueOf(text: string, wrong: Wrong): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw wrong('the expected answer is no JSON, which the metric json compares');
  }
}

type Wrong = (problem: string) => DataError;

function groupOf(value: JsonLine['value'], field: string, wrong: Wrong): string {
  const found = Object.hasOwn(value, field) ? value[field] : undefined;
  if (typeof found !== 'string' && typeof found !== 'number')
    throw wrong(`the field ${JSON.stringify(field)}, which names the group, must be a text or a number`);
  return String(found);
}

/** A list of texts, or one text with commas between the tags. A row without any has none. */
function tagsOf(value: JsonLine['value'], field: string, wrong: Wrong): string[] {
  const found = Object.hasOwn(value, field) ? value[field] : undefined;
  if (found === undefined || found === null || found === '') return [];
  const all: unknown[] = Array.isArray(found) ? found : typeof found === 'string' ? found.split(',') : [found];
  const texts = all.map((tag) => {
    if (typeof tag !== 'string' && typeof tag !== 'number' && typeof tag !== 'boolean')
      throw wrong(`the field ${JSON.stringify(field)}, which holds the tags, must be a text or a list of texts`);
    return String(tag).trim();
  });
  return [...new Set(texts.filter((tag) => tag !== ''))];
}

function idOf(id: unknown, line: number, wrong: Wrong): string {
  if (id === undefined || id === null || id === '') return String(line);
  if (typeof id !== 'string' && typeof id !== 'number') throw wrong('"id" must be a text or a number');
  return String(id);
}

function toRequest(input: unknown, wrong: Wrong): Request {
  if (input === undefined) throw wrong('the question is missing');
  if (typeof input === 'string') {
    if (input.trim() === '') throw wrong('the question is empty');
    return { prompt: [user(input)] };
  }
  if (!Array.isArray(input) || input.length === 0) throw wrong('"input" must be a text or a list of messages');
  const prompt = input.map((message: unknown, i) =>
    toMessage(message, (problem) => wrong(`message ${i + 1}: ${problem}`)),
  );
  if (questionOf(prompt) === '') throw wrong('"input" has no message of the user');
  return { prompt };
}

function toMessage(value: unknown, wrong: Wrong): Message {
  const { role, content } = (value ?? {}) as { readonly [key: string]: unknown };
  if (role !== 'system' && role !== 'user' && role !== 'assistant')
    throw wrong('"role" must be "system", "user" or "assistant"');
  if (role === 'system') {
    if (typeof content !== 'string') throw wrong('"content" of a system message must be a text');
    return { role, content };
  }
  if (typeof content === 'string') return { role, content: [{ type: 'text', text: content }] };
  const isPart = (part: unknown): boolean => typeof part === 'object' && part !== null && 'type' in part;
  if (!Array.isArray(content) || !content.every(isPart)) throw wrong('"content" must be a text or a list of parts');
  return { role, content };
}

const COMPLETE =
  'Complete this Python function. Reply with the whole function, its imports included, in one code block.';
const END_WITH_NUMBER = 'Think step by step and end with "Answer: " and the number.';
const END_BOXED = 'Think step by step and put the final answer in \\boxed{}.';
