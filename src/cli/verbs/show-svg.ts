/** The two distributions of `plusx show` as a picture. */
import { fullLine } from '../../evaluate/distribution/rows.ts';
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
  const top = fullLine(
    rows.map(({ before: one, after: other, intervals }) => ({ shares: [one, other ?? 0], intervals })),
  );
  const description = rows
    .map((row) => `${row.label}: ${percent(row.before)}${row.after === undefined ? '' : ` to ${percent(row.after)}`}`)
    .join('; ');
  const key = (kind: string, y: number, name: string): string =>
    `<rect class="${kind}" x="16" y="${y}" width="12" height="12"/><text x="34" y="${y + 11}">${escaped(clip(oneLine(name), 100))}</text>`;
  return svg({
    heading: oneLine(question),
    shown: clip(oneLine(question), 72),
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

const bars = (on: 0 | 1): string =>
  `.before{fill:${COLOURS.before[on]}}.after{fill:${COLOURS.after[on]}}.interval{stroke:${COLOURS.text[on]}}`;

function drawn({ label, before, after, intervals }: Row, y: number, top: number): string {
  const length = (p: number): string => ((p / top) * (WIDTH - LABEL - RIGHT)).toFixed(1);
  const at = (p: number): string => (LABEL + Number(length(p))).toFixed(1);
  /** As the pages of the studio draw it: a line with two ends. */
  const spread = (interval: Row['intervals'][number], middle: number): string => {
    if (!interval) return '';
    const [low, high] = interval.map(at);
    return `<path class="interval" d="M${low} ${middle}H${high}M${low} ${middle - 3}v6M${high} ${middle - 3}v6"/>`;
  };
  const bar = (kind: 'before' | 'after', p: number, from: number): string => {
    const interval = intervals[kind === 'before' ? 0 : 1];
    const end = Number(length(Math.max(p, interval?.[1] ?? 0)));
    return (
      `<rect class="${kind}" x="${LABEL}" y="${from}" width="${length(p)}" height="${BAR}" rx="1"/>` +
      spread(interval, from + BAR / 2) +
      `<text class="quiet" x="${(LABEL + end + 6).toFixed(1)}" y="${from + BAR - 2}" font-size="12">${percent(p)}</text>`
    );
  };
  const name = `<text x="${LABEL - 10}" y="${y + BAR + 5}" text-anchor="end">${escaped(clip(label, 26))}</text>`;
  return `${name}${bar('before', before, y)}${after === undefined ? '' : bar('after', after, y + BAR + 1)}`;
}
