/** What a store knows of the models behind names, and what it says before a draw of a state that is gone is used. */
import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../core/index.ts';
import { copyStore } from '../care/copy.ts';
import { erase, removeOld } from '../care/housekeeping.ts';
import type { Driver } from '../driver.ts';
import { driverOf } from '../drivers/open.ts';
import { openStore, type Store } from '../store.ts';
import { entry } from '../test-support/entry.ts';
import { at } from '../test-support/places.ts';
import { isGone } from './model-states.ts';

let driver: Driver;
beforeEach(() => {
  driver = driverOf(at(':memory:'));
});
afterEach(() => driver.close());

/** A reply of a server in a state; `-`: one that says nothing of it. */
function replyOf(state: string): JournalEntry {
  const { candidate, usage } = entry(`of ${state}`);
  const facts = { model: 'm-1', systemFingerprint: state };
  return { candidate: { ...candidate, ...(state !== '-' && { providerMetadata: { server: facts } }) }, usage };
}

/** The key of the first draw that a server in that state made. */
const keyOf = (state: string, model = 'm'): string => `${model}\nq\n${state}`;

let draws = 0;
/** Replies of one process, which draws in these states one after the other. */
async function drawn({ journal }: Store, states: string, model = 'm'): Promise<void> {
  const keys = states.split('').flatMap((state) => [
    { state, key: keyOf(state, model) },
    { state, key: `${model}\nq\ndraw ${draws++}` },
  ]);
  await Promise.all(keys.map(({ state, key }) => journal.put(key, replyOf(state))));
}

/** The same for a process that has the store open, as others do. */
const process = (states: string, model?: string): Promise<void> => drawn(openStore({ driver }), states, model);

/** What a new process is told when it uses a draw of each state. */
async function told(states: string, { model = 'm', store = openStore({ driver }) } = {}): Promise<string> {
  const found = await Promise.all(states.split('').map((state) => store.journal.get(keyOf(state, model))));
  return states
    .split('')
    .filter((_, i) => found[i]?.old?.code === 'model-changed')
    .join('');
}

describe('draws that are kept', () => {
  it.each([
    ['of one state', ['aaa'], 'a', ''],
    ['that tell no state', ['--', '-a'], '-a', ''],
    ['of a state that another has followed', ['aa', 'b'], 'ab', 'a'],
    ['of a state that has gone while a process drew', ['aabb'], 'ab', 'a'],
    ['of machines in several states', ['ababab'], 'ab', ''],
    ['of machines in several states, one of which is new', ['abab', 'ca'], 'abc', 'b'],
    ['of a state that came back', ['a', 'b', 'a'], 'ab', ''],
    ['of two that went, one after the other', ['a', 'b', 'c'], 'abc', 'ab'],
    ['of many that went together', ['abcabc', 'd'], 'abcd', 'abc'],
  ])('%s', async (_, processes, kept, gone) => {
    for (const states of processes) await process(states);
    expect(await told(kept)).toBe(gone);
  });

  it('are not of a state that is gone because another process told of it a moment ago', async () => {
    await process('abab');
    const store = openStore({ driver });
    expect(await told('ab', { store })).toBe('');
    await process('c');
    expect(await told('c', { store })).toBe('');
  });

  it('are said to be of a state that is gone, with both and a way out, and are given all the same', async () => {
    await process('a');
    await process('b');
    const { old, ...kept } = (await openStore({ driver }).journal.get(keyOf('a'))) as JournalEntry;
    expect(kept).toEqual(replyOf('a'));
    expect(old).toEqual({
      code: 'model-changed',
      message: expect.stringMatching(
        /^replies that were kept are of "m-1, a", and the server answered as "m-1, b" on \d{4}-\d\d-\d\d: what is drawn now may be of another model\. To ask anew, give another seed, name another store, or delete the older replies with `plusx store gc`$/,
      ),
    });
  });

  it('of before states were written down are of one that is gone, once another is known', async () => {
    await process('a');
    await driver.write([{ sql: 'DELETE FROM model_states', params: [] }]);
    expect(await told('a')).toBe('');
    await process('b');
    expect(await told('ab')).toBe('a');
  });

  it('are told apart by the model, and not by the question', async () => {
    await process('a');
    await process('b', 'other');
    expect([await told('a'), await told('b', { model: 'other' })]).toEqual(['', '']);
    await process('c');
    expect([await told('ac'), await told('b', { model: 'other' })]).toEqual(['a', '']);
  });

  it('are compared with what another process, and with what this one has drawn since', async () => {
    const store = openStore({ driver });
    await process('a');
    expect(await told('a', { store })).toBe('');
    await store.journal.put('m\nq\nnew', replyOf('b'));
    expect(await told('a', { store })).toBe('a');
  });

  it('of states whose texts no database takes as they are', async () => {
    const odd = ['\0', '\ud800', '\u0001', 'ü'].map((state, i) => ({ state, key: `m\nq\n${i}` }));
    for (const { state, key } of odd) await openStore({ driver }).journal.put(key, replyOf(state));
    const { journal } = openStore({ driver });
    const found = await Promise.all(odd.map(async ({ key }) => (await journal.get(key))?.old?.code));
    expect(found).toEqual(['model-changed', 'model-changed', 'model-changed', undefined]);
  });
});

