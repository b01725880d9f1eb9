/** The two distributions of `plusx show` as a picture. */
import { COLOURS } from '../../evaluate/picture/look.ts';
import { escaped, svg, SVG_WIDTH as WIDTH } from '../../evaluate/picture/svg.ts';
import { rowsOf, type Row, type Shown } from '../terminal/bars.ts';
import { clip, oneLine, percent } from '../terminal/text.ts';

const LABEL = 200;
const RIGHT = 110;
const BAR = 13;
const PITCH = 40;
const TOP = 92;

/** A picture that reads on white and on dark ground alike. */
export function distributionSvg({ question, model, formula, before, after }: Shown): string {
  const rows = rowsOf({ before, after });
  const top = Math.max(...rows.map((row) => Math.max(row.before, row.after ?? 0)), 1e-9);
  const description = rows
    .map((row) => `${row.label}: ${percent(row.before)}${row.after === undefined ? '' : ` to ${percent(row.after)}`}`)
    .join('; ');
  const key = (kind: string, y: number, name: string): string =>
    `<rect class="${kind}" x="16" y="${y}" width="12" height="12"/><text x="34" y="${y + 11}">${escaped(clip(oneLine(name), 100))}</text>`;
  return svg({
    heading: oneLine(question),
    shown: clip(oneLine(question), 80),
    description,
    height: TOP + rows.length * PITCH + 12,
    style: bars(0),
    darkStyle: bars(1),
    body: [
      key('before', 42, model),
      after ? key('after', 62, formula) : '',
      ...rows.map((row, i) => drawn(row, TOP + i * PITCH, top)),
    ],
  });
}

const bars = (on: 0 | 1): string => `.before{fill:${COLOURS.before[on]}}.after{fill:${COLOURS.after[on]}}`;

function drawn({ label, before, after }: Row, y: number, top: number): string {
  const length = (p: number): string => ((p / top) * (WIDTH - LABEL - RIGHT)).toFixed(1);
  const bar = (kind: 'before' | 'after', p: number, at: number): string =>
    `<rect class="${kind}" x="${LABEL}" y="${at}" width="${length(p)}" height="${BAR}" rx="1"/>` +
    `<text class="quiet" x="${(LABEL + Number(length(p)) + 6).toFixed(1)}" y="${at + BAR - 2}" font-size="12">${percent(p)}</text>`;
  const name = `<text x="${LABEL - 10}" y="${y + BAR + 5}" text-anchor="end">${escaped(clip(label, 26))}</text>`;
  return `${name}${bar('before', before, y)}${after === undefined ? '' : bar('after', after, y + BAR + 1)}`;
}
