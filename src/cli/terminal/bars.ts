/** Two distributions over answers as bars, one under the other: before light, after solid. */
import type { Distribution } from '../../evaluate/distribution/distribution.ts';
import { answerRows, type AnswerRow } from '../../evaluate/distribution/rows.ts';
import type { Output } from './terminal.ts';
import { clip, count, oneLine, padEnd, padStart, percent, width } from './text.ts';

export interface Pair {
  readonly before: Distribution;
  readonly after: Distribution | undefined;
}

/** Two distributions, with what they are of. */
export interface Shown extends Pair {
  readonly question: string;
  readonly model: string;
  readonly formula: string;
}

/** One answer in both distributions. */
export interface Row {
  readonly label: string;
  readonly before: number;
  readonly after: number | undefined;
  /** Their 95% intervals, where they are estimates. */
  readonly intervals: AnswerRow['intervals'];
}

const MOST_ROWS = 12;
const MOST_COLUMNS = 110;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const NO_ANSWER = '(no answer)';

/** The answers worth a row: the most probable of either side first; what is left is one row. */
export function rowsOf({ before, after }: Pair, most = MOST_ROWS): Row[] {
  return answerRows(after ? [before, after] : [before], most).map(
    ({ answer, others, shares: [first = 0, second], intervals }) => ({
      label: others > 0 ? `(${count(others)} others)` : answer === null ? NO_ANSWER : oneLine(answer) || '(empty)',
      before: first,
      after: second,
      intervals,
    }),
  );
}

export interface BarsOptions {
  /** One line an answer: the solid bar is after, the light rest of it is what before had more. */
  readonly compact?: boolean;
  /** The probability whose bar fills the line. Default: the largest there is. */
  readonly full?: number;
}

export function bars(pair: Pair, out: Output, { compact = false, full }: BarsOptions = {}): string {
  const rows = rowsOf(pair);
  const columns = Math.min(out.columns, MOST_COLUMNS);
  const label = Math.min(Math.max(...rows.map((row) => width(row.label)), 4), Math.max(6, Math.floor(columns / 3)));
  const change = pair.after !== undefined && columns >= 40;
  const room = Math.max(4, columns - label - (change ? 20 : 12));
  const top = full ?? Math.max(...rows.map((row) => Math.max(row.before, row.after ?? 0)), 1e-9);
  const length = (p: number): number => (room * p) / top;
  return rows
    .flatMap(({ label: name, before, after }) => {
      const head = padEnd(clip(name, label), label);
      const figure = (p: number): string => padStart(percent(p), 7);
      const line = (start: string, bar: string, p: number, more = ''): string =>
        `  ${start} ${bar}${' '.repeat(Math.max(0, room - width(bar)))} ${figure(p)}${more}`;
      if (after === undefined) return [line(head, solid(length(before)), before)];
      const by = change ? ` ${out.paint(after >= before ? 'green' : 'red', padStart(signed(after - before), 7))}` : '';
      const bar = solid(length(after));
      if (compact) {
        const lost = light(Math.max(0, Math.round(length(before)) - width(bar)));
        return [line(head, out.paint('cyan', bar) + out.paint('dim', lost), after, by)];
      }
      return [
        out.paint('dim', line(head, light(length(before)), before)),
        line(' '.repeat(label), out.paint('cyan', bar), after, by),
      ];
    })
    .join('\n');
}

const light = (length: number): string => '░'.repeat(Math.round(length));

/** A bar in eighths of a column: what is not zero shows. */
function solid(length: number): string {
  const eighths = length > 0 ? Math.max(1, Math.round(length * 8)) : 0;
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** In percentage points. */
function signed(change: number): string {
  const points = 100 * change;
  return Math.abs(points) < 0.05 ? '=' : `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)}`;
}
