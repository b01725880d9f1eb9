/**
 * HTML as its reader sees it: text under its headings, with tables as rows, preformatted text as it stands, and nothing of
 * what the page hides. One pass, so time grows with the length of the page and not with its depth. A parser that builds the
 * tree of the standard cannot keep that: the standard opens every open formatting element again in each paragraph, so 1 MB of
 * `<b id=1><p><b id=2><p>…` fills 4 GB in parse5, and htmlparser2 is quadratic in end tags that close nothing.
 */
import { CELL_LENGTH, CELL_SPAN } from '../../core/bounds.ts';
import { withoutEntities } from './entities.ts';
import { elements, RAW, tagAt, type Elements, type Open } from './markup.ts';
import { outline, rowOf, ruleOf, type Section } from './sections.ts';

const BLOCK =
  /^(?:address|article|aside|blockquote|body|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|html|legend|main|menu|ol|optgroup|p|pre|search|section|summary|table|ul|xmp)$/;
const LINE = /^(?:br|li|option|tr|caption)$/;

export function htmlSections(text: string, { xml = false }: { readonly xml?: boolean | undefined } = {}): Section[] {
  const page = pageWriter();
  const quirks = !/^[^<]*<!doctype\s+html/i.test(text.slice(0, 500));
  const open = elements({ xml, quirks }, page.opened, page.closed);
  const end = read(text, open, page, xml);
  return end();
}

/** Gives texts and tags to whoever follows them. */
function read(text: string, open: Elements, page: Page, xml: boolean): () => Section[] {
  const say = (from: number, to: number): void => {
    if (to <= from) return;
    const said = withoutEntities(text.slice(from, to)).replaceAll('\u00a0', ' ');
    if (said.trim() !== '') open.text();
    if (!open.hidden()) page.text(said);
  };
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('<', at);
    if (next === -1) {
      say(at, text.length);
      break;
    }
    say(at, next);
    const unseen = unseenAt(text, next, xml || open.foreign());
    if (unseen !== undefined) {
      if (unseen.text !== undefined && !open.hidden()) page.text(unseen.text);
      at = unseen.end;
      continue;
    }
    const tag = tagAt(text, next);
    if (tag === undefined) {
      say(next, next + 1);
      at = next + 1;
      continue;
    }
    if (tag === 'broken') break; // to a browser, too, the rest of the page is this tag
    at = tag.end;
    if (tag.kind === 'close') {
      open.close(tag.name);
      continue;
    }
    const isRaw = !xml && RAW.has(tag.name) && !open.foreign();
    open.open(tag);
    if (!isRaw) continue;
    const to = rawEnd(text, tag.name, at);
    if (tag.name === 'title') page.title(withoutEntities(text.slice(at, to)));
    else if (!open.hidden()) page.text(withoutEntities(text.slice(at, to)));
    at = to;
  }
  return page.end;
}

/** What begins at `at` and is no element: a comment, a declaration, an instruction; and of CDATA its text. */
export function unseenAt(
  text: string,
  at: number,
  xml = false,
): { readonly end: number; readonly text?: string } | undefined {
  const next = text[at + 1];
  if (next !== '!' && next !== '?' && !(next === '/' && /[^a-zA-Z]/.test(text[at + 2] ?? 'a'))) return undefined;
  const behind = (sign: string, from: number): number => {
    const found = text.indexOf(sign, from);
    return found === -1 ? text.length : found + sign.length;
  };
  if (xml && text.startsWith('<![CDATA[', at)) {
    const end = behind(']]>', at);
    return { end, text: text.slice(at + 9, Math.max(at + 9, end - 3)) };
  }
  if (!text.startsWith('<!--', at)) return { end: behind('>', at) };
  const short = /^-?>/.exec(text.slice(at + 4, at + 6));
  if (short) return { end: at + 4 + short[0].length };
  return { end: behind('-->', at + 4) };
}

/** Where the end tag of an element begins whose text is no markup. */
export function rawEnd(text: string, name: string, from: number): number {
  const end = new RegExp(`</${name}(?=[\\s/>])`, 'gi');
  end.lastIndex = from;
  return end.exec(text)?.index ?? text.length;
}

interface Cell {
  readonly text: string;
  readonly columns: number;
  readonly rows: number;
}
interface Row {
  readonly cells: Cell[];
  head: boolean;
}
interface Table {
  readonly rows: Row[];
  row: Row | undefined;
  /** The text of the cell that is open. */
  cell: string | undefined;
}

interface Page {
  opened(element: Open): void;
  closed(element: Open): void;
  text(text: string): void;
  title(text: string): void;
  end(): Section[];
}

