/** Words and numbers laid out for a terminal. */
import { totalTokens, type Usage } from '../../core/index.ts';

/** In seven bits and in eight. */
const ESCAPES =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|(?:\u001B\]|\u009D)[^\u0007\u009C\u001B]*(?:\u0007|\u009C|\u001B\\)/g; // oxlint-disable-line no-control-regex
/** Control characters, and those that make a line read in another order than it is written. */
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g; // oxlint-disable-line no-control-regex
const ZERO_WIDTH = /^(?:\p{Mark}|\p{Format}|\p{Variation_Selector})$/u;
const WIDE =
  /^[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]$/u;

/** Text of a model, harmless in a terminal: its escape sequences and control characters are taken out. */
export function harmless(text: string): string {
  return text.replaceAll(ESCAPES, '').replaceAll(CONTROLS, '');
}

/** The same on one line. */
export function oneLine(text: string): string {
  return harmless(text).replaceAll(/\s+/g, ' ').trim();
}

/** Columns a text takes, colours not counted. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text.replaceAll(ESCAPES, ''))
    columns += ZERO_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}

/** At most `columns` wide, with an ellipsis where something is cut off. */
export function clip(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += width(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text))) + text;
}

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** A table whose columns are as wide as their widest cell. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  head: (t: string) => string,
): string {
  const widths = columns.map(({ title }, i) => Math.max(width(title), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, i) => (align === 'left' ? padEnd : padStart)(cells[i] ?? '', widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [head(line(columns.map(({ title }) => title))), ...rows.map(line)].join('\n');
}

/** Wraps words at `columns`, every line after the first indented. */
export function wrap(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line && width(line) + 1 + width(word) > columns) {
      lines.push(line);
      line = indent + word;
    } else line += (line && line !== indent ? ' ' : '') + word;
  }
  return [...lines, line].join('\n');
}

/** A text of several lines, none wider than `columns`: broken at a blank, or after a comma where a line has none. */
export function fitted(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      const isCommand = /^ +(?:plusx|git|PLUSX_BASE_URL=)/.test(line);
      const lines: string[] = [];
      let rest = line;
      while (width(rest) > columns) {
        const room = columns - (isCommand ? 2 : 0);
        const blank = rest.lastIndexOf(' ', room);
        const comma = rest.lastIndexOf(',', room - 1) + 1;
        const isBlank = blank > (comma > 0 ? room / 2 : indent.length + 4);
        const at = isBlank ? blank : comma > 0 ? comma : room;
        lines.push(`${rest.slice(0, at)}${isCommand ? ' \\' : ''}`);
        rest = `${indent}${indent === '' ? '' : '    '}${rest.slice(isBlank ? at + 1 : at)}`;
      }
      return [...lines, rest];
    })
    .join('\n');
}

export const UNKNOWN = '–';

export function percent(fraction: number | undefined, digits = 1): string {
  return fraction === undefined ? UNKNOWN : `${(100 * fraction).toFixed(digits)}%`;
}

export function count(value: number | undefined, digits = 1): string {
  if (value === undefined) return UNKNOWN;
  return value.toLocaleString('en-US', { maximumFractionDigits: Number.isInteger(value) ? 0 : digits });
}

export function money(usd: number | undefined): string {
  if (usd === undefined) return UNKNOWN;
  if (usd === 0) return '$0';
  return `$${usd >= 1 ? usd.toFixed(2) : usd >= 0.01 ? usd.toFixed(3) : String(Number(usd.toPrecision(2)))}`;
}

export function duration(ms: number | undefined): string {
  if (ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** Calls of one answer: a mean, so not always whole. */
export function callsAnAnswer(calls: number | undefined): string {
  return `${count(calls)} ${calls === 1 ? 'call' : 'calls'} an answer`;
}

/** What the parts of a run took as if each were alone and, where they share draws, what the run was charged. */
export function accountLine(usage: Usage, spending: Usage): string {
  if (spending.calls === usage.calls) return usageLine(usage);
  return `${usageLine(usage)}, each as if alone; the run was charged for ${usageLine(spending)}`;
}

/** `5 calls, 412 tokens, $0.0012`: what is unknown is said to be. */
export function usageLine(usage: Usage): string {
  const tokens = totalTokens(usage);
  return [
    plural(usage.calls, 'call'),
    ...(usage.replays > 0 ? [`${count(usage.replays)} of them replayed`] : []),
    ...(usage.unreported > 0 ? [`${count(usage.unreported)} of them cancelled or broken`] : []),
    tokens === undefined ? 'tokens unknown' : `${plural(tokens, 'token')}${fromCache(usage)}`,
    usage.usd === undefined ? 'cost unknown' : money(usage.usd),
  ].join(', ');
}

/** What the caches of providers had to do with it, where they had. */
function fromCache({ cachedInputTokens: read = 0, cacheWriteInputTokens: written = 0 }: Usage): string {
  const parts = [...(read > 0 ? [`${count(read)} cached`] : []), ...(written > 0 ? [`${count(written)} kept`] : [])];
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
}
