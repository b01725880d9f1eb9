/** Documents as notes: each a piece of a file that can be found, with the place in the file that a citation names. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { DataError, InvalidOption, type Context, type Memory, type Note } from '../core/index.ts';
import { FORMATS, PLAIN, type Load } from './document-formats.ts';

export interface DocumentsOptions {
  /** Characters of a piece, at most. Default 1200. */
  readonly size?: number | undefined;
  /** Imports a package by name. Default: `import`. */
  readonly load?: Load | undefined;
}

/**
 * The pieces of text, Markdown, HTML and PDF files. A piece is of one section or page; whole paragraphs are put together
 * up to `size`, and one that is longer is cut between sentences. Throws ReaderMissing where a library is not installed,
 * and DataError for a file without text.
 */
export async function documents(
  files: readonly string[],
  { size = 1200, load = (name) => import(/* webpackIgnore: true */ /* @vite-ignore */ name) }: DocumentsOptions = {},
): Promise<Note[]> {
  if (!Number.isInteger(size) || size < 1)
    throw new InvalidOption({ where: 'documents', option: 'size', rule: 'must be a positive integer', value: size });
  const notes: Note[] = [];
  for (const file of files) {
    const bytes = await readFile(file);
    const format = FORMATS.find(({ endings }) => endings.includes(extname(file).toLowerCase())) ?? PLAIN;
    if (format.mediaType !== 'application/pdf' && bytes.includes(0))
      throw new DataError({ file, problem: 'it holds no text. Text, Markdown, HTML and PDF can be read.' });
    let part = 0;
    for (const { text, heading, page } of await format.read(bytes, load))
      for (const piece of pieces(text, size))
        notes.push({
          id: idOf(file, part++),
          text: piece,
          data: {
            source: file,
            mediaType: format.mediaType,
            ...(heading !== undefined && { heading }),
            ...(page !== undefined && { page }),
          },
        });
    if (part === 0) throw new DataError({ file, problem: 'no text was found in it. A scan has to be read first.' });
  }
  return notes;
}

/** Puts documents into a memory; what was there of these files before goes. Resolves to the number of pieces. */
export async function indexDocuments(
  memory: Memory,
  namespace: string,
  files: readonly string[],
  { context, ...options }: DocumentsOptions & { readonly context?: Context | undefined } = {},
): Promise<number> {
  const notes = await documents(files, options);
  const fresh = new Set(notes.map(({ id }) => id));
  const sources = new Set<unknown>(files);
  const before = await memory.list(namespace);
  const stale = before.filter(({ id, data }) => sources.has(data?.['source']) && !fresh.has(id)).map(({ id }) => id);
  await memory.put(namespace, notes, context);
  if (stale.length > 0) await memory.remove(namespace, stale);
  return notes.length;
}

const idOf = (file: string, part: number): string => `${file}#${part + 1}`;

/** Paragraphs put together up to `size` characters. */
export function pieces(text: string, size: number): string[] {
  const paragraphs = text
    .replaceAll('\r\n', '\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim())
    .filter(Boolean);
  return packed(
    paragraphs.flatMap((paragraph) => (paragraph.length <= size ? [paragraph] : sentences(paragraph, size))),
    size,
    '\n\n',
  );
}

function sentences(paragraph: string, size: number): string[] {
  const segments = [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(paragraph)];
  const parts = segments.flatMap(({ segment }) => {
    const sentence = segment.trim();
    return sentence.length <= size ? [sentence] : cut(sentence, size);
  });
  return packed(parts.filter(Boolean), size, ' ');
}

/** A sentence that is too long, between words where there are any, and never inside a character. */
function cut(sentence: string, size: number): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > size) {
    const space = rest.lastIndexOf(' ', size);
    const inside = /[\ud800-\udbff]/.test(rest[size - 1] ?? '') ? size - 1 : size;
    const at = space > 0 ? space : Math.max(1, inside);
    parts.push(rest.slice(0, at).trim());
    rest = rest.slice(at).trimStart();
  }
  return [...parts, rest];
}

function packed(parts: readonly string[], size: number, gap: string): string[] {
  const made: string[] = [];
  for (const part of parts) {
    const last = made.at(-1);
    if (last !== undefined && last.length + gap.length + part.length <= size) made[made.length - 1] = last + gap + part;
    else made.push(part);
  }
  return made;
}
