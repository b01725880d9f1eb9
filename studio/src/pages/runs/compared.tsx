/** Runs side by side: quality against cost, differences with intervals, the items that flip. */
import type { ComparedRuns, Pair } from '../../../../src/studio/runs/protocol.ts';
import { percent, whole } from '../../look/numbers.ts';
import { Trouble } from '../../look/trouble.tsx';
import { get } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { href } from '../../shell/route.ts';
import { Loading } from './list.tsx';
import { Scatter } from './scatter.tsx';

export function Compared({ runs }: { readonly runs: readonly string[] }) {
  const query = runs.map((name) => `run=${encodeURIComponent(name)}`).join('&');
  const { value, error, reload } = useLoaded(query, (signal) => get<ComparedRuns>(`runs/compared?${query}`, signal));
  if (error !== undefined) return <Trouble words={error} again={reload} heading="Runs side by side" />;
  if (!value) return <Loading />;
  const several = new Set(value.measured.map(({ formula }) => formula)).size < value.measured.length;
  return (
    <div class="stack">
      <p>
        <a href={href('runs')}>All runs</a>
      </p>
      <h1>Runs side by side</h1>
      <Scatter
        title="Accuracy against what an answer takes, with 95% intervals"
        points={value.measured.flatMap(({ accuracy, formula, run, ...rest }) =>
          accuracy === undefined ? [] : [{ ...rest, accuracy, label: several ? run : formula }],
        )}
      />
      {value.pairs.map((pair) => (
        <OnePair key={`${pair.a} ${pair.b}`} pair={pair} />
      ))}
    </div>
  );
}

function OnePair({ pair: { a, b, items, difference, ci95, p, better, flips } }: { readonly pair: Pair }) {
  return (
    <section class="card stack" aria-label={`${b} beside ${a}`}>
      <h2>
        <span class="written">{b}</span> <span class="quiet">beside</span> <span class="written">{a}</span>
      </h2>
      {items === 0 ? (
        <p>They have no item in common.</p>
      ) : (
        <p>
          {signed(difference)} on {whole(items)} items (95%: {signed(ci95[0])} to {signed(ci95[1])}, p ={' '}
          {p < 0.001 ? p.toExponential(1) : p.toFixed(3)}).{' '}
          {better === undefined ? 'Which is better is not certain.' : better === 'b' ? 'It is better.' : 'It is worse.'}
        </p>
      )}
      {flips.length > 0 && (
        <details>
          <summary>{flips.length === 1 ? '1 item flips' : `${whole(flips.length)} items flip`}</summary>
          <div class="wide" tabIndex={0} role="region" aria-label="Items that flip">
            <table>
              <thead>
                <tr>
                  <th>Item</th>
                  <th>It is</th>
                  <th>Question</th>
                  <th>Right</th>
                  <th>Was</th>
                  <th>Is</th>
                </tr>
              </thead>
              <tbody>
                {flips.map((flip) => (
                  <tr key={flip.id}>
                    <td class="small quiet">{flip.id}</td>
                    <td class={flip.how === 'gained' ? 'good' : 'error'}>
                      {flip.how === 'gained' ? 'right now' : 'wrong now'}
                    </td>
                    <td class="written small">{flip.question}</td>
                    <td class="written">{flip.expected}</td>
                    <td class="written">{flip.a ?? 'none'}</td>
                    <td class="written">{flip.b ?? 'none'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </section>
  );
}

const signed = (share: number): string => `${share > 0 ? '+' : ''}${percent(share)}`;
