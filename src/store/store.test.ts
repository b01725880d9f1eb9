import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, user } from '../core/index.ts';
import { scripted } from '../models/written/index.ts';
import type { Driver } from './driver.ts';
import { driverOf } from './drivers/open.ts';
import { sqliteDriver } from './drivers/sqlite.ts';
import { openStore, type Store } from './store.ts';
import { entry } from './test-support/entry.ts';
import { killWriters } from './test-support/kill-writers.ts';
import { at, bytesOf, isOnServer } from './test-support/places.ts';
import { trace } from './test-support/trace.ts';

let folder: string;
let file: string;
let store: Store;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-store-'));
  file = at(join(folder, 'store.db'));
  store = openStore(file);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

it.skipIf(isOnServer)('waits for the disk before it acknowledges, and overwrites what is deleted', async () => {
  const driver = sqliteDriver({ file });
  const setting = async (name: string): Promise<unknown> =>
    Object.values((await driver.read({ sql: `PRAGMA ${name}`, params: [] }))[0] ?? {})[0];
  // FULL is 2: each commit is synced. The log is written first, and what is deleted is zeroed.
  expect(await setting('synchronous')).toBe(2);
  expect(await setting('journal_mode')).toBe('wal');
  expect(await setting('secure_delete')).toBe(1);
  await driver.close();
});

/** All bytes of the database and what lies beside it. */
const bytes = async (): Promise<string> => (await bytesOf(file, folder)).toString('latin1');

/** Counts transactions. */
function counting(driver: Driver): Driver & { readonly transactions: number[] } {
  const transactions: number[] = [];
  return {
    ...driver,
    transactions,
    write: (statements) => (transactions.push(statements.length), driver.write(statements)),
  };
}