it('after any history of processes that draw one after the other, a state is gone where a new one came after its last reply', async () => {
  await driver.close();
  const history = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 8 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(history, async (processes) => {
      driver = driverOf(at(':memory:'));
      for (const states of processes) await process(states);
      const all = processes.join('').split('');
      const first = (state: string): number => all.indexOf(state);
      const states = [...new Set(all)].filter((state) => state !== '-');
      const gone = states.filter((state) => states.some((other) => first(other) > all.lastIndexOf(state)));
      expect(await told(states.join(''))).toBe(gone.join(''));
      await driver.close();
    }),
    { seed: 11, numRuns: 30 },
  );
  driver = driverOf(at(':memory:'));
});

it('a state is gone where one began after it was told of last, also one that nothing is known of', () => {
  const a = { state: 'a', begun: 1, told: 3 };
  const b = { state: 'b', begun: 2, told: 2 };
  const c = { state: 'c', begun: 4, told: 4 };
  expect([isGone('a', [a, b]), isGone('b', [a, b]), isGone('x', [a]), isGone('x', [])]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect([isGone('a', [a, b, c]), isGone('b', [a, b, c]), isGone('c', [a, b, c])]).toEqual([true, true, false]);
});

describe('what it costs', () => {
  const counts = { reads: 0, writes: 0 };
  const counting = (): Store => {
    counts.reads = counts.writes = 0;
    return openStore({
      driver: {
        ...driver,
        read(statement) {
          if (statement.sql.includes('FROM model_states')) counts.reads++;
          return driver.read(statement);
        },
        write(work) {
          counts.writes += work.filter(({ sql }) => sql.startsWith('INSERT INTO model_states')).length;
          return driver.write(work);
        },
      },
    });
  };

  it('is a statement for a state that is new, and a look for a model whose draws are used', async () => {
    const { journal } = counting();
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    await Promise.all(numbers.map((i) => journal.put(`m\nq\n${i}`, replyOf(i % 10 === 0 ? 'b' : 'a'))));
    expect(counts).toEqual({ reads: 0, writes: 3 }); // both, and that the first came again
    await Promise.all(numbers.map((i) => journal.get(`m\nq\n${i}`)));
    expect(counts).toEqual({ reads: 1, writes: 3 });
  });

  it('has an end where a server tells of another state with each reply', async () => {
    for (let round = 0; round < 2; round++) {
      const { journal } = counting();
      const keys = Array.from({ length: 300 }, (_, i) => `${round} ${i}`);
      await Promise.all(keys.map((key) => journal.put(`m\nq\n${key}`, replyOf(key))));
      expect(counts.writes).toBe(64);
    }
    const [rows] = await driver.read({ sql: 'SELECT count(*) AS n FROM model_states', params: [] });
    expect(Number(rows?.['n'])).toBe(64);
  });

  it('is paid again where nothing was written', async () => {
    const state = { broken: true };
    const write: Driver['write'] = (work) =>
      state.broken ? Promise.reject(new Error('the disk is full')) : driver.write(work);
    const store = openStore({ driver: { ...driver, write } });
    await expect(store.journal.put(keyOf('a'), replyOf('a'))).rejects.toThrow('the disk is full');
    state.broken = false;
    await drawn(store, 'ab');
    expect(await told('ab')).toBe('a');
  });
});

describe('with the store', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plusx-states-'));
    file = at(join(folder, 'store.db'));
    await driver.close();
    driver = driverOf(file);
    await process('a');
    await process('b');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const rows = async (): Promise<number> =>
    Number((await driver.read({ sql: 'SELECT count(*) AS n FROM model_states', params: [] }))[0]?.['n']);
  const age = (): Promise<void> => driver.write([{ sql: "UPDATE journal SET day = '2020-01-01'", params: [] }]);

  it('they are copied', async () => {
    const there = at(join(folder, 'there.db'));
    expect((await copyStore(file, there))['model_states']).toBe(2);
    await driver.close();
    driver = driverOf(there);
    expect(await told('ab')).toBe('a');
    await process('c');
    expect(await told('abc')).toBe('ab');
  });

  it('they go with the last reply, and not before', async () => {
    await age();
    await process('c');
    expect(await removeOld(file, { journal: '2020-06-01' })).toEqual({ journal: 4, model_states: 0 });
    expect(await told('c')).toBe('');
    await age();
    expect(await removeOld(file, { journal: '2020-06-01' })).toEqual({ journal: 2, model_states: 3 });
  });

  it.each([
    ['the replies are erased', async () => void (await erase(file, { journal: true }))],
    ['the journal is cleared', (store: Store) => store.journal.clear()],
    ['all is cleared', (store: Store) => store.clear()],
  ] as const)('they go where %s, and are told of again', async (_, remove) => {
    const store = openStore({ driver });
    await store.journal.put('m\nq\nlater', replyOf('b'));
    await remove(store);
    expect(await rows()).toBe(0);
    await process('c');
    await process('d');
    expect(await told('cd')).toBe('c');
  });

  it('a store that was cleared hears of its own states anew', async () => {
    const store = openStore({ driver });
    await store.journal.put('m\nq\nlater', replyOf('b'));
    await store.journal.clear();
    await store.journal.put(keyOf('b'), replyOf('b'));
    expect(await rows()).toBe(1);
  });
});
