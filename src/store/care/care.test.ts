import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seeded, StoreError } from '../../core/index.ts';
import { openStore } from '../store.ts';
import { entry } from '../test-support/entry.ts';
import { operations, seen } from '../test-support/operations.ts';
import { asked, at, bytesOf, changed, isOnServer } from '../test-support/places.ts';
import { copyStore } from './copy.ts';
import { NOTES, TABLES } from './tables.ts';
import { erase, removeOld, usageOf } from './housekeeping.ts';
import { trace } from '../test-support/trace.ts';

let folder: string;
let here: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-care-'));
  here = at(join(folder, 'here.db'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const response = { owner: undefined, previous: 'before', input: ['asked'], response: { output: ['answered'] } };

describe('a copy', () => {
  const there = (): string => at(join(folder, 'there.db'));
  const fill = async (seed: string): Promise<void> => {
    const store = openStore(here);
    for (const operation of operations(seeded(seed), 120)) await operation.run(store);
    await Promise.all(Array.from({ length: 450 }, (_, i) => store.journal.put(`k${i}`, entry(`reply ${i}`))));
    await store.keys.add('mia', { models: ['a'] });
    await store.responses.put({ ...response, id: 'r' });
    await store.close();
  };

  it('shows what the store shows, and lets the same keys in', async () => {
    await fill('copy');
    const store = openStore(here);
    const { key } = await store.keys.add('ben', null);
    await store.close();
    const copied = await copyStore(here, there());
    expect(copied['journal']).toBeGreaterThan(450);
    expect(copied['server_keys']).toBe(2);
    expect(await seen(there())).toBe(await seen(here));
    const copy = openStore(there());
    expect(await copy.responses.get('r')).toEqual({ ...response, id: 'r' });
    expect((await copy.keys.verifier()).verify(key)?.name).toBe('ben');
    await copy.close();
  });

  it('that was broken off anywhere goes on with the same call, and with no other', async () => {
    await fill('broken');
    for (const table of ['journal', 'items', 'notes'])
      await expect(
        copyStore(here, there(), {
          onProgress: (name) => {
            if (name === table) throw new RangeError(`broken off at ${table}`);
          },
        }),
      ).rejects.toThrow(`broken off at ${table}`);
    const other = at(join(folder, 'other.db'));
    await openStore(other).close();
    await expect(copyStore(other, there())).rejects.toThrow(/a copy of another store into it was broken off/);
    await copyStore(here, there());
    expect(await seen(there())).toBe(await seen(here));
  });

  it('goes into no store that has something already, and not into itself', async () => {
    await fill('taken');
    const before = await seen(here);
    await copyStore(here, there());
    await expect(copyStore(here, there())).rejects.toThrow(/it is not empty\. Name a new store/);
    await expect(copyStore(here, here)).rejects.toThrow(StoreError);
    expect(await seen(here)).toBe(before);
  });

  it('that something writes to meanwhile says so', async () => {
    await fill('meanwhile');
    const writer = openStore(here);
    const copying = copyStore(here, there(), {
      onProgress: async (name) => {
        if (name === 'notes') await writer.journal.put('a late one', entry('x'));
      },
    });
    await expect(copying).rejects.toThrow(/something wrote to one of them meanwhile\. End what writes, and copy again/);
    await writer.close();
    await copyStore(here, there());
    expect(await seen(there())).toBe(await seen(here));
  });
});

/** Kept by a database for itself, or made anew in the target. */
const OWN = /^(?:sqlite_|plusx_|notes_|namespaces$)/;

it('knows each table and each column that there is: a new one is not left behind by a copy', async () => {
  await openStore(here).close();
  const rows = isOnServer
    ? await asked(
        here,
        `SELECT c.relname AS name, a.attname AS col FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind = 'r' AND a.attnum > 0 AND c.relnamespace = '${new URL(here).searchParams.get('schema')}'::regnamespace`,
      )
    : await asked(
        here,
        "SELECT t.name, c.name AS col FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'",
      );
  const columns = rows
    .filter(({ name }) => !OWN.test(String(name)))
    .map(({ name, col }) => `${String(name)}.${String(col)}`);
  const made = ['seq', 'words', 'length', 'embedder', 'vector', ...(isOnServer ? ['tokens'] : [])]; // of notes, by the copy
  const sorted = (all: readonly string[]): string[] => all.toSorted((a, b) => (a < b ? -1 : 1));
  expect(sorted(columns)).toEqual(
    sorted([
      ...[...TABLES, NOTES].flatMap((table) => table.columns.map((column) => `${table.name}.${column}`)),
      ...made.map((column) => `notes.${column}`),
    ]),
  );
});

it('says how many rows there are of what, and that they take room', async () => {
  const store = openStore(here);
  await Promise.all(Array.from({ length: 300 }, (_, i) => store.journal.put(`k${i}`, entry('x'.repeat(300)))));
  await store.memory.put('n', [{ id: '1', text: 'a note' }]);
  await store.close();
  const usage = await usageOf(here);
  expect([usage['journal']?.rows, usage['notes']?.rows, usage['traces']?.rows]).toEqual([300, 1, 0]);
  expect(usage['journal']?.bytes).toBeGreaterThan(300 * 300);
});

describe('what is old', () => {
  it('goes by its age, with what hangs on it, and the rest stays', async () => {
    const store = openStore(here);
    for (const name of ['old', 'new', 'going']) {
      await store.journal.put(name, entry(`reply ${name}`));
      await store.runs.open({ name, task: 't', formula: 'f', seed: 0 });
      if (name !== 'going') await store.runs.setStatus(name, 'done');
      await store.runs.saveItem(name, { item: '1', status: 'ok', result: `result ${name}` });
      await store.traces.put(trace(`of ${name}`), { run: name });
      await store.traces.put(trace(name));
      await store.feedback.put({ generation: name, comment: `said of ${name}` });
      await store.responses.put({ ...response, id: name, input: [`asked by ${name}`] });
    }
    const [entries] = [await store.journal.count()];
    expect(entries).toBe(3);
    await changed(here, "UPDATE runs SET created = '2020-01-01 00:00:00' WHERE name <> 'new'");
    for (const table of ['traces', 'responses'])
      await changed(here, `UPDATE ${table} SET created = '2020-01-01 00:00:00' WHERE id = 'old'`);
    expect(await removeOld(here, { runs: '2020-06-01 00:00:00' })).toEqual({ items: 1, traces: 1, runs: 1 });
    expect((await store.runs.list()).map(({ name }) => name).toSorted()).toEqual(['going', 'new']);
    expect(await removeOld(here, { traces: '2020-06-01 00:00:00' })).toEqual({
      feedback: 1,
      traces: 1,
      responses: 1,
    });
    expect((await store.traces.list()).map(({ id }) => id).toSorted()).toEqual(['going', 'new', 'of going', 'of new']);
    expect(await removeOld(here, { journal: '2020-06-01 00:00:00' })).toEqual({ journal: 0, model_states: 0 });
    await changed(here, "UPDATE journal SET day = '2020-01-01'");
    await store.journal.put('today', entry('kept'));
    expect(await removeOld(here, { journal: '2020-06-01 00:00:00' })).toEqual({ journal: 3, model_states: 0 });
    expect(await store.journal.get('today')).toEqual(entry('kept'));
    await store.close();
    const left = (await bytesOf(here, folder)).toString('latin1');
    expect(left).not.toMatch(/result old|said of old|reply old|asked by old/);
    expect(left).toContain('result new');
  });

  it('of many days is said to be, and nothing of it is kept', async () => {
    const store = openStore(here);
    await store.journal.put('k', entry('x'));
    const ago = async (days: number): Promise<unknown> => {
      const [row] = await asked(
        here,
        `SELECT ${isOnServer ? 'CURRENT_DATE - ' : "date('now', '-' || "}${days}${isOnServer ? '' : " || ' days')"} AS day`,
      );
      await changed(here, `UPDATE journal SET day = '${String(row?.['day'])}'`);
      return store.journal.get('k');
    };
    expect(await ago(28)).toEqual(entry('x')); // a day may begin meanwhile
    for (const [days, said] of [
      [31, 30],
      [88, 30],
      [91, 90],
      [4000, 365],
    ] as const)
      expect(await ago(days)).toEqual({
        ...entry('x'),
        old: {
          code: 'kept-long-ago',
          message: expect.stringMatching(new RegExp(`kept ${said} days ago .*plusx store gc --journal ${said}d`)),
        },
      });
    await changed(here, 'UPDATE journal SET day = NULL');
    expect(await store.journal.get('k')).toEqual(entry('x'));
    await store.close();
  });

  it('of before days were written down counts as of the day when they began to be', async () => {
    const store = openStore(here);
    await store.journal.put('k', entry('x'));
    await changed(here, 'UPDATE journal SET day = NULL');
    expect(await removeOld(here, { journal: '2020-06-01 00:00:00' })).toEqual({ journal: 0, model_states: 0 });
    expect(await removeOld(here, { journal: '2999-06-01 00:00:00' })).toEqual({ journal: 1, model_states: 0 });
    await store.close();
  });
});

describe('erasing', () => {
  const NOON = Date.parse('2026-03-31T12:00:30Z');

  it('takes all of one end user, and of one key, from the files, and leaves the others', async () => {
    const store = openStore(here);
    for (const name of ['mia', 'ben']) {
      for (const namespace of [`${name}@default`, `${name}@docs#cheatsheet`, `${name}@x@default`])
        await store.memory.put(namespace, [{ id: '1', text: `note of ${name}`, data: { answer: `datum of ${name}` } }]);
      await store.memory.put(`${name}@default`, [{ id: '1', text: `second note of ${name}` }]); // replaces the first
      await store.traces.put(trace(`t-${name}`, `preview of ${name}`), { owner: name });
      await store.feedback.put({ generation: `t-${name}`, comment: `comment of ${name}` });
      await store.responses.put({ ...response, id: `r-${name}`, owner: name, input: [`input of ${name}`] });
      store.accounts.count(name, { calls: 1, tokens: 1, usd: 0 }, NOON);
    }
    await store.accounts.flush();
    expect(await erase(here, { user: 'mia', key: 'mia' })).toMatchObject({
      notes: 2,
      traces: 1,
      responses: 1,
      feedback: 1,
      accounts: 2,
    });
    expect(await store.memory.namespaces()).toEqual([
      'ben@default',
      'ben@docs#cheatsheet',
      'ben@x@default',
      'mia@x@default', // another user, whose name has an @
    ]);
    expect((await store.accounts.standing('mia', NOON)).day.calls).toBe(0);
    expect((await store.accounts.standing('ben', NOON)).day.calls).toBe(1);
    await erase(here, { user: 'mia@x' });
    await store.close();
    const left = (await bytesOf(here, folder)).toString('latin1');
    expect(left).not.toMatch(/of mia|mia@|t-mia/);
    expect(left).toMatch(/comment of ben/);
    expect(left).toMatch(/second note of ben/);
  });

  it('takes the replies only where it is told to', async () => {
    const store = openStore(here);
    await store.journal.put('k', entry('x'));
    expect(await erase(here, { user: 'mia' })).toEqual({});
    expect(await store.journal.count()).toBe(1);
    expect(await erase(here, { user: 'mia', journal: true })).toEqual({ journal: 1, model_states: 0 });
    expect(await store.journal.count()).toBe(0);
    await store.close();
  });
});
