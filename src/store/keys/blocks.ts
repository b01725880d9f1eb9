/**
 * Reservations for keys that send much: one commit reserves for many requests, and those take their part of it without waiting for
 * the disk. What a block holds is reserved in the file before any of it is used, and stays so until what was spent of it is
 * written: a process that is killed at any time leaves too much on the account of a key, and never too little.
 */
import { randomUUID } from 'node:crypto';
import type { Statement } from '../driver.ts';
import type { Writer } from '../group-commit.ts';
import {
  ADDED,
  AMOUNTS,
  oneAtATime,
  type Accounts,
  type KeyBudgets,
  type Reservation,
  type Reserving,
  type Spending,
} from './accounts.ts';

/** Requests that a block is made for at most. */
const MOST = 64;
/** So many times a block must be left of every budget beside it: what nobody uses is a small part of what others can have. */
const ROOM = 15;
/** Milliseconds after which a key that sends nothing gets back what its block still holds. */
const IDLE_MS = 1000;
/** Milliseconds that what was spent waits for more to be written with. */
const SETTLE_MS = 20;

type Amounts = { -readonly [amount in keyof Spending]: number };

interface Block {
  readonly id: string;
  readonly of: Reservation;
  /** Reserved, and taken by no request. */
  readonly idle: Amounts;
  /** Of requests that are over: what they had reserved and spent, not yet written. */
  readonly freed: Amounts;
  readonly owed: Amounts;
  requests: number;
  /** Requests under way. */
  open: number;
  /** Nothing is taken of it any more. */
  isClosed: boolean;
  written: Promise<void>;
  due: Promise<void> | undefined;
}

/** A key that sends more than one request within a while. */
interface Lane {
  block: Block | undefined;
  /** Requests that the last block was made for, beside the one that asked. */
  share: number;
  /** Who waits for a block. */
  waiting: number;
  filling: Promise<void> | undefined;
  /** The budget is nearly at an end: what is left of it goes to one request after the other. */
  isTight: boolean;
  isUsed: boolean;
  readonly timer: NodeJS.Timeout;
}

export function inBlocks(single: Reserving, writer: Writer): Accounts {
  const lanes = new Map<string, Lane>();
  const blocks = new Set<Block>();
  const taken = new Map<string, { readonly block: Block; readonly need: Spending }>();

  const begin = (key: string): void => {
    const timer = setInterval(() => {
      if (lane.isUsed) {
        lane.isUsed = false;
        lane.isTight = false;
        return;
      }
      clearInterval(timer);
      lanes.delete(key);
      if (lane.block) close(lane.block).catch(() => undefined);
    }, IDLE_MS).unref();
    const lane: Lane = {
      block: undefined,
      share: 0,
      waiting: 0,
      filling: undefined,
      isTight: false,
      isUsed: false,
      timer,
    };
    lanes.set(key, lane);
  };

  /** Makes a block for a request and others like it, or finds that the budget has no room for one. */
  const fill = async (lane: Lane, of: Reservation): Promise<void> => {
    const before = lane.block;
    lane.block = undefined;
    const given = before && close(before);
    given?.catch(() => undefined); // met below
    let share = Math.min(MOST, Math.max(1, lane.share * 2, lane.waiting));
    for (; share >= 1; share = Math.floor(share / 2)) {
      const idle = times(of.need, 1 + share);
      const block = blockOf(of, idle);
      const reservation = { ...of, id: block.id, need: { ...idle }, lifetimeMs: of.lifetimeMs * 2 };
      if (!(await single.reserve(reservation, times(idle, ROOM)))) continue;
      blocks.add(block);
      lane.block = block;
      break;
    }
    lane.share = share;
    lane.isTight = share === 0;
    await given;
  };

  /** Writes what was spent of a block, and gives back what nobody takes of it any more. */
  const write = (block: Block): Promise<void> => {
    block.written = block.written.catch(() => undefined).then(() => put(block));
    return block.written;
  };
  const put = async (block: Block): Promise<void> => {
    const { id, requests, isClosed } = block;
    if (!blocks.has(block)) return; // all of it is written
    const isOver = isClosed && block.open === 0;
    const owed = emptied(block.owed);
    const freed = emptied(block.freed);
    const given = isClosed ? emptied(block.idle) : none();
    block.requests = 0;
    try {
      await writer.add(settlement(id, { requests, owed, less: sum(freed, given), isOver }).map(oneAtATime));
      if (isOver) blocks.delete(block);
    } catch (error) {
      // A disk that is full may have room later. Until then all of it stays reserved.
      add(block.owed, owed);
      add(block.freed, freed);
      add(block.idle, given);
      block.requests += requests;
      throw error;
    }
  };
  const close = (block: Block): Promise<void> => {
    block.isClosed = true;
    return write(block);
  };
  /** Gives back all that nobody uses, and writes all that was spent. */
  const release = async (isMeant: (key: string) => boolean): Promise<void> => {
    for (const [key, lane] of lanes) if (isMeant(key)) lane.block = undefined;
    await Promise.all([...blocks].filter(({ of }) => isMeant(of.key)).map(close));
  };

  return {
    async reserve(reservation) {
      const { key, budgets } = reservation;
      // Requests are counted by the minute, one by one.
      if (budgets.requestsPerMinute !== undefined) return single.reserve(reservation);
      const lane = lanes.get(key);
      if (!lane) {
        begin(key);
        return single.reserve(reservation);
      }
      lane.isUsed = true;
      for (;;) {
        const { block } = lane;
        if (block && holds(block, reservation)) {
          add(block.idle, times(reservation.need, -1));
          block.open++;
          taken.set(reservation.id, { block, need: reservation.need });
          return true;
        }
        if (lane.isTight) return single.reserve(reservation);
        lane.filling ??= fill(lane, reservation).finally(() => (lane.filling = undefined));
        lane.waiting++;
        try {
          await lane.filling;
        } finally {
          lane.waiting--;
        }
      }
    },
    async settle(id, spent) {
      const one = taken.get(id);
      if (!one) return single.settle(id, spent);
      taken.delete(id);
      const { block, need } = one;
      for (const amount of AMOUNTS) {
        block.idle[amount] += Math.max(0, need[amount] - spent[amount]);
        block.freed[amount] += Math.min(need[amount], spent[amount]);
        block.owed[amount] += spent[amount];
      }
      block.requests++;
      block.open--;
      block.due ??= new Promise<void>((resolve) => void setTimeout(resolve, SETTLE_MS)).then(() => {
        block.due = undefined;
        return write(block);
      });
      return block.due;
    },
    count: single.count,
    async standing(key, at) {
      await release((one) => one === key);
      return single.standing(key, at);
    },
    async flush() {
      for (const { timer } of lanes.values()) clearInterval(timer);
      await release(() => true);
      lanes.clear();
      await single.flush();
    },
  };
}

