/** One trace: a tree of calls that is a waterfall too, and what was said in the step that is chosen. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Skeleton } from '../../../../src/studio/traces/protocol.ts';
import { AskOnce } from '../../look/ask-once.tsx';
import { whole } from '../../look/numbers.ts';
import { Trouble } from '../../look/trouble.tsx';
import { get, remove } from '../../shell/api.ts';
import { useShortcuts } from '../../shell/keys.ts';
import { useLoaded } from '../../shell/loaded.ts';
import { go, href } from '../../shell/route.ts';
import { above, dearest, known, MEASURES, modelOf, seen, type Measure, type TraceModel } from './model.ts';
import { OneStep } from './step.tsx';
import { Waterfall } from './waterfall.tsx';

export function OneTrace({ id }: { readonly id: string }) {
  const { value, error, reload } = useLoaded(id, (signal) => get<Skeleton>(`traces/${encodeURIComponent(id)}`, signal));
  const model = useMemo(() => value && modelOf(value), [value]);
  if (error !== undefined) return <Trouble words={error} again={reload} heading="Trace" />;
  if (!model)
    return (
      <p class="empty" role="status">
        Loading
      </p>
    );
  return <Opened id={id} model={model} />;
}

const WORDS: { readonly [measure in Measure]: string } = { cost: 'dollars', tokens: 'tokens', took: 'time' };

function Opened({ id, model }: { readonly id: string; readonly model: TraceModel }) {
  const closed = useSignal<ReadonlySet<number>>(new Set());
  const chosen = useSignal(0);
  const measure = useSignal(known(model));
  const shown = useMemo(() => seen(model, closed.value), [model, closed.value]);
  const { skeleton } = model;
  const calls = useMemo(() => skeleton.call.reduce((sum: number, one) => sum + one, 0), [skeleton]);
  const choose = (step: number): void => {
    const up = above(model, step);
    if (up.some((one) => closed.value.has(one)))
      closed.value = new Set([...closed.value].filter((one) => !up.includes(one)));
    chosen.value = step;
  };
  const toDearest = (): void => choose(dearest(model, measure.value).at(-1) ?? 0);
  const own = useMemo(() => [{ key: 'd', does: 'To the dearest branch', run: toDearest }], [model]);
  useShortcuts(own);
  useEffect(() => {
    document.title = `Trace · plusx studio`;
  }, []);
  return (
    <div class="stack">
      <p>
        <a href={href('traces')}>All traces</a>
      </p>
      <div class="row spread trace-head">
        <h1 class="written code heading">{skeleton.formula || 'Trace'}</h1>
        <AskOnce
          label="Delete"
          title="Delete the trace"
          heading="Delete this trace?"
          words="It is gone for good, with what was said of its answer."
          act={async () => {
            await remove(`traces/${encodeURIComponent(id)}`);
            go(href('traces'));
          }}
        />
      </div>
      <div class="row">
        <span class="quiet number">
          {skeleton.created} UTC · {whole(calls)} calls in {whole(model.size)} steps · {whole(model.to - model.from)} ms
        </span>
        <span class="grow" />
        <button type="button" onClick={toDearest}>
          The dearest branch
        </button>
        <label class="choice">
          <span class="unseen">Dearest by</span>
          <select
            value={measure.value}
            onChange={({ currentTarget }) => (measure.value = currentTarget.value as Measure)}
          >
            {MEASURES.map((one) => (
              <option key={one} value={one}>
                by {WORDS[one]}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            closed.value = closed.value.size > 0 ? new Set() : new Set(branches(model));
            if (closed.value.size > 0) chosen.value = 0;
          }}
        >
          {closed.value.size > 0 ? 'Open all' : 'Close all'}
        </button>
      </div>
      <div class="trace">
        <Waterfall model={model} shown={shown} closed={closed} chosen={chosen} />
        <OneStep id={id} step={chosen.value} />
      </div>
    </div>
  );
}

/** Steps with others below them, but for the root. */
function branches({ size, end }: TraceModel): readonly number[] {
  const all: number[] = [];
  for (let i = 1; i < size; i++) if ((end[i] as number) > i + 1) all.push(i);
  return all;
}
