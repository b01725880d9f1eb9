/** Asks arms the same items within one run: what several of them draw is drawn once, and what became of each is kept. */
import { addUsage, BudgetExceeded, NO_USAGE, totalTokens, type Context, type Usage } from '../../core/index.ts';
import { wholeItems, type Elsewhere } from '../../evaluate/elsewhere/elsewhere.ts';
import { concurrencyOf, evaluateIn } from '../../evaluate/eval.ts';
import type { ItemResult } from '../../evaluate/index.ts';
import { isAway } from '../../evaluate/items.ts';
import type { Item, Task } from '../../tasks/task.ts';
import type { Seen } from '../route/seen.ts';
import type { Arm } from './arms.ts';
import { charge } from './charge.ts';
import type { Graded } from './race.ts';

/** What cost is counted in: dollars where every call has a price, else calls. */
export type Unit = 'usd' | 'calls';

export interface Asked extends Graded {
  /** As if it were alone. */
  readonly usage: Usage;
  /** What was answered. */
  readonly reply: string | undefined;
  /** What is seen of the answer before anybody knows whether it is right. */
  readonly seen: Seen;
  /** Why there is no grade. */
  readonly error?: string | undefined;
}

export interface TrialOptions {
  readonly context: Context;
  readonly task: Task;
  readonly unit: Unit;
  readonly signal: AbortSignal | undefined;
  /** Items in flight at once, over all arms. */
  readonly concurrency: number | undefined;
  /** Who does the items, where it is not this process. */
  readonly elsewhere?: (() => Promise<Elsewhere> | undefined) | undefined;
  /** Whether arms were seen to work: where all of them fail on all of these items, it is the items. Default: the first error is thrown. */
  readonly worked?: boolean | undefined;
  /** Told of every item that an arm is done with. */
  readonly onItem: ((arm: Arm, item: ItemResult) => void) | undefined;
}

export interface Trial {
  /** By arm, in the order of the items. */
  readonly asked: readonly (readonly Asked[])[];
  /** What an arm failed with on every item. */
  readonly broken: ReadonlyMap<Arm, Error>;
}

/**
 * Asks every arm every item. An arm that fails on all of them is told of, and ends nothing; where all arms do that nobody saw work, the first
 * error is thrown, and so it is where most arms fail because the server is away. Nothing where the budget of the run cut it short: half a round would tell nothing.
 */
export async function tryArms(
  arms: readonly Arm[],
  items: readonly Item[],
  options: TrialOptions,
): Promise<Trial | undefined> {
  const { context, task, signal, concurrency, onItem } = options;
  const broken = new Map<Arm, Error>();
  /** Of each arm, what its last items failed with because the server was away. */
  const rows = new Map<Arm, unknown[]>(arms.map((arm) => [arm, []]));
  const asked = new Map<Arm, readonly Asked[]>();
  let isCut = false;
  const part = { ...task, items };
  const others = await options.elsewhere?.();
  const ofItem = others && wholeItems(others, [...arms.keys()]);
  const there = (number: number): Elsewhere | undefined =>
    ofItem &&
    (async (item) => {
      const done = await ofItem(item, number);
      for (const { charged, spending } of done) await charge(context, charged, spending);
      return done;
    });
  const ask = async (arm: Arm, number: number): Promise<void> => {
    const lanes = Math.min(items.length, concurrencyOf(arm.model, concurrency));
    try {
      const how = {
        signal,
        repeats: 1,
        concurrency: lanes,
        elsewhere: there(number),
        onItem: ({ item }: { readonly item: ItemResult }) => onItem?.(arm, item),
      };
      const found = await evaluateIn(context, arm.model, part, how, (error) => {
        if (isAway(error)) rows.get(arm)?.push(error);
        else rows.set(arm, []);
      });
      asked.set(
        arm,
        found.results.map((result) => askedOf(result, options)),
      );
      if (found.exhausted) isCut = true;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof BudgetExceeded) isCut = true;
      else {
        broken.set(arm, error instanceof Error ? error : new Error(String(error)));
        asked.set(
          arm,
          items.map(() => ({
            grade: undefined,
            cost: 0,
            usage: NO_USAGE,
            reply: undefined,
            seen: { answer: null, length: 0 },
            error: error instanceof Error ? error.message : String(error),
          })),
        );
      }
    }
  };
  const first = arms[0];
  const isAlone = arms.some(({ model }) => model.can.concurrency === 1);
  const wide = first ? Math.max(1, Math.floor(concurrencyOf(first.model, concurrency) / items.length)) : 1;
  await inLanes(arms, ofItem ? arms.length : isAlone ? 1 : wide, ask);
  if (isCut) return undefined;
  const [error] = broken.values();
  if (error && broken.size === arms.length && !options.worked) throw error;
  // Most compositions do not fail at one time, and none from one item on: the server is away. Such a round is asked again by who goes on.
  const away = [...broken.values()].filter(isAway);
  if (2 * away.length > arms.length) throw away[0];
  for (const [arm, row] of rows) if (!broken.has(arm) && row.length >= AWAY_FOR) throw row[0];
  return { asked: arms.map((arm) => asked.get(arm) as readonly Asked[]), broken };
}

/** Items that fail in a row, at the end of a round, before a server counts as away. */
const AWAY_FOR = 4;

async function inLanes<T>(
  all: readonly T[],
  lanes: number,
  work: (one: T, number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < all.length; i = next++) await work(all[i] as T, i);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, all.length) }, lane));
}

function askedOf({ grade, usage, replies, error, answer }: ItemResult, { unit }: TrialOptions): Asked {
  const [reply] = replies;
  const share = reply?.facts?.['share'];
  return {
    grade,
    cost: costIn(unit, usage),
    usage,
    reply: reply?.text,
    seen: { answer, length: reply?.text.length ?? 0, ...(typeof share === 'number' && { share }) },
    ...(error !== undefined && { error }),
  };
}

/** A cost that is not known counts as free of charge, which it is told to be nowhere: `unit` is dollars only where prices are known. */
export const costIn = (unit: Unit, usage: Usage): number => (unit === 'usd' ? (usage.usd ?? 0) : usage.calls);

/** Per question, of those that were answered. */
export function averageUsage(asked: readonly Asked[]): {
  readonly calls: number;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
} {
  const done = asked.filter(({ grade }) => grade !== undefined);
  const usage = done.reduce((sum, one) => addUsage(sum, one.usage), NO_USAGE);
  const each = (total: number | undefined): number | undefined =>
    total === undefined ? undefined : total / Math.max(1, done.length);
  return { calls: usage.calls / Math.max(1, done.length), tokens: each(totalTokens(usage)), usd: each(usage.usd) };
}
