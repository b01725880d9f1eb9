/** The two distributions of `plusx show` as a picture. */
import { rowsOf, type Row } from './bars.ts';
import type { Shown } from './show.ts';
import { clip, oneLine, percent } from './text.ts';

const WIDTH = 760;
const LABEL = 200;
const RIGHT = 110;
const BAR = 13;
const PITCH = 40;
const TOP = 92;

/** A picture that reads on white and on dark ground alike. */
export function distributionSvg({ question, model, formula, before, after }: Shown): string {
  const rows = rowsOf({ before, after });
  const top = Math.max(...rows.map((row) => Math.max(row.before, row.after ?? 0)), 1e-9);
  const height = TOP + rows.length * PITCH + 12;
  const description = rows
    .map((row) => `${row.label}: ${percent(row.before)}${row.after === undefined ? '' : ` to ${percent(row.after)}`}`)
    .join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-labelledby="title about">
<title id="title">${escaped(oneLine(question))}</title>
<desc id="about">${escaped(description)}</desc>
<style>text{fill:#333}.quiet{fill:#777}.before{fill:#b9bec7}.after{fill:#2f6fb5}@media(prefers-color-scheme:dark){text{fill:#e4e4e4}.quiet{fill:#a0a0a0}.before{fill:#5b6472}.after{fill:#6ea8e6}}</style>
<text x="16" y="26" font-size="16" font-weight="600">${escaped(clip(oneLine(question), 80))}</text>
<rect class="before" x="16" y="42" width="12" height="12"/><text x="34" y="53">${escaped(clip(oneLine(model), 100))}</text>
${after ? `<rect class="after" x="16" y="62" width="12" height="12"/><text x="34" y="73">${escaped(clip(oneLine(formula), 100))}</text>` : ''}
${rows.map((row, i) => drawn(row, TOP + i * PITCH, top)).join('\n')}
</svg>
`;
}

function drawn({ label, before, after }: Row, y: number, top: number): string {
  const length = (p: number): string => ((p / top) * (WIDTH - LABEL - RIGHT)).toFixed(1);
  const bar = (kind: 'before' | 'after', p: number, at: number): string =>
    `<rect class="${kind}" x="${LABEL}" y="${at}" width="${length(p)}" height="${BAR}" rx="1"/>` +
    `<text class="quiet" x="${(LABEL + Number(length(p)) + 6).toFixed(1)}" y="${at + BAR - 2}" font-size="12">${percent(p)}</text>`;
  const name = `<text x="${LABEL - 10}" y="${y + BAR + 5}" text-anchor="end">${escaped(clip(label, 26))}</text>`;
  return `${name}${bar('before', before, y)}${after === undefined ? '' : bar('after', after, y + BAR + 1)}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
