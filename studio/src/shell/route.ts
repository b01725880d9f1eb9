/** Which page is open, and with what: all of it stands in the fragment, so that a link holds it and no server is asked. */
import { signal } from '@preact/signals';
import { kept } from './kept.ts';

export interface Route {
  /** The name of the page. */
  readonly page: string;
  /** What follows it, as in `#/traces/ID`. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

// A saved file opens where it was saved.
if (kept && location.hash === '') history.replaceState(null, '', kept.address || '#');
export const route = signal(read());
addEventListener('hashchange', () => {
  route.value = read();
});

function read(): Route {
  const [path = '', query = ''] = split(location.hash.slice(1), '?');
  const [page = '', ...rest] = path.split('/').filter(Boolean).map(decoded);
  return { page: page || 'play', rest, query: new URLSearchParams(query) };
}

/** The address of a page, for `href`. */
export function href(
  page: string,
  rest: readonly string[] = [],
  query: { readonly [name: string]: string | undefined } = {},
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const asked = new URLSearchParams(given).toString();
  return `#/${[page, ...rest].map(encodeURIComponent).join('/')}${asked && `?${asked}`}`;
}

/** Opens a page. `replace` leaves no step for the browser's way back. */
export function go(address: string, { replace = false } = {}): void {
  if (!replace) location.hash = address;
  else {
    history.replaceState(null, '', address);
    route.value = read();
  }
}

function split(text: string, at: string): readonly string[] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody typed it
  }
}
