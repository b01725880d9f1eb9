/**
 * Markdown by its headings, the rest of it as it is written: a reader sees its marks as the model does. What its reader
 * does not see is left out: front matter, comments, tags and what they hide. Code stays as it is, tags included.
 */
import { DataError } from '../../core/index.ts';
import { BROKEN_TAGS, FRONT_MATTER_LINES } from '../../core/bounds.ts';
import { rawEnd, unseenAt } from './html.ts';
import { withoutEntities } from './entities.ts';
import { elements, RAW, tagAt, type Elements, type Tag } from './markup.ts';
import { outline, type Block, type Outline, type Section } from './sections.ts';

/** Throws DataError where tags begin by the hundred and never end. */
export function markdownSections(written: string, file: string): Section[] {
  const { text, title } = withoutFrontMatter(written);
  const sections = outline();
  const open = elements();
  let inList = false;
  for (let at = 0; at < text.length;) {
    const fence = fenceAt(text, at);
    if (fence !== undefined) {
      if (!open.hidden()) sections.block(fence.block);
      at = fence.end;
      continue;
    }
    EMPTY.lastIndex = at;
    const empty = EMPTY.exec(text);
    if (empty) {
      at += empty[0].length;
      continue;
    }
    const end = paragraphEnd(text, at);
    const paragraph = text.slice(at, end);
    if (/^ {0,3}(?:[-*+]|\d{1,9}[.)])\s/m.test(paragraph)) inList = true;
    else if (/^\S/.test(paragraph)) inList = false;
    if (!inList && paragraph.split('\n').every((line) => line.trim() === '' || /^(?: {4}|\t)/.test(line))) {
      if (!open.hidden()) sections.block({ kind: 'lines', text: paragraph.trimEnd() });
      at = end;
      continue;
    }
    const seen = visible(text, at, end, open, file);
    writeParagraph(sections, seen.text);
    at = seen.end;
  }
  return sections.end(title);
}

