/**
 * Hard budgets. A call reserves the most it may use before it is made and settles for what it did use, so the sum of
 * all calls in flight never goes over a limit, whatever the nesting and the concurrency. Reservations are granted in
 * the order they were asked for: who gets the last of a budget does not depend on who finishes first.
 */
import type { Clock } from '../context/clock.ts';
import { nearest } from '../formula/nearest.ts';
import { BudgetExceeded, InvalidOption, type LimitName } from '../errors.ts';
import { NO_USAGE, totalTokens, type Usage } from './usage.ts';

/** What may be spent. A limit left out is no limit. */
export interface Limits {
  readonly calls?: number | undefined;
  /** Input plus output tokens. */
  readonly tokens?: number | undefined;
  /** US dollars. */
  readonly usd?: number | undefined;
  /** Milliseconds of wall time. */
  readonly ms?: number | undefined;
}

/** US dollars a token. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** Upper bounds of what a call may take, for each of `calls` candidates. */
export interface Need {
  readonly calls: number;
  readonly inputTokens: number;
  /** `undefined`: no bound is known, and the call may take all that is left. */
  readonly outputTokens: number | undefined;
  /** `undefined`: the price is not known, which a budget in money refuses. */
  readonly price: Price | undefined;
}

/** The limits that are counted; wall time is not. */
export const COUNTED = ['calls', 'tokens', 'usd'] as const;
export type Counted = (typeof COUNTED)[number];
export type Amounts = Record<Counted, number>;
/** Upper bounds of one candidate. */
export function perCall({ inputTokens, price }: Need, outputTokens: number): Amounts {
  return {
    calls: 1,
    tokens: inputTokens + outputTokens,
    usd: price ? inputTokens * price.input + outputTokens * price.output : 0,
  };
}

/** Nothing else enters a budget: one NaN would let every later call through, and one negative amount would give it back. */
function finite(name: Counted, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`budget: ${name} must be a finite number of at least 0, got ${value}`);
}