describe('journal', () => {
  it('gives back what was put, in this process and the next', async () => {
    await store.journal.put('k', entry('hello'));
    expect(await store.journal.get('k')).toEqual(entry('hello'));
    expect(await store.journal.get('K')).toBeUndefined();
    await store.close();
    store = openStore(file);
    expect(await store.journal.get('k')).toEqual(entry('hello'));
  });

  it('keeps the first entry of a key, on its way and on disk', async () => {
    const puts = [store.journal.put('k', entry('first')), store.journal.put('k', entry('second'))];
    expect(await store.journal.get('k')).toEqual(entry('first'));
    await Promise.all(puts);
    await store.journal.put('k', entry('third'));
    expect(await store.journal.get('k')).toEqual(entry('first'));
    expect(await store.journal.count()).toBe(1);
  });

  it('shows an entry before it is on disk', async () => {
    const put = store.journal.put('k', entry('soon'));
    expect(await store.journal.get('k')).toEqual(entry('soon'));
    await put;
  });

  it('shows each other the entries of two connections', async () => {
    const other = openStore(file);
    await store.journal.put('k', entry('mine'));
    expect(await other.journal.get('k')).toEqual(entry('mine'));
    await other.journal.put('k', entry('yours'));
    await other.close();
    expect(await store.journal.get('k')).toEqual(entry('mine'));
  });

  it('keeps binary content, addresses and log-probabilities of minus infinity', async () => {
    const kept = {
      candidate: {
        content: [
          { type: 'file' as const, mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([0, 255, 7]) } },
          { type: 'source' as const, url: new URL('https://example.org/') },
        ],
        finish: { unified: 'stop' as const, raw: undefined },
        tokens: [{ token: 'a', logprob: -Infinity }],
      },
      usage: entry('').usage,
    };
    await store.journal.put('k', kept);
    expect(await store.journal.get('k')).toEqual(kept);
  });

  it.skipIf(isOnServer)('commits together what is put at the same time', async () => {
    const driver = counting(driverOf(at(':memory:')));
    const { journal, close } = openStore({ driver });
    const lane = async (of: number): Promise<void> => {
      for (let i = 0; i < 5; i++) await journal.put(`${of}/${i}`, entry('x'));
    };
    await Promise.all(Array.from({ length: 200 }, (_, of) => lane(of)));
    expect(driver.transactions).toEqual([201, 200, 200, 200, 200]); // the first also says by which rule keys are made
    await close();
  });

  it('acknowledges nothing before the commit', async () => {
    const driver = driverOf(at(':memory:'));
    const gate = Promise.withResolvers<void>();
    const { journal, close } = openStore({
      driver: { ...driver, write: async (work) => (await gate.promise, driver.write(work)) },
    });
    const events: string[] = [];
    const put = journal.put('k', entry('x')).then(() => events.push('acknowledged'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    events.push('committed');
    gate.resolve();
    await put;
    expect(events).toEqual(['committed', 'acknowledged']);
    await close();
  });

  it('holds no prompt and no header in the clear', async () => {
    const request = { prompt: [user('my secret question')], headers: { authorization: 'Bearer topsecret' } };
    await ask(scripted(['an answer']), request, { journal: store.journal });
    expect(await bytes()).toContain('an answer');
    expect(await bytes()).not.toMatch(/my secret question|topsecret|authorization/);
  });

  it('loses nothing that four killed writers had acknowledged', { timeout: 60_000 }, async () => {
    const rounds = [];
    for (const ms of [7, 20]) rounds.push(await killWriters(file, `round/${ms}`, ms));
    expect(rounds.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(0);
    expect(rounds.map(({ lost, stderr }) => ({ lost, stderr }))).toEqual(rounds.map(() => ({ lost: 0, stderr: '' })));
  });
});

describe('runs', () => {
  const identity = { name: 'first', task: 'game24', formula: 'tiny + reRead', seed: 7 };

  it('are found again under their name with their items', async () => {
    expect(await store.runs.open(identity)).toMatchObject({ ...identity, status: 'running' });
    await store.runs.saveItem('first', { item: '1', status: 'failed', result: { why: 'x' } });
    await store.runs.saveItem('first', { item: '2', status: 'ok', result: { correct: true } });
    await store.runs.saveItem('first', { item: '1', status: 'ok', result: { correct: false } });
    await store.runs.setStatus('first', 'done');
    await store.close();
    store = openStore(file);
    expect(await store.runs.open(identity)).toMatchObject({ ...identity, status: 'done' });
    expect(await store.runs.items('first')).toEqual([
      { item: '1', status: 'ok', result: { correct: false } },
      { item: '2', status: 'ok', result: { correct: true } },
    ]);
    expect(await store.runs.get('second')).toBeUndefined();
  });

  it('refuse a name that is taken by another run, and say how it differs', async () => {
    await store.runs.open(identity);
    await expect(store.runs.open({ ...identity, formula: 'tiny' })).rejects.toThrow(
      `run "first" has formula "tiny + reRead", not "tiny". Give this run another name`,
    );
    await expect(store.runs.open({ ...identity, seed: '7' })).rejects.toThrow('seed 7, not "7"');
    await expect(store.runs.open({ ...identity, settings: { limit: 5 } })).rejects.toThrow('settings null');
    // Of many settings those are named that differ, however deep they stand.
    const settings = { data: 'f'.repeat(200), curve: { over: { n: [1, 3] }, option: 'n' }, metric: 'numeric' };
    await store.runs.open({ ...identity, name: 'long', settings });
    const other = { ...settings, curve: { ...settings.curve, over: { n: [1, 5] } }, limit: 7 };
    await expect(store.runs.open({ ...identity, name: 'long', settings: other })).rejects.toThrow(
      'settings {"curve":{"over":{"n":[1,3]}},"limit":null}, not {"curve":{"over":{"n":[1,5]}},"limit":7}',
    );
  });

  it('take items and traces with them when they are deleted, and leave other runs alone', async () => {
    for (const name of ['a', 'b']) {
      await store.runs.open({ ...identity, name });
      await store.runs.saveItem(name, { item: '1', status: 'ok', result: null });
      await store.traces.put(trace(name), { run: name, item: '1' });
    }
    await store.runs.delete('a');
    expect((await store.runs.list()).map(({ name }) => name)).toEqual(['b']);
    expect(await store.runs.items('a')).toEqual([]);
    expect(await store.runs.items('b')).toHaveLength(1);
    expect(await store.traces.list()).toMatchObject([{ id: 'b', run: 'b', item: '1' }]);
  });
});

it('says in which answers a note was used, whatever its text is', async () => {
  const note = { id: '50%_!"x"', text: 'a\0b \u0001 "c" \\ 100%\nd' };
  const facts = { pages: ['other', note.id], notes: [] };
  await store.runs.open({ name: 'r', task: 't', formula: 'm', seed: 0 });
  await store.runs.saveItem('r', { item: '1', status: 'ok', result: { replies: [{ facts }] } });
  await store.runs.saveItem('r', {
    item: '2',
    status: 'ok',
    result: { replies: [{ facts: { pages: ['50%_!"x"y', '50 _!"x"'] } }] },
  });
  const { root } = trace('t');
  await store.traces.put({ id: 'with', root: { ...root, said: { prompt: [user(`See: ${note.text}.`)], texts: [] } } });
  await store.traces.put({ id: 'without', root: { ...root, said: { prompt: [user('See: a')], texts: [] } } });
  const loud = { prompt: [user(`SEE: ${note.text.toUpperCase()}.`)], texts: [] };
  await store.traces.put({ id: 'in capitals', root: { ...root, said: loud } });
  const { items, traces } = await store.uses(note, 5);
  expect(items).toEqual([{ run: 'r', item: '1' }]);
  expect(traces.map(({ id }) => id)).toEqual(['with']);
  expect((await store.uses({ id: 'none', text: ' ' }, 5)).traces).toEqual([]);
});

it('traces are kept by id and found by run and item', async () => {
  await store.traces.put(trace('t1'), { run: 'r', item: '1' });
  await store.traces.put(trace('t2'), { run: 'r', item: '2' });
  await store.traces.put(trace('t3'));
  await store.traces.put(trace('t3'));
  expect(await store.traces.get('t1')).toEqual(trace('t1'));
  expect(await store.traces.get('t9')).toBeUndefined();
  expect((await store.traces.list({ run: 'r' })).map(({ id }) => id)).toEqual(['t1', 't2']);
  expect((await store.traces.list({ run: 'r', item: '2' })).map(({ id }) => id)).toEqual(['t2']);
  await store.traces.delete('t1');
  expect((await store.traces.list()).map(({ id }) => id)).toEqual(['t2', 't3']);
});

describe('what is deleted', () => {
  const reply = 'CANARY-4711';
  const fill = async (): Promise<void> => {
    await store.journal.put('k', entry(reply));
    for (const name of ['a', 'b']) {
      await store.runs.open({ name, task: 't', formula: 'f', seed: 0 });
      await store.runs.saveItem(name, { item: '1', status: 'ok', result: `${name} ${reply}` });
      await store.traces.put(
        { ...trace(name), root: { ...trace(name).root, preview: `${name} ${reply}` } },
        { run: name },
      );
    }
    await store.memory.put('n', [{ id: '1', text: 'a note' }]);
    expect(await bytes()).toContain(reply);
  };

  it.each([
    ['a run', () => store.runs.delete('a'), ['a CANARY'], ['b CANARY', 'a note', reply]],
    ['a trace', () => store.traces.delete('b'), [], ['a CANARY', 'a note']],
    ['all that was recorded', () => store.clear(), [reply], ['a note']],
    ['the journal', () => store.journal.clear(), [], ['a CANARY', 'b CANARY', 'a note']],
  ] as const)('leaves the file and its log: %s', async (_, remove, gone, left) => {
    const other = openStore(file); // a second connection keeps the log alive
    await fill();
    await remove();
    for (const text of gone) expect(await bytes()).not.toContain(text);
    for (const text of left) expect(await bytes()).toContain(text);
    await other.close();
  });

  it('is gone for every connection, and the calls are paid for again', async () => {
    await fill();
    const other = openStore(file);
    expect(await other.journal.clear()).toBe(1);
    expect([await store.journal.count(), await store.journal.get('k')]).toEqual([0, undefined]);
    await store.journal.put('k', entry('anew'));
    expect(await other.journal.get('k')).toEqual(entry('anew'));
    await other.clear();
    expect([await store.runs.list(), await store.traces.list(), await store.journal.count()]).toEqual([[], [], 0]);
    expect(await store.memory.list('n')).toHaveLength(1);
    await other.close();
  });
});

it.skipIf(process.platform === 'win32' || isOnServer)(
  'is for its owner only, with its log; a file that was there stays as it is',
  async () => {
    await store.journal.put('k', entry('x'));
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    const shared = join(folder, 'shared.db');
    writeFileSync(shared, '');
    chmodSync(shared, 0o640);
    await openStore(shared).close();
    expect(statSync(shared).mode & 0o777).toBe(0o640);
  },
);

it('keeps notes in the same file', async () => {
  await store.memory.put('a', [{ id: '1', text: 'to blim means to lose' }]);
  expect((await store.memory.search('a', 'What does to blim mean?', 1))[0]?.id).toBe('1');
});
