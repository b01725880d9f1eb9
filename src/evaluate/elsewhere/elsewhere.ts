/**
 * Items that are worked on elsewhere: in another process, on another machine. What comes back says what came of an item and what it
 * took, so that the evaluation that asked goes on as if it had done the item itself.
 */
import {
  BudgetExceeded,
  decodeJson,
  encodeJson,
  inference,
  NO_USAGE,
  PlusxError,
  rootScope,
  scope,
  type Context,
  type ContextOptions,
  type Journal,
  type LimitName,
  type Model,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import { createBudget, type Budget } from '../../core/accounts/budget.ts';
import type { Item, Task } from '../../tasks/task.ts';
import { ErrorElsewhere, type FailedElsewhere } from './error.ts';
import { isClosed } from '../items.ts';
import type { Graded } from '../records.ts';

/** What came of an item that was worked on elsewhere. Plain data. */
export interface DoneElsewhere {
  /** Nothing where the item failed. */
  readonly graded: Graded | undefined;
  readonly error: FailedElsewhere | undefined;
  readonly usage: Usage;
  readonly spending: Usage;
  readonly warnings: readonly Warning[];
  /** Warnings that others may have given, and that do not hold. */
  readonly withdrawn?: readonly Warning[];
  readonly exhausted: LimitName | undefined;
}

export interface UnitOptions extends Pick<ContextOptions, 'seed' | 'signal' | 'journal' | 'host'> {
  /** What tells the run from others of the journal: an item that is begun again, wherever, is counted as if it had been begun once. */
  readonly run?: string | undefined;
  /** What limits it: a budget that is shared with others who do items of the same run. */
  readonly budget?: Budget | undefined;
}

/** Does one item as an evaluation would: at the same address, with the same draws. `grade` works on it. */
export async function doItem(
  item: Item,
  grade: (item: Item, context: Context) => Promise<Graded>,
  { budget, run, ...options }: UnitOptions,
): Promise<string> {
  const journal = options.journal && run !== undefined ? journalOf(run, options.journal) : options.journal;
  const { context, close } = rootScope({ ...options, journal });
  const shared: Context = budget ? { ...context, budget: createBudget({}, context.clock, budget) } : context;
  const name = `item/${item.id}`;
  const inner = scope(inference(shared, name), { name });
  const account = (graded: Graded | undefined, error: FailedElsewhere | undefined): string => {
    const { usage, spending, warnings, withdrawn, exhausted } = inner.context.ledger;
    return writeElsewhere({ graded, error, usage, spending, warnings, withdrawn, exhausted });
  };
  try {
    return account(await grade(item, inner.context), undefined);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return account(undefined, failedOf(error));
  } finally {
    inner.close();
    close();
  }
}

const journalOf = (run: string, journal: Journal): Journal => ({
  run,
  get: (key) => journal.get(key),
  put: (key, entry) => journal.put(key, { ...entry, run }),
});

function failedOf(error: unknown): FailedElsewhere {
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof PlusxError ? error.kind : undefined;
  const closed = isClosed(error);
  if (!(error instanceof BudgetExceeded)) return { message, kind, closed };
  const { limit, allowed, spent, needed } = error;
  return { message, kind, closed, budget: { limit, allowed, spent, needed } };
}

/** An item that ended each process which worked on it. */
export function lostElsewhere(workers: number): DoneElsewhere {
  const message = `each of the ${workers} workers that did it ended while it did. Do the item in a process of its own to see why.`;
  const error = { message, kind: 'failure' as const, closed: false };
  return { graded: undefined, error, usage: NO_USAGE, spending: NO_USAGE, warnings: [], exhausted: undefined };
}

export const readElsewhere = (text: string): DoneElsewhere => unmarked(decodeJson(text)) as DoneElsewhere;

export const writeElsewhere = (done: DoneElsewhere): string => encodeJson(marked(done));

/**
 * JSON leaves out what is undefined, and a report shows it as unknown: it travels as a text that begins with a mark, as do texts that
 * begin with one.
 */
const MARK = '\u0000';
const UNDEFINED = `${MARK}undefined`;

const marked = (value: unknown): unknown => {
  if (value === undefined) return UNDEFINED;
  if (typeof value === 'string') return value.startsWith(MARK) ? `${MARK}${MARK}${value}` : value;
  return mapped(value, marked);
};
const unmarked = (value: unknown): unknown => {
  if (typeof value !== 'string') return mapped(value, unmarked);
  if (value === UNDEFINED) return undefined;
  return value.startsWith(MARK) ? value.slice(2 * MARK.length) : value;
};

/** The same with each part put through `of`; binary data is no tree. */
function mapped(value: unknown, of: (part: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(of);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, of(part)]));
}

/** Puts on the account what an item took elsewhere, and returns or throws what came of it. */
export function takeIn(
  { graded, error, usage, spending, warnings, withdrawn = [], exhausted }: DoneElsewhere,
  { ledger }: Context,
): Graded {
  ledger.add(usage, 'used');
  ledger.add(spending, 'spent');
  for (const warning of warnings) ledger.warn(warning);
  for (const warning of withdrawn) ledger.withdraw(warning);
  if (exhausted) ledger.exhaust(exhausted);
  if (graded) return graded;
  if (error?.budget) throw new BudgetExceeded(error.budget);
  if (error && error.kind === undefined) throw new Error(error.message);
  throw new ErrorElsewhere(error ?? { message: 'nothing came back', kind: 'failure', closed: false });
}

/** What tells a task from another of its name: its questions and what is right. */
export function fingerprintOf(task: Pick<Task, 'items' | 'metric'>, model: Pick<Model, 'name'>): string {
  return encodeJson([
    model.name,
    task.metric.name,
    task.items.map(({ id, request, expected }) => [id, request, expected ?? null]),
  ]);
}
