/** Scaling curves as a picture: SVG by hand, readable on white and on dark ground alike. */
import type { Forecast } from './forecast.ts';
import type { Curve, CurvePoint } from './result.ts';
import { COLOURS } from '../picture/look.ts';
import { escaped, svg, SVG_WIDTH as WIDTH } from '../picture/svg.ts';

export interface CurveChartOptions {
  /** Default: the tasks' names. */
  readonly title?: string | undefined;
  /** Names of the curves in the legend. Default: their formulas. */
  readonly labels?: readonly string[] | undefined;
  /** Whether pass@n of the base is drawn too, dashed. Default true. */
  readonly pass?: boolean | undefined;
  /** What the points stand at: the option that varies, or what an answer took. Points of which that is unknown are left out. Default `option`. */
  readonly x?: 'option' | 'samples' | 'tokens' | 'usd' | 'seconds' | undefined;
  /** What the points measure. Default `accuracy`. */
  readonly measure?: string | undefined;
}

const PLOT_HEIGHT = 330;
const LEFT = 64;
const RIGHT = 24;
const LEGEND_LINE = 20;
const LEGEND_CHARACTERS = 96;
const AXIS = 58;
const MIN_LABEL_GAP = 34;

/** What is drawn of a curve. */
export type DrawnCurve = Pick<Curve, 'task' | 'formula' | 'over' | 'curve' | 'forecast'>;

/** Accuracy over n with 95% intervals as bands; several curves share the axes. */
export function curveSvg(
  curves: readonly DrawnCurve[],
  { title, labels, pass = true, measure = 'accuracy', x: axis = 'option' }: CurveChartOptions = {},
): string {
  const series = withoutTwins(curves.map((curve, i) => toSeries(curve, i, { pass, axis, label: labels?.[i] })));
  const heading = title ?? [...new Set(curves.map(({ task }) => task))].join(', ');
  const legend = series.flatMap(({ label, colour, dashed }) => [
    { text: label, colour, dashed: false },
    ...(dashed.length > 0 ? [{ text: `pass@n of ${baseOf(label)}`, colour, dashed: true }] : []),
  ]);
  const top = 44 + legend.length * LEGEND_LINE + 12;
  const height = top + PLOT_HEIGHT + AXIS;
  const x = xScale(series.flatMap(({ points, ahead }) => [...points.map(({ n }) => n), ...(ahead ? [ahead.n] : [])]));
  const y = yScale(series, top);
  const over = axis === 'option' ? [...new Set(curves.map((curve) => curve.over))].join(', ') : AXES[axis].name;
  return svg({
    heading,
    shown: clipped(heading, 84),
    description: series.map(described).join('. '),
    height,
    style: STYLE,
    darkStyle: palette(DARK),
    body: [
      ...legend.map((entry, i) => legendLine(entry, 50 + i * LEGEND_LINE)),
      ...y.ticks.map((tick) => gridLine(tick, y)),
      x.ticks
        .map(
          (tick) =>
            `<text class="quiet" x="${fixed(x.at(tick))}" y="${top + PLOT_HEIGHT + 20}" text-anchor="middle">${axis === 'option' ? tick : AXES[axis].shown(tick)}</text><path class="grid" d="M${fixed(x.at(tick))} ${top + PLOT_HEIGHT}v5"/>`,
        )
        .join(''),
      `<text class="quiet" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 14}" text-anchor="middle">${escaped(over)}${x.logarithmic ? ' (logarithmic)' : ''}</text>`,
      `<text class="quiet" transform="translate(16 ${top + PLOT_HEIGHT / 2}) rotate(-90)" text-anchor="middle">${escaped(measure)}</text>`,
      ...series.map((one) => drawn(one, x, y)),
    ],
  });
}

interface Series {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly CurvePoint[];
  /** pass@n where it is known and asked for. */
  readonly dashed: readonly { readonly n: number; readonly value: number }[];
  /** What more samples would give; told where the axis counts samples. */
  readonly ahead: Forecast | undefined;
}

