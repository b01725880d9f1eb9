/** Figures with their 95% intervals, one below the other on one axis. */
import { COLOURS } from '../picture/look.ts';
import { escaped, svg, SVG_WIDTH as WIDTH } from '../picture/svg.ts';
import type { Interval } from '../statistics.ts';
import { percent, signed } from './report.ts';

export interface IntervalRow {
  readonly label: string;
  readonly value: number;
  readonly ci95: Interval;
}

const LABEL = 250;
const RIGHT = 190;
const PITCH = 30;
const TOP = 56;

/** Shares from 0 to 1, or differences around 0, where a line marks "no difference". */
export function intervalsSvg(
  rows: readonly IntervalRow[],
  { title, isDifference = false }: { readonly title: string; readonly isDifference?: boolean },
): string {
  const ends = rows.flatMap(({ value, ci95 }) => [value, ...ci95]).filter((one) => Number.isFinite(one));
  const [low, high] = isDifference
    ? [Math.min(0, ...ends) - 0.02, Math.max(0, ...ends) + 0.02]
    : [Math.max(0, Math.min(1, ...ends) - 0.02), Math.min(1, Math.max(0, ...ends) + 0.02)];
  const at = (value: number): string =>
    (LABEL + ((Math.min(high, Math.max(low, value)) - low) / (high - low || 1)) * (WIDTH - LABEL - RIGHT)).toFixed(1);
  const told = isDifference ? signed : percent;
  const bottom = TOP + rows.length * PITCH;
  const line = ({ label, value, ci95: [lo, hi] }: IntervalRow, i: number): string => {
    const y = TOP + i * PITCH + PITCH / 2;
    const surely = isDifference ? (lo > 0 ? 'up' : hi < 0 ? 'down' : 'open') : 'open';
    return [
      `<text x="${LABEL - 12}" y="${y + 4}" text-anchor="end">${escaped(clipped(label))}<title>${escaped(label)}</title></text>`,
      `<path class="${surely}" d="M${at(lo)} ${y}H${at(hi)}"/><circle class="${surely}" cx="${at(value)}" cy="${y}" r="4.5"/>`,
      `<text class="quiet" x="${WIDTH - RIGHT + 12}" y="${y + 4}">${told(value)} (${told(lo)} to ${told(hi)})</text>`,
    ].join('');
  };
  return svg({
    heading: title,
    shown: title,
    description: rows
      .map(({ label, value, ci95: [lo, hi] }) => `${label}: ${told(value)}, ${told(lo)} to ${told(hi)}`)
      .join('. '),
    height: bottom + 16,
    style: STYLE(COLOURS.after[0], '#2b8a57', '#b3364f'),
    darkStyle: STYLE(COLOURS.after[1], '#5fc48d', '#ee7a90'),
    body: [isDifference ? `<path class="zero" d="M${at(0)} ${TOP - 6}V${bottom}"/>` : '', ...rows.map(line)],
  });
}

const STYLE = (open: string, up: string, down: string): string =>
  `.zero{stroke:#8888;stroke-dasharray:3 3;fill:none}path{stroke-width:2.4;fill:none}.open{stroke:${open}}.up{stroke:${up}}.down{stroke:${down}}circle.open{fill:${open}}circle.up{fill:${up}}circle.down{fill:${down}}`;

const clipped = (text: string): string => (text.length <= 36 ? text : `${text.slice(0, 15)}…${text.slice(-20)}`);
