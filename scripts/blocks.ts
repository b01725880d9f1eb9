/** The code blocks of a page in Markdown, and how what a command prints is compared with what a page says. */

export interface Block {
  /** Where it begins and ends in the page, and its line. */
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly language: string;
  /** What stands behind the language. */
  readonly meta: string;
  readonly text: string;
}

export function blocksOf(source: string): Block[] {
  return [...source.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map(
    ({ 0: whole, index, 1: language = '', 2: meta = '', 3: text = '' }) => ({
      from: index,
      to: index + whole.length,
      line: source.slice(0, index).split('\n').length,
      language,
      meta: meta.trim(),
      text,
    }),
  );
}

/** Without blanks at the ends, of lines too. */
export function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trim();
}

/** How the two differ, in words: nothing (`''`) where they are the same to `seen`. */
export function difference(said: string, printed: string, seen: (text: string) => string = (text) => text): string {
  const [expected, got] = [tidy(said), tidy(printed)];
  return seen(expected) === seen(got) ? '' : `the page says\n${expected}\nand it prints\n${got}`;
}
