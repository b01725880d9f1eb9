import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { sqliteDriver } from '../drivers/sqlite.ts';
import { openStore, type Store } from '../store.ts';
import type { KeyBudgets, Spending } from './accounts.ts';

const stores: Store[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-blocks-'));
  folders.push(folder);
  return join(folder, 'x.db');
}

function open(at: string): Store {
  const store = openStore({ file: at });
  stores.push(store);
  return store;
}

const NOON = Date.parse('2026-03-31T12:00:30Z');
const of = (calls: number): Spending => ({ calls, tokens: calls * 10, usd: calls / 8 });

async function reserve(
  { accounts }: Store,
  need: Spending,
  budgets: KeyBudgets,
  { at = NOON, lifetimeMs = 60_000 } = {},
): Promise<string | undefined> {
  const id = randomUUID();
  return (await accounts.reserve({ id, key: 'k', need, budgets, at, lifetimeMs })) ? id : undefined;
}

it('no key gets more than its budget, whatever two processes reserve and settle in whatever order, and the books agree', async () => {
  const step = fc.record({
    who: fc.nat(1),
    need: fc.integer({ min: 1, max: 4 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    settles: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 200 }), async (steps, most) => {
      const at = file();
      const both = [open(at), open(at)] as const;
      const budgets = { day: { calls: most } };
      const under: { readonly id: string; readonly store: Store; readonly need: number; readonly share: number }[] = [];
      let spent = 0;
      const settle = async (): Promise<void> => {
        const one = under.shift();
        if (!one) return;
        const took = Math.floor(one.need * one.share);
        spent += took;
        await one.store.accounts.settle(one.id, of(took));
      };
      const work: Promise<void>[] = [];
      for (const { who, need, share, settles } of steps) {
        const store = both[who as 0 | 1];
        const id = await reserve(store, of(need), budgets);
        if (id !== undefined) under.push({ id, store, need, share });
        const held = under.reduce((sum, one) => sum + one.need, 0);
        expect(spent + held).toBeLessThanOrEqual(most);
        if (settles) work.push(settle());
      }
      while (under.length > 0) work.push(settle());
      await Promise.all(work);
      for (const store of both) await store.close();
      const { day, month, reserved } = await open(at).accounts.standing('k', NOON);
      expect([day, month, reserved]).toEqual([of(spent), of(spent), of(0)]);
    }),
    { numRuns: 8 },
  );
});

it('all of a budget can be had, though another process holds a block', async () => {
  const at = file();
  const [first, second] = [open(at), open(at)];
  const budgets = { day: { calls: 300 } };
  let granted = 0;
  for (let i = 0; i < 40; i++) for (const store of [first, second]) if (await reserve(store, of(1), budgets)) granted++;
  while (await reserve(first, of(1), budgets)) granted++;
  // What the other one holds beside its requests is a small part of what was left.
  expect(granted).toBeGreaterThan(300 * (1 - 1 / 8));
  await second.accounts.flush();
  await first.accounts.flush();
  while (await reserve(first, of(1), budgets)) granted++;
  expect(granted).toBe(300);
});

it('many requests of a key take few commits, and each is in the file before it is granted', async () => {
  const driver = sqliteDriver({ file: ':memory:' });
  let commits = 0;
  const store = openStore({ driver: { ...driver, write: (work) => (commits++, driver.write(work)) } });
  stores.push(store);
  let held = 0;
  const settled: Promise<void>[] = [];
  for (let i = 0; i < 500; i++) {
    const id = await reserve(store, of(2), { day: { calls: 1e6 } });
    held += 2;
    const [row] = await driver.read({
      sql: "SELECT (SELECT COALESCE(SUM(calls), 0) FROM reservations) + (SELECT COALESCE(SUM(calls), 0) FROM accounts WHERE period LIKE 'day %') AS calls",
      params: [],
    });
    expect(Number(row?.['calls'])).toBeGreaterThanOrEqual(held);
    if (i % 2) continue;
    held--;
    settled.push(store.accounts.settle(id as string, of(1)));
  }
  await Promise.all(settled);
  expect(commits).toBeLessThan(100);
});

it('a block is of one day and of one budget', async () => {
  const at = file();
  const [store, reading] = [open(at), open(at)];
  const big = { day: { calls: 1000 } };
  for (let i = 0; i < 4; i++) await reserve(store, of(1), big);
  expect((await reading.accounts.standing('k', NOON)).reserved.calls).toBeGreaterThan(4);
  expect(await reserve(store, of(1), { day: { calls: 4 } })).toBeUndefined();
  expect(await reserve(store, of(1), { day: { calls: 5 } })).toBeDefined();
  for (let i = 0; i < 4; i++) await reserve(store, of(1), big);
  expect(await reserve(store, of(991), big, { at: NOON + 86_400_000 })).toBeDefined();
  // Those of yesterday have outlived their time, and count as spent.
  expect(await reading.accounts.standing('k', NOON)).toMatchObject({ day: of(9), reserved: of(991) });
});

it('what could not be written is written later', async () => {
  const driver = sqliteDriver({ file: ':memory:' });
  let isFull = false;
  const store = openStore({
    driver: { ...driver, write: (work) => (isFull ? Promise.reject(new Error('full')) : driver.write(work)) },
  });
  stores.push(store);
  const budgets = { day: { calls: 1000 } };
  const ids: (string | undefined)[] = [];
  for (let i = 0; i < 4; i++) ids.push(await reserve(store, of(2), budgets));
  isFull = true;
  for (const id of ids.slice(1)) await expect(store.accounts.settle(id as string, of(1))).rejects.toThrow('full');
  await expect(store.accounts.standing('k', NOON)).rejects.toThrow('full');
  isFull = false;
  expect(await store.accounts.standing('k', NOON)).toMatchObject({ day: of(3), reserved: of(2) });
});
