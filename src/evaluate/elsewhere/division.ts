/**
 * One item done by several processes. A process runs the item from its start, over the journal that all share, until it comes to branches
 * that are worth handing out, and says so: they are done elsewhere, some in each process, which runs the item from its start as well and
 * makes the draws of its own branches alone. Then the item is run again and finds those draws in the journal.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Branch, Division } from '../../core/context/division.ts';
import { stoppable } from '../../core/context/abort.ts';
import { isModel } from '../../core/formula/options.ts';
import { compositionOf, type Model, type Request, type Scorer } from '../../core/index.ts';
import { worstCase, worstCaseOfScore } from '../worst-case.ts';

/** Branches numbered `from` to `to` of a place where an item can be divided. Plain data. */
export interface Branches {
  readonly place: string;
  readonly from: number;
  readonly to: number;
}

/** The part of an item that one process does. Plain data. */
export interface Share {
  /** Places whose branches have been done, in the order in which they were met. */
  readonly done: readonly string[];
  /** The branches to do. Left out: the item itself, up to the first place that is not done. */
  readonly branches?: Branches | undefined;
}

/** Branches that are handed out, so many together. Plain data. */
export interface Met extends Branches {
  readonly size: number;
}

/** What is handed out has at least so many calls in the worst case: less is not worth a unit of its own. */
export const CALLS_A_UNIT = 8;

export interface Dividing extends Division {
  /** Whether the share is done, which ends the run of the item. */
  readonly isOver: boolean;
  /** What was met, and is to be done elsewhere. */
  readonly met: Met | undefined;
  /** What broke a branch that is to be done again. */
  readonly broken: unknown;
  /** Awaited before each call that is not one of the branches to do: what goes on beside them is the item's own, which runs again. */
  beforeCall(): Promise<void>;
}

export interface DividingOptions {
  /** That of the run of the item, which `stop` ends. */
  readonly signal: AbortSignal;
  readonly stop: (reason: unknown) => void;
  /** Resolves once no call is in flight. */
  readonly settled: () => Promise<unknown>;
  /** What breaks a branch without being a result of it. */
  readonly isNoResult?: ((error: unknown) => boolean) | undefined;
  /** Milliseconds after which a call is made that the branches wait for: one that failed is in no journal. Default 1,000. */
  readonly patienceMs?: number | undefined;
}

class ShareDone extends Error {
  override readonly name = 'ShareDone';
  constructor() {
    super('The share of this process is done.');
  }
}

export function dividing(
  { done, branches }: Share,
  { signal, stop, settled, isNoResult = () => false, patienceMs = 1000 }: DividingOptions,
): Dividing {
  const known = new Set(done);
  const times = new Map<string, number>();
  const gate = Promise.withResolvers<never>();
  /** Rejects once the run of the item ends. */
  const end = stoppable(gate.promise, signal);
  end.catch(() => undefined); // who waits for it is told
  const patience = (): Promise<void> => pause(patienceMs, undefined, { ref: false });
  const state: { isOver: boolean; hasBegun: boolean; met: Met | undefined; broken: unknown } = {
    isOver: false,
    hasBegun: false,
    met: undefined,
    broken: undefined,
  };
  const over = (): never => {
    const reason = new ShareDone();
    state.isOver = true;
    gate.reject(reason);
    stop(reason);
    throw reason;
  };
  return {
    get isOver() {
      return state.isOver;
    },
    get met() {
      return state.met;
    },
    get broken() {
      return state.broken;
    },
    async beforeCall() {
      if (branches && !state.hasBegun) await Promise.race([end, patience()]);
      if (state.hasBegun || state.met) await end;
    },
    async meet(path, { from, to, each }, does) {
      const time = times.get(path) ?? 0;
      times.set(path, time + 1);
      const place = createHash('sha256')
        .update(JSON.stringify([path, time, from]))
        .digest('hex')
        .slice(0, 16);
      if (known.has(place)) return true;
      if (branches?.place === place) {
        state.hasBegun = true;
        const own = Array.from({ length: Math.min(to, branches.to) - branches.from }, (_, i) =>
          does(branches.from + i),
        );
        for (const one of await Promise.allSettled(own))
          if (one.status === 'rejected' && isNoResult(one.reason)) state.broken = one.reason;
        return over();
      }
      const calls = callsOf(each);
      if (calls === undefined) return false;
      if (calls <= 1) return true; // never single calls
      const size = sizeOf(calls);
      if (to - from <= size) return calls * (to - from) < CALLS_A_UNIT; // one branch may still be divided below
      if (state.hasBegun || state.met) return end; // one place at a time
      // A process that does branches of another place may come here first, where work goes on side by side.
      if (branches) await Promise.race([end, patience()]);
      if (state.hasBegun) return end;
      if (!branches) {
        state.met = { place, from, to, size };
        await settled(); // what was begun beside it is paid for
      }
      return over();
    },
  };
}

/** Those branches, as they are handed out. */
export function handedOut({ place, from, to, size }: Met): readonly Branches[] {
  const count = Math.ceil((to - from) / size);
  return Array.from({ length: count }, (_, i) => ({
    place,
    from: from + i * size,
    to: Math.min(to, from + (i + 1) * size),
  }));
}

/** How many branches of so many calls go out together. */
const sizeOf = (calls: number): number => Math.ceil(CALLS_A_UNIT / Math.max(1, calls));

/** The calls of one branch at most, where something bounds them. */
function callsOf({ models, request, draws = 1, score }: Branch): number | undefined {
  const drawn = models.map((model) => (isModel(model) ? worstCase(model, request).calls : undefined));
  const looked = isScorer(score) ? worstCaseOfScore(score, request).calls : 0;
  if (looked === undefined || drawn.includes(undefined)) return undefined;
  return draws * Math.max(0, ...drawn.map((calls) => calls ?? 0)) + Math.max(1, draws) * looked;
}

const isScorer = (value: unknown): value is Scorer =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && 'score' in value);

/**
 * Whether there may be branches to hand out, as far as it is known before an item is begun: what is asked is a composed model, or something
 * goes on side by side in the technique, and calls are enough.
 */
export function mayDivide(model: Model, request: Request): boolean {
  const composition = compositionOf(model);
  const { calls = Infinity } = worstCase(model, request);
  if (!composition || calls <= CALLS_A_UNIT) return false;
  const { by, bases, options } = composition;
  if ([...bases, ...Object.values(options).flat().flatMap(askedBy)].some((one) => compositionOf(one))) return true;
  return (by.definition.branches?.(options as never) ?? []).some(({ count, ...branch }) => {
    const each = callsOf({ models: bases, request, ...branch }) ?? Infinity;
    return each > 1 && count > sizeOf(each);
  });
}

/** The models that an option has asked beside the base. */
function askedBy(option: unknown): readonly Model[] {
  if (isModel(option)) return [option];
  return isScorer(option) && 'asks' in option && option.asks ? [option.asks.model] : [];
}
