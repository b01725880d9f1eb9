/** Files of questions, row by row. */
import { DataError, declaring, questionOf, user, type Json, type Message, type Request } from '../core/index.ts';
import { readText, type JsonLine } from '../models/pool/index.ts';
import type { Format, FormatItem } from './sets/formats.ts';
import type { FileMetric } from './task.ts';
import type { Item } from './task.ts';
import { fieldsOf, readRows, type Mapping, type Rows } from './rows.ts';

const PLAIN = '{"input": "a question", "expected": "the answer"}, with an "id" if you like.';

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
  const { rows, areTexts } = format?.rows
    ? { rows: format.rows(await readText(file), file), areTexts: false }
    : await readRows(file, expectedLine);
  const names = format ? undefined : fieldsOf(file, rows, mapping, { needsExpected: true });
  const idFor = distinctIds();
  return rows.map(({ line, value }) => {
    const wrong = (problem: string): DataError =>
      new DataError({ file, line, problem: areTexts ? `${problem}.` : `${problem}. A line is ${expectedLine}` });
    const read: FormatItem = format ? format.item(value) : named(value, names);
    const { input, expected: given } = read;
    const id = idFor(format ? read.id : value[names?.id ?? 'id'], line, wrong);
    const request = declaring(toRequest(input, wrong), metric.answer ?? read.answer ?? format?.answer);
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
      ...(read.answer !== undefined && { answer: read.answer }),
      ...(read.group !== undefined && { group: read.group }),
      ...(group !== undefined && { group: groupOf(value, group, wrong) }),
      ...(tags !== undefined && { tags: tagsOf(value, tags, wrong) }),
    };
  });
}

const QUESTION = '{"input": "a question"}, with an "id" if you like.';

/** The questions of a file, whatever their answers should be: the lines of a .txt, else rows as a task has them. */
export async function readQuestions(file: string, mapping: Mapping = {}): Promise<Item[]> {
  const isText = /\.txt(?:\.gz)?$/i.test(file);
  return questionsIn(isText ? linesIn(await readText(file), file) : await readRows(file, QUESTION), file, mapping);
}

/** Texts as rows: a question a line, empty lines skipped. */
export function linesIn(text: string, file: string): Rows {
  const rows = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, i) => (line.trim() === '' ? [] : [{ line: i + 1, value: { input: line.trim() } }]));
  if (rows.length === 0) throw new DataError({ file, problem: 'is empty. It holds a question a line.' });
  return { rows, areTexts: true };
}

/** The questions of rows. */
export function questionsIn({ rows, areTexts }: Rows, file: string, mapping: Mapping = {}): Item[] {
  const names = fieldsOf(file, rows, mapping, { needsExpected: false });
  const idFor = distinctIds();
  return rows.map(({ line, value }) => {
    const wrong = (problem: string): DataError =>
      new DataError({ file, line, problem: areTexts ? `${problem}.` : `${problem}. A line is ${QUESTION}` });
    const id = idFor(value[names.id], line, wrong);
    return { id, request: toRequest(value[names.input], wrong), expected: undefined };
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

/** Reads the id of each row, and refuses one that another row has. */
function distinctIds(): (id: unknown, line: number, wrong: Wrong) => string {
  const lines = new Map<string, number>();
  return (given, line, wrong) => {
    const id = idOf(given, line, wrong);
    const twin = lines.get(id);
    if (twin !== undefined) throw wrong(`the id ${JSON.stringify(id)} stands on line ${twin} already`);
    lines.set(id, line);
    return id;
  };
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