/** Refuses what is no limit: a budget that is misspelt would be none at all. */
export function checkLimits(limits: Limits): void {
  const names: readonly LimitName[] = [...COUNTED, 'ms'];
  for (const [name, value] of Object.entries(limits)) {
    if (!names.some((known) => known === name)) {
      const near = nearest(name, names);
      throw new InvalidOption({
        where: 'budget',
        option: JSON.stringify(name),
        rule: 'is no limit',
        hint: `${near ? `Did you mean \`${near}\`? ` : ''}There are: ${names.join(', ')}`,
      });
    }
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw new InvalidOption({ where: 'budget', option: name, rule: 'must be a number of at least 0', value });
  }
}

export function noPrice(): InvalidOption {
  return new InvalidOption({
    where: 'budget',
    option: 'usd',
    rule: 'needs the price of every model called',
    hint: 'Give the model `price: { input, output }` in US dollars a token, or budget `tokens`',
  });
}

export interface Reservation {
  /** How many of the candidates asked for are granted: fewer than asked only where no more fit in the budget. */
  readonly calls: number;
  /** The most output tokens each candidate may take, where a budget sets a bound. */
  readonly maxOutputTokens: number | undefined;
  /** Gives back what was not used. Tokens that stay unknown are charged as reserved. */
  settle(usage: Usage): void;
}

export interface Budget {
  readonly limits: Limits;
  readonly spent: { readonly calls: number; readonly tokens: number; readonly usd: number };
  /** Waits for calls in flight where their settling may make room; throws BudgetExceeded where nothing can. */
  reserve(need: Need, signal: AbortSignal): Promise<Reservation>;
}

interface Waiter {
  readonly need: Need;
  readonly grant: (reservation: Reservation) => void;
  readonly refuse: (error: unknown) => void;
}

/** A budget of its own, or a part of `parent`'s: then both hold. */
export function createBudget(limits: Limits, clock: Clock, parent?: Budget): Budget {
  checkLimits(limits);
  const start = clock.now();
  const spent: Amounts = { calls: 0, tokens: 0, usd: 0 };
  const reserved: Amounts = { calls: 0, tokens: 0, usd: 0 };
  const queue: Waiter[] = [];
  const bounded = COUNTED.some((name) => limits[name] !== undefined);
  const room = (name: Counted): number => (limits[name] ?? Infinity) - spent[name] - reserved[name];

  /** The reservation if it fits now; a BudgetExceeded if it never will; `undefined` while calls in flight may make room. */
  const attempt = (need: Need): Reservation | BudgetExceeded | undefined => {
    if (limits.ms !== undefined && clock.now() - start >= limits.ms) {
      return new BudgetExceeded({ limit: 'ms', allowed: limits.ms, spent: clock.now() - start, needed: 0 });
    }
    if (limits.usd !== undefined && !need.price) throw noPrice();
    const idle = reserved.calls === 0;
    const each = perCall(need, need.outputTokens ?? 1);
    const fits = Math.min(
      need.calls,
      ...COUNTED.map((name) => (each[name] > 0 ? Math.floor(room(name) / each[name] + 1e-9) : Infinity)),
    );
    if (fits < need.calls && !idle) return undefined;
    if (fits < 1) {
      const limit = COUNTED.find((name) => each[name] > room(name) + 1e-12) ?? 'calls';
      return new BudgetExceeded({ limit, allowed: limits[limit] ?? 0, spent: spent[limit], needed: each[limit] });
    }
    if (need.outputTokens !== undefined || (limits.tokens === undefined && limits.usd === undefined))
      return take(need, fits, need.outputTokens);
    // No bound on the output: all that is left goes to this call, so it waits until it is alone.
    if (!idle) return undefined;
    const byTokens = room('tokens') / fits - need.inputTokens;
    const byMoney =
      need.price && need.price.output > 0
        ? (room('usd') / fits - need.inputTokens * need.price.input) / need.price.output
        : Infinity;
    // A free call under a budget in money alone: nothing bounds its output, and nothing needs to.
    const most = Math.min(byTokens, byMoney);
    return take(need, fits, most === Infinity ? undefined : Math.max(1, Math.floor(most + 1e-9)));
  };

  const take = (need: Need, calls: number, maxOutputTokens: number | undefined): Reservation => {
    const each = perCall(need, maxOutputTokens ?? 0);
    const held: Amounts = { calls, tokens: each.tokens * calls, usd: each.usd * calls };
    for (const name of COUNTED) finite(name, held[name]);
    for (const name of COUNTED) reserved[name] += held[name];
    let open = true;
    return {
      calls,
      maxOutputTokens,
      settle(usage) {
        if (!open) return;
        open = false;
        for (const name of COUNTED) reserved[name] -= held[name];
        const certain = usage.unreported === 0;
        const took: Amounts = {
          calls: usage.calls,
          tokens: (certain ? totalTokens(usage) : undefined) ?? held.tokens,
          usd: (certain ? usage.usd : undefined) ?? held.usd,
        };
        for (const name of COUNTED) spent[name] += finite(name, took[name]);
        if (reserved.calls === 0) for (const name of COUNTED) reserved[name] = 0; // rounding must not pile up
        pump();
      },
    };
  };

  const pump = (): void => {
    for (let head = queue[0]; head; head = queue[0]) {
      try {
        const result = attempt(head.need);
        if (!result) return;
        if (result instanceof BudgetExceeded) head.refuse(result);
        else head.grant(result);
      } catch (error) {
        head.refuse(error);
      }
      queue.shift();
    }
  };

  const own = (need: Need, signal: AbortSignal): Promise<Reservation> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leave = (): void => {
        queue.splice(queue.indexOf(waiter), 1);
        reject(signal.reason);
        pump();
      };
      const waiter: Waiter = {
        need,
        grant: (reservation) => (signal.removeEventListener('abort', leave), resolve(reservation)),
        refuse: (error) => (signal.removeEventListener('abort', leave), reject(error)),
      };
      queue.push(waiter);
      signal.addEventListener('abort', leave, { once: true });
      pump();
    });

  return {
    limits,
    spent,
    async reserve(need, signal) {
      if (!bounded && limits.ms === undefined) return parent ? parent.reserve(need, signal) : unbounded(need);
      const inner = await own(need, signal);
      if (!parent) return inner;
      try {
        const outer = await parent.reserve(
          { ...need, calls: inner.calls, outputTokens: inner.maxOutputTokens ?? need.outputTokens },
          signal,
        );
        return {
          calls: outer.calls,
          maxOutputTokens: outer.maxOutputTokens ?? inner.maxOutputTokens,
          settle: (usage) => (inner.settle(usage), outer.settle(usage)),
        };
      } catch (error) {
        inner.settle(NO_USAGE);
        throw error;
      }
    },
  };
}

const unbounded = ({ calls, outputTokens }: Need): Reservation => ({
  calls,
  maxOutputTokens: outputTokens,
  settle() {},
});
