import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { KeyBudgets, Spending } from './accounts.ts';
import { driverOf } from '../drivers/open.ts';
import { openStore, type Store } from '../store.ts';
import { run } from '../test-support/children.ts';
import { at, bytesOf } from '../test-support/places.ts';

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

const folder = (): string => mkdtempSync(join(tmpdir(), 'plusx-keys-'));
function open(file = ':memory:'): Store {
  const store = openStore({ file: at(file) });
  stores.push(store);
  return store;
}

describe('keys', () => {
  it('let in who has one, until it is revoked', async () => {
    const { keys } = open();
    const { key, id } = await keys.add('mia', { models: ['a'] });
    const verifier = await keys.verifier();
    expect(verifier.verify(key)).toMatchObject({ id, name: 'mia', may: { models: ['a'] }, revoked: false });
    const other = await keys.add('ben', null);
    expect(verifier.verify(other.key)).toBeUndefined();
    await verifier.refresh();
    expect(verifier.verify(other.key)?.name).toBe('ben');
    expect(await keys.revoke(id)).toBe(true);
    expect(await keys.revoke('nobody')).toBe(false);
    await verifier.refresh();
    expect(verifier.verify(key)).toBeUndefined();
    expect(new Map((await keys.list()).map(({ name, revoked }) => [name, revoked]))).toEqual(
      new Map([
        ['mia', true],
        ['ben', false],
      ]),
    );
  });

  it('let nobody else in', async () => {
    const { keys } = open();
    const { key, id } = await keys.add('mia', null);
    const verifier = await keys.verifier();
    const wrong = [
      '',
      'px-',
      key.slice(0, -1),
      `${key}x`,
      ` ${key}`,
      key.toUpperCase(),
      `px-${id}-`,
      `px-${'0'.repeat(12)}-${key.slice(16)}`,
    ];
    expect(wrong.map((one) => verifier.verify(one))).toEqual(wrong.map(() => undefined));
    for (let i = 0; i < key.length; i++) {
      const changed = key.slice(0, i) + (key[i] === 'a' ? 'b' : 'a') + key.slice(i + 1);
      expect(verifier.verify(changed)).toBeUndefined();
    }
  });

  it('have 256 random bits, and are written nowhere', async () => {
    const here = folder();
    const store = open(join(here, 'x.db'));
    const made = await Promise.all(Array.from({ length: 20 }, () => store.keys.add('mia', null)));
    const secrets = made.map(({ key }) => key.split('-').slice(2).join('-'));
    expect(new Set(secrets).size).toBe(20);
    expect(secrets.every((secret) => Buffer.from(secret, 'base64url').length === 32)).toBe(true);
    await store.close();
    stores.length = 0;
    const bytes = (await bytesOf(at(join(here, 'x.db')), here)).toString('latin1');
    expect(bytes).toContain(made[0]?.id);
    expect(secrets.filter((secret) => bytes.includes(secret))).toEqual([]);
  });

  it('are known to every process that has the file open', async () => {
    const file = join(folder(), 'x.db');
    const { key } = await open(file).keys.add('mia', null);
    const verifier = await open(file).keys.verifier();
    expect(verifier.verify(key)?.name).toBe('mia');
  });
});

const NOON = Date.parse('2026-03-31T12:00:30Z');
const need = (calls: number, tokens = 0, usd = 0): Spending => ({ calls, tokens, usd });

