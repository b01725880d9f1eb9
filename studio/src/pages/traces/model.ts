/** A skeleton as a tree that opens and closes: plain arrays, so that a hundred thousand calls are gone through in an instant. */
import type { Skeleton } from '../../../../src/studio/traces/protocol.ts';

export interface TraceModel {
  readonly skeleton: Skeleton;
  readonly size: number;
  readonly depth: Uint16Array;
  /** The index after the last step below each one. */
  readonly end: Uint32Array;
  /** Milliseconds from the first start to the last end. */
  readonly from: number;
  readonly to: number;
}

export function modelOf(skeleton: Skeleton): TraceModel {
  const { parent, start, took } = skeleton;
  const size = parent.length;
  const depth = new Uint16Array(size);
  const end = new Uint32Array(size);
  let from = Infinity;
  let to = 0;
  for (let i = 0; i < size; i++) {
    const up = parent[i] as number;
    if (up >= 0) depth[i] = Math.min(0xff_ff, (depth[up] as number) + 1);
    from = Math.min(from, start[i] as number);
    to = Math.max(to, (start[i] as number) + Math.max(0, took[i] as number));
  }
  for (let i = size - 1; i >= 0; i--) {
    end[i] = Math.max(end[i] as number, i + 1);
    const up = parent[i] as number;
    if (up >= 0) end[up] = Math.max(end[up] as number, end[i] as number);
  }
  return { skeleton, size, depth, end, from: Number.isFinite(from) ? from : 0, to: Math.max(to, from + 1e-9) };
}

/** The steps that are seen: all but those below a closed one. */
export function seen({ size, end }: TraceModel, closed: ReadonlySet<number>): Uint32Array {
  const shown = new Uint32Array(size);
  let count = 0;
  for (let i = 0; i < size;) {
    shown[count++] = i;
    i = closed.has(i) ? (end[i] as number) : i + 1;
  }
  return shown.subarray(0, count);
}

export const MEASURES = ['cost', 'tokens', 'took'] as const;
export type Measure = (typeof MEASURES)[number];

/** From the root down, always the child that took most. */
export function dearest({ skeleton, end }: TraceModel, by: Measure): readonly number[] {
  const column = skeleton[by];
  const path = [0];
  for (let at = 0; ;) {
    let best = -1;
    for (let child = at + 1; child < (end[at] as number); child = end[child] as number)
      if (best < 0 || (column[child] ?? -1) > (column[best] ?? -1)) best = child;
    if (best < 0) return path;
    path.push(best);
    at = best;
  }
}

/** The measure that is known of a trace: dollars, else tokens, else time. */
export function known({ skeleton }: TraceModel): Measure {
  return MEASURES.find((one) => skeleton[one].some((value) => value !== null && value > 0)) ?? 'took';
}

/** All steps above one. */
export function above({ skeleton: { parent } }: TraceModel, step: number): readonly number[] {
  const all: number[] = [];
  for (let at = parent[step] ?? -1; at >= 0; at = parent[at] ?? -1) all.push(at);
  return all;
}
