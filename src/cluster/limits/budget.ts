/**
 * A budget that all workers of a run share. Each process holds a part of it, taken in blocks and given back when it is not needed,
 * and spends from what it holds: a call costs a statement only where the part is used up. What a process holds counts as spent until
 * it gives it back, so that a process that dies takes its block with it, and the budget is never exceeded by one call.
 */
import {
  COUNTED,
  noPrice,
  perCall,
  type Amounts,
  type Budget,
  type Counted,
  type Need,
  type Reservation,
} from '../../core/accounts/budget.ts';
import { onAbort } from '../../core/context/abort.ts';
import { BudgetExceeded, NO_USAGE, totalTokens, type Limits, type Usage } from '../../core/index.ts';
import { dearestRates } from '../../core/accounts/price.ts';
import type { Database } from '../database.ts';
import { inTurn } from './in-turn.ts';

export interface SharedBudget extends Budget {
  /** Gives back what is not spent. Calls that are still in flight count as they were reserved. */
  close(): Promise<void>;
}

export interface SharedBudgetOptions {
  /** What is limited: the name of a run. */
  readonly name: string;
  /** Who holds a part of it: another name for each process that ever starts. */
  readonly holder: string;
  readonly limits: Limits;
  /** Most calls taken at once, with as much of tokens and dollars as they may need. Default 32. */
  readonly block?: number | undefined;
  /** Milliseconds after which nobody waits any more for what a silent process holds. Default 10,000. */
  readonly leaseMs?: number | undefined;
}

/** A block is this share of what is left at most, so that the last calls are not all with one process. */
const SHARE_OF_REST = 8;
const WAIT_MS = 50;

interface Waiter {
  readonly need: Need;
  readonly signal: AbortSignal;
  readonly grant: (reservation: Reservation) => void;
  readonly refuse: (error: unknown) => void;
}

/** What could be had: a part, or none, and then whether somebody may still give some back. */
interface Answer {
  readonly granted: boolean;
  readonly mayComeBack: boolean;
  readonly left: Amounts;
  readonly used: Amounts;
}

