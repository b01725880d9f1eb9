/** All traces that are kept, the newest first, by what they are of and what they took. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ListedTrace, TracePage } from '../../../../src/studio/traces/protocol.ts';
import { money, whole } from '../../look/numbers.ts';
import { Trouble } from '../../look/trouble.tsx';
import { get } from '../../shell/api.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { href } from '../../shell/route.ts';
import { wordsOf } from '../../shell/words.ts';

/** A person has stopped typing. */
const PAUSE_MS = 200;

export function TraceList() {
  const typed = useSignal({ text: '', status: '', ms: '', usd: '' });
  const wanted = useSignal('');
  const older = useSignal<readonly ListedTrace[]>([]);
  const ended = useSignal(false);
  const trouble = useSignal<string | undefined>(undefined);
  useEffect(() => {
    const timer = setTimeout(() => {
      const given = Object.entries(typed.value).filter(([, value]) => value !== '');
      wanted.value = new URLSearchParams(given).toString();
      older.value = [];
      ended.value = false;
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed.value]);
  const { value, error, reload } = useLoaded(`traces?${wanted.value}`, (signal) =>
    get<TracePage>(`traces?${wanted.value}`, signal),
  );
  const set = (part: Partial<typeof typed.value>): void => {
    typed.value = { ...typed.value, ...part };
  };
  const more = async (): Promise<void> => {
    const last = older.value.at(-1) ?? value?.traces.at(-1);
    if (!last) return;
    const query = new URLSearchParams([
      ...new URLSearchParams(wanted.value),
      ['before', last.id],
      ['created', last.created],
    ]);
    try {
      const page = await get<TracePage>(`traces?${query.toString()}`);
      older.value = [...older.value, ...page.traces];
      ended.value = !page.more;
      trouble.value = undefined;
    } catch (met) {
      trouble.value = wordsOf(met);
    }
  };
  if (error !== undefined) return <Trouble words={error} again={reload} heading="Traces" />;
  const shown = [...(value?.traces ?? []), ...older.value];
  if (value && shown.length === 0 && wanted.value === '') return <Empty />;
  return (
    <div class="stack">
      <h1>Traces</h1>
      <div class="row filters">
        <input
          type="search"
          class="find"
          placeholder="Find in formulas, questions, answers"
          aria-label="Find traces"
          value={typed.value.text}
          onInput={({ currentTarget }) => set({ text: currentTarget.value })}
        />
        <label class="choice">
          <span class="unseen">Status</span>
          <select value={typed.value.status} onChange={({ currentTarget }) => set({ status: currentTarget.value })}>
            <option value="">any status</option>
            {['ok', 'replayed', 'exhausted', 'cancelled', 'error'].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label class="least">
          <span class="small quiet">at least ms</span>
          <input
            type="number"
            min={0}
            value={typed.value.ms}
            onInput={({ currentTarget }) => set({ ms: currentTarget.value })}
          />
        </label>
        <label class="least">
          <span class="small quiet">at least $</span>
          <input
            type="number"
            min={0}
            step="any"
            value={typed.value.usd}
            onInput={({ currentTarget }) => set({ usd: currentTarget.value })}
          />
        </label>
        <button type="button" class="quiet" onClick={reload}>
          Look again
        </button>
      </div>
      <div class="wide" tabIndex={0} role="region" aria-label="Traces">
        <table>
          <thead>
            <tr>
              <th>Begun (UTC)</th>
              <th>What</th>
              <th>Status</th>
              <th class="number">Calls</th>
              <th class="number">Tokens</th>
              <th class="number">Cost</th>
              <th class="number">Time</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((trace) => (
              <tr key={`${trace.kept} ${trace.id}`}>
                <td class="quiet small date">{trace.created}</td>
                <td class="what">
                  <a class="code one-line" href={href('traces', [trace.id])}>
                    {trace.formula || trace.id}
                  </a>
                  <span class="one-line small quiet">{trace.preview}</span>
                </td>
                <td>
                  <span class={`status ${trace.status ?? ''}`}>{trace.status ?? 'unknown'}</span>
                </td>
                <td class="number">{trace.calls === undefined ? '' : whole(trace.calls)}</td>
                <td class="number">{trace.tokens === undefined ? '' : whole(trace.tokens)}</td>
                <td class="number">{trace.usd === undefined ? '' : money(trace.usd)}</td>
                <td class="number">{trace.ms === undefined ? '' : `${whole(trace.ms)} ms`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {value && shown.length === 0 && <p class="quiet">No trace is like that.</p>}
      {trouble.value !== undefined && (
        <p class="error" role="alert">
          {trouble.value}
        </p>
      )}
      {value?.more && !ended.value && (
        <p>
          <button type="button" onClick={() => void more()}>
            Older ones
          </button>
        </p>
      )}
    </div>
  );
}

function Empty() {
  return (
    <div class="empty">
      <h1>No traces yet</h1>
      <p>
        A trace is the tree of calls behind an answer. Look into an answer in the <a href={href('play')}>playground</a>,
        or ask this server:
      </p>
      <pre class="card written">
        {`curl ${location.origin}/v1/chat/completions -H 'content-type: application/json' \\\n  -d '{"model":"plusx:tiny + selfConsistency(n=5)","messages":[{"role":"user","content":"What is 2 + 3?"}]}'`}
      </pre>
    </div>
  );
}
