/** Files of records, as of `eval --records`: a line an item, as items end. */
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

/** What a record has of grades: nothing of it where no answer is graded. */
export const OF_GRADES: readonly string[] = ['expected', 'grade', 'metric', 'task'];

/** Lines of JSON of an item, one for each reply, without some of its fields. */
export function recordLines(result: ItemResult, facts: RunFacts, without: readonly string[] = []): string {
  const shown = (record: EvaluationRecord): EvaluationRecord =>
    Object.fromEntries(Object.entries(record).filter(([field]) => !without.includes(field)));
  return recordsOf(result, facts)
    .map((record) => `${JSON.stringify(without.length === 0 ? record : shown(record))}\n`)
    .join('');
}

/** Opens the file, by its ending a table (.csv) or lines of JSON. */
export async function recordsFile(
  path: string | undefined,
  without: readonly string[] = [],
): Promise<RecordsFile | undefined> {
  const file = await outputFile(path);
  if (!file || path === undefined) return undefined;
  const isTable = /\.csv$/i.test(path);
  const lines: Promise<void>[] = [];
  const add = (text: string): void => {
    const line = file.add(text);
    line.catch(() => {}); // told when all are waited for
    lines.push(line);
  };
  const columns = COLUMNS.filter((column) => !without.includes(column));
  if (isTable) add(csvRow(columns));
  const rows = (result: ItemResult, facts: RunFacts): string =>
    recordsOf(result, facts)
      .map((record: EvaluationRecord) => csvRow(columns.map((column) => record[column])))
      .join('');
  return {
    add: (result, facts) => add(isTable ? rows(result, facts) : recordLines(result, facts, without)),
    written: async () => void (await Promise.all(lines)),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}
