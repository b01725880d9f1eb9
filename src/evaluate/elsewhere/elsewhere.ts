/**
 * Items that are worked on elsewhere: in another process, on another machine. What comes back says what came of an item and what it
 * took, so that the evaluation that asked goes on as if it had done the item itself. What shares draws is done together, as the parts
 * of one item: they make a draw once, and the account of each is the one it has in a single process.
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
  totalTokens,
  type Context,
  type ContextOptions,
  type Journal,
  type LimitName,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import { perCall, type Amounts, type Budget } from '../../core/accounts/budget.ts';
import type { Item, Task } from '../../tasks/task.ts';
import { ErrorElsewhere, type FailedElsewhere } from './error.ts';
import { isClosed } from '../items.ts';
import { dividing, type Met, type Share } from './division.ts';
import { answeringTogether } from './look-ups.ts';

/** What came of a part of an item that was worked on elsewhere. Plain data. */
export interface DoneElsewhere {
  /** What its work resolved to; nothing where it failed. */
  readonly value: unknown;
  readonly error: FailedElsewhere | undefined;
  readonly usage: Usage;
  readonly spending: Usage;
  /** What a budget was charged: of calls that broke, all that they might have taken. */
  readonly charged: Amounts;
  readonly warnings: readonly Warning[];
  /** Warnings that others may have given, and that do not hold. */
  readonly withdrawn?: readonly Warning[];
  readonly exhausted: LimitName | undefined;
  /** Branches of it that are to be done elsewhere first: nothing came of it so far. */
  readonly met?: Met;
}

/** Has parts of an item done elsewhere: one of each comes back, in their order. A part is known by its number. */
export type Elsewhere = (item: Item, parts: readonly number[]) => Promise<readonly DoneElsewhere[]>;

/** Works on a part of an item: a formula, a point of a curve. */
export type PartWork = (item: Item, context: Context) => Promise<unknown>;

export interface UnitOptions extends Pick<ContextOptions, 'seed' | 'signal' | 'journal' | 'host'> {
  /** What tells the run from others of the journal: an item that is begun again, wherever, is counted as if it had been begun once. */
  readonly run?: string | undefined;
  /** Parts that are done side by side, or one after the other. Default `together`. */
  readonly order?: 'together' | 'in turn' | undefined;
  /** What limits it: a budget that is shared with others who do items of the same run. */
  readonly budget?: Budget | undefined;
  /** Whether the item is all there is, as a question that is asked: its draws have the addresses of an inference of its own. */
  readonly isAlone?: boolean | undefined;
  /** What of the item is done here. Default: all of it. */
  readonly share?: Share | undefined;
  /** Of a share of branches: how long it waits for what others draw. See `DividingOptions`. */
  readonly patienceMs?: number | undefined;
  /** What is no result of the item, and thrown: it cannot be done here and now, and may be done elsewhere or later. */
  readonly isNoResult?: ((error: unknown) => boolean) | undefined;
}

/** Does parts of one item as an evaluation would: at the same address, with the same draws. */
export async function doItem(
  item: Item,
  parts: readonly PartWork[],
  { budget, run, order = 'together', isAlone = false, share, patienceMs, isNoResult, ...options }: UnitOptions,
): Promise<string> {
  const journal = options.journal && journalOf(options.journal, run, share !== undefined);
  const together = order === 'together' && journal ? answeringTogether(journal) : journal;
  const { context, close } = rootScope({ ...options, journal: together });
  const shared: Context = budget ? { ...context, budget } : context;
  const name = `item/${item.id}`;
  const outer = isAlone ? scope(shared) : scope(inference(shared, name), { name });
  const budgets: CallsOn[] = [];
  const settled = (): Promise<unknown> => Promise.all(budgets.map((one) => one.over()));
  const division =
    share && dividing(share, { signal: outer.context.signal, stop: outer.cancel, settled, isNoResult, patienceMs });
  const at: Context = { ...outer.context, ...(division && { division, beforeCall: division.beforeCall }) };
  const one = async (work: PartWork): Promise<DoneElsewhere> => {
    const inner = scope(at);
    const calls = callsOn(outer.context.budget);
    budgets.push(calls);
    const account = async (value: unknown, error: FailedElsewhere | undefined): Promise<DoneElsewhere> => {
      await calls.over(); // where one of several failed, the others are just being cancelled
      const { usage, spending, warnings, withdrawn, exhausted } = inner.context.ledger;
      return { value, error, usage, spending, charged: calls.charged, warnings, withdrawn, exhausted };
    };
    const shared = async (): Promise<DoneElsewhere> => {
      await calls.over();
      if (division?.broken !== undefined) throw division.broken;
      const { warnings, withdrawn } = inner.context.ledger; // some are given by who makes a call, and by nobody after
      return { ...nothing(undefined), warnings, withdrawn, ...(division?.met && { met: division.met }) };
    };
    try {
      const value = await work(item, { ...inner.context, budget: calls.budget });
      return await (division?.isOver ? shared() : account(value, undefined));
    } catch (error) {
      if (options.signal?.aborted || isNoResult?.(error)) throw error;
      return await (division?.isOver ? shared() : account(undefined, failedOf(error)));
    } finally {
      inner.close();
    }
  };
  try {
    if (order === 'together') return writeElsewhere(await Promise.all(parts.map(one)));
    const done: DoneElsewhere[] = [];
    for (const work of parts) done.push(await one(work));
    return writeElsewhere(done);
  } finally {
    outer.close();
    close();
  }
}