/** Opens the budget, making it where it is not there yet. The first to open it says what its limits are. */
export async function sharedBudget(
  database: Database,
  { name, holder, limits, block = 32, leaseMs = 10_000 }: SharedBudgetOptions,
): Promise<SharedBudget> {
  await database.query(OPEN, [name, ...COUNTED.map((limit) => limits[limit] ?? null), holder]);
  const spent = none();
  const inFlight = none();
  /** What this process holds of the budget, spent and in flight included. */
  const held = none();
  const waiters: Waiter[] = [];
  const turn = inTurn();
  let wake: (() => void) | undefined;
  let serving = false;
  let closed = false;

  const limited = (amount: Counted): boolean => (limits[amount] ?? Infinity) < Infinity;
  const isBounded = COUNTED.some(limited);
  const room = (amount: Counted): number =>
    limited(amount) ? held[amount] - spent[amount] - inFlight[amount] : Infinity;
  const isIdle = (): boolean => inFlight.calls === 0;

  /** Takes `wish` from all that is left, or no less than `least`. */
  const ask = (least: Amounts, wish: Amounts): Promise<Answer> =>
    turn(async () => {
      const amounts = COUNTED.flatMap((amount) => [least[amount], Math.max(wish[amount], least[amount])]);
      const [row] = await database.query(TAKE, [name, holder, ...amounts, SHARE_OF_REST, leaseMs]);
      if (row) {
        for (const amount of COUNTED) held[amount] += Number(row[amount]);
        return { granted: true, mayComeBack: true, left: none(), used: none() };
      }
      return { granted: false, ...(await want()) };
    });

  /** Says that more is needed than there is. */
  const want = async (): Promise<Omit<Answer, 'granted'>> => {
    const [rest] = await database.query(WANT, [name, holder]);
    const of = (what: string): Amounts =>
      amountsOf((amount) => (rest?.[`${what}_${amount}`] === null ? Infinity : Number(rest?.[`${what}_${amount}`])));
    return { mayComeBack: rest?.['others'] === true, left: of('left'), used: of('used') };
  };

  /** Says what this process holds from now on, which is never more than before, and that it lives. */
  const tell = (isAll: boolean): Promise<void> =>
    turn(async () => {
      const keeps = amountsOf((a) => (isAll && limited(a) ? held[a] : spent[a] + inFlight[a]));
      for (const amount of COUNTED) held[amount] = keeps[amount];
      const isOpen = COUNTED.some((amount) => limited(amount) && keeps[amount] > spent[amount] + 1e-12);
      try {
        const [row] = await database.query(TELL, [
          name,
          holder,
          ...COUNTED.map((a) => keeps[a]),
          isOpen,
          leaseMs,
          ...COUNTED.map((a) => spent[a]),
        ]);
        hungry = row?.['hungry'] === true;
      } catch (error) {
        // Whether it was given back is not known. To hold too little is safe, and the next time it is told again.
        hungry = false;
        throw error;
      }
    });
  let hungry = false;
  let lastTaken = 0;
  let taken = 0;

  /** Lives on, and gives back what it does not need itself: where others wait for it, or where it was not used for a while. */
  const beat = async (): Promise<void> => {
    const isUnused = taken === lastTaken && waiters.length === 0;
    lastTaken = taken;
    await tell(!(hungry || isUnused));
    if (hungry && COUNTED.some((amount) => limited(amount) && room(amount) > 0)) await tell(false);
  };
  const timer = setInterval(() => void beat().catch(() => undefined), Math.min(500, leaseMs / 4));
  timer.unref();

  const take = (need: Need, calls: number, maxOutputTokens: number | undefined): Reservation => {
    const each = perCall(need, maxOutputTokens ?? 0);
    const own = amountsOf((amount) => each[amount] * calls);
    for (const amount of COUNTED) inFlight[amount] += own[amount];
    taken++;
    let open = true;
    return {
      calls,
      maxOutputTokens,
      settle(usage) {
        if (!open) return;
        open = false;
        const took = chargedOf(usage, own);
        for (const amount of COUNTED) {
          inFlight[amount] -= own[amount];
          spent[amount] += took[amount];
        }
        if (isIdle()) Object.assign(inFlight, none()); // rounding must not pile up
        wake?.();
      },
    };
  };

  /** A reservation where one fits now, or an error where none ever will; undefined where it is worth another try. */
  const attempt = async (need: Need): Promise<Reservation | BudgetExceeded | undefined> => {
    if (limited('usd') && !need.price) throw noPrice();
    const bounded =
      need.outputTokens !== undefined || !(limited('tokens') || (limited('usd') && outputPrice(need) > 0));
    const each = perCall(need, need.outputTokens ?? 1);
    const fitting = (of: (amount: Counted) => number): number =>
      Math.min(need.calls, ...COUNTED.map((a) => (each[a] > 0 ? Math.floor(of(a) / each[a] + 1e-9) : Infinity)));
    if (bounded && fitting(room) >= need.calls) return take(need, need.calls, need.outputTokens);
    if (!bounded && !isIdle()) return undefined; // all that is left goes to it, so it waits until it is alone

    const missing = (calls: number): Amounts =>
      amountsOf((amount) => (limited(amount) ? Math.max(0, each[amount] * calls - room(amount)) : 0));
    if (!bounded) return everything(need, each);
    const many = Math.max(need.calls, block);
    const wish = hungry ? missing(need.calls) : amountsOf((amount) => (limited(amount) ? each[amount] * many : 0));
    const answer = await ask(missing(need.calls), wish);
    if (answer.granted) return fitting(room) >= need.calls ? take(need, need.calls, need.outputTokens) : undefined;
    if (!isIdle() || answer.mayComeBack) return undefined;
    const fits = fitting((amount) => room(amount) + (limited(amount) ? answer.left[amount] : 0));
    if (fits < 1) return exceeded(each, answer);
    const some = await ask(missing(fits), missing(fits));
    return some.granted && fitting(room) >= fits ? take(need, fits, need.outputTokens) : undefined;
  };

  /** A call whose output has no bound, under a limit of it: it takes all that nobody else holds. */
  const everything = async (need: Need, each: Amounts): Promise<Reservation | BudgetExceeded | undefined> => {
    const { left, mayComeBack, used } = await turn(want);
    if (mayComeBack) return undefined;
    const all = amountsOf((amount) => (limited(amount) ? room(amount) + left[amount] : Infinity));
    const fits = Math.min(
      need.calls,
      ...COUNTED.map((a) => (each[a] > 0 ? Math.floor(all[a] / each[a] + 1e-9) : Infinity)),
    );
    if (fits < 1) return exceeded(each, { left, used });
    const price = outputPrice(need);
    const byTokens = all.tokens / fits - need.inputTokens;
    const byMoney = limited('usd') && price > 0 ? (all.usd / fits - perCall(need, 0).usd) / price : Infinity;
    const output = Math.max(1, Math.floor(Math.min(byTokens, byMoney) + 1e-9));
    const whole = perCall(need, output);
    const missing = amountsOf((amount) => (limited(amount) ? Math.max(0, whole[amount] * fits - room(amount)) : 0));
    const { granted } = await ask(missing, missing);
    return granted ? take(need, fits, output) : undefined;
  };

  const exceeded = (each: Amounts, { left, used }: Pick<Answer, 'left' | 'used'>): BudgetExceeded => {
    const short = (amount: Counted): boolean => limited(amount) && each[amount] > room(amount) + left[amount] + 1e-12;
    const limit = COUNTED.find(short) ?? 'calls';
    const allowed = limits[limit] ?? 0;
    return new BudgetExceeded({
      limit,
      allowed,
      spent: Math.min(allowed, used[limit] - room(limit)),
      needed: each[limit],
    });
  };

  const serve = async (): Promise<void> => {
    while (waiters.length > 0) {
      const head = waiters[0] as Waiter;
      try {
        const result = await attempt(head.need);
        if (result === undefined) {
          await settledOr(WAIT_MS);
          continue;
        }
        const isGone = waiters[0] !== head;
        if (result instanceof BudgetExceeded) {
          if (!isGone) head.refuse(result);
        } else if (isGone) result.settle(NO_USAGE);
        else head.grant(result);
      } catch (error) {
        if (waiters[0] === head) head.refuse(error);
      }
    }
  };
  /** Waits for a call in flight to settle, or a while. */
  const settledOr = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = setTimeout(() => wake?.(), ms);
      wake = () => {
        clearTimeout(end);
        wake = undefined;
        resolve();
      };
    });

  const own = (need: Need, signal: AbortSignal): Promise<Reservation> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leave = (): void => {
        waiters.splice(waiters.indexOf(waiter), 1);
        stay();
      };
      const waiter: Waiter = {
        need,
        signal,
        grant: (reservation) => (leave(), resolve(reservation)),
        refuse: (error) => (leave(), reject(error)),
      };
      waiters.push(waiter);
      const stay = onAbort(signal, () => waiter.refuse(signal.reason));
      if (serving) return;
      serving = true;
      void serve().finally(() => (serving = false));
    });

  return {
    limits,
    spent,
    async reserve(need, signal) {
      if (need.again) return unbounded(need);
      return isBounded ? own(need, signal) : take(need, need.calls, need.outputTokens);
    },
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      await tell(false);
    },
  };
}

