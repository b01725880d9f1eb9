/** Runs the items of a task side by side. A failed item is kept as one; only what would fail every item stops the run. */
import {
  BudgetExceeded,
  inference,
  PlusxError,
  scope,
  TimedOut,
  Unreachable,
  UpstreamError,
  type Context,
  type Usage,
} from '../core/index.ts';
import type { Item } from '../tasks/task.ts';
import { ErrorElsewhere } from './elsewhere/error.ts';

export interface Outcome<T> {
  readonly item: Item;
  /** Nothing where the item failed. */
  readonly value: T | undefined;
  readonly error: unknown;
  /** What was used for it, whatever became of it. */
  readonly usage: Usage;
}

export interface ItemsProgress<T> {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly usage: Usage;
  readonly outcome: Outcome<T>;
}

export interface ItemsOptions<T> {
  readonly context: Context;
  /** The caller's own signal: when it aborts, the run ends with its reason. A deadline of the budget is no such end. */
  readonly signal: AbortSignal | undefined;
  readonly concurrency: number;
  readonly onItem: ((progress: ItemsProgress<T>) => void) | undefined;
  /**
   * How many of the items are to be done, asked again whenever so many are; the run ends where it asks for no more. It is told of all
   * outcomes so far, in the order of the items, whichever came first. Default: all.
   */
  readonly upTo?: ((outcomes: readonly Outcome<T>[]) => number) | undefined;
}

/** The outcomes in the order of the items. Throws the first error where no item at all succeeded. */
export async function eachItem<T>(
  items: readonly Item[],
  work: (item: Item, context: Context) => Promise<T>,
  { context: root, signal, concurrency, onItem, upTo = () => items.length }: ItemsOptions<T>,
): Promise<Outcome<T>[]> {
  const { context, cancel, close } = scope(root);
  const outcomes: Outcome<T>[] = [];
  let next = 0;
  let done = 0;
  let failed = 0;
  let end = 0;
  const lane = async (): Promise<void> => {
    while (next < end) {
      const index = next++;
      const item = items[index] as Item;
      const outcome = await runItem(item, work, context);
      signal?.throwIfAborted();
      done++;
      if (outcome.error !== undefined) failed++;
      if (isFatal(outcome.error, done === failed)) throw outcome.error;
      outcomes[index] = outcome;
      onItem?.({ done, total: items.length, failed, usage: context.ledger.usage, outcome });
    }
  };
  try {
    for (;;) {
      const wanted = Math.min(items.length, upTo(outcomes));
      if (wanted <= end) break;
      end = wanted;
      await Promise.all(Array.from({ length: Math.min(concurrency, end - next) }, lane));
    }
  } catch (error) {
    next = items.length;
    cancel(error);
    throw error;
  } finally {
    close();
  }
  const first = outcomes.find(({ error }) => error !== undefined);
  if (first && failed === outcomes.length) throw first.error;
  return outcomes;
}

async function runItem<T>(
  item: Item,
  work: (item: Item, context: Context) => Promise<T>,
  context: Context,
): Promise<Outcome<T>> {
  const name = `item/${item.id}`;
  const inner = scope(inference(context, name), { name });
  try {
    context.signal.throwIfAborted();
    const value = await work(item, inner.context);
    inner.close();
    return { item, value, error: undefined, usage: inner.context.ledger.usage };
  } catch (error) {
    inner.close('error', String(error));
    if (error instanceof BudgetExceeded) context.ledger.exhaust(error.limit);
    return { item, value: undefined, error: error ?? new Error('unknown error'), usage: inner.context.ledger.usage };
  }
}

/** Wrong use fails every item alike; so does a server that has answered nothing yet. */
export function isFatal(error: unknown, noneSucceeded: boolean): boolean {
  if (!(error instanceof PlusxError)) return false;
  if (error.kind === 'usage') return true;
  return noneSucceeded && isClosed(error);
}

/** Whether the server lets nobody in, or is not there. */
export function isClosed(error: unknown): boolean {
  if (error instanceof ErrorElsewhere) return error.closed;
  return error instanceof Unreachable || (error instanceof UpstreamError && [401, 403, 404].includes(error.status));
}

/** Whether the trouble is the server's, so that the same may be answered later. */
export function isAway(error: unknown): boolean {
  if (isClosed(error) || error instanceof TimedOut) return true;
  return error instanceof UpstreamError && (error.status === 402 || error.status === 429 || error.status >= 500);
}