/** Writes down what is seen: paragraphs, preformatted text, tables, each under its headings. */
function pageWriter(): Page {
  const sections = outline();
  let title: string | undefined;
  let line = '';
  let lines: string[] = [];
  let heading: { readonly depth: number; text: string } | undefined;
  let preformatted: string | undefined;
  let table: Table | undefined;

  const endLine = (): void => {
    const said = onOneLine(line);
    if (said !== '' && said !== '-') lines.push(said);
    line = '';
  };
  const endParagraph = (): void => {
    endLine();
    if (lines.length > 0) sections.block({ kind: 'prose', text: lines.join('\n') });
    lines = [];
  };
  /** A table that lays out a page, and is none: what was read of it is text. */
  const asText = ({ rows, row, cell }: Table): void => {
    table = undefined;
    for (const { cells } of rows) {
      line += cells.map(({ text }) => text).join(' ');
      endLine();
    }
    line += [...(row?.cells ?? []).map(({ text }) => text), cell ?? ''].join(' ');
  };
  const endCell = (at: Table, { name, attributes }: Open): void => {
    const text = onOneLine(at.cell ?? '');
    if (text.length > CELL_LENGTH) return asText(at);
    at.cell = undefined;
    at.row ??= { cells: [], head: true };
    at.row.head &&= name === 'th';
    const columns = span(attributes.get('colspan'));
    at.row.cells.push({ text: text.replaceAll('|', '\\|'), columns, rows: span(attributes.get('rowspan')) });
  };
  const endRow = (at: Table): void => {
    if (at.row !== undefined && at.row.cells.length > 0) at.rows.push(at.row);
    at.row = undefined;
  };

  return {
    opened({ name, hidden }) {
      if (hidden) return;
      if (table !== undefined) {
        if (/^(?:table|pre|xmp|h[1-6])$/.test(name)) asText(table);
        else {
          if (name === 'tr') endRow(table);
          if (name === 'td' || name === 'th') table.cell = '';
          else if (table.cell !== undefined) table.cell += BLOCK.test(name) || LINE.test(name) ? ' ' : '';
          if (name === 'caption') endLine();
          return;
        }
      }
      if (preformatted !== undefined) {
        if (name === 'br') preformatted += '\n';
        return;
      }
      if (heading !== undefined) {
        if (BLOCK.test(name) || LINE.test(name)) heading.text += ' ';
        return;
      }
      if (BLOCK.test(name)) endParagraph();
      else if (LINE.test(name)) endLine();
      if (name === 'li') line = '- ';
      if (name === 'td' || name === 'th') line += ' ';
      if (/^h[1-6]$/.test(name)) heading = { depth: Number(name[1]), text: '' };
      if (name === 'pre' || name === 'xmp') preformatted = '';
      if (name === 'table') table = { rows: [], row: undefined, cell: undefined };
    },
    closed(element) {
      const { name, hidden } = element;
      if (hidden) return;
      if (table !== undefined) {
        if (name === 'td' || name === 'th') endCell(table, element);
        else if (name === 'tr') endRow(table);
        else if (name === 'caption') endParagraph();
        else if (table.cell !== undefined && BLOCK.test(name)) table.cell += ' ';
        if (name !== 'table' || table === undefined) return;
        endRow(table);
        const done = table;
        table = undefined;
        writeTable(sections, done.rows);
        return;
      }
      if (preformatted !== undefined) {
        if (name !== 'pre' && name !== 'xmp') return;
        sections.block({ kind: 'lines', text: preformatted.replace(/^\r?\n/, '').trimEnd() });
        preformatted = undefined;
        return;
      }
      if (heading !== undefined) {
        if (!/^h[1-6]$/.test(name)) return;
        sections.heading(heading.depth, onOneLine(heading.text));
        heading = undefined;
        return;
      }
      if (BLOCK.test(name)) endParagraph();
      else if (name === 'li' || name === 'tr') endLine();
    },
    text(text) {
      if (preformatted !== undefined) preformatted += text.replaceAll('\r\n', '\n');
      else if (heading !== undefined) heading.text += text;
      else if (table?.cell !== undefined) table.cell += text;
      else line += text;
    },
    title(text) {
      title ??= onOneLine(text) || undefined;
    },
    end() {
      if (table !== undefined) writeTable(sections, table.rows);
      if (preformatted !== undefined) sections.block({ kind: 'lines', text: preformatted.trimEnd() });
      if (heading !== undefined) sections.heading(heading.depth, onOneLine(heading.text));
      endParagraph();
      return sections.end(title);
    },
  };
}

const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

function span(value: string | undefined): number {
  const number = Number.parseInt(value ?? '1', 10);
  return number >= 1 ? Math.min(number, CELL_SPAN) : 1;
}

/** A table of one column is lines; a row of names on top stands above every piece. */
function writeTable(sections: ReturnType<typeof outline>, rows: readonly Row[]): void {
  const grid = filled(rows);
  const width = Math.max(0, ...grid.map((cells) => cells.length));
  if (width === 0) return;
  if (width === 1) return sections.block({ kind: 'lines', text: grid.map(([cell = '']) => cell).join('\n') });
  const [names, ...others] = grid;
  if (names !== undefined && rows[0]?.head === true && others.length > 0)
    sections.block({ kind: 'lines', text: others.map(rowOf).join('\n'), before: `${rowOf(names)}\n${ruleOf(names)}` });
  else sections.block({ kind: 'lines', text: grid.map(rowOf).join('\n') });
}

/** Each cell in its column: one that spans several rows is said again in each, one that spans columns leaves them empty. */
function filled(rows: readonly Row[]): string[][] {
  const from = new Map<number, { readonly text: string; rows: number }>();
  return rows.map(({ cells }) => {
    const made: string[] = [];
    const carry = (): void => {
      for (let above = from.get(made.length); above !== undefined; above = from.get(made.length)) {
        if (--above.rows === 0) from.delete(made.length);
        made.push(above.text);
      }
    };
    for (const { text, columns, rows: deep } of cells) {
      carry();
      for (let i = 0; i < columns; i++) {
        const said = i === 0 ? text : '';
        from.delete(made.length); // a cell over one that reaches down from above
        if (deep > 1 && columns === 1) from.set(made.length, { text: said, rows: deep - 1 });
        made.push(said);
      }
    }
    carry();
    return made;
  });
}
