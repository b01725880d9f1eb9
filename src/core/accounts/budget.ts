/**
 * Hard budgets. A call reserves the most it may use before it is made and settles for what it did use, so the sum of
 * all calls in flight never goes over a limit, whatever the nesting and the concurrency. Reservations are granted in
 * the order they were asked for: who gets the last of a budget does not depend on who finishes first.
 */
import { onAbort } from '../context/abort.ts';
import type { Clock } from '../context/clock.ts';
import { BudgetExceeded, InvalidOption, type LimitName } from '../errors.ts';
import { checkNames } from '../formula/nearest.ts';
import { checkPrice, dearestRates, type Price } from './price.ts';
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

/** Upper bounds of what a call may take, for each of `calls` candidates. */
export interface Need {
  readonly calls: number;
  readonly inputTokens: number;
  /** `undefined`: no bound is known, and the call may take all that is left. */
  readonly outputTokens: number | undefined;
  /** `undefined`: the price is not known, which a budget in money refuses. */
  readonly price: Price | undefined;
  /** The run has paid for it already, and is not charged again; a budget of a part of it is, as if the part were alone. */
  readonly again?: boolean | undefined;
}

/** The limits that are counted; wall time is not. */
export const COUNTED = ['calls', 'tokens', 'usd'] as const;
export type Counted = (typeof COUNTED)[number];
export type Amounts = Record<Counted, number>;
/** Upper bounds of one candidate. */
export function perCall({ inputTokens, price }: Need, outputTokens: number): Amounts {
  const most = price && dearestRates(price, inputTokens);
  return {
    calls: 1,
    tokens: inputTokens + outputTokens,
    usd: most ? inputTokens * most.input + outputTokens * most.output : 0,
  };
}

/** Nothing else enters a budget: one NaN would let every later call through, and one negative amount would give it back. */
function finite(name: Counted, value: number): void {
  if (!isAmount(value)) throw new RangeError(`budget: ${name} must be a finite number of at least 0, got ${value}`);
}

const isAmount = (value: number): boolean => Number.isFinite(value) && value >= 0;

/** Refuses what is no limit: a budget that is misspelt would be none at all. */
export function checkLimits(limits: Limits): void {
  const names: readonly LimitName[] = [...COUNTED, 'ms'];
  checkNames('budget', limits, names, 'limit');
  for (const [name, value] of Object.entries(limits))
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw new InvalidOption({ where: 'budget', option: name, rule: 'must be a number of at least 0', value });
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
  readonly signal: AbortSignal;
  readonly grant: (reservation: Reservation) => void;
  readonly refuse: (error: unknown) => void;
}

/** A budget of its own, or a part of `parent`'s: then both hold. `of` says whether it is that of a whole run. */
export function createBudget(limits: Limits, clock: Clock, parent?: Budget, of: 'run' | 'part' = 'part'): Budget {
  checkLimits(limits);
  const start = clock.now();
  const spent: Amounts = { calls: 0, tokens: 0, usd: 0 };
  const reserved: Amounts = { calls: 0, tokens: 0, usd: 0 };
  const line = createLine();
  const limited = (name: Counted): boolean => (limits[name] ?? Infinity) < Infinity;
  const bounded = COUNTED.some(limited);
  const room = (name: Counted): number => (limits[name] ?? Infinity) - spent[name] - reserved[name];

  /** The reservation if it fits now; a BudgetExceeded if it never will; `undefined` while calls in flight may make room. */
  const attempt = (need: Need): Reservation | BudgetExceeded | undefined => {
    if (limits.ms !== undefined && clock.now() - start >= limits.ms) {
      return new BudgetExceeded({ limit: 'ms', allowed: limits.ms, spent: clock.now() - start, needed: 0 });
    }
    if (limited('usd') && !need.price) throw noPrice();
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
    const output = need.price ? dearestRates(need.price, need.inputTokens).output : 0;
    const costly = limited('usd') && output > 0;
    if (need.outputTokens !== undefined || !(limited('tokens') || costly)) return take(need, fits, need.outputTokens);
    // No bound on the output, and a limit on it: all that is left goes to this call, so it waits until it is alone.
    if (!idle) return undefined;
    const byTokens = room('tokens') / fits - need.inputTokens;
    const byMoney = costly ? (room('usd') / fits - perCall(need, 0).usd) / output : Infinity;
    return take(need, fits, Math.max(1, Math.floor(Math.min(byTokens, byMoney) + 1e-9)));
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
        if (reserved.calls === 0) for (const name of COUNTED) reserved[name] = 0; // rounding must not pile up
        const certain = usage.unreported === 0;
        const took: Amounts = {
          calls: usage.calls,
          tokens: (certain ? totalTokens(usage) : undefined) ?? held.tokens,
          usd: (certain ? usage.usd : undefined) ?? held.usd,
        };
        // What is no amount is charged as it was reserved before it is refused, so that nobody waits for it for ever.
        const charged = COUNTED.every((name) => isAmount(took[name])) ? took : held;
        for (const name of COUNTED) spent[name] += charged[name];
        pump();
        for (const name of COUNTED) finite(name, took[name]);
      },
    };
  };

  const pump = (): void => {
    for (let head = line.first(); head; head = line.first()) {
      try {
        const result = attempt(head.need);
        if (!result) return;
        if (result instanceof BudgetExceeded) head.refuse(result);
        else head.grant(result);
      } catch (error) {
        head.refuse(error);
      }
      line.shift();
    }
  };

  const own = (need: Need, signal: AbortSignal): Promise<Reservation> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stay = onAbort(signal, () => {
        reject(signal.reason);
        pump();
      });
      const waiter: Waiter = {
        need,
        signal,
        grant: (reservation) => (stay(), resolve(reservation)),
        refuse: (error) => (stay(), reject(error)),
      };
      line.push(waiter);
      pump();
    });

  return {
    limits,
    spent,
    async reserve(given, signal) {
      const need = checkedNeed(given);
      if (given.again && of === 'run') return unbounded(need);
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

/** A need whose numbers are numbers: an output without a bound has none, and what is no amount is refused. */
function checkedNeed(need: Need): Need {
  if (need.price) checkPrice(need.price);
  const outputTokens = need.outputTokens === Infinity ? undefined : need.outputTokens;
  if (outputTokens !== undefined && !(outputTokens >= 0))
    throw new InvalidOption({
      where: 'request',
      option: 'maxOutputTokens',
      rule: 'must be a number of at least 0',
      value: outputTokens,
    });
  if (!(need.inputTokens >= 0 && need.inputTokens < Infinity))
    throw new RangeError(`budget: the bound of a call's input tokens must be finite, got ${need.inputTokens}`);
  return outputTokens === need.outputTokens ? need : { ...need, outputTokens };
}

/** Waiters in the order they came; those whose signal has aborted are passed over. Each step takes the same time. */
function createLine(): { push(waiter: Waiter): void; first(): Waiter | undefined; shift(): void } {
  let waiters: Waiter[] = [];
  let head = 0;
  const shift = (): void => {
    head++;
    if (head * 2 < waiters.length || head < 64) return;
    waiters = waiters.slice(head);
    head = 0;
  };
  return {
    push: (waiter) => void waiters.push(waiter),
    first() {
      for (let waiter = waiters[head]; waiter; waiter = waiters[head]) {
        if (!waiter.signal.aborted) return waiter;
        shift();
      }
      return undefined;
    },
    shift,
  };
}

const unbounded = ({ calls, outputTokens }: Need): Reservation => ({
  calls,
  maxOutputTokens: outputTokens,
  settle() {},
});
