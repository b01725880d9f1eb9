/** The trace as a tree in the terminal: what was done for an answer, and what each part took. */
import { totalTokens, type Span } from '../../core/index.ts';
import type { Output } from './terminal.ts';
import { clip, count, duration, money, oneLine, padEnd, padStart, UNKNOWN, width } from './text.ts';

interface Row {
  readonly label: string;
  readonly span: Span | undefined;
}

/** Siblings shown before the rest is summed up. */
const SIBLINGS = 12;

export function traceTree(root: Span, out: Output): string {
  const rows = rowsOf(root.children.length === 1 ? (root.children[0] as Span) : root, '', '', root);
  const cells = rows.map(({ span }) => (span ? cellsOf(span) : []));
  const widths = [0, 1, 2, 3].map((i) => Math.max(...cells.map((row) => width(row[i] ?? ''))));
  const figures = widths.reduce((sum, w) => sum + w + 2, 0);
  const most = Math.max(12, Math.min(Math.max(...rows.map(({ label }) => width(label))), out.columns - figures - 12));
  return rows
    .map(({ label, span }, i) => {
      const head = padEnd(clip(label, most), most);
      if (!span) return out.paint('dim', head.trimEnd());
      const numbers = (cells[i] ?? []).map((cell, j) => padStart(cell, widths[j] ?? 0)).join('  ');
      const room = out.columns - most - figures - 4;
      const preview = room > 8 && span.preview ? `  ${clip(oneLine(span.preview), room)}` : '';
      const paintedHead = span.kind === 'technique' ? out.paint('bold', head) : head;
      return `${paintedHead}  ${out.paint('dim', numbers)}${painted(span, preview, out)}`.trimEnd();
    })
    .join('\n');
}

function painted({ status }: Span, preview: string, out: Output): string {
  if (status === 'error' || status === 'cancelled') return out.paint('yellow', preview || `  (${status})`);
  return status === 'exhausted' ? `${preview}${out.paint('yellow', ' (cut short)')}` : preview;
}

function cellsOf({ usage, start, end, kind, status }: Span): string[] {
  const tokens = usage && totalTokens(usage);
  return [
    kind === 'call' ? (status === 'replayed' ? 'replayed' : '') : `${count(usage?.calls)} calls`,
    tokens === undefined || (usage?.unreported ?? 0) > 0 ? `${UNKNOWN} tok` : `${count(tokens)} tok`,
    money(usage?.usd),
    duration(end === undefined ? undefined : end - start),
  ];
}

function rowsOf(span: Span, lead: string, below: string, parent: Span): Row[] {
  const { children } = span;
  const shown = children.length > SIBLINGS + 1 ? children.slice(0, SIBLINGS) : children;
  const left = children.length - shown.length;
  return [
    { label: `${lead}${labelOf(span, parent)}`, span },
    ...shown.flatMap((child, i) => {
      const last = i === shown.length - 1 && left === 0;
      return rowsOf(child, `${below}${last ? '└─ ' : '├─ '}`, `${below}${last ? '   ' : '│  '}`, span);
    }),
    ...(left > 0 ? [{ label: `${below}└─ and ${count(left)} more`, span: undefined }] : []),
  ];
}

/** The name and, where it says more than "the first draw", the part of the address between it and its parent. */
function labelOf({ name, path }: Span, parent: Span): string {
  const own = path.startsWith(`${parent.path} > `) ? path.slice(parent.path.length + 3) : path;
  const where = own
    .split(' > ')
    .filter((key) => key !== name && key !== 'draw/0')
    .join(' > ');
  return where ? `${oneLine(name)} · ${where}` : oneLine(name);
}
