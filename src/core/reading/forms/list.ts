/** Lists as models write them. */
import { jsonIn } from '../json.ts';
import { bare } from '../plain.ts';
import { said } from '../thoughts.ts';

/** How an item of a list begins, by the kind of list. Marks of Markdown may stand around it. */
const NUMBERED =
  /^[\s*_#>]*(?:(?:step|question|item|part|q)\s+)?[([]?(?:\d{1,3}|[０-９]{1,3})(?:[.)\]:、．）]|\s[-–—])(?!\d)(?:\*\*(?=\s))?\s*(.*)$/iu;
const LETTERED = /^[\s*_>]*\(?[A-Za-z][.)](?:\*\*)?\s+(.*)$/;
const BULLETED = /^\s*(?:[-*+•–—◦▪‣]|\u2022)\s+(.*)$/;

/**
 * The items of a list, in their order: numbered ones, without any lettered or bulleted ones, without any a JSON list of texts.
 * What stands before, between and behind them is left out; an item that begins on the line behind its number is read there.
 */
export function itemsIn(reply: string): string[] {
  const text = said(reply);
  const lines = text.split('\n');
  const json = /^\s*(?:```\w*\s*)?\[/.test(text) ? jsonIn(text) : undefined;
  if (Array.isArray(json))
    return json
      .filter((one) => typeof one === 'string')
      .map((one) => one.trim())
      .filter(Boolean);
  for (const kind of [NUMBERED, LETTERED, BULLETED]) {
    const items = lines.flatMap((line, i) => {
      const found = kind.exec(line)?.[1];
      if (found === undefined) return [];
      const item = unmarked(found);
      return item !== '' ? [item] : nextLine(lines, i, kind);
    });
    if (items.length > 0) return items;
  }
  return [];
}

function nextLine(lines: readonly string[], at: number, kind: RegExp): string[] {
  const next = lines[at + 1] ?? '';
  return next.trim() === '' || kind.test(next) ? [] : [unmarked(next)];
}

/** Every line that says something, without the bullet or number in front of it. */
export function linesWithoutMarks(reply: string): string[] {
  return said(reply)
    .split('\n')
    .map((line) => (BULLETED.exec(line)?.[1] ?? /^\s*[([]?\d{1,3}[.)\]](?=\s)(.*)$/.exec(line)?.[1] ?? line).trim())
    .filter((line) => line !== '' && !/^(?:```|---+$)/.test(line));
}

/** An item without the marks of Markdown around it; those around some of its words stay. */
function unmarked(item: string): string {
  const plain = item.trim();
  if (bare(plain) === '') return '';
  const inner = /^(\*\*|__|\*|`|")(.+)\1$/s.exec(plain);
  if (inner && !(inner[2] as string).includes(inner[1] as string)) return (inner[2] as string).trim();
  const marks = plain.split('**').length - 1; // a number that was set off leaves the half of a pair
  return (marks % 2 === 1 ? plain.replace(/^\*\*|\*\*$/, '') : plain).trim();
}
