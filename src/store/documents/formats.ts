/** What kinds of documents are read, and by what. PDF is read by a library that is an optional peer, imported when one is met. */
import { PlusxError } from '../../core/index.ts';
import { htmlSections } from './html.ts';
import { markdownSections } from './markdown.ts';
import { paragraphs } from './pieces.ts';
import type { Section } from './sections.ts';

/** Imports a package by name. */
export type Load = (name: string) => Promise<unknown>;

interface Format {
  readonly mediaType: string;
  readonly endings: readonly string[];
  readonly read: (bytes: Uint8Array, file: string, load: Load) => Promise<readonly Section[]>;
}

/** A library that reads a kind of document is not installed. */
export class ReaderMissing extends PlusxError {
  override readonly kind = 'usage';
  readonly package: string;
  constructor({ kind, name, why }: { kind: string; name: string; why?: string }) {
    super(`${kind} is read by the package ${name}, which ${why ?? 'is not installed'}. Install it: npm i ${name}`);
    this.package = name;
  }
}

async function library<T>(kind: string, name: string, load: Load): Promise<T> {
  try {
    return (await load(name)) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') throw new ReaderMissing({ kind, name });
    const why = `does not load (${String(error).replaceAll(/\s+/g, ' ').slice(0, 200)})`;
    throw new ReaderMissing({ kind, name, why });
  }
}

/** The text of a file, its line ends as Unix writes them. */
const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replaceAll(/\r\n?/g, '\n');

interface Unpdf {
  getDocumentProxy(data: Uint8Array, options: { verbosity: 0 }): Promise<object>;
  extractText(document: object, options: { mergePages: false }): Promise<{ readonly text: readonly string[] }>;
}

async function pdf(bytes: Uint8Array, _file: string, load: Load): Promise<Section[]> {
  const { extractText, getDocumentProxy } = await library<Unpdf>('PDF', 'unpdf', load);
  const { text } = await extractText(
    await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 }), // what it warns of would stand on the terminal
    { mergePages: false },
  );
  return text.map((page, i) => ({ blocks: paragraphs(page, 'prose'), page: i + 1 }));
}

/** Rows of values: the first says what the others are. A line feed between quotes ends no row. */
function valueSections(text: string): Section[] {
  const rows: string[] = [];
  let quotes = 0;
  for (const line of text.split('\n')) {
    if (quotes % 2 === 1) rows.push(`${rows.pop()}\n${line}`);
    else {
      rows.push(line);
      quotes = 0;
    }
    quotes += line.split('"').length - 1;
  }
  const [before = '', ...others] = rows.filter((row) => row.trim() !== '');
  return [
    {
      blocks:
        others.length === 0 ? [{ kind: 'lines', text: before }] : [{ kind: 'lines', text: others.join('\n'), before }],
    },
  ];
}

const plain = (kind: 'prose' | 'lines') => async (bytes: Uint8Array) => [{ blocks: paragraphs(decoded(bytes), kind) }];

/** Whatever else holds text. Its lines are kept, as those of code must be. */
export const PLAIN: Format = { mediaType: 'text/plain', endings: [], read: plain('lines') };
export const FORMATS: readonly Format[] = [
  { mediaType: 'text/plain', endings: ['', '.txt', '.text', '.rst', '.adoc', '.org'], read: plain('prose') },
  {
    mediaType: 'text/markdown',
    endings: ['.md', '.markdown', '.mdx'],
    read: async (bytes, file) => markdownSections(decoded(bytes), file),
  },
  { mediaType: 'text/html', endings: ['.html', '.htm'], read: async (bytes) => htmlSections(decoded(bytes)) },
  {
    mediaType: 'text/html',
    endings: ['.xhtml'],
    read: async (bytes) => htmlSections(decoded(bytes), { xml: true }),
  },
  { mediaType: 'text/csv', endings: ['.csv', '.tsv'], read: async (bytes) => valueSections(decoded(bytes)) },
  { mediaType: 'application/pdf', endings: ['.pdf'], read: pdf },
];
