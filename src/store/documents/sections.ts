/** A document as sections, and a section as blocks: what every format is read into before it is cut into pieces. */

/** A stretch of a section that has a form of its own. */
export interface Block {
  /** `prose` is cut between sentences, `lines` between lines: code, tables, lists of values. */
  readonly kind: 'prose' | 'lines';
  /** As it was written, with its indentation. */
  readonly text: string;
  /** Line feeds before it. Default 2. */
  readonly gap?: number | undefined;
  /** Lines that begin and end every piece of it: the names of the columns, the fence of the code. */
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

export interface Section {
  readonly blocks: readonly Block[];
  readonly title?: string | undefined;
  /** The headings it stands under, outermost first: `Install > Linux`. */
  readonly heading?: string | undefined;
  readonly page?: number | undefined;
}

export interface Outline {
  heading(depth: number, text: string): void;
  block(block: Block): void;
  /** All sections, with the title of the document. */
  end(title: string | undefined): Section[];
}

/** Puts blocks under the headings that stand above them. A heading with nothing under it is a section of its own. */
export function outline(): Outline {
  const sections: Section[] = [];
  let path: { readonly depth: number; readonly text: string }[] = [];
  let blocks: Block[] = [];
  const shown = (of: typeof path): string | undefined => of.map(({ text }) => text).join(' > ') || undefined;
  const close = (next: number): void => {
    const last = path.at(-1);
    if (blocks.length > 0) sections.push({ blocks, heading: shown(path) });
    else if (last !== undefined && next <= last.depth)
      sections.push({ blocks: [{ kind: 'prose', text: last.text }], heading: shown(path.slice(0, -1)) });
    blocks = [];
  };
  return {
    heading(depth, text) {
      close(depth);
      path = path.filter((above) => above.depth < depth);
      if (text !== '') path.push({ depth, text });
    },
    block(block) {
      const { text, before } = block;
      // White space within is content; empty lines around it only part it from others, as `gap` does.
      const trimmed = before === undefined ? text.replace(/^(?:[ \t]*\n)+/, '').trimEnd() : text;
      if (trimmed !== '' || before !== undefined) blocks.push({ ...block, text: trimmed });
    },
    end(title) {
      close(0);
      return title === undefined ? sections : sections.map((section) => ({ ...section, title }));
    },
  };
}

/** A row of a table and the line under its names, as Markdown writes them. */
export const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
export const ruleOf = (cells: readonly string[]): string => `|${cells.map(() => '---').join('|')}|`;
