/**
 * Texts of documents, section by section, each with the place a citation names. Markdown, HTML and PDF are read by
 * libraries that are optional peers: imported when a file of their kind is met.
 */
import { PlusxError } from '../core/index.ts';

export interface Section {
  readonly text: string;
  /** The headings it stands under, outermost first: `Install > Linux`. */
  readonly heading?: string | undefined;
  readonly page?: number | undefined;
}

/** Imports a package by name. */
export type Load = (name: string) => Promise<unknown>;

interface Format {
  readonly mediaType: string;
  readonly endings: readonly string[];
  readonly read: (bytes: Uint8Array, load: Load) => Promise<readonly Section[]>;
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

const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** The path of headings, as one more is met. */
function under(path: readonly (string | undefined)[], depth: number, heading: string): (string | undefined)[] {
  return [...Array.from({ length: depth - 1 }, (_, i) => path[i]), heading];
}
const shown = (path: readonly (string | undefined)[]): string | undefined =>
  path.filter(Boolean).join(' > ') || undefined;

interface Marked {
  lexer(
    text: string,
  ): readonly { readonly type: string; readonly raw: string; readonly depth?: number; readonly text?: string }[];
}

async function markdown(bytes: Uint8Array, load: Load): Promise<Section[]> {
  const { lexer } = await library<Marked>('Markdown', 'marked', load);
  const sections: Section[] = [];
  let path: (string | undefined)[] = [];
  let text = '';
  const end = (): void => {
    if (text.trim()) sections.push({ text, heading: shown(path) });
    text = '';
  };
  for (const token of lexer(decoded(bytes)))
    if (token.type === 'heading') {
      end();
      path = under(path, token.depth ?? 1, token.text ?? '');
    } else text += token.raw;
  end();
  return sections;
}

interface HtmlNode {
  readonly nodeType: number;
  readonly rawTagName?: string;
  readonly text: string;
  readonly childNodes: readonly HtmlNode[];
}

const UNSEEN = new Set(['script', 'style', 'noscript', 'template', 'head', 'svg', 'nav', 'iframe']);
const BLOCK =
  /^(?:address|article|aside|blockquote|body|br|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|header|hr|html|li|main|ol|p|pre|section|summary|table|tbody|thead|tr|ul)$/;
const ELEMENT = 1;
const TEXT = 3;

async function html(bytes: Uint8Array, load: Load): Promise<Section[]> {
  const { parse } = await library<{ parse(text: string, options: object): HtmlNode }>('HTML', 'node-html-parser', load);
  const sections: Section[] = [];
  let path: (string | undefined)[] = [];
  let text = '';
  const end = (): void => {
    if (text.trim()) sections.push({ text: text.replaceAll(/\n[ \t]+/g, '\n'), heading: shown(path) });
    text = '';
  };
  const walk = (node: HtmlNode, kept: boolean): void => {
    if (node.nodeType === TEXT) text += kept ? node.text : node.text.replaceAll(/\s+/g, ' ');
    const tag = node.rawTagName?.toLowerCase() ?? '';
    if (node.nodeType !== ELEMENT || UNSEEN.has(tag)) return;
    const depth = /^h([1-6])$/.exec(tag)?.[1];
    if (depth !== undefined) {
      end();
      path = under(path, Number(depth), node.text.replaceAll(/\s+/g, ' ').trim());
      return;
    }
    const gap = tag === 'br' || tag === 'tr' || tag === 'li' ? '\n' : BLOCK.test(tag) ? '\n\n' : '';
    text += tag === 'td' || tag === 'th' ? ' ' : gap;
    for (const child of node.childNodes) walk(child, kept || tag === 'pre');
    text += gap;
  };
  walk(parse(decoded(bytes), { blockTextElements: { script: false, style: false, noscript: false } }), false);
  end();
  return sections;
}

interface Unpdf {
  extractText(data: Uint8Array, options: { mergePages: false }): Promise<{ readonly text: readonly string[] }>;
}

async function pdf(bytes: Uint8Array, load: Load): Promise<Section[]> {
  const { extractText } = await library<Unpdf>('PDF', 'unpdf', load);
  const { text } = await extractText(Uint8Array.from(bytes), { mergePages: false });
  return text.map((page, i) => ({ text: page, page: i + 1 }));
}

export const PLAIN: Format = {
  mediaType: 'text/plain',
  endings: [],
  read: async (bytes) => [{ text: decoded(bytes) }],
};
export const FORMATS: readonly Format[] = [
  { mediaType: 'text/markdown', endings: ['.md', '.markdown', '.mdx'], read: markdown },
  { mediaType: 'text/html', endings: ['.html', '.htm', '.xhtml'], read: html },
  { mediaType: 'application/pdf', endings: ['.pdf'], read: pdf },
];
