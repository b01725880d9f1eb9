/** What to do when some of the work cannot be done: keep what is there, say so, and give up only with empty hands. */
import { IN_FLIGHT } from '../bounds.ts';
import { scope, type Context } from './context.ts';
import type { Branch } from './division.ts';
import { breather } from './turns.ts';
import { BudgetExceeded, ContextOverflow, PlusxError, StoreError } from '../errors.ts';

export type Task<T> = (context: Context) => Promise<T>;

/** Tasks in order: a list, or as many as `length` says, each made once it is its turn. */
export interface Tasks<T> {
  readonly length: number;
  at(index: number): Task<T> | undefined;
}

export interface GatherOptions<T> {
  /** How many tasks run at once. Default: all of them, as far as `IN_FLIGHT` goes. */
  readonly concurrency?: number;
  /** How many tasks make the next batch, given the results so far: it starts once the one before it is through. Default: all of them. */
  readonly batch?: (results: readonly T[]) => number;
  /**
   * Asked after each result, with the results so far *in the order of the tasks*, never of completion. Once it says
   * yes the outcome is decided: the tasks behind are cancelled, and their results are left out even where they are in.
   */
  readonly until?: (results: readonly T[]) => boolean;
  /** All tasks need the same, as draws do: once a budget refuses one, it would refuse those that have not begun. */
  readonly alike?: boolean;
  /** What each task asks at most, where that is known: other processes may do some of them. */
  readonly each?: Branch;
}

/**
 * Runs the tasks side by side and returns their results in order, without those a budget or an upstream failure took
 * away. With no result left, or an error that is nobody's bad luck (a bug, a wrong option), it stops the others and throws.
 */
export async function gather<T>(
  context: Context,
  tasks: Tasks<T>,
  { concurrency = Infinity, batch, until, alike = false, each }: GatherOptions<T> = {},
): Promise<T[]> {
  const only = tasks.length === 1 ? tasks.at(0) : undefined;
  if (only) return [await only(context)];
  const { context: inner, cancel, close } = scope(context);
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  const outcomes: (readonly T[] | undefined)[] = []; // one result, or none where it is lost
  const results: T[] = [];
  let started = 0;
  let counted = 0; // outcomes[0..counted) are in, and their results are in `results`
  const state = { over: false, refused: false };
  const finish = (reason?: unknown): void => {
    state.over = true;
    cancel(reason);
  };
  const count = (): void => {
    for (let outcome = outcomes[counted]; outcome && !state.over; outcome = outcomes[counted]) {
      outcomes[counted++] = undefined;
      results.push(...outcome);
      if (outcome.length > 0 && until?.(results)) finish(new DOMException('The outcome is decided.', 'AbortError'));
    }
  };
  const turns = until && context.journal ? queue(inner) : undefined;
  const breathe = breather();
  const lane = async (end: number, isWhole = false): Promise<void> => {
    while (started < end && !state.over && !state.refused) {
      const breath = breathe(started);
      if (breath) {
        await breath;
        if (!state.over && context.signal.aborted) {
          failures.push({ index: started, error: context.signal.reason });
          finish(context.signal.reason);
        }
        continue;
      }
      const index = started++;
      const turn = turns?.();
      try {
        const task = tasks.at(index) as Task<T>;
        const own = turn?.context ?? inner;
        outcomes[index] = [await task(isWhole ? { ...own, division: undefined } : own)];
      } catch (error) {
        outcomes[index] = [];
        // What fails after the cancelling failed because of it.
        if (!state.over || context.signal.aborted) failures.push({ index, error });
        if (!state.over && !mayLose(context, error)) finish(error);
        if (alike && error instanceof BudgetExceeded) state.refused = true;
      }
      turn?.pass();
      count();
    }
  };
  try {
    while (started < tasks.length && !state.over && !state.refused) {
      const left = tasks.length - started;
      const size = batch ? Math.max(1, Math.min(batch(results), left)) : left;
      const [from, end] = [started, started + size];
      const { division } = inner;
      const isWhole =
        each &&
        division &&
        (await division.meet(inner.path, { from, to: end, each }, (index) =>
          (tasks.at(index) as Task<T>)({ ...inner, division: undefined, beforeCall: undefined }),
        ));
      await Promise.all(Array.from({ length: Math.min(concurrency, size, IN_FLIGHT) }, () => lane(end, isWhole)));
    }
    failures.sort((a, b) => a.index - b.index);
    const fatal =
      failures.find(({ error }) => !mayLose(context, error)) ?? (results.length === 0 ? failures[0] : undefined);
    if (fatal) throw fatal.error;
    for (const { index, error } of failures) if (index < counted) noteLoss(context, error);
    return results;
  } finally {
    close();
  }
}

/**
 * Pieces of work that are all needed, side by side. Where one fails the others are cancelled, and they are through before the
 * failure is thrown: nothing goes on unseen, and the account holds all of it.
 */
export async function together<T>(context: Context, tasks: readonly Task<T>[]): Promise<T[]> {
  const { context: inner, cancel, close } = scope(context);
  const guarded = async (task: Task<T>): Promise<T> => {
    try {
      return await task(inner);
    } catch (error) {
      cancel(error);
      throw error;
    }
  };
  const settled = await Promise.allSettled(tasks.map(guarded));
  close();
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

/** Two such pieces of work. */
export async function both<A, B>(context: Context, one: Task<A>, other: Task<B>): Promise<[A, B]> {
  return (await together<A | B>(context, [one, other])) as [A, B];
}

/**
 * Contexts in which a task makes its first call only once every task before it is through or calls as well. What a
 * journal answers comes in first that way, and a run that is repeated pays for no call that it would then cancel.
 */
function queue(context: Context): () => { readonly context: Context; pass(): void } {
  let before: Promise<unknown> = Promise.resolve();
  return () => {
    const { promise, resolve: pass } = Promise.withResolvers<void>();
    const earlier = before;
    before = Promise.all([before, promise]);
    const beforeCall = async (): Promise<void> => {
      pass();
      await Promise.all([earlier, context.beforeCall?.()]);
      context.signal.throwIfAborted();
    };
    return { context: { ...context, beforeCall }, pass };
  };
}

/**
 * Awaits work that an answer can do without, such as a judge's word or a revision: `undefined` where a budget does not allow it
 * (and the caller prefers best so far), and, with a warning, where it fails. So what was answered and paid for is not lost.
 */
export async function attempt<T>(context: Context, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!mayLose(context, error) && !(error instanceof ContextOverflow)) throw error;
    noteLoss(context, error, HELPER_LOST);
    return undefined;
  }
}

function mayLose(context: Context, error: unknown): boolean {
  if (error instanceof BudgetExceeded) return context.atLimit === 'best';
  // A store that fails would lose the candidates after this one too, paid for and all.
  return error instanceof PlusxError && error.kind === 'failure' && !(error instanceof StoreError);
}

interface Loss {
  readonly code: string;
  readonly what: string;
}
const CANDIDATE_LOST: Loss = { code: 'candidate-lost', what: 'A candidate failed and is left out' };
const HELPER_LOST: Loss = { code: 'helper-lost', what: 'A call failed that the answer can do without' };

function noteLoss({ ledger }: Context, error: unknown, { code, what }: Loss = CANDIDATE_LOST): void {
  if (error instanceof BudgetExceeded) ledger.exhaust(error.limit);
  else ledger.warn({ code, message: `${what}: ${String(error instanceof Error ? error.message : error)}` });
}