const none = (): Amounts => ({ calls: 0, tokens: 0, usd: 0 });

export function amountsOf(of: (amount: Counted) => number): Amounts {
  return { calls: of('calls'), tokens: of('tokens'), usd: of('usd') };
}

/** What a call is charged: what it says it took, and as reserved where it does not say. */
function chargedOf(usage: Usage, own: Amounts): Amounts {
  const certain = usage.unreported === 0;
  const took: Amounts = {
    calls: usage.calls,
    tokens: (certain ? totalTokens(usage) : undefined) ?? own.tokens,
    usd: (certain ? usage.usd : undefined) ?? own.usd,
  };
  return COUNTED.every((amount) => Number.isFinite(took[amount]) && took[amount] >= 0) ? took : own;
}

const outputPrice = ({ price, inputTokens }: Need): number => (price ? dearestRates(price, inputTokens).output : 0);

const unbounded = ({ calls, outputTokens }: Need): Reservation => ({
  calls,
  maxOutputTokens: outputTokens,
  settle() {},
});

const OPEN = `
WITH made AS (
  INSERT INTO plusx_cluster.budgets (name, calls_limit, tokens_limit, usd_limit) VALUES ($1, $2, $3, $4)
  ON CONFLICT (name) DO NOTHING
)
INSERT INTO plusx_cluster.shares VALUES ($1, $5, 0, 0, 0, false, clock_timestamp()) ON CONFLICT DO NOTHING`;

