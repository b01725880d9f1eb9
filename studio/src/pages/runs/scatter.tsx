/** Accuracy against what an answer takes, with 95% intervals, and the front of those that nothing beats at their price. */
import { useSignal } from '@preact/signals';
import { placeLabels } from '../../../../src/studio/runs/labels.ts';
import { money, percent, whole } from '../../look/numbers.ts';
import { AxisChoice } from './axis.tsx';

export interface Point {
  readonly label: string;
  readonly accuracy: number;
  readonly ci95: readonly [number, number];
  readonly samples?: number | undefined;
  readonly calls?: number | undefined;
  readonly tokens?: number | undefined;
  readonly usd?: number | undefined;
  readonly ms?: number | undefined;
  /** What it is compared with at equal cost: drawn hollow. */
  readonly isBaseline?: boolean | undefined;
}

const AXES = {
  tokens: { name: 'tokens an answer', told: whole },
  samples: { name: 'samples an answer', told: (value: number) => value.toFixed(1) },
  calls: { name: 'calls an answer', told: (value: number) => value.toFixed(1) },
  usd: { name: 'dollars an answer', told: money },
  ms: { name: 'milliseconds an answer', told: whole },
} as const;
type Axis = keyof typeof AXES;

const WIDTH = 760;
const HEIGHT = 360;
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 24, 16, 48];

export function Scatter({ points, title }: { readonly points: readonly Point[]; readonly title: string }) {
  const wanted = useSignal<Axis>('tokens');
  const known = (Object.keys(AXES) as Axis[]).filter((axis) => points.some((point) => point[axis] !== undefined));
  const axis = known.includes(wanted.value) ? wanted.value : known[0];
  if (!axis || points.length === 0) return null;
  const placed = points.flatMap((point) => {
    const at = point[axis];
    return at === undefined ? [] : [{ ...point, at }];
  });
  const most = Math.max(...placed.map(({ at }) => at), 1e-12) * 1.05;
  const low = Math.max(0, Math.min(...placed.map(({ ci95 }) => ci95[0])) - 0.05);
  const high = Math.min(1, Math.max(...placed.map(({ ci95 }) => ci95[1])) + 0.05);
  const x = (value: number): number => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => TOP + ((high - value) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM);
  const labels = placeLabels(
    placed.map((point) => ({ x: x(point.at), y: y(point.accuracy), text: short(point.label) })),
    WIDTH,
    HEIGHT - BOTTOM,
  );
  const front = frontOf(placed.filter(({ isBaseline }) => !isBaseline));
  return (
    <figure class="stack">
      <AxisChoice
        caption={title}
        known={known}
        nameOf={(one) => AXES[one].name}
        value={axis}
        choose={(one) => (wanted.value = one)}
      />
      <div class="wide" tabIndex={0} role="region" aria-label="Picture">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={described(placed, axis)} class="scatter">
          {steps(low, high, 5).map((value) => (
            <g key={value}>
              <path class="grid" d={`M${LEFT} ${y(value)}H${WIDTH - RIGHT}`} />
              <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
                {percent(value)}
              </text>
            </g>
          ))}
          {steps(0, most, 6).map((value) => (
            <text key={value} x={x(value)} y={HEIGHT - BOTTOM + 20} text-anchor="middle">
              {AXES[axis].told(value)}
            </text>
          ))}
          <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 8} text-anchor="middle">
            {AXES[axis].name}
          </text>
          {front.length > 1 && (
            <path
              class="front"
              d={front.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.at)} ${y(point.accuracy)}`).join('')}
            />
          )}
          {placed.map((point, i) => (
            <g key={i} class={point.isBaseline ? 'baseline' : 'point'}>
              <title>{told(point, axis)}</title>
              <path class="bar" d={`M${x(point.at)} ${y(point.ci95[0])}V${y(point.ci95[1])}`} />
              <circle cx={x(point.at)} cy={y(point.accuracy)} r={5} />
              <text x={labels[i]?.x} y={labels[i]?.y} text-anchor={labels[i]?.anchor}>
                {short(point.label)}
              </text>
            </g>
          ))}
        </svg>
      </div>
    </figure>
  );
}

const short = (label: string): string => (label.length > 44 ? `${label.slice(0, 43)}…` : label);

/** Round numbers within bounds, about so many. */
function steps(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / count || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5].find((factor) => factor * unit >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

/** Those that nothing cheaper is as good as. */
function frontOf<T extends { readonly at: number; readonly accuracy: number }>(points: readonly T[]): readonly T[] {
  let best = -Infinity;
  return points
    .toSorted((a, b) => a.at - b.at || b.accuracy - a.accuracy)
    .filter(({ accuracy }) => {
      if (accuracy <= best) return false;
      best = accuracy;
      return true;
    });
}

function described(points: readonly (Point & { readonly at: number })[], axis: Axis): string {
  return points.map((point) => told(point, axis)).join('; ');
}

const told = ({ label, accuracy, ci95: [low, high], at }: Point & { readonly at: number }, axis: Axis): string =>
  `${label}: ${percent(accuracy)}, from ${percent(low)} to ${percent(high)}, at ${AXES[axis].told(at)} ${AXES[axis].name}`;