function toSeries(
  { formula, curve, forecast }: DrawnCurve,
  i: number,
  {
    pass,
    axis,
    label = formula,
  }: { pass: boolean; axis: NonNullable<CurveChartOptions['x']>; label: string | undefined },
): Series {
  const points = curve.flatMap((point) => {
    const n = axis === 'option' ? point.n : AXES[axis].of(point);
    return n === undefined ? [] : [{ ...point, n }];
  });
  const known = points.flatMap((point) => (point.pass === undefined ? [] : [{ n: point.n, value: point.pass }]));
  return {
    label,
    colour: `c${i % LIGHT.length}`,
    points,
    dashed: pass ? known : [],
    ahead: axis === 'option' || axis === 'samples' ? forecast : undefined,
  };
}

const AXES: {
  readonly [axis in 'samples' | 'tokens' | 'usd' | 'seconds']: {
    readonly name: string;
    readonly of: (point: CurvePoint) => number | undefined;
    readonly shown: (value: number) => string;
  };
} = {
  samples: { name: 'samples an item', of: ({ samplesPerItem }) => samplesPerItem, shown: (value) => rounded(value) },
  tokens: { name: 'tokens an item', of: ({ tokensPerItem }) => tokensPerItem, shown: (value) => rounded(value) },
  usd: { name: 'US dollars an item', of: ({ usdPerItem }) => usdPerItem, shown: (value) => `$${rounded(value)}` },
  seconds: {
    name: 'seconds an item',
    of: ({ secondsPerItem }) => secondsPerItem,
    shown: (value) => `${rounded(value)} s`,
  },
};

const rounded = (value: number): string => String(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

/** Techniques over one base have one pass@n: it is drawn once. */
function withoutTwins(series: readonly Series[]): Series[] {
  const seen = new Set<string>();
  return series.map((one) => {
    const dashes = JSON.stringify([baseOf(one.label), one.dashed]);
    if (one.dashed.length === 0 || !seen.has(dashes)) return (seen.add(dashes), one);
    return { ...one, dashed: [] };
  });
}

const baseOf = (label: string): string => label.split(' + ').slice(0, -1).join(' + ') || label;

interface Scale {
  readonly ticks: readonly number[];
  readonly at: (value: number) => number;
}

/** Logarithmic where the values are positive and span a factor of 4 or more. Every value has a tick where there is room. */
function xScale(values: readonly number[]): Scale & { readonly logarithmic: boolean } {
  const all = [...new Set(values)].sort((a, b) => a - b);
  const [low, high] = [all[0] ?? 0, all.at(-1) ?? 1];
  const logarithmic = low > 0 && high / low >= 4;
  const map = logarithmic ? Math.log2 : (value: number): number => value;
  const inner = WIDTH - LEFT - RIGHT - 40;
  const at = (value: number): number =>
    LEFT + 20 + (high === low ? inner / 2 : ((map(value) - map(low)) / (map(high) - map(low))) * inner);
  const ticks: number[] = [];
  // From the right, so that the largest value keeps its label.
  for (const value of all.toReversed())
    if (ticks.length === 0 || at(ticks.at(-1) as number) - at(value) >= MIN_LABEL_GAP) ticks.push(value);
  return { logarithmic, ticks: ticks.toReversed(), at };
}

/** From 0 where that wastes less than half of the height, in steps of 1, 2 or 5. */
function yScale(series: readonly Series[], top: number): Scale & { readonly digits: number } {
  const values = series.flatMap(({ points, dashed, ahead }) => [
    ...points.flatMap(({ accuracy, ci95 }) => [accuracy, ...ci95]),
    ...dashed.map(({ value }) => value),
    ...(ahead?.band ?? []),
  ]);
  const highest = Math.min(1, Math.max(...values, 0.01));
  const lowest = Math.max(0, Math.min(...values, highest));
  const floor = lowest < highest / 2 ? 0 : lowest;
  const step = niceStep(Math.max(highest - floor, 0.005) / 5);
  const low = Math.max(0, Math.floor(floor / step + 1e-9) * step);
  const high = Math.min(1, Math.ceil(highest / step - 1e-9) * step);
  const count = Math.round((high - low) / step);
  const ticks = Array.from({ length: count + 1 }, (_, i) => Math.min(1, low + i * step));
  const at = (value: number): number =>
    top + PLOT_HEIGHT * (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low || 1));
  return { ticks, at, digits: Math.max(0, -Math.floor(Math.log10(step * 100) + 1e-9)) };
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least - 1e-12) ?? 10) * power;
}

