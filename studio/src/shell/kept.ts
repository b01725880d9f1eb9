/** A page that was saved as a file brings along what it showed: no server is asked for anything. */

export interface Kept {
  /** Where the page stood, as in `#/proof/bestOfN`. */
  readonly address: string;
  /** What the server had answered, by what it was asked. */
  readonly replies: { readonly [path: string]: unknown };
}

/** Where an exported file holds it: the build leaves the place empty. */
const PLACE = 'plusx-page';

/** Of this page, if it is a file. */
export const kept: Kept | undefined = read();

function read(): Kept | undefined {
  const text = document.getElementById(PLACE)?.textContent;
  return text ? (JSON.parse(text) as Kept) : undefined;
}

/** Most replies that are remembered of a page: the oldest make room. */
const MOST = 200;
const replies = new Map<string, unknown>();

/** Notes what a page was told, for when it is saved. */
export function remember(path: string, reply: unknown): void {
  replies.delete(path);
  replies.set(path, reply);
  const [oldest] = replies.keys();
  if (replies.size > MOST && oldest !== undefined) replies.delete(oldest);
}

/** Another page is open. */
export function forget(): void {
  replies.clear();
}

/** The page as one file. @param template the file without a page in it, as it was built */
export function saved(template: string, address: string): string {
  const own: Kept = { address, replies: Object.fromEntries(replies) };
  // Nothing that a model wrote can end the script that holds it, nor begin a comment in it.
  const json = JSON.stringify(own).replaceAll(
    /[<\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const empty = `id="${PLACE}"></`;
  const at = template.indexOf(empty);
  if (at < 0) throw new Error('The file to write the page into has no place for it.');
  return `${template.slice(0, at)}id="${PLACE}">${json}</${template.slice(at + empty.length)}`;
}
