/**
 * Sections cut into pieces. White space is content: a piece is what was written, with its indentation and its empty lines,
 * and only empty lines at its ends are left out. Code is cut between lines and a table between rows, and each piece of
 * them has the fence or the names of the columns again.
 */
import type { Block } from './sections.ts';

interface Part {
  readonly text: string;
  /** What stands between it and the part before it. */
  readonly gap: string;
}

/** Blocks put together up to `size` characters. Those that are longer are cut. */
export function pieces(blocks: readonly Block[], size: number): string[] {
  return packed(
    blocks.flatMap((block) => partsOf(block, size)),
    size,
  ).map((piece) => piece.trimEnd());
}

/** Blocks of a plain text: paragraphs, and the number of empty lines between them. */
export function paragraphs(text: string, kind: Block['kind']): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let empty = 0;
  const end = (): void => {
    if (lines.length > 0) blocks.push({ kind, text: lines.join('\n'), gap: empty + 1 });
    if (lines.length > 0) empty = 0;
    lines = [];
  };
  for (const line of text.split('\n'))
    if (line.trim() !== '') lines.push(line);
    else {
      end();
      empty++;
    }
  end();
  return blocks;
}

function partsOf({ kind, text, gap = 2, before, after }: Block, size: number): Part[] {
  const space = '\n'.repeat(gap);
  const framed = (body: string): string => [before, body, after].filter((part) => part !== undefined).join('\n');
  const whole = framed(text);
  if (whole.length <= size) return [{ text: whole, gap: space }];
  if (kind === 'prose') return withGap(sentences(text, size), space);
  const room = size - framed('').length;
  // A frame that leaves less than half of a piece is a line like any other.
  const parts = room < size / 2 ? lineParts(whole, size) : packed(lineParts(text, room), room).map(framed).map(alone);
  return withGap(parts, space);
}

const alone = (text: string): Part => ({ text, gap: '\n' });
const withGap = (parts: readonly Part[], gap: string): Part[] =>
  parts.map((part, i) => (i === 0 ? { ...part, gap } : part));

/** Paragraphs of code or a table; where one is too long its lines, and where a line is too long its words. */
function lineParts(text: string, size: number): Part[] {
  return paragraphs(text, 'lines').flatMap(({ text: paragraph, gap = 1 }) => {
    const space = '\n'.repeat(gap);
    if (paragraph.length <= size) return [{ text: paragraph, gap: space }];
    const lines = paragraph
      .split('\n')
      .flatMap((line) => (line.length <= size ? [alone(line)] : withGap(words(line, size), '\n')));
    return withGap(lines, space);
  });
}

function sentences(text: string, size: number): Part[] {
  const parts: Part[] = [];
  let gap = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)) {
    const sentence = segment.trimEnd();
    if (sentence === '') {
      gap += segment;
      continue;
    }
    const cut = sentence.length <= size ? [{ text: sentence, gap }] : withGap(words(sentence, size), gap);
    for (const part of cut) parts.push(part);
    gap = segment.slice(sentence.length);
  }
  return parts;
}

/** A sentence or a line that is too long, cut between words where there are any, and never inside a character. */
function words(text: string, size: number): Part[] {
  const parts: Part[] = [];
  let gap = '';
  for (let at = 0; at < text.length;) {
    let end = at + size;
    if (end < text.length) {
      const piece = text.slice(at, end + 1);
      const space = piece.lastIndexOf(' ');
      if (piece.slice(0, Math.max(0, space)).trim() !== '') end = at + space;
      else if (/[\ud800-\udbff]/.test(text[end - 1] ?? '')) end = Math.max(at + 1, end - 1);
    }
    const part = text.slice(at, end).trimEnd();
    if (part !== '') parts.push({ text: part, gap });
    at = end;
    gap = '';
    while (text[at] === ' ') {
      gap += ' ';
      at++;
    }
  }
  return parts;
}

function packed(parts: readonly Part[], size: number): string[] {
  const made: string[] = [];
  for (const { text, gap } of parts) {
    const last = made.at(-1);
    if (last !== undefined && last.length + gap.length + text.length <= size) made[made.length - 1] = last + gap + text;
    else made.push(text);
  }
  return made;
}
