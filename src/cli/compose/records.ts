/** The file of `eval --records`: a line an item, as items end. */
import { recordsOf, type EvaluationRecord, type ItemResult, type RunFacts } from '../../evaluate/index.ts';
import { csvRow } from '../terminal/csv.ts';
import { outputFile } from '../terminal/files.ts';

export interface RecordsFile extends AsyncDisposable {
  add(result: ItemResult, facts: RunFacts): void;
  /** Resolves once all lines are written. */
  written(): Promise<void>;
}

/** Columns of a table, in their order. What else a record has is for grading again, which the lines of JSON are for. */
const COLUMNS = [
  'id',
  'group',
  'repeat',
  'question',
  'expected',
  'reply',
  'answer',
  'grade',
  'votes',
  'candidates',
  'samples',
  'calls',
  'inputTokens',
  'outputTokens',
  'tokens',
  'usd',
  'ms',
  'seed',
  'task',
  'formula',
  'metric',
  'error',
] as const;

/** Opens the file, by its ending a table (.csv) or lines of JSON. */
export async function recordsFile(path: string | undefined): Promise<RecordsFile | undefined> {
  const file = await outputFile(path);
  if (!file || path === undefined) return undefined;
  const isTable = /\.csv$/i.test(path);
  const lines: Promise<void>[] = [];
  const add = (text: string): void => {
    const line = file.add(text);
    line.catch(() => {}); // told when all are waited for
    lines.push(line);
  };
  if (isTable) add(csvRow(COLUMNS));
  const text = (record: EvaluationRecord): string =>
    isTable ? csvRow(COLUMNS.map((column) => record[column])) : `${JSON.stringify(record)}\n`;
  return {
    add: (result, facts) => add(recordsOf(result, facts).map(text).join('')),
    written: async () => void (await Promise.all(lines)),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
