/** Keys that are kept in a store, with their budgets. */
import { randomUUID } from 'node:crypto';
import type { Limits } from '../../core/index.ts';
import type { Accounts, KeyVerifier, Spending, Standing, Store, StoredKey } from '../../store/index.ts';
import { Refusal } from '../failure.ts';
import type { Account, Caller, Keys, Need } from './keys.ts';
import { budgetsOf, isLimited, matches, readPermissions, type Permissions } from './permissions.ts';
import { createQueue, type Queue } from './queue.ts';

export interface KeysOptions {
  /** Requests at one time, of all keys together. Default 1,000. */
  readonly inFlight?: number | undefined;
  /** Milliseconds that a request may take: after that its reservation counts as spent. Default 600,000. */
  readonly lifetimeMs?: number | undefined;
}

/** Milliseconds after which a key that was added or revoked elsewhere is noticed. */
const FRESH_MS = 1000;
const MOST_WAITING = 1000;
const AMOUNTS = ['calls', 'tokens', 'usd'] as const;

export async function keysIn(store: Store, { inFlight = 1000, lifetimeMs = 600_000 }: KeysOptions = {}): Promise<Keys> {
  const verifier = await store.keys.verifier();
  const queue = createQueue({ most: inFlight, mostWaiting: MOST_WAITING });
  const fresh = freshness(verifier);
  const callers = new Map<string, { readonly of: StoredKey; readonly caller: Caller }>();
  return {
    get waiting() {
      return queue.waiting;
    },
    async callerOf(key) {
      await fresh();
      const found = verifier.verify(key);
      if (!found) return undefined;
      const known = callers.get(found.id);
      if (known?.of === found) return known.caller;
      const caller = callerOf(found, { accounts: store.accounts, queue, lifetimeMs });
      callers.set(found.id, { of: found, caller });
      return caller;
    },
  };
}

/** Reads the keys anew once what is known of them is old; many that ask at one time share the reading. */
function freshness(verifier: KeyVerifier): () => Promise<void> | undefined {
  let read = performance.now();
  let reading: Promise<void> | undefined;
  return () => {
    if (performance.now() - read < FRESH_MS) return undefined;
    reading ??= verifier.refresh().finally(() => {
      read = performance.now();
      reading = undefined;
    });
    return reading;
  };
}

interface Means {
  readonly accounts: Accounts;
  readonly queue: Queue;
  readonly lifetimeMs: number;
}

function callerOf({ id, name, may }: StoredKey, means: Means): Caller {
  const permissions = readPermissions(may);
  return {
    key: id,
    name,
    mayUseModel: (one) => matches(permissions.models, one),
    mayUseTechnique: (one) => matches(permissions.techniques, one),
    mayReadMetrics: permissions.metrics === true,
    account: accountOf(id, permissions, means),
  };
}

