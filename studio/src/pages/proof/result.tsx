/** What came of a law: how far apart the two sides are, what it cost to know, and both sides as bars. */
import { useState } from 'preact/hooks';
import type { Checked } from './protocol.ts';
import { callsText, distanceText, shareText, visible } from './words.ts';

const FIRST = 12;

export function Result({ checked, isOld }: { readonly checked: Checked; readonly isOld: boolean }) {
  const { outcomes, distance, holds, kept, paths, calls } = checked;
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? outcomes : outcomes.slice(0, FIRST);
  const most = Math.max(...outcomes.flatMap(({ found, expected }) => [found, expected]));
  return (
    <div class="proof-result stack" data-old={isOld}>
      <div class="proof-verdict" data-kept={kept}>
        <p class="proof-distance number">
          <span class="small quiet">total variation</span>
          <strong>{distanceText(distance)}</strong>
        </p>
        <p>{verdictText(holds, kept, distance)}</p>
        <p class="quiet small number">
          {paths.toLocaleString('en')} {paths === 1 ? 'path' : 'paths'} visited · {callsText(calls)}
        </p>
      </div>
      <div class="wide" tabIndex={0} role="region" aria-label="Both sides">
        <table class="proof-bars">
          <thead>
            <tr>
              <th scope="col">answer</th>
              <th scope="col" aria-hidden="true">
                <span class="unseen">bars</span>
              </th>
              <th scope="col" class="number">
                <span class="proof-key ours" aria-hidden="true" /> enumerated
              </th>
              <th scope="col" class="number">
                <span class="proof-key theirs" aria-hidden="true" /> closed form
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ text, found, expected }) => (
              <tr key={text}>
                <th scope="row" class="written">
                  {visible(text)}
                </th>
                <td class="proof-pair" aria-hidden="true">
                  <div class="ours" style={{ width: widthOf(found / most) }} />
                  <div class="theirs" style={{ width: widthOf(expected / most) }} />
                </td>
                <td class="number" title={String(found)}>
                  {shareText(found)}
                </td>
                <td class="number" title={String(expected)}>
                  {shareText(expected)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {outcomes.length > FIRST && (
        <button type="button" class="quiet" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show fewer' : `Show all ${outcomes.length} answers`}
        </button>
      )}
    </div>
  );
}

/** What is there at all can be seen. */
const widthOf = (share: number): string => (share === 0 ? '0' : `max(1px, ${100 * share}%)`);

function verdictText(holds: boolean, kept: boolean, distance: number): string {
  if (!holds)
    return kept ? 'They differ, as this law says they must.' : 'They do not differ, and this law says they must.';
  if (!kept) return 'They differ: the law is broken.';
  return distance === 0 ? 'The same, to the last bit.' : 'The same, but for the rounding of sums.';
}
