/** What the pages of traces ask, and what they are answered. */
import type { Turn } from '../play/turns.ts';
import type { FoundTrace } from '../../store/index.ts';

export interface ListedTrace extends FoundTrace {
  /** Which store it lies in. */
  readonly kept: Kept;
}

/** `own`: the studio's store of runs; `served`: that of a server beside it. */
export type Kept = 'own' | 'served';

export interface TracePage {
  readonly traces: readonly ListedTrace[];
  /** Whether there are older ones. */
  readonly more: boolean;
}

/**
 * A trace without its texts, in columns: step i is `names[name[i]]`, begun by step `parent[i]` (-1: the root). Steps stand in the order
 * in which they are shown, each behind the one that began it. Sums are of all that is below a step.
 */
export interface Skeleton {
  readonly id: string;
  readonly created: string;
  readonly formula: string | undefined;
  readonly names: readonly string[];
  readonly parent: readonly number[];
  readonly name: readonly number[];
  /** 1: a call of a model; 0: a technique. */
  readonly call: readonly (0 | 1)[];
  /** Milliseconds since the start. */
  readonly start: readonly number[];
  /** Milliseconds; -1 where it never ended. */
  readonly took: readonly number[];
  readonly tokens: readonly (number | null)[];
  /** Millionths of a dollar. */
  readonly cost: readonly (number | null)[];
  /** Index in `STATUSES`. */
  readonly status: readonly number[];
}

export const STATUSES = ['ok', 'running', 'replayed', 'cancelled', 'exhausted', 'error'] as const;

/** One step, with what was said. */
export interface Step {
  readonly path: string;
  readonly name: string;
  readonly kind: 'technique' | 'call';
  readonly status: string;
  readonly start: number;
  readonly end: number | undefined;
  readonly usage:
    | {
        readonly calls: number;
        readonly replays: number;
        readonly unreported: number;
        readonly inputTokens: number | undefined;
        readonly outputTokens: number | undefined;
        readonly usd: number | undefined;
      }
    | undefined;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly prompt: readonly { readonly role: string; readonly text: string }[];
  readonly texts: readonly string[];
  /** Texts that are left out because there are too many. */
  readonly more: number;
  /** What to ask in the playground to see this step again, where it is known. */
  readonly again:
    | {
        readonly formula: string;
        readonly question: string;
        /** What was said before it. */
        readonly turns: readonly Turn[];
        /** All that was asked: no tools, no files, and nothing after the question. */
        readonly isAll: boolean;
      }
    | undefined;
}
