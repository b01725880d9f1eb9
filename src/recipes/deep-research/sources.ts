/** Pages that the caller's search finds: their numbers and their titles. */
import { TOOL_RESULT_CHARS } from '../../core/bounds.ts';
import { stoppable } from '../../core/context/abort.ts';
import type { Content, Context } from '../../core/index.ts';

/** What a search finds. */
export interface Page {
  readonly url: string;
  readonly title?: string | undefined;
  readonly text: string;
}

/** The caller's search. It must find the same pages for the same query, or else a resumed run goes another way. */
export type Search = (query: string, context: Context) => readonly Page[] | Promise<readonly Page[]>;

/** The first pages of a search. One that fails finds none, and says so. */
export async function pagesFor(search: Search, query: string, pages: number, at: Context): Promise<readonly Page[]> {
  try {
    const found = await stoppable(Promise.resolve(search(query, at)), at.signal);
    return found.slice(0, pages).map((page) => cut(page, at));
  } catch (error) {
    at.signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    at.ledger.warn({ code: 'search-failed', message: `deepResearch: the search for "${query}" failed: ${why}` });
    return [];
  }
}

/** A page is read as far as the result of a tool is. */
function cut(page: Page, { ledger }: Context): Page {
  if (page.text.length <= TOOL_RESULT_CHARS) return page;
  const message = `deepResearch: ${titleOf(page)} has more than ${TOOL_RESULT_CHARS} characters and is cut`;
  ledger.warn({ code: 'page-cut', message });
  return { ...page, text: page.text.slice(0, TOOL_RESULT_CHARS) };
}

/** The number of a page, which it gets when it is first found. */
export function numberOf(page: Page, sources: Page[]): number {
  const at = sources.findIndex(({ url }) => url === page.url);
  return at === -1 ? sources.push(page) : at + 1;
}

/** A page as the AI SDK's source part. */
export function sourcePart(number: number, page: Page | undefined): Content[] {
  if (!page) return [];
  const part = { type: 'source' as const, sourceType: 'url', id: String(number), url: page.url, title: page.title };
  return [part];
}

/** A page as a list of sources names it. */
export const titleOf = ({ title, url }: Page): string => (title === undefined ? url : `${title} (${url})`);
