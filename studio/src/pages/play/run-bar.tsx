/** What a run takes at most, and the buttons that begin and end it. */
import { useComputed } from '@preact/signals';
import type { WorstCase } from '../../../../src/evaluate/worst-case.ts';
import { money, whole } from '../../look/numbers.ts';
import { again, calls, checks, question, ready, run, running, samples, seed, state, stop, stopped } from './state.ts';

export function RunBar() {
  const bound = useComputed(() => boundOf(samples.value));
  return (
    <div class="card stack run-bar">
      <div class="row">
        <label>
          <span class="name">Samples</span>
          <input
            type="number"
            min={1}
            max={5000}
            value={samples.value}
            onInput={({ currentTarget }) => (samples.value = between(currentTarget.valueAsNumber, 1, 5000))}
          />
        </label>
        <label>
          <span class="name">Seed</span>
          <input
            type="number"
            min={0}
            value={seed.value}
            onInput={({ currentTarget }) =>
              (seed.value = between(currentTarget.valueAsNumber, 0, Number.MAX_SAFE_INTEGER))
            }
          />
        </label>
        {bound.value && bound.value.calls === undefined && (
          <label>
            <span class="name">At most calls</span>
            <input
              type="number"
              min={1}
              value={calls.value}
              onInput={({ currentTarget: { valueAsNumber } }) =>
                (calls.value = Number.isNaN(valueAsNumber) ? undefined : between(valueAsNumber, 1, 10_000_000))
              }
            />
          </label>
        )}
        <span class="grow" />
        {running.value ? (
          <button type="button" class="main" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="button" class="main" disabled={!ready.value} onClick={() => void run()}>
            Run
          </button>
        )}
        <button type="button" disabled={!ready.value || running.value} onClick={again}>
          Another seed
        </button>
      </div>
      <p class="small quiet" aria-live="polite">
        {question.value.trim() === '' ? 'Write a question, or take one from a task.' : said(bound.value)}
      </p>
      <Spent />
    </div>
  );
}

function Spent() {
  if (!state.value)
    return (
      <p class="small number" role="status">
        {running.value ? 'Running' : stopped.value ? 'It was stopped before the first answer.' : ''}
      </p>
    );
  const { spent, over, ended } = state.value;
  const tokens =
    spent.inputTokens === undefined || spent.outputTokens === undefined
      ? undefined
      : spent.inputTokens + spent.outputTokens;
  return (
    <p class="small number" role="status">
      {[
        over ? (ended ?? 'Done') : running.value ? 'Running' : 'It was stopped',
        `${whole(spent.calls)} calls`,
        spent.replayed > 0 ? `${whole(spent.replayed)} from the journal` : '',
        tokens === undefined ? '' : `${whole(tokens)} tokens`,
        spent.usd === undefined ? '' : money(spent.usd),
      ]
        .filter(Boolean)
        .join(' · ')}
    </p>
  );
}

function between(value: number, least: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, Math.floor(value))) : least;
}

/** All samples of the base and of each formula, at most; nothing while a formula is none. */
function boundOf(count: number): WorstCase | undefined {
  const known = checks.value.flatMap((one) => (one?.ok ? [one] : []));
  if (known.length < checks.value.length) return undefined;
  const all = [known[0]?.worstOfBase, ...known.map(({ worst }) => worst)].filter((one) => one !== undefined);
  const sum = (pick: (one: WorstCase) => number | undefined): number | undefined =>
    all
      .map(pick)
      .reduce<number | undefined>(
        (total, value) => (total === undefined || value === undefined ? undefined : total + count * value),
        0,
      );
  return {
    calls: sum((one) => one.calls),
    inputTokens: sum((one) => one.inputTokens),
    outputTokens: sum((one) => one.outputTokens),
    usd: sum((one) => one.usd),
    because: all.flatMap(({ because }) => because),
  };
}

function said(bound: WorstCase | undefined): string {
  if (!bound) return 'What it takes is known once the formula is one.';
  const known = checks.value[0];
  if (known?.ok && known.finite) return 'Every path through a model that is written down is visited: it costs nothing.';
  const tokens =
    bound.inputTokens === undefined || bound.outputTokens === undefined
      ? undefined
      : bound.inputTokens + bound.outputTokens;
  const parts = [
    bound.calls === undefined ? undefined : `${whole(bound.calls)} calls`,
    tokens === undefined ? undefined : `${whole(tokens)} tokens`,
    bound.usd === undefined ? undefined : money(bound.usd),
  ].filter((part) => part !== undefined);
  const why = bound.because[0]?.why;
  return `At most ${parts.join(' · ') || 'what you allow'}${why === undefined ? '.' : `; ${why}.`}`;
}
