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
  'tags',
  'prompt',
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

/** Lines of JSON of an item, one for each reply. */
export function recordLines(result: ItemResult, facts: RunFacts): string {
  return recordsOf(result, facts)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');
}

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
  const rows = (result: ItemResult, facts: RunFacts): string =>
    recordsOf(result, facts)
      .map((record: EvaluationRecord) => csvRow(COLUMNS.map((column) => record[column])))
      .join('');
  return {
    add: (result, facts) => add(isTable ? rows(result, facts) : recordLines(result, facts)),
    written: async () => void (await Promise.all(lines)),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
