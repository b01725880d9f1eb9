/**
 * What keys have spent, and what their requests under way may still spend. A request reserves the most it can take before it
 * begins, in one transaction with the check that it fits: however many processes share the file, no key goes over its budget.
 */
import type { Driver, Statement, Value } from '../driver.ts';
import type { Writer } from '../group-commit.ts';

export interface Spending {
  readonly calls: number;
  readonly tokens: number;
  /** US dollars. */
  readonly usd: number;
}

export const AMOUNTS = ['calls', 'tokens', 'usd'] as const;

/** Budgets of a key. What is left out is not limited. */
export interface KeyBudgets {
  readonly day?: Partial<Spending> | undefined;
  readonly month?: Partial<Spending> | undefined;
  readonly requestsPerMinute?: number | undefined;
}

/** Where a key stands. */
export interface Standing {
  readonly day: Spending;
  readonly month: Spending;
  /** What its requests under way have reserved. */
  readonly reserved: Spending;
  /** Its requests of this minute. */
  readonly requests: number;
}

/** What a request can take at most. */
export interface Reservation {
  readonly id: string;
  readonly key: string;
  readonly need: Spending;
  readonly budgets: KeyBudgets;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds after which whoever reserved it has died, and all of it counts as spent. */
  readonly lifetimeMs: number;
}

export interface Accounts {
  /** Reserves, where it fits all budgets; else nothing is done. Resolves to whether it fits. */
  reserve(reservation: Reservation): Promise<boolean>;
  /** Puts what was spent in the place of a reservation, and resolves when that is written. Safe to call twice. */
  settle(id: string, spent: Spending): Promise<void>;
  /**
   * Adds what a request took that reserved nothing, because no budget holds for its key. Many are written together, so a
   * process that is killed may lose the last of them.
   */
  count(key: string, spent: Spending, at: number): void;
  standing(key: string, at: number): Promise<Standing>;
  /** Resolves when everything that was counted or settled is written, and what nobody uses is given back. */
  flush(): Promise<void>;
}

/** Whatever is reserved is seen by the next who reserves. */
const LOCK = 'accounts';
export const oneAtATime = (statement: Statement): Statement => ({ ...statement, lock: LOCK });

/** Accounts that can also ask that there be room for more than what is needed. */
export interface Reserving extends Accounts {
  reserve(reservation: Reservation, room?: Spending): Promise<boolean>;
}

export function storedAccounts(driver: Driver, writer: Writer): Reserving {
  let swept = -Infinity;
  const counted = tally(writer);
  const read = async (sql: string, ...params: Value[]) => {
    await counted.flush();
    await writer.flush();
    return driver.read({ sql, params });
  };
  return {
    async reserve({ id, key, need, budgets, at, lifetimeMs }, room = NONE) {
      const { day, month, minute } = periodsOf(at);
      const rules = [
        ...limitsIn(budgets.day).map((limit) => ruleOf(key, day, { need, room }, limit)),
        ...limitsIn(budgets.month).map((limit) => ruleOf(key, month, { need, room }, limit)),
        ...(budgets.requestsPerMinute === undefined
          ? []
          : [{ sql: `${sumOf('requests')} + 1 <= ?`, params: [key, minute, budgets.requestsPerMinute] }]),
      ];
      // What is not swept counts as reserved, and so it does as spent.
      const sweep = at - swept > SWEEP_MS ? expired(at) : [];
      if (sweep.length > 0) swept = at;
      const statements: Statement[] = [
        ...sweep,
        {
          sql: `INSERT INTO reservations (id, key, day, month, calls, tokens, usd, expires)
                SELECT ?, ?, ?, ?, ?, ?, ?, ?${rules.length > 0 ? ` WHERE ${rules.map(({ sql }) => sql).join(' AND ')}` : ' WHERE 1 = 1'}`,
          params: [
            id,
            key,
            day,
            month,
            need.calls,
            need.tokens,
            need.usd,
            at + lifetimeMs,
            ...rules.flatMap((rule) => rule.params),
          ],
        },
        {
          sql: `INSERT INTO accounts (key, period, requests, calls, tokens, usd)
                SELECT key, ?, 1, 0, 0, 0 FROM reservations WHERE id = ?
                ON CONFLICT (key, period) DO UPDATE SET requests = accounts.requests + 1`,
          params: [minute, id],
        },
      ];
      await writer.add(statements.map(oneAtATime));
      return (await driver.read({ sql: 'SELECT id FROM reservations WHERE id = ?', params: [id] })).length === 1;
    },
    async settle(id, spent) {
      const charged = AMOUNTS.map((amount) => spent[amount]);
      const statements: Statement[] = [
        ...(['day', 'month'] as const).map((period) => ({
          sql: `INSERT INTO accounts (key, period, requests, calls, tokens, usd)
                SELECT key, ${period}, 1, ?, ?, ? FROM reservations WHERE id = ?${ADDED}`,
          params: [...charged, id],
        })),
        { sql: 'DELETE FROM reservations WHERE id = ?', params: [id] },
      ];
      await writer.add(statements.map(oneAtATime));
    },
    count: (key, spent, at) => counted.add(key, spent, at),
    flush: () => counted.flush(),
    async standing(key, at) {
      const { day, month, minute } = periodsOf(at);
      const rows = await read('SELECT period, requests, calls, tokens, usd FROM accounts WHERE key = ?', key);
      const [reserved] = await read(
        'SELECT COALESCE(SUM(calls), 0) AS calls, COALESCE(SUM(tokens), 0) AS tokens, COALESCE(SUM(usd), 0) AS usd FROM reservations WHERE key = ?',
        key,
      );
      const of = (period: string) => rows.find((row) => row['period'] === period);
      return {
        day: spendingOf(of(day)),
        month: spendingOf(of(month)),
        reserved: spendingOf(reserved),
        requests: Number(of(minute)?.['requests'] ?? 0),
      };
    },
  };
}