/** The journal as one run of several processes sees it. */
export function journalOf(journal: Journal, run: string | undefined, isCharged: boolean): Journal {
  if (run === undefined) return journal;
  return { run, isCharged, get: (key) => journal.get(key), put: (key, entry) => journal.put(key, { ...entry, run }) };
}

interface CallsOn {
  readonly budget: Budget;
  readonly charged: Amounts;
  over(): Promise<void>;
}

/** A budget, with what is charged to it from here, and when no call is in flight. */
function callsOn(budget: Budget): CallsOn {
  const charged = { ...NONE };
  let open = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    open--;
    if (open === 0) for (const tell of waiting.splice(0)) tell();
  };
  const reserve: Budget['reserve'] = async (need, signal) => {
    open++;
    try {
      const reservation = await budget.reserve(need, signal);
      const { calls, maxOutputTokens = need.outputTokens } = reservation;
      const most = perCall(need, maxOutputTokens ?? 0);
      let isOpen = true;
      const settle = (usage: Usage): void => {
        reservation.settle(usage);
        if (!isOpen) return;
        isOpen = false;
        const isCertain = usage.unreported === 0;
        if (!need.again) {
          charged.calls += usage.calls;
          charged.tokens += (isCertain ? totalTokens(usage) : undefined) ?? calls * most.tokens;
          charged.usd += (isCertain ? usage.usd : undefined) ?? calls * most.usd;
        }
        leave();
      };
      return { ...reservation, settle };
    } catch (error) {
      leave();
      throw error;
    }
  };
  return {
    budget: { ...budget, reserve },
    charged,
    async over() {
      if (open > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

const NONE: Amounts = { calls: 0, tokens: 0, usd: 0 };

function failedOf(error: unknown): FailedElsewhere {
  const message = error instanceof Error ? error.message : String(error);
  const kind = error instanceof PlusxError ? error.kind : undefined;
  const closed = isClosed(error);
  if (!(error instanceof BudgetExceeded)) return { message, kind, closed };
  const { limit, allowed, spent, needed } = error;
  return { message, kind, closed, budget: { limit, allowed, spent, needed } };
}

/** Hands out all parts of an item when the first of them is asked for. */
export function wholeItems(
  elsewhere: Elsewhere,
  parts: readonly number[],
): (item: Item, part: number) => ReturnType<Elsewhere> {
  const asked = new Map<string, ReturnType<Elsewhere>>();
  return async (item, part) => {
    const all = asked.get(item.id) ?? elsewhere(item, parts);
    asked.set(item.id, all);
    return (await all).slice(part, part + 1);
  };
}

/** An item, or `what` of it, that ended each process which worked on it. */
export function lostElsewhere(workers: number, what?: string): DoneElsewhere {
  const message =
    what === undefined
      ? `each of the ${workers} workers that did it ended while it did. Do the item in a process of its own to see why.`
      : `${what} ended each of the ${workers} workers that did it. Leave out --workers to see why: what was drawn is kept.`;
  return nothing({ message, kind: 'failure', closed: false });
}

const nothing = (error: FailedElsewhere | undefined): DoneElsewhere => ({
  value: undefined,
  error,
  usage: NO_USAGE,
  spending: NO_USAGE,
  charged: NONE,
  warnings: [],
  exhausted: undefined,
});

export const readElsewhere = (text: string): readonly DoneElsewhere[] =>
  unmarked(decodeJson(text)) as readonly DoneElsewhere[];

export const writeElsewhere = (done: readonly DoneElsewhere[]): string => encodeJson(marked(done));

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

/** Puts on the account what a part took elsewhere, and returns or throws what came of it. Who asks knows what its work gives. */
export function takeIn(done: DoneElsewhere | undefined, { ledger }: Context): unknown {
  if (!done) throw new ErrorElsewhere({ message: 'nothing came back', kind: 'failure', closed: false });
  const { value, error, usage, spending, exhausted } = done;
  ledger.add(usage, 'used');
  ledger.add(spending, 'spent');
  takeWarnings(done, ledger);
  if (exhausted) ledger.exhaust(exhausted);
  if (error?.budget) throw new BudgetExceeded(error.budget);
  if (error && error.kind === undefined) throw new Error(error.message);
  if (error) throw new ErrorElsewhere(error);
  return value;
}

/** What a part was warned of elsewhere. */
export function takeWarnings(
  { warnings, withdrawn = [] }: Pick<DoneElsewhere, 'warnings' | 'withdrawn'>,
  ledger: Context['ledger'],
): void {
  for (const warning of warnings) ledger.warn(warning);
  for (const warning of withdrawn) ledger.withdraw(warning);
}

/** What tells a task from another of its name: its questions and what is right. */
export function fingerprintOf(task: Pick<Task, 'items' | 'metric'>, formulas: readonly string[]): string {
  return encodeJson([
    formulas,
    task.metric.name,
    task.items.map(({ id, request, expected }) => [id, request, expected ?? null]),
  ]);
}
