/**
 * The frame all pictures share: a heading, words for those who cannot see it, and a ground of their own, white or dark as the reader
 * has it set: the page around a picture may not follow that.
 */

import { COLOURS, LETTERS } from './look.ts';

export const SVG_WIDTH = 760;

export interface Picture {
  readonly heading: string;
  /** The heading as drawn, where the whole is too long. */
  readonly shown: string;
  /** What the picture says, in words. */
  readonly description: string;
  readonly height: number;
  /** CSS of this kind of picture, and what of it changes on dark ground. */
  readonly style: string;
  readonly darkStyle: string;
  readonly body: readonly string[];
}

export function svg({ heading, shown, description, height, style, darkStyle, body }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SVG_WIDTH} ${height}" width="${SVG_WIDTH}" height="${height}" font-family="${LETTERS}" font-size="13" role="img" aria-labelledby="title about">
<title id="title">${escaped(heading)}</title>
<desc id="about">${escaped(description)}</desc>
<style>${frame(0)}${style}@media(prefers-color-scheme:dark){${frame(1)}${darkStyle}}</style>
<rect class="ground" width="${SVG_WIDTH}" height="${height}"/>
<text x="16" y="26" font-size="16" font-weight="600">${escaped(shown)}</text>
${body.filter(Boolean).join('\n')}
</svg>
`;
}

const frame = (on: 0 | 1): string =>
  `.ground{fill:${COLOURS.ground[on]}}text{fill:${COLOURS.text[on]}}.quiet{fill:${COLOURS.quiet[on]}}`;

/** Characters that no XML may hold, however they are written: one of them, and nothing is drawn. */
// oxlint-disable-next-line no-control-regex
const NO_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

/** Text as it may stand in SVG: what a model wrote is never markup, and never breaks the picture. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(NO_XML, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
