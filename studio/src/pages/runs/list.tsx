/** All runs of the store. */
import { useSignal } from '@preact/signals';
import type { ListedRun } from '../../../../src/studio/runs/protocol.ts';
import { whole } from '../../look/numbers.ts';
import { get } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { go, href } from '../../shell/route.ts';
import { Trouble } from '../../look/trouble.tsx';

const MOST_COMPARED = 8;
/** A curve and a search keep what they found, and not what came of each item. */
const HAS_ITEMS: ReadonlySet<string> = new Set(['eval', 'compare']);

export function RunList() {
  const { value, error, reload } = useLoaded('runs', (signal) => get<readonly ListedRun[]>('runs', signal), 3000);
  const wanted = useSignal('');
  const status = useSignal('');
  const chosen = useSignal<readonly string[]>([]);
  if (error !== undefined && !value) return <Trouble words={error} again={reload} heading="Runs" />;
  if (!value) return <Loading />;
  if (value.length === 0) return <Empty />;
  const words = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = value.filter(
    (run) =>
      (status.value === '' || run.status === status.value) &&
      words.every((word) => `${run.name} ${run.task} ${run.formula} ${run.kind}`.toLowerCase().includes(word)),
  );
  const toggle = (name: string): void => {
    chosen.value = chosen.value.includes(name) ? chosen.value.filter((one) => one !== name) : [...chosen.value, name];
  };
  return (
    <div class="stack">
      <h1>Runs</h1>
      <div class="row">
        <input
          type="search"
          class="find"
          placeholder="Find by name, task or formula"
          aria-label="Find runs"
          value={wanted.value}
          onInput={({ currentTarget }) => (wanted.value = currentTarget.value)}
        />
        <label class="choice">
          <span class="unseen">Status</span>
          <select value={status.value} onChange={({ currentTarget }) => (status.value = currentTarget.value)}>
            <option value="">any status</option>
            {['running', 'paused', 'left', 'done', 'stopped', 'failed'].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <span class="grow" />
        <button
          type="button"
          disabled={chosen.value.length < 2 || chosen.value.length > MOST_COMPARED}
          onClick={() => go(`#/runs?${chosen.value.map((name) => `with=${encodeURIComponent(name)}`).join('&')}`)}
        >
          Compare {chosen.value.length > 1 ? chosen.value.length : ''}
        </button>
      </div>
      <div class="wide" tabIndex={0} role="region" aria-label="Runs">
        <table>
          <thead>
            <tr>
              <th>
                <span class="unseen">Choose</span>
              </th>
              <th>Run</th>
              <th>Kind</th>
              <th>Status</th>
              <th class="number">Items</th>
              <th>Begun (UTC)</th>
              <th>Task</th>
              <th>Formula</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((run) => (
              <tr key={run.name}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Compare ${run.name}`}
                    checked={chosen.value.includes(run.name)}
                    onChange={() => toggle(run.name)}
                  />
                </td>
                <td class="short">
                  <a class="written" href={href('runs', [run.name])}>
                    {run.name}
                  </a>
                </td>
                <td>{run.kind}</td>
                <td>
                  <span class={`status ${run.status}`}>{run.status}</span>
                </td>
                <td class="number">
                  {run.done === undefined || run.total === undefined
                    ? HAS_ITEMS.has(run.kind) && whole(run.items)
                    : `${whole(run.done)} of ${whole(run.total)}`}
                  {run.failed > 0 && <span class="error"> {whole(run.failed)} failed</span>}
                </td>
                <td class="quiet date">{run.created.slice(0, 16)}</td>
                <td class="written short">{run.task}</td>
                <td class="written short code">{run.formula}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length === 0 && <p class="quiet">No run is like that.</p>}
    </div>
  );
}

export function Loading() {
  return (
    <p class="empty" role="status">
      Loading
    </p>
  );
}

function Empty() {
  return (
    <div class="empty">
      <h1>No runs yet</h1>
      <p>A run is what eval, compare, curve and compile keep. Make one:</p>
      <pre class="card written">npx plusx eval tiny:steps -m plusx:tiny -p 'selfConsistency(n=5)' --run first</pre>
      <p>This page shows it while it goes on.</p>
    </div>
  );
}
