/** Scaling curves, as the command line draws them: accuracy over what varies, or against what an answer takes. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { curveSvg, type CurveChartOptions } from '../../../../src/evaluate/curve/chart.ts';
import type { ShownCurve } from '../../../../src/studio/runs/protocol.ts';
import { money, percent, whole } from '../../look/numbers.ts';
import { AxisChoice } from './axis.tsx';

type Axis = NonNullable<CurveChartOptions['x']>;
type Point = ShownCurve['curve'][number];

const AXES: { readonly [axis in Axis]: { readonly name: string; readonly of: (point: Point) => number | undefined } } =
  {
    option: { name: 'what varies', of: ({ n }) => n },
    samples: { name: 'samples an answer', of: ({ samplesPerItem }) => samplesPerItem },
    tokens: { name: 'tokens an answer', of: ({ tokensPerItem }) => tokensPerItem },
    usd: { name: 'dollars an answer', of: ({ usdPerItem }) => usdPerItem },
    seconds: { name: 'seconds an answer', of: ({ secondsPerItem }) => secondsPerItem },
  };

export function Curves({ curves }: { readonly curves: readonly ShownCurve[] }) {
  const axis = useSignal<Axis>('option');
  const points = curves.flatMap(({ curve }) => curve);
  const known = (Object.keys(AXES) as Axis[]).filter((one) => points.some((point) => AXES[one].of(point)));
  const x = known.includes(axis.value) ? axis.value : 'option';
  const picture = useMemo(
    () => `data:image/svg+xml,${encodeURIComponent(curveSvg(curves, { x, title: TITLE }))}`,
    [curves, x],
  );
  return (
    <div class="stack">
      <figure class="stack">
        <AxisChoice
          caption="Accuracy as more is spent, with 95% intervals; a dashed line is pass@n"
          known={known}
          nameOf={(one) => AXES[one].name}
          value={x}
          choose={(one) => (axis.value = one)}
        />
        {/* A picture of its own: its styles are not those of the page, and nothing in it runs. */}
        <div class="wide" tabIndex={0} role="region" aria-label="Picture of the curves">
          <img class="curves" src={picture} alt={`${TITLE}: the tables below have the figures`} />
        </div>
      </figure>
      {curves.map((curve, i) => (
        <Figures key={i} curve={curve} />
      ))}
    </div>
  );
}

const TITLE = 'Accuracy as more is spent';

function Figures({
  curve: { formula, over, curve, items, failed, exhausted, method, forecast },
}: {
  readonly curve: ShownCurve;
}) {
  const has = (axis: Axis): boolean => curve.some((point) => AXES[axis].of(point) !== undefined);
  return (
    <section class="card stack">
      <h2 class="written code">{formula}</h2>
      <p class="small quiet">
        {whole(items)} items{failed > 0 && `, ${whole(failed)} failed`}
        {method === 'pool' ? ', all points from one pool of samples' : ', each point a run of its own'}
        {exhausted && `; cut short: the budget (${exhausted}) ran out`}
      </p>
      <div class="wide" tabIndex={0} role="region" aria-label={`Points of ${formula}`}>
        <table>
          <thead>
            <tr>
              <th class="number">{over === '' ? 'n' : over}</th>
              <th class="number">Accuracy</th>
              <th class="number">95% interval</th>
              <th class="number">pass@n</th>
              <th class="number">Samples</th>
              {has('tokens') && <th class="number">Tokens</th>}
              {has('usd') && <th class="number">Cost</th>}
              {has('seconds') && <th class="number">Seconds</th>}
            </tr>
          </thead>
          <tbody>
            {curve.map(
              ({ n, accuracy, ci95: [low, high], pass, samplesPerItem, tokensPerItem, usdPerItem, secondsPerItem }) => (
                <tr key={n}>
                  <td class="number">{n}</td>
                  <td class="number strong">{percent(accuracy)}</td>
                  <td class="number">
                    {percent(low)} to {percent(high)}
                  </td>
                  <td class="number">{pass === undefined ? '' : percent(pass)}</td>
                  <td class="number">{samplesPerItem.toFixed(1)}</td>
                  {has('tokens') && <td class="number">{tokensPerItem === undefined ? '' : whole(tokensPerItem)}</td>}
                  {has('usd') && <td class="number">{usdPerItem === undefined ? '' : money(usdPerItem)}</td>}
                  {has('seconds') && <td class="number">{secondsPerItem?.toPrecision(3)}</td>}
                </tr>
              ),
            )}
          </tbody>
        </table>
      </div>
      {forecast && (
        <p class="small">
          {whole(forecast.n)} samples would give {percent(forecast.accuracy)}, 95%: {percent(forecast.band[0])} to{' '}
          {percent(forecast.band[1])}, by a forecast.
        </p>
      )}
    </section>
  );
}
