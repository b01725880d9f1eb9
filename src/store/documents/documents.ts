/** Documents as notes: each a piece of a file that can be found, with the place in the file that a citation names. */
import { hash } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, extname, normalize } from 'node:path';
import { DOCUMENT_BYTES } from '../../core/bounds.ts';
import { DataError, InvalidOption, PlusxError, type Context, type Memory, type Note } from '../../core/index.ts';
import { FORMATS, PLAIN, type Load } from './formats.ts';
import { pieces } from './pieces.ts';

export interface DocumentsOptions {
  /** Characters of a piece, at most. Default 1200. */
  readonly size?: number | undefined;
  /** Imports a package by name. Default: `import`. */
  readonly load?: Load | undefined;
}

/**
 * The pieces of text, Markdown, HTML, CSV and PDF files. A piece is of one section or page; whole paragraphs are put
 * together up to `size`, and one that is longer is cut between sentences. Code is cut between lines and a table between
 * rows, and the fence or the names of the columns stand in each piece. What the reader of a document does not see is left
 * out: comments, front matter, what a page hides.
 *
 * A file that is named twice is read once. Throws ReaderMissing where a library is not installed, and DataError for a file
 * without text, one that is too large, and one that cannot be read.
 */
export async function documents(
  files: readonly string[],
  { size = 1200, load = (name) => import(/* webpackIgnore: true */ /* @vite-ignore */ name) }: DocumentsOptions = {},
): Promise<Note[]> {
  if (!Number.isInteger(size) || size < 1)
    throw new InvalidOption({ where: 'documents', option: 'size', rule: 'must be a positive integer', value: size });
  const notes: Note[] = [];
  const read = new Set<string>();
  for (const file of files) {
    const document = await identityOf(file);
    if (read.has(document)) continue;
    read.add(document);
    const bytes = await bytesOf(file);
    const format = FORMATS.find(({ endings }) => endings.includes(extname(file).toLowerCase())) ?? PLAIN;
    if (format.mediaType !== 'application/pdf' && bytes.includes(0))
      throw new DataError({ file, problem: 'it holds no text. Text, Markdown, HTML, CSV and PDF can be read.' });
    const sections = await format.read(bytes, file, load).catch((error: unknown) => {
      if (error instanceof PlusxError) throw error;
      const why = String(error).replaceAll(/\s+/g, ' ').slice(0, 200);
      throw new DataError({ file, problem: `it cannot be read as ${format.mediaType} (${why}). Check the file.` });
    });
    let part = 0;
    for (const { blocks, title, heading, page } of sections)
      for (const piece of pieces(blocks, size)) {
        const text = withoutUnseen(piece);
        if (text.trim() === '') continue;
        notes.push({
          id: `${basename(file)}:${document.slice(0, 12)}#${++part}`,
          text,
          data: {
            source: normalize(file),
            document,
            mediaType: format.mediaType,
            ...(title !== undefined && { title: withoutUnseen(title) }),
            ...(heading !== undefined && { heading: withoutUnseen(heading) }),
            ...(page !== undefined && { page }),
          },
        });
      }
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
  const sources = new Set<unknown>(notes.map(({ data }) => data?.['document']));
  const before = await memory.list(namespace);
  const stale = before.filter(({ id, data }) => sources.has(data?.['document']) && !fresh.has(id)).map(({ id }) => id);
  await memory.put(namespace, notes, context);
  if (stale.length > 0) await memory.remove(namespace, stale);
  return notes.length;
}

/** One for all names of a file. A hash, because the notes are shown and a path says where people keep things. */
async function identityOf(file: string): Promise<string> {
  return hash('sha256', await realpath(file).catch((error: unknown) => unreadable(file, error)), 'hex').slice(0, 32);
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const { size } = await stat(file).catch((error: unknown) => unreadable(file, error));
  if (size > DOCUMENT_BYTES)
    throw new DataError({ file, problem: `it has ${size} bytes, and ${DOCUMENT_BYTES} can be read. Split it.` });
  return readFile(file).catch((error: unknown) => unreadable(file, error));
}

function unreadable(file: string, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const known = { ENOENT: 'there is no such file', EISDIR: 'it is a folder, not a file' }[code ?? ''];
  throw new DataError({ file, problem: `${known ?? `it cannot be read (${code ?? message})`}. Check the path.` });
}

/** Without signs that show nothing and may still say something: tags of Unicode, spaces of no width, soft hyphens. */
function withoutUnseen(text: string): string {
  return text.replaceAll(UNSEEN, '');
}
const UNSEEN = /[\u00ad\u180e\u200b\u2060-\u2064\ufeff\u{e0000}-\u{e01ef}]/gu;