/** Milliseconds for which what is counted may wait for more. */
const TALLY_MS = 1000;

/** What requests of one key took within one period. */
interface Sum {
  readonly key: string;
  readonly period: string;
  requests: number;
  calls: number;
  tokens: number;
  usd: number;
}

/** What requests took, added up until it is written. */
function tally(writer: Writer): { add(key: string, spent: Spending, at: number): void; flush(): Promise<void> } {
  let sums = new Map<string, Sum>();
  let timer: NodeJS.Timeout | undefined;
  const add = (key: string, period: string, requests: number, { calls, tokens, usd }: Spending): void => {
    const name = `${key}\n${period}`;
    const sum = sums.get(name);
    if (!sum) return void sums.set(name, { key, period, requests, calls, tokens, usd });
    sum.requests += requests;
    sum.calls += calls;
    sum.tokens += tokens;
    sum.usd += usd;
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (sums.size === 0) return;
    const written = [...sums.values()];
    sums = new Map();
    try {
      await writer.add(
        written.map(({ key, period, requests, calls, tokens, usd }) => ({
          sql: `INSERT INTO accounts (key, period, requests, calls, tokens, usd) VALUES (?, ?, ?, ?, ?, ?)${ADDED}`,
          params: [key, period, requests, calls, tokens, usd],
          lock: LOCK,
        })),
      );
    } catch (error) {
      // A disk that is full may have room later.
      for (const sum of written) add(sum.key, sum.period, sum.requests, sum);
      throw error;
    }
  };
  return {
    add(key, spent, at) {
      const { day, month } = periodsOf(at);
      add(key, day, 1, spent);
      add(key, month, 1, spent);
      timer ??= setTimeout(() => void flush().catch(() => undefined), TALLY_MS).unref();
    },
    flush,
  };
}

const SWEEP_MS = 60_000;

export const ADDED = ` ON CONFLICT (key, period) DO UPDATE SET requests = accounts.requests + excluded.requests,
  calls = accounts.calls + excluded.calls, tokens = accounts.tokens + excluded.tokens, usd = accounts.usd + excluded.usd`;

/** Reservations of requests that nobody ends any more: a process died. All they could take counts as spent. */
function expired(at: number): Statement[] {
  return [
    ...(['day', 'month'] as const).map((period) => ({
      sql: `INSERT INTO accounts (key, period, requests, calls, tokens, usd)
            SELECT key, ${period}, COUNT(*), SUM(calls), SUM(tokens), SUM(usd) FROM reservations WHERE expires < ?
            GROUP BY key, ${period}${ADDED}`,
      params: [at],
    })),
    { sql: 'DELETE FROM reservations WHERE expires < ?', params: [at] },
    // Minutes are of no use once they are over.
    { sql: "DELETE FROM accounts WHERE period LIKE 'minute %' AND period < ?", params: [periodsOf(at).minute] },
  ];
}

const NONE: Spending = { calls: 0, tokens: 0, usd: 0 };

type Limit = readonly [amount: keyof Spending, most: number];

const limitsIn = (limits: Partial<Spending> = {}): Limit[] =>
  AMOUNTS.flatMap((amount) => {
    const most = limits[amount];
    return most === undefined ? [] : [[amount, most] as const];
  });

const sumOf = (column: string): string =>
  `COALESCE((SELECT SUM(${column}) FROM accounts WHERE key = ? AND period = ?), 0)`;

/** A limit as a condition: what is spent, what is reserved and what is needed are together no more. */
function ruleOf(
  key: string,
  period: string,
  { need, room }: { readonly need: Spending; readonly room: Spending },
  [amount, most]: Limit,
): Statement {
  return {
    sql: `${sumOf(amount)} + COALESCE((SELECT SUM(${amount}) FROM reservations WHERE key = ?), 0) + ? <= ?`,
    params: [key, period, key, need[amount] + room[amount], most * (1 + ROUNDING)],
  };
}

/** Sums of dollars are sums of doubles. */
const ROUNDING = 1e-12;

interface Periods {
  readonly day: string;
  readonly month: string;
  readonly minute: string;
}

let latest: { readonly minute: number; readonly periods: Periods } | undefined;

/** The day, month and minute of a time, which are those of the time before it nearly always. */
function periodsOf(at: number): Periods {
  const minute = Math.floor(at / 60_000);
  if (latest?.minute === minute) return latest.periods;
  const text = new Date(at).toISOString();
  const periods = {
    day: `day ${text.slice(0, 10)}`,
    month: `month ${text.slice(0, 7)}`,
    minute: `minute ${text.slice(0, 16)}`,
  };
  latest = { minute, periods };
  return periods;
}

const spendingOf = (row: { readonly [column: string]: Value } | undefined): Spending => ({
  calls: Number(row?.['calls'] ?? 0),
  tokens: Number(row?.['tokens'] ?? 0),
  usd: Number(row?.['usd'] ?? 0),
});
