/** The tree of calls with a bar of time in each row. Only rows that are in view are in the page. */
import type { Signal } from '@preact/signals';
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import { STATUSES } from '../../../../src/studio/traces/protocol.ts';
import { money, whole } from '../../look/numbers.ts';
import type { TraceModel } from './model.ts';

const ROW = 28;
const INDENT = 14;
/** Steps of indentation that there is room for. */
const DEEPEST = 20;

export interface WaterfallProps {
  readonly model: TraceModel;
  readonly shown: Uint32Array;
  readonly closed: Signal<ReadonlySet<number>>;
  readonly chosen: Signal<number>;
}

export function Waterfall({ model, shown, closed, chosen }: WaterfallProps) {
  const frame = useRef<HTMLDivElement>(null);
  const rows = useRows(frame, shown.length);
  const index = shown.indexOf(chosen.value);
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: 'auto' });
  }, [index, rows]);
  const toggle = (step: number, isOpen: boolean): void => {
    const next = new Set(closed.value);
    if (isOpen) next.delete(step);
    else next.add(step);
    closed.value = next;
  };
  const move = (by: number): void => {
    const to = shown[Math.min(shown.length - 1, Math.max(0, index + by))];
    if (to !== undefined) chosen.value = to;
  };
  const hasBelow = (step: number): boolean => (model.end[step] as number) > step + 1;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = chosen.value;
    const acts: { readonly [key: string]: (() => void) | undefined } = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      PageDown: () => move(20),
      PageUp: () => move(-20),
      Home: () => move(-Infinity),
      End: () => move(Infinity),
      ArrowRight: () => (hasBelow(step) && closed.value.has(step) ? toggle(step, true) : move(1)),
      ArrowLeft() {
        const up = model.skeleton.parent[step] ?? -1;
        if (hasBelow(step) && !closed.value.has(step)) toggle(step, false);
        else if (up >= 0) chosen.value = up;
      },
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  return (
    <div
      ref={frame}
      class="waterfall"
      role="tree"
      aria-label="Steps of the trace"
      tabIndex={0}
      aria-activedescendant={`step-${chosen.value}`}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: `${rows.getTotalSize()}px`, position: 'relative' }}>
        {rows.getVirtualItems().map(({ index: at, start }) => {
          const step = shown[at];
          if (step === undefined) return null;
          return (
            <Row
              key={step}
              model={model}
              step={step}
              top={start}
              isOpen={hasBelow(step) ? !closed.value.has(step) : undefined}
              isChosen={step === chosen.value}
              onChoose={() => (chosen.value = step)}
              onToggle={() => toggle(step, closed.value.has(step))}
            />
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly model: TraceModel;
  readonly step: number;
  readonly top: number;
  readonly isOpen: boolean | undefined;
  readonly isChosen: boolean;
  onChoose(): void;
  onToggle(): void;
}

function Row({ model, step, top, isOpen, isChosen, onChoose, onToggle }: RowProps) {
  const { skeleton, depth, from, to } = model;
  const { names, name, call, start, took, tokens, cost, status } = skeleton;
  const level = depth[step] as number;
  const length = Math.max(0, took[step] as number);
  const state = STATUSES[status[step] as number] ?? 'ok';
  const spent = cost[step] ?? undefined;
  const read = tokens[step] ?? undefined;
  const words = [
    spent ? money(spent / 1e6) : '',
    read === undefined ? '' : `${whole(read)} tokens`,
    `${whole(length)} ms`,
  ].filter(Boolean);
  const left = ((start[step] as number) - from) / (to - from);
  return (
    <div
      id={`step-${step}`}
      role="treeitem"
      aria-level={level + 1}
      aria-expanded={isOpen}
      aria-selected={isChosen}
      class={`step-row${isChosen ? ' chosen' : ''}`}
      style={{ transform: `translateY(${top}px)`, height: `${ROW}px` }}
      onClick={onChoose}
    >
      <span class="step-name" style={{ paddingLeft: `${Math.min(level, DEEPEST) * INDENT}px` }}>
        <span
          class="twist"
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            if (isOpen !== undefined) onToggle();
          }}
        >
          {isOpen === undefined ? '' : isOpen ? '▾' : '▸'}
        </span>
        <span class={`one-line code${call[step] ? '' : ' strong'}`}>{names[name[step] as number] || 'run'}</span>
        {state !== 'ok' && <span class={`status ${state}`}>{state}</span>}
      </span>
      <span class="step-words number small quiet">{words.join(' · ')}</span>
      <span class="lane" aria-hidden="true">
        <span
          class={`time ${call[step] ? 'call' : 'technique'}`}
          style={{ left: `${100 * left}%`, width: `${Math.max(0.3, (100 * length) / (to - from))}%` }}
        />
      </span>
    </div>
  );
}

/** The rows of a list that are in view, drawn anew when the list is scrolled or its frame changes. */
function useRows(
  frame: { readonly current: HTMLDivElement | null },
  count: number,
): Virtualizer<HTMLDivElement, Element> {
  const [, again] = useReducer<number, void>((turn) => turn + 1, 0);
  const kept = useRef<Virtualizer<HTMLDivElement, Element> | undefined>(undefined);
  const options = {
    count,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 12,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => again(),
  };
  kept.current ??= new Virtualizer(options);
  const rows = kept.current;
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => rows._willUpdate());
  return rows;
}
