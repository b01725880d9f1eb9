/** Pages that were looked up: as a prompt shows them, and as the sources of an answer. */
import type { Content, Found } from '../../core/index.ts';
import { textIn } from '../shared/namespace.ts';

/** Each page between tags that nothing inside it can close, or open another. */
export function delimited(pages: readonly Found[]): string {
  return pages
    .map((page, i) => {
      const source = titleOf(page);
      const named =
        source === undefined ? '' : ` source="${safe(source).replaceAll('"', "'").replaceAll(/\s+/g, ' ')}"`;
      return `<page number="${i + 1}"${named}>\n${safe(page.text)}\n</page>`;
    })
    .join('\n');
}

/** `<page` and `</page`, in whatever spelling, are no tags any more. */
function safe(text: string): string {
  return text.replaceAll(/<(?=\s*\/?\s*page)/gi, '&lt;');
}

/** Where a page is from: its title, or its file with the heading or the page's number. */
function titleOf(page: Found): string | undefined {
  const title = textIn(page, 'title') ?? textIn(page, 'source');
  const heading = textIn(page, 'heading');
  const number = page.data?.['page'];
  const place = heading ?? (typeof number === 'number' ? `page ${number}` : undefined);
  return title === undefined ? place : place === undefined ? title : `${title}, ${place}`;
}

/** A page as a `source` part, in the AI SDK's vocabulary. */
export function sourceOf(page: Found, cited: boolean): Content {
  const url = textIn(page, 'url');
  const common = {
    type: 'source' as const,
    id: page.id,
    title: titleOf(page) ?? page.id,
    providerMetadata: { plusx: { cited, ...page.data } },
  };
  if (url !== undefined) {
    const web = { ...common, sourceType: 'url' as const, url };
    return web;
  }
  const filename = textIn(page, 'source');
  const document = {
    ...common,
    sourceType: 'document' as const,
    mediaType: textIn(page, 'mediaType') ?? 'text/plain',
    ...(filename !== undefined && { filename }),
  };
  return document;
}
