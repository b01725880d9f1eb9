/** What a search found: the front of quality against cost with the base at equal cost, and what was learnt. */
import type { Report } from '../../../../src/compile/report.ts';
import { percent, whole } from '../../look/numbers.ts';
import { Scatter, type Point } from './scatter.tsx';

/** `report` was kept by whichever version: what is not as expected is not shown. */
export function CompileReport({ report }: { readonly report: unknown }) {
  const { front, base, verdict, stages = [], effects = [], selectionBias } = (report ?? {}) as Partial<Report>;
  if (!Array.isArray(front) || !base) return <p class="quiet">Its report is of another version.</p>;
  const points: readonly Point[] = [
    { ...base, label: 'the base' },
    ...front
      .filter(({ plus }) => plus !== '')
      .flatMap((row) => [
        { ...row, label: row.plus },
        { ...row.equalCost, label: 'votes for the same', isBaseline: true },
      ]),
  ];
  return (
    <div class="stack">
      {verdict !== undefined && <p class="written">{verdict}</p>}
      <Scatter title="On the test items, with the base that votes for the same price (hollow)" points={points} />
      <div class="wide" tabIndex={0} role="region" aria-label="The front">
        <table>
          <thead>
            <tr>
              <th>X</th>
              <th class="number">Test</th>
              <th class="number">95% interval</th>
              <th class="number">Calls</th>
              <th class="number">Over the base</th>
              <th class="number">Over votes at equal cost</th>
            </tr>
          </thead>
          <tbody>
            {front.map((row) => (
              <tr key={row.plus}>
                <td class="written code short">
                  {row.plus || 'nothing: the base alone'} {row.picked && <span class="badge">picked</span>}
                </td>
                <td class="number">{percent(row.accuracy)}</td>
                <td class="number">
                  {percent(row.ci95[0])} to {percent(row.ci95[1])}
                </td>
                <td class="number">{row.calls.toFixed(1)}</td>
                {[row.versusBase, row.versusEqualCost].map(({ difference, ci95 }, i) => (
                  <td key={i} class="number">
                    {percent(difference)}{' '}
                    <span class="small quiet">
                      {percent(ci95[0])} to {percent(ci95[1])}
                    </span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {selectionBias !== undefined && (
        <p class="small quiet">
          What was picked looked {percent(selectionBias)} better on the items that it was picked by.
        </p>
      )}
      {stages.length > 0 && (
        <p class="small quiet number">
          {stages
            .map(({ name, calls, items }) => `${name}: ${whole(calls)} calls on ${whole(items)} items`)
            .join(' · ')}
        </p>
      )}
      {effects.length > 0 && (
        <details>
          <summary>What each choice was worth</summary>
          <div class="wide" tabIndex={0} role="region" aria-label="Effects">
            <table>
              <tbody>
                {effects.map(({ choice, value, difference, ci95 }) => (
                  <tr key={`${choice} ${value}`}>
                    <td class="written code short">
                      {choice} {value}
                    </td>
                    <td class="number">{percent(difference)}</td>
                    <td class="number small quiet">
                      {percent(ci95[0])} to {percent(ci95[1])}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </div>
  );
}
