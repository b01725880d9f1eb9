/** What the pages of runs ask, and what they are answered. */
import type { Curve } from '../../evaluate/curve/result.ts';

export type RunKind = 'eval' | 'compare' | 'curve' | 'compile';

export interface ListedRun {
  readonly name: string;
  readonly kind: RunKind;
  readonly task: string;
  readonly formula: string;
  /** `paused` and `left` are of a run that is not over: its process rests, or is gone. */
  readonly status: string;
  /** UTC, `YYYY-MM-DD hh:mm:ss`. */
  readonly created: string;
  readonly items: number;
  readonly failed: number;
  /** Of a run that is not over: how many steps are done, of how many. */
  readonly done?: number | undefined;
  readonly total?: number | undefined;
}

/** How a run stands that a process works on, or worked on. */
export interface ShownProgress {
  readonly state: string;
  readonly done: number;
  readonly total: number | undefined;
  /** Done a second. */
  readonly rate: number | undefined;
  readonly secondsLeft: number | undefined;
  readonly calls: number;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
  /** Of a run of workers: what they hold beside that, for calls in flight and for their next ones. */
  readonly reserved: Taken | undefined;
  /** What was asked of the process, which has not heard of it yet. */
  readonly asked: 'pause' | 'resume' | 'cancel' | undefined;
  readonly may: readonly ('pause' | 'resume' | 'cancel')[];
  /** What goes on with it where no process works on it. */
  readonly command: string | undefined;
  /** Items set aside because they ended their workers. */
  readonly lost: number;
  /** Nothing where one process does it all. */
  readonly workers: WorkersProgress['workers'] | undefined;
  readonly declined: WorkersProgress['declined'];
}

export interface Taken {
  readonly calls: number;
  readonly tokens: number;
  readonly usd: number;
}

/** How a run of workers stands, as they say it. */
export interface WorkersProgress {
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly lost: number;
  readonly rate: number;
  readonly secondsLeft: number | undefined;
  readonly spent: Taken | undefined;
  readonly reserved: Taken | undefined;
  readonly workers: readonly { readonly id: string; readonly place: string; readonly running: number }[];
  /** Why workers that are there leave the run to others. */
  readonly declined: readonly { readonly id: string; readonly place: string; readonly why: string }[];
}

/** One formula of a run, over its items. */
export interface Measured {
  readonly run: string;
  readonly formula: string;
  readonly items: number;
  readonly failed: number;
  /** Nothing where no item has a grade. */
  readonly accuracy: number | undefined;
  readonly ci95: readonly [number, number];
  /** Means of an answer. */
  readonly samples: number | undefined;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
  readonly ms: number | undefined;
  readonly tags: readonly Slice[];
}

export interface Slice {
  readonly tag: string;
  readonly items: number;
  readonly accuracy: number;
  readonly ci95: readonly [number, number];
}

export interface ShownRun extends ListedRun {
  readonly seed: number | string;
  readonly metric: string | undefined;
  readonly formulas: readonly Measured[];
  readonly progress: ShownProgress | undefined;
  /** What all calls of the items took. */
  readonly spent: { readonly calls: number; readonly tokens: number | undefined; readonly usd: number | undefined };
  /** Of `curve`: what was drawn. */
  readonly curves: readonly ShownCurve[];
  /** Of `compile`: its report, as it was kept. */
  readonly report: unknown;
}

/** A curve as it was kept: its warnings are left aside. */
export type ShownCurve = Omit<Curve, 'warnings'>;

/** An item in a list: long texts are cut. */
export interface ListedItem {
  readonly id: string;
  readonly formula: string;
  readonly grade: number | undefined;
  readonly question: string;
  readonly answer: string | null;
  readonly expected: string | undefined;
  readonly error: string | undefined;
}

export interface Items {
  readonly total: number;
  readonly items: readonly ListedItem[];
}

/** An item with all that was written for it. */
export interface ShownItem extends ListedItem {
  readonly tags: readonly string[];
  readonly replies: readonly ShownReply[];
}

export interface ShownReply {
  readonly text: string;
  readonly answer: string | null;
  readonly grade: number;
  readonly samples: number;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
  readonly ms: number | undefined;
  /** What the technique says of its choice: votes, share, score. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly candidates: readonly { readonly at: string; readonly text: string; readonly answer: string | null }[];
  /** Candidates that are left out because there are too many. */
  readonly more: number;
}

export interface ComparedRuns {
  readonly measured: readonly Measured[];
  readonly pairs: readonly Pair[];
}

/** A formula beside the first. */
export interface Pair {
  readonly a: string;
  readonly b: string;
  readonly items: number;
  readonly difference: number;
  readonly ci95: readonly [number, number];
  readonly p: number;
  readonly better: 'a' | 'b' | undefined;
  readonly flips: readonly Flip[];
}

export interface Flip {
  readonly id: string;
  readonly how: 'gained' | 'lost';
  readonly question: string;
  readonly expected: string | undefined;
  readonly a: string | null;
  readonly b: string | null;
}