/**
 * Takes a block where at least what is needed is left. $3, $5, $7: the least of calls, tokens, dollars; $4, $6, $8: what is wished
 * for, of which no more than a share of the rest is given. The row of the budget is locked by the update, which sees it as it is then.
 */
const TAKE = `
WITH before AS MATERIALIZED (SELECT * FROM plusx_cluster.budgets WHERE name = $1 FOR UPDATE),
granted AS (
  SELECT
    least($4::float8, greatest($3::float8, floor((calls_limit - calls) / $9::float8))) AS calls,
    least($6::float8, greatest($5::float8, (tokens_limit - tokens) / $9::float8)) AS tokens,
    least($8::float8, greatest($7::float8, (usd_limit - usd) / $9::float8)) AS usd
  FROM before
  WHERE ($3 <= 0 OR calls_limit IS NULL OR calls + $3 <= calls_limit)
    AND ($5 <= 0 OR tokens_limit IS NULL OR tokens + $5 <= tokens_limit + 1e-6)
    AND ($7 <= 0 OR usd_limit IS NULL OR usd + $7 <= usd_limit + 1e-12)
),
taken AS (
  UPDATE plusx_cluster.budgets AS b SET calls = b.calls + g.calls, tokens = b.tokens + g.tokens, usd = b.usd + g.usd
  FROM granted AS g WHERE b.name = $1
),
kept AS (
  INSERT INTO plusx_cluster.shares AS s (budget, holder, calls, tokens, usd, is_open, until)
  SELECT $1, $2, g.calls, g.tokens, g.usd, true, clock_timestamp() + $10 * interval '1 millisecond' FROM granted AS g
  ON CONFLICT (budget, holder) DO UPDATE SET calls = s.calls + excluded.calls, tokens = s.tokens + excluded.tokens,
    usd = s.usd + excluded.usd, is_open = true, until = excluded.until
)
SELECT * FROM granted`;

/** Says that somebody waits, what is left, and whether another process may give some back. */
const WANT = `
UPDATE plusx_cluster.budgets SET hungry = clock_timestamp() + interval '2 seconds' WHERE name = $1
RETURNING calls_limit - calls AS left_calls, tokens_limit - tokens AS left_tokens, usd_limit - usd AS left_usd,
  calls AS used_calls, tokens AS used_tokens, usd AS used_usd,
  EXISTS (SELECT 1 FROM plusx_cluster.shares WHERE budget = $1 AND holder <> $2 AND is_open
    AND until > clock_timestamp()) AS others`;

/** What a process holds from now on, what it has spent of that, and that it lives. */
const TELL = `
WITH mine AS MATERIALIZED (
  SELECT calls, tokens, usd FROM plusx_cluster.shares WHERE budget = $1 AND holder = $2 FOR UPDATE
),
kept AS (
  UPDATE plusx_cluster.shares SET calls = $3::float8, tokens = $4::float8, usd = $5::float8, is_open = $6::boolean,
    until = clock_timestamp() + $7 * interval '1 millisecond', spent_calls = $8, spent_tokens = $9, spent_usd = $10
  WHERE budget = $1 AND holder = $2
),
back AS (
  UPDATE plusx_cluster.budgets AS b SET calls = b.calls - (m.calls - $3), tokens = b.tokens - (m.tokens - $4),
    usd = b.usd - (m.usd - $5) FROM mine AS m WHERE b.name = $1
)
SELECT hungry > clock_timestamp() AS hungry FROM plusx_cluster.budgets WHERE name = $1`;