/** What stands between `---` at the very beginning is about the file. Its title is the document's. */
function withoutFrontMatter(text: string): { readonly text: string; readonly title?: string | undefined } {
  const mark = /^(---|\+\+\+)[ \t]*\n/.exec(text)?.[1];
  if (mark === undefined) return { text };
  let at = text.indexOf('\n') + 1;
  const lines: string[] = [];
  while (at < text.length && lines.length < FRONT_MATTER_LINES) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end === -1 ? text.length : end).trimEnd();
    at = end === -1 ? text.length : end + 1;
    if (line === mark || (mark === '---' && line === '...')) {
      const first = lines.find((one) => one.trim() !== '');
      if (first !== undefined && !/^\s*(?:#|\[|-\s|[\w."'-]+\s*[:=])/.test(first)) return { text }; // two thematic breaks
      const title = lines.map((one) => /^title\s*[:=]\s*(.{1,200})$/.exec(one)?.[1]).find(Boolean);
      return { text: text.slice(at), title: title?.replace(/^(["'])(.*)\1$/, '$2').trim() || undefined };
    }
    lines.push(line);
  }
  return { text };
}

const FENCE = /[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]+){0,4}(`{3,}|~{3,})([^\n]*)(?:\n|$)/y;

/** The code between fences that begins at this line, or the rest of the text where no fence ends it. */
function fenceAt(text: string, at: number): { readonly end: number; readonly block: Block } | undefined {
  FENCE.lastIndex = at;
  const opening = FENCE.exec(text);
  const [line = '', mark = '', info = ''] = opening ?? [];
  if (opening === null || (mark.startsWith('`') && info.includes('`'))) return undefined;
  const closing = new RegExp(`^[ \\t>]*\\${mark[0]}{${mark.length},}[ \\t]*(?:\\n|$)`, 'gm');
  closing.lastIndex = at + line.length;
  const closed = closing.exec(text);
  const bodyEnd = closed?.index ?? text.length;
  const body = text.slice(at + line.length, bodyEnd).replace(/\n$/, '');
  return {
    end: closed === null ? text.length : bodyEnd + closed[0].length,
    block: { kind: 'lines', text: body, before: line.trimEnd(), after: closed?.[0].trimEnd() ?? mark },
  };
}

/** Where the next empty line or fence begins. */
function paragraphEnd(text: string, from: number): number {
  for (let at = from; ;) {
    const end = text.indexOf('\n', at);
    if (end === -1) return text.length;
    at = end + 1;
    BREAK.lastIndex = at;
    if (BREAK.test(text)) return at;
  }
}
const EMPTY = /[ \t]*\n|[ \t]+$/y;
const BREAK = /[ \t]*(?:\n|$|`{3}|~{3}|(?:>|[-*+]|\d{1,9}[.)])[ \t]+(?:`{3}|~{3}))/y;

/** Of HTML; others are more likely to be written about, as `Array<string>` is. */
const KNOWN =
  /^(?:a|abbr|acronym|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|button|canvas|caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|dialog|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hgroup|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|math|menu|meta|meter|nav|noscript|object|ol|optgroup|option|output|p|param|picture|pre|progress|q|rp|rt|ruby|s|samp|script|search|section|select|slot|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr)$/;

/** A whole address between angles is a link, and no tag. */
const AUTOLINK = /<(?:[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@]{1,200}@[^\s<>]{1,200})>/y;
const SPECIAL = /[<`\\]/g;

/** The text of a paragraph without its tags, and without what they hide; and where what comes after it begins. */
function visible(
  text: string,
  from: number,
  to: number,
  open: Elements,
  file: string,
): { readonly text: string; readonly end: number } {
  const paragraph = text.slice(from, to);
  const [lastComment, lastTag] = [paragraph.lastIndexOf('-->'), paragraph.lastIndexOf('>')];
  const codeEnd = codeSpans(paragraph);
  let seen = '';
  let broken = 0;
  const say = (said: string): void => {
    if (!open.hidden()) seen += said;
  };
  if (!/^\s*</.test(paragraph)) open.open({ kind: 'open', name: 'p', attributes: new Map(), closed: false, end: 0 });
  for (let at = 0; at < paragraph.length;) {
    SPECIAL.lastIndex = at;
    const next = SPECIAL.exec(paragraph)?.index ?? paragraph.length;
    say(withoutEntities(paragraph.slice(at, next)));
    at = next;
    let skipped = 1; // a sign that turns out to mean itself
    if (paragraph[at] === '\\') skipped = 2;
    else if (paragraph[at] === '`') skipped = codeEnd(at) - at;
    else if (paragraph.startsWith('<!--', at)) {
      const isBlock = /(?:^|\n) {0,3}$/.test(paragraph.slice(Math.max(0, at - 4), at));
      if (isBlock || at + 2 <= lastComment) {
        const end = unseenAt(text, from + at)?.end ?? to;
        if (end > to) return { text: seen, end };
        at = end - from;
        continue;
      }
    } else if (paragraph[at] === '<' && at < lastTag) {
      const end = unseenAt(paragraph, at)?.end;
      if (end !== undefined) {
        at = end;
        continue;
      }
      AUTOLINK.lastIndex = at;
      const tag = AUTOLINK.test(paragraph) ? undefined : tagAt(paragraph, at);
      if (tag === 'broken' && ++broken > BROKEN_TAGS)
        throw new DataError({ file, problem: `more than ${BROKEN_TAGS} tags of one paragraph have no end. Check it.` });
      if (tag !== undefined && tag !== 'broken' && isMeant(tag)) {
        at = tag.end;
        if (tag.kind === 'close') open.close(tag.name);
        else open.open(tag);
        say(inPlaceOf(tag));
        if (tag.kind === 'open' && RAW.has(tag.name)) {
          const end = rawEnd(text, tag.name, from + at);
          if (end > to) return { text: seen, end };
          at = end - from;
        }
        continue;
      }
    }
    say(paragraph.slice(at, at + skipped));
    at += skipped;
  }
  return { text: seen, end: to };
}

const isMeant = ({ name, attributes }: Tag): boolean => KNOWN.test(name) || attributes.size > 0 || name.includes('-');

/** What the text has where a tag was. */
function inPlaceOf({ kind, name }: Tag): string {
  if (/^h[1-6]$/.test(name)) return kind === 'open' ? `\n${'#'.repeat(Number(name[1]))} ` : '\n';
  if (name === 'br') return '\n';
  return kind === 'open' && (name === 'td' || name === 'th') ? ' ' : '';
}

/** Where the code ends that begins with the backticks at a place: behind the next run of as many, if there is one. */
function codeSpans(paragraph: string): (at: number) => number {
  const runs = new Map<number, number[]>();
  for (const { 0: run, index } of paragraph.matchAll(/`+/g)) {
    const known = runs.get(run.length);
    if (known) known.push(index);
    else runs.set(run.length, [index]);
  }
  for (const places of runs.values()) places.reverse();
  return (at) => {
    let length = 1;
    while (paragraph[at + length] === '`') length++;
    const places = runs.get(length) ?? [];
    while (places.length > 0 && (places.at(-1) ?? 0) < at + length) places.pop();
    return (places.at(-1) ?? at) + length;
  };
}

/** Headings, tables and text of a paragraph; rules between them and notes to the writer are left out. */
function writeParagraph(sections: Outline, text: string): void {
  const lines = text.split('\n');
  let prose: string[] = [];
  let gap = 2;
  const add = (block: Block): void => {
    sections.block({ ...block, gap });
    gap = 1;
  };
  const endProse = (): void => {
    if (prose.some((line) => line.trim() !== '')) add({ kind: 'prose', text: prose.join('\n') });
    prose = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const depth = /^ {0,3}(#{1,6})(?=[ \t]|$)/.exec(line);
    if (depth) {
      endProse();
      sections.heading(depth[1]?.length ?? 1, withoutClosing(line.slice(depth[0].length).trim()));
      gap = 2;
    } else if (
      prose.at(-1)?.trim() &&
      /^ {0,3}(?:=+|-+)[ \t]*$/.test(line) &&
      !/^ {0,3}(?:[-*+>|]|\d{1,9}[.)])/.test(prose[0] ?? '')
    ) {
      sections.heading(line.includes('=') ? 1 : 2, prose.join(' ').trim());
      prose = [];
      gap = 2;
    } else if (/^(?:\*{3,}|-{3,}|_{3,})$/.test(line.replaceAll(/[ \t]/g, ''))) {
      endProse();
      gap = 2;
    } else if (line.includes('|') && isRule(lines[i + 1])) {
      endProse();
      const rows: string[] = [];
      const before = `${line}\n${lines[i + 1]}`;
      for (i += 2; i < lines.length && lines[i]?.includes('|'); i++) rows.push(lines[i] ?? '');
      i--;
      add(rows.length > 0 ? { kind: 'lines', text: rows.join('\n'), before } : { kind: 'lines', text: before });
    } else {
      const definition = /^ {0,3}\[[^\]]{1,200}\]:[ \t]*(\S*)/.exec(line);
      if (!definition) prose.push(line);
      else if (/^(?:#|<#?>|\/\/)?$/.test(definition[1] ?? '')) i = noteEnd(lines, i, definition[0].length);
      else prose.push(/^[ \t]+["'(]/.test(line.slice(definition[0].length)) ? definition[0] : line);
    }
  }
  endProse();
}

/** Writers put notes to themselves into the title of a link that leads nowhere: `[//]: # (a note)`. */
function noteEnd(lines: readonly string[], at: number, from: number): number {
  const rest = (lines[at] ?? '').slice(from).trim();
  const sign = { '"': '"', "'": "'", '(': ')' }[rest[0] ?? ''];
  if (sign === undefined || (rest.length > 1 && rest.endsWith(sign))) return at;
  const end = lines.findIndex((line, i) => i > at && line.trimEnd().endsWith(sign));
  return end === -1 ? lines.length : end;
}

/** `# Heading #` is written as well. */
function withoutClosing(heading: string): string {
  let end = heading.length;
  while (heading[end - 1] === '#') end--;
  return end === 0 || heading[end - 1] === ' ' ? heading.slice(0, end).trim() : heading;
}

function isRule(line: string | undefined): boolean {
  const cells = line?.trim().split('|') ?? [];
  const inner = cells.slice(cells[0] === '' ? 1 : 0, cells.at(-1) === '' ? -1 : undefined);
  return cells.length > 1 && inner.length > 0 && inner.every((cell) => /^\s*:?-+:?\s*$/.test(cell));
}
