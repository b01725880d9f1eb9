/**
 * The last answers that were handed on, so that feedback finds them. To write a trace of each would cost more than to hand it on, and
 * nobody says anything of nearly all of them: a trace is made of one once somebody does.
 */
import { closeSpan, openSpan, type Trace, type Usage } from '../../core/index.ts';

export interface HandedAnswer {
  readonly id: string;
  /** The key that asked. */
  readonly owner: string | undefined;
  /** The id of the model as the client wrote it. */
  readonly model: string;
  readonly ms: number;
  readonly usage: Usage;
  readonly status: 'ok' | 'cancelled' | 'error';
}

export interface RecentAnswers {
  add(answer: HandedAnswer): void;
  find(id: string): HandedAnswer | undefined;
}

/** Answers that are found for certain; up to as many older ones are found as well. */
const KEPT = 10_000;

export function recentAnswers(most = KEPT): RecentAnswers {
  let young = new Map<string, HandedAnswer>();
  let old = young;
  return {
    add(answer) {
      if (young.size >= most) {
        old = young;
        young = new Map();
      }
      young.set(answer.id, answer);
    },
    find: (id) => young.get(id) ?? old.get(id),
  };
}

/** A trace of one call. */
export function traceOf({ id, model, ms, usage, status }: HandedAnswer): Trace {
  const root = openSpan(undefined, { path: '', name: model, kind: 'call', start: 0 });
  closeSpan(root, { end: ms, status, usage });
  root.facts = { formula: model };
  return { id, root };
}
