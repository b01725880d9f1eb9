/** Recorded answers as cells: one set of questions, one model, and what several techniques made of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Seen } from '../../../src/compile/index.ts';

export interface Cell {
  readonly set: string;
  readonly model: string;
  readonly techniques: readonly string[];
  /** By technique, then by question. */
  readonly seen: readonly (readonly Seen[])[];
  readonly grades: readonly (readonly number[])[];
}

type Run = readonly [answer: string | number | boolean | null, correct: number, letters: number];
interface Row {
  readonly gold: unknown;
  readonly runs: { readonly [name: string]: Run | undefined };
}

/** The cells of every `matrix_NAME.jsonl.gz` in a folder and below it. Columns are named MODEL_TECHNIQUE. Throws where there is none. */
export function cellsIn(folder: string | undefined): readonly Cell[] {
  if (folder === undefined) throw new Error('Name a folder of matrix_NAME.jsonl.gz');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|[/\\])matrix_[^/\\]*\.jsonl(\.gz)?$/.test(file))
    .toSorted();
  const cells = files.flatMap((file) => cellsOf(file, rowsIn(join(folder, file))));
  if (cells.length === 0) throw new Error(`${folder} holds no matrix_NAME.jsonl.gz with columns MODEL_TECHNIQUE`);
  return cells;
}

function rowsIn(file: string): readonly Row[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

function cellsOf(file: string, rows: readonly Row[]): readonly Cell[] {
  const [, set = file] = /matrix_([^/\\]*)\.jsonl/.exec(file) ?? [];
  const names = [...new Set(rows.flatMap(({ runs }) => Object.keys(runs)))].toSorted();
  const split = names.flatMap((name) => {
    const [, model, technique] = /^([^_]+)_(.+)$/.exec(name) ?? [];
    return model !== undefined && technique !== undefined ? [{ name, model, technique }] : [];
  });
  const models = Map.groupBy(split, ({ model }) => model);
  // What one model alone was tried with is a variation of a technique, not one of those that are compared.
  const shared = (technique: string): boolean =>
    models.size === 1 || [...models.values()].filter((of) => of.some((one) => one.technique === technique)).length > 1;
  const isNumeric = rows.every(({ gold }) => /^(?:####)?\s*-?[\d,]+(?:\.\d+)?$/.test(String(gold)));
  return [...models].flatMap(([model, all]) => {
    const of = all.filter(({ technique }) => shared(technique));
    if (of.length < 2) return [];
    const runs = of.map(({ name }) => rows.map((row) => row.runs[name] ?? ([null, 0, 0] as const)));
    return [
      {
        set,
        model,
        techniques: of.map(({ technique }) => technique),
        seen: runs.map((column) =>
          column.map(([answer, , letters]): Seen => ({ answer: answerIn(answer, isNumeric), length: letters })),
        ),
        grades: runs.map((column) => column.map(([, correct]) => correct)),
      },
    ];
  });
}

/** An answer as it was recorded: equal numbers are equal answers, whatever is written around them. */
function answerIn(answer: Run[0], isNumeric: boolean): string | null {
  const text = String(answer ?? '').trim();
  if (text === '' || text === 'None' || /^\[(?:invalid|error)\w*\]$/i.test(text)) return null; // by the recorder
  const number = isNumeric
    ? text
        .replaceAll(',', '')
        .match(/-?\d+(?:\.\d+)?/g)
        ?.at(-1)
    : text.replaceAll(/[$%,\s]/g, '');
  if (number !== undefined && Number.isFinite(Number(number))) return String(Math.round(Number(number) * 100) / 100);
  return isNumeric ? null : text.toLowerCase().replaceAll(/\s+/g, ' ');
}