describe('accounts', () => {
  const reserve = async (
    { accounts }: Store,
    amounts: Spending,
    budgets: KeyBudgets,
    { at = NOON, key = 'k', lifetimeMs = 60_000 } = {},
  ): Promise<string | undefined> => {
    const id = randomUUID();
    return (await accounts.reserve({ id, key, need: amounts, budgets, at, lifetimeMs })) ? id : undefined;
  };

  it.each(['calls', 'tokens', 'usd'] as const)(
    'hold a budget of %s over what is spent and what is reserved',
    async (amount) => {
      const store = open();
      const of = (value: number): Spending => ({ ...need(0), [amount]: value });
      const budgets = { day: { [amount]: 10 } };
      const first = await reserve(store, of(6), budgets);
      expect(first).toBeDefined();
      expect(await reserve(store, of(5), budgets)).toBeUndefined();
      expect(await reserve(store, of(4), budgets)).toBeDefined();
      await store.accounts.settle(first as string, of(1));
      await store.accounts.settle(first as string, of(1));
      expect(await reserve(store, of(6), budgets)).toBeUndefined();
      expect(await reserve(store, of(5), budgets)).toBeDefined();
      expect(await store.accounts.standing('k', NOON)).toMatchObject({ day: of(1), month: of(1), reserved: of(9) });
      expect(await reserve(store, of(10), budgets, { key: 'other' })).toBeDefined();
    },
  );

  it('begin anew with the day, and with the month', async () => {
    const store = open();
    const budgets = { day: { calls: 5 }, month: { calls: 8 } };
    const spend = async (calls: number, at: number): Promise<boolean> => {
      const id = await reserve(store, need(calls), budgets, { at });
      if (id !== undefined) await store.accounts.settle(id, need(calls));
      return id !== undefined;
    };
    const DAY = 86_400_000;
    expect(await spend(5, NOON - DAY)).toBe(true);
    expect(await spend(1, NOON - DAY)).toBe(false);
    expect(await spend(4, NOON)).toBe(false); // the month has 3 left
    expect(await spend(3, NOON)).toBe(true);
    expect(await spend(5, NOON + DAY)).toBe(true); // April
  });

  it('count requests a minute', async () => {
    const store = open();
    const budgets = { requestsPerMinute: 2 };
    expect(await reserve(store, need(0), budgets)).toBeDefined();
    expect(await reserve(store, need(0), budgets)).toBeDefined();
    expect(await reserve(store, need(0), budgets)).toBeUndefined();
    expect(await reserve(store, need(0), budgets, { at: NOON + 60_000 })).toBeDefined();
  });

  it('count what a process that died had reserved as spent', async () => {
    const store = open();
    const budgets = { day: { calls: 10 } };
    await reserve(store, need(7), budgets, { lifetimeMs: 1000 });
    const later = { at: NOON + 200_000 };
    expect(await reserve(store, need(4), budgets, later)).toBeUndefined();
    expect(await reserve(store, need(3), budgets, later)).toBeDefined();
    expect(await store.accounts.standing('k', later.at)).toMatchObject({ day: need(7), reserved: need(3) });
  });

  it('count requests without a budget once, written together, also where the file is closed at once', async () => {
    const file = join(folder(), 'x.db');
    const store = openStore({ file: at(file) });
    for (let i = 0; i < 1000; i++) store.accounts.count(i % 2 ? 'a' : 'b', need(1, 3, 0.5), NOON);
    expect(await store.accounts.standing('a', NOON)).toMatchObject({ day: need(500, 1500, 250), requests: 0 });
    store.accounts.count('a', need(2, 4, 0), NOON + 86_400_000);
    await store.close();
    const { accounts } = open(file);
    expect((await accounts.standing('a', NOON)).month).toEqual(need(500, 1500, 250));
    expect((await accounts.standing('a', NOON + 86_400_000)).day).toEqual(need(2, 4, 0));
    expect((await accounts.standing('b', NOON)).day).toEqual(need(500, 1500, 250));
  });

  it('keep what was counted while nothing can be written', async () => {
    const driver = driverOf(at(':memory:'));
    let isFull = false;
    const full = new Error('full');
    const store = openStore({
      driver: { ...driver, write: (work) => (isFull ? Promise.reject(full) : driver.write(work)) },
    });
    stores.push(store);
    isFull = true;
    store.accounts.count('a', need(1, 3), NOON);
    await expect(store.accounts.standing('a', NOON)).rejects.toThrow(full);
    isFull = false;
    store.accounts.count('a', need(1, 3), NOON);
    expect((await store.accounts.standing('a', NOON)).day).toEqual(need(2, 6));
  });

  it('survive the process', async () => {
    const file = join(folder(), 'x.db');
    const first = openStore({ file: at(file) });
    const id = await reserve(first, need(6), { day: { calls: 10 } });
    await first.accounts.settle(id as string, need(6));
    await first.close();
    const second = open(file);
    expect(await reserve(second, need(5), { day: { calls: 10 } })).toBeUndefined();
    expect(await reserve(second, need(4), { day: { calls: 10 } })).toBeDefined();
  });

  it('are never overdrawn by four processes on one file', async () => {
    const file = join(folder(), 'x.db');
    open(file);
    const script = join(import.meta.dirname, '../test-support/spender.ts');
    const children = Array.from({ length: 4 }, () => run(script, [at(file), 'k', '500']));
    const ended = await Promise.all(children.map((child) => child.ended));
    const granted = ended.reduce((sum, { stdout }) => sum + Number(stdout), 0);
    const { day, reserved } = await open(file).accounts.standing('k', Date.parse('2026-03-04T05:06:07Z'));
    expect([day.calls, reserved.calls]).toEqual([granted, 0]);
    expect(granted).toBeLessThanOrEqual(500);
    expect(granted).toBeGreaterThan(480); // and nearly all of it can be had
  }, 60_000);
});