function blockOf(of: Reservation, idle: Amounts): Block {
  return {
    id: randomUUID(),
    of,
    idle,
    freed: none(),
    owed: none(),
    requests: 0,
    open: 0,
    isClosed: false,
    written: Promise.resolve(),
    due: undefined,
  };
}

/** Whether a request may take its part of a block: it was made on the same day under the same budgets, and outlives the request. */
function holds({ idle, of }: Block, { need, at, budgets }: Reservation): boolean {
  return (
    AMOUNTS.every((amount) => need[amount] <= idle[amount]) &&
    at >= of.at &&
    at <= of.at + of.lifetimeMs &&
    Math.floor(at / DAY_MS) === Math.floor(of.at / DAY_MS) &&
    isSame(budgets, of.budgets)
  );
}

const DAY_MS = 86_400_000;

const isSame = (a: KeyBudgets, b: KeyBudgets): boolean =>
  a === b || AMOUNTS.every((amount) => a.day?.[amount] === b.day?.[amount] && a.month?.[amount] === b.month?.[amount]);

interface Settlement {
  readonly requests: number;
  readonly owed: Spending;
  /** What the block holds less from now on. */
  readonly less: Spending;
  readonly isOver: boolean;
}

function settlement(id: string, { requests, owed, less, isOver }: Settlement): Statement[] {
  const spent = AMOUNTS.map((amount) => owed[amount]);
  return [
    ...(requests === 0 ? [] : (['day', 'month'] as const)).map((period) => ({
      sql: `INSERT INTO accounts (key, period, requests, calls, tokens, usd)
            SELECT key, ${period}, ?, ?, ?, ? FROM reservations WHERE id = ?${ADDED}`,
      params: [requests, ...spent, id],
    })),
    isOver
      ? { sql: 'DELETE FROM reservations WHERE id = ?', params: [id] }
      : {
          sql: 'UPDATE reservations SET calls = calls - ?, tokens = tokens - ?, usd = usd - ? WHERE id = ?',
          params: [...AMOUNTS.map((amount) => less[amount]), id],
        },
  ];
}

const none = (): Amounts => ({ calls: 0, tokens: 0, usd: 0 });
const times = ({ calls, tokens, usd }: Spending, by: number): Amounts => ({
  calls: calls * by,
  tokens: tokens * by,
  usd: usd * by,
});
function add(to: Amounts, more: Spending): void {
  for (const amount of AMOUNTS) to[amount] += more[amount];
}
function sum(a: Spending, b: Spending): Amounts {
  const total = { ...a };
  add(total, b);
  return total;
}
/** What it was; nothing is left of it. */
function emptied(amounts: Amounts): Amounts {
  const was = { ...amounts };
  Object.assign(amounts, none());
  return was;
}