function gridLine(tick: number, { at, digits }: Scale & { readonly digits: number }): string {
  const y = fixed(at(tick));
  return `<path class="grid" d="M${LEFT} ${y}H${WIDTH - RIGHT}"/><text class="quiet" x="${LEFT - 8}" y="${fixed(at(tick) + 4)}" text-anchor="end">${(100 * tick).toFixed(digits)}%</text>`;
}

function drawn({ colour, points, dashed, ahead }: Series, x: Scale, y: Scale): string {
  const last = points.at(-1);
  const spot = (n: number, value: number): string => `${fixed(x.at(n))} ${fixed(y.at(value))}`;
  const line = (all: readonly string[]): string => `M${all.join('L')}`;
  const upper = points.map(({ n, ci95 }) => spot(n, ci95[1]));
  const lower = points.map(({ n, ci95 }) => spot(n, ci95[0])).toReversed();
  const [only] = points;
  const spread =
    points.length === 1 && only
      ? `<path class="line ${colour}" d="M${spot(only.n, only.ci95[0])}L${spot(only.n, only.ci95[1])}"/>`
      : `<path class="band ${colour}" d="${line([...upper, ...lower])}Z"/>`;
  return [
    spread,
    dashed.length > 0
      ? `<path class="line dashed ${colour}" d="${line(dashed.map(({ n, value }) => spot(n, value)))}"/>`
      : '',
    `<path class="line ${colour}" d="${line(points.map(({ n, accuracy }) => spot(n, accuracy)))}"/>`,
    ahead && last
      ? `<path class="line ahead ${colour}" d="M${spot(last.n, last.accuracy)}L${spot(ahead.n, ahead.accuracy)}"/><path class="line ${colour}" d="M${spot(ahead.n, ahead.band[0])}L${spot(ahead.n, ahead.band[1])}"/><circle class="open ${colour}" cx="${fixed(x.at(ahead.n))}" cy="${fixed(y.at(ahead.accuracy))}" r="4"><title>forecast, ${ahead.n}: ${(100 * ahead.accuracy).toFixed(2)}%</title></circle>`
      : '',
    ...points.map(
      ({ n, accuracy }) =>
        `<circle class="${colour}" cx="${fixed(x.at(n))}" cy="${fixed(y.at(accuracy))}" r="3.5"><title>${n}: ${(100 * accuracy).toFixed(2)}%</title></circle>`,
    ),
  ].join('');
}

interface LegendEntry {
  readonly text: string;
  readonly colour: string;
  readonly dashed: boolean;
}

function legendLine({ text, colour, dashed }: LegendEntry, y: number): string {
  return `<path class="line ${dashed ? 'dashed ' : ''}${colour}" d="M16 ${y}h26"/><text x="50" y="${y + 4}">${escaped(clipped(text, LEGEND_CHARACTERS))}</text>`;
}

function described({ label, points }: Series): string {
  return `${label}: ${points.map(({ n, accuracy }) => `${n}: ${(100 * accuracy).toFixed(1)}%`).join(', ')}`;
}

const fixed = (value: number): string => value.toFixed(1);

/** Keeps both ends: a long name is told from another by its file and its options. */
function clipped(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const half = Math.floor((characters - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}

const palette = (colours: readonly string[]): string =>
  colours.map((colour, i) => `.c${i}{stroke:${colour};fill:${colour}}`).join('');
const LIGHT = [COLOURS.after[0], '#c2591b', '#2b8a57', '#8a4fb0', '#b3364f', '#6b7280'];
const DARK = [COLOURS.after[1], '#f0955a', '#5fc48d', '#c08fe0', '#ee7a90', '#a3aab5'];
const STYLE = `.grid{stroke:#8884;fill:none}.band{stroke:none!important;fill-opacity:.14}.line{fill:none!important;stroke-width:2.2;stroke-linejoin:round}.ahead{stroke-dasharray:2 4}.open{fill-opacity:0;stroke-width:2}.dashed{stroke-dasharray:5 4;stroke-width:1.6}${palette(LIGHT)}`;