function accountOf(key: string, permissions: Permissions, { accounts, queue, lifetimeMs }: Means): Account {
  const budgets = budgetsOf(permissions);
  const isCounted = isLimited(permissions);
  return {
    async admit(need, until) {
      const leave = await queue.enter(key, permissions.inFlight ?? Infinity, until);
      try {
        const at = Date.now();
        const id = isCounted ? randomUUID() : '';
        const reserved = isCounted ? await reserve(id, need) : wantedOf(need, permissions, undefined);
        return {
          limits: isCounted || permissions.request ? limitsFor(permissions, reserved) : {},
          settle: once((spent) => {
            leave();
            if (!isCounted) return accounts.count(key, spent ?? reserved, at);
            // Kept in the file before the process ends; the client need not wait for it.
            accounts.settle(id, spent ?? reserved).catch(() => undefined);
          }),
        };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };

  /** Reserves the most that a request can take; where nothing bounds that, all that it may take. */
  async function reserve(id: string, need: Need): Promise<Spending> {
    for (let tries = 0; ; tries++) {
      const at = Date.now();
      const isOpen = AMOUNTS.some((amount) => need[amount] === undefined && isBounded(permissions, amount));
      const standing = isOpen || tries > 0 ? await accounts.standing(key, at) : undefined;
      const wanted = wantedOf(need, permissions, standing);
      if (await accounts.reserve({ id, key, need: wanted, budgets, at, lifetimeMs })) return wanted;
      const now = await accounts.standing(key, at);
      // Where nothing bounds the request, what was left a moment ago may be gone.
      if (isOpen && tries < 3 && AMOUNTS.every((amount) => leftOf(permissions, now, amount) > 0)) continue;
      throw refusal(wanted, permissions, now);
    }
  }
}

function once<T>(work: (value: T) => void): (value: T) => void {
  let isDone = false;
  return (value) => {
    if (isDone) return;
    isDone = true;
    work(value);
  };
}

const isBounded = ({ day, month, request }: Permissions, amount: keyof Spending): boolean =>
  [day, month, request].some((limits) => limits?.[amount] !== undefined);

/** What is left of an amount for a key, in the narrowest of its periods. */
function leftOf({ day, month }: Permissions, standing: Standing, amount: keyof Spending): number {
  const left = (most: number | undefined, spent: number): number =>
    most === undefined ? Infinity : most - spent - standing.reserved[amount];
  return Math.min(left(day?.[amount], standing.day[amount]), left(month?.[amount], standing.month[amount]));
}

function wantedOf(need: Need, permissions: Permissions, standing: Standing | undefined): Spending {
  const wanted = (amount: keyof Spending): number => {
    const most = permissions.request?.[amount] ?? Infinity;
    const known = need[amount];
    if (need.unbounded !== undefined && amount !== 'calls' && isBounded(permissions, amount))
      throw new Refusal(
        `\`${need.unbounded}\` can cost more than this request shows, and this key has a budget. Send all that is asked in the request itself.`,
        { param: need.unbounded, code: 'unsupported_parameter' },
      );
    if (known !== undefined) {
      if (known > most)
        throw new Refusal(
          `This request can take ${shown(known, amount)}, and this key may take ${shown(most, amount)} for one. ${WAY_OUT[amount]}`,
          { status: 402, code: 'request_too_expensive' },
        );
      return known;
    }
    if (!isBounded(permissions, amount)) return 0;
    if (amount === 'usd' && need.noPrice !== undefined)
      throw new Refusal(`This key has a budget in dollars, and ${need.noPrice}. Name a model whose price is known.`, {
        param: 'model',
        code: 'price_unknown',
      });
    const left = standing ? leftOf(permissions, standing, amount) : Infinity;
    return Math.max(0, Math.min(most, left));
  };
  return { calls: wanted('calls'), tokens: wanted('tokens'), usd: wanted('usd') };
}

/** What the run is held to: what was reserved for it, where the key has a budget of it. */
function limitsFor(permissions: Permissions, reserved: Spending): Limits {
  return Object.fromEntries(
    AMOUNTS.flatMap((amount) => (isBounded(permissions, amount) ? [[amount, reserved[amount]]] : [])),
  );
}

const WAY_OUT = {
  calls: 'Use a formula with fewer calls.',
  tokens: 'Set `max_tokens` lower, or use a formula with fewer calls.',
  usd: 'Set `max_tokens` lower, or use a formula with fewer calls.',
} as const;

/** Both numbers: what the request can take, and what is left. */
function refusal(need: Spending, permissions: Permissions, standing: Standing): Refusal {
  const { requestsPerMinute, day } = permissions;
  if (requestsPerMinute !== undefined && standing.requests + 1 > requestsPerMinute)
    return new Refusal(`This key may send ${requestsPerMinute} requests a minute, and has sent ${standing.requests}.`, {
      status: 429,
      code: 'rate_limited',
      retryAfter: 60 - new Date().getUTCSeconds(),
    });
  const amount =
    AMOUNTS.find(
      (one) => isBounded(permissions, one) && (need[one] > leftOf(permissions, standing, one) || need[one] === 0),
    ) ?? 'calls';
  const left = Math.max(0, leftOf(permissions, standing, amount));
  const held = standing.reserved[amount];
  const isDay = day?.[amount] !== undefined && day[amount] - standing.day[amount] - held <= left;
  const needed = need[amount] === 0 ? `some ${amount}` : shown(need[amount], amount);
  const message = `This request can take ${needed}, and ${shown(left, amount)} are left of the ${isDay ? "day's" : "month's"} budget`;
  // What requests under way have reserved may come back.
  return need[amount] <= left + held && held > 0
    ? new Refusal(`${message}; ${shown(held, amount)} are reserved by requests under way.`, {
        status: 429,
        code: 'budget_reserved',
        retryAfter: 5,
      })
    : new Refusal(`${message}. ${WAY_OUT[amount]}`, { status: 402, code: 'insufficient_budget' });
}

function shown(value: number, amount: keyof Spending): string {
  if (amount === 'usd') return `$${Number(value.toPrecision(6))}`;
  return `${Math.round(value)} ${amount}`;
}
