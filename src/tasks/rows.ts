/** Rows of a file of questions, whatever form it has: JSON Lines, a JSON list, CSV or TSV, gzipped or not. */
import { parse as parseCsv } from 'csv-parse/sync';
import { DataError, nearest } from '../core/index.ts';
import { readJsonLines, readText, type JsonLine } from '../models/pool/index.ts';

export interface Rows {
  readonly rows: readonly JsonLine[];
  /** Whether every field is a text, as in a table. */
  readonly areTexts: boolean;
}

/** Which fields or columns are the question, the expected answer and the id. */
export interface Mapping {
  readonly input?: string | undefined;
  readonly expected?: string | undefined;
  readonly id?: string | undefined;
}

/** Reads a file by its ending: .csv, .tsv, .json, and JSON Lines for every other. `expected` says what a row looks like. */
export async function readRows(file: string, expected: string): Promise<Rows> {
  const [, ending = ''] = /\.(\w+)(?:\.gz)?$/i.exec(file) ?? [];
  switch (ending.toLowerCase()) {
    case 'csv':
      return { rows: tableIn(await readText(file), file, undefined), areTexts: true };
    case 'tsv':
      return { rows: tableIn(await readText(file), file, '\t'), areTexts: true };
    case 'json':
      return { rows: listIn(await readText(file), file, expected), areTexts: false };
    default:
      return { rows: await readJsonLines(file, expected), areTexts: false };
  }
}

/** A table whose first row names the columns. Its delimiter is a comma, or a semicolon where the first row has no comma. */
function tableIn(text: string, file: string, delimiter: string | undefined): JsonLine[] {
  const [heading = ''] = text.split('\n', 1);
  const between = delimiter ?? (heading.includes(';') && !heading.includes(',') ? ';' : ',');
  const [head, ...records] = recordsIn(text, file, between);
  if (!head)
    throw new DataError({ file, problem: 'is empty. Its first row names the columns, such as input,expected.' });
  const names = head.fields.map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new DataError({ file, line: 1, problem: `names the column ${JSON.stringify(twice)} twice. Rename one.` });
  if (records.length === 0) throw new DataError({ file, problem: 'has no row under the names of its columns.' });
  return records.map(({ line, fields }) => ({
    line,
    value: Object.fromEntries(names.map((name, i) => [name, fields[i]])),
  }));
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function recordsIn(text: string, file: string, delimiter: string): { line: number; fields: readonly string[] }[] {
  try {
    // Its types do not follow `info`.
    const records = parseCsv(text, { bom: true, delimiter, info: true, skip_empty_lines: true }) as unknown as Parsed[];
    return records.map(({ record, info }) => ({
      // The parser counts to the end of a row, and a field may hold line breaks.
      line: info.lines - record.join('').split('\n').length + 1,
      fields: record,
    }));
  } catch (error) {
    const { message = String(error), lines } = error as { readonly message?: string; readonly lines?: number };
    const problem = `is no table: ${message.replaceAll(/\s+/g, ' ')}. Put fields with "," or line breaks into quotes.`;
    throw new DataError({ file, ...(lines !== undefined && { line: lines }), problem });
  }
}

/** The objects of one JSON list; their places are counted like lines. */
function listIn(text: string, file: string, expected: string): JsonLine[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    const hint = 'A file of one object a line ends in .jsonl';
    throw new DataError({
      file,
      problem: `is not JSON (${(error as Error).message.replaceAll(/\s+/g, ' ')}). ${hint}.`,
    });
  }
  if (!Array.isArray(list)) throw new DataError({ file, problem: `is no JSON list. It is a list of ${expected}` });
  if (list.length === 0) throw new DataError({ file, problem: `is empty. It is a list of ${expected}` });
  return list.map((value: unknown, i) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new DataError({ file, line: i + 1, problem: `is no JSON object. It is ${expected}` });
    return { line: i + 1, value: value as JsonLine['value'] };
  });
}

/** Names that are taken where nothing is said and the usual one is not there. */
const SYNONYMS = {
  input: ['input', 'question', 'prompt', 'problem'],
  expected: ['expected', 'answer', 'target'],
} as const;

/** The names of the fields in the rows of a file. Throws DataError for one that is not there, or where several may be meant. */
export function fieldsOf(
  file: string,
  [first]: readonly JsonLine[],
  mapping: Mapping,
  { needsExpected }: { readonly needsExpected: boolean },
): { readonly input: string; readonly expected: string | undefined; readonly id: string } {
  const { line = 1, value = {} } = first ?? {};
  const names = Object.keys(value);
  const wrong = (problem: string): DataError => new DataError({ file, line, problem });
  const given = (what: keyof Mapping): string | undefined => {
    const name = mapping[what];
    if (name === undefined || Object.hasOwn(value, name)) return name;
    const near = nearest(name, names);
    throw wrong(
      `has no field ${JSON.stringify(name)}.${near ? ` Did you mean \`${near}\`?` : ''} It has ${names.join(', ')}.`,
    );
  };
  const found = (what: 'input' | 'expected'): string | undefined => {
    const there = SYNONYMS[what].filter((name) => Object.hasOwn(value, name));
    if (there.length > 1 && there[0] !== what)
      throw wrong(`has ${there.join(' and ')}. Say which is the ${WORDS[what]} with \`mapping.${what}\`.`);
    return there[0];
  };
  const missing = (what: 'input' | 'expected'): DataError =>
    wrong(
      `has no field for the ${WORDS[what]}: it has ${names.join(', ')}. Name it ${JSON.stringify(what)}, or say which it is with \`mapping.${what}\`.`,
    );
  const input = given('input') ?? found('input');
  if (input === undefined) throw missing('input');
  const expected = given('expected') ?? found('expected');
  if (expected === undefined && needsExpected) throw missing('expected');
  return { input, expected, id: given('id') ?? 'id' };
}

const WORDS = { input: 'question', expected: 'expected answer' } as const;
