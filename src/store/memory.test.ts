import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashedEmbedder, type Embedder, type Found, type Memory, type Note } from '../core/index.ts';
import { memoryOf } from '../remember/shared/memory-of.ts';
import type { Driver } from './driver.ts';
import { openMemory, storedMemory, type OpenMemory } from './memory.ts';
import { driverOf } from './drivers/open.ts';
import { run } from './test-support/children.ts';
import { asked, at, bytesOf, changed, isOnServer } from './test-support/places.ts';

let folder: string;
let file: string;
let memory: OpenMemory;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-memory-'));
  file = at(join(folder, 'memory.db'));
  memory = openMemory({ file });
});
afterEach(async () => {
  await memory.close();
  rmSync(folder, { recursive: true });
});

/** All bytes of the database and what lies beside it, the log included. */
const bytes = (): Promise<Buffer> => bytesOf(file, folder);
/** Words of the notes behind the first ones, as they stand in the index. */
const termsAfter = async (seq: number): Promise<string[]> =>
  isOnServer
    ? (await asked(file, `SELECT unnest(tsvector_to_array(tokens)) AS term FROM notes WHERE seq > ${seq}`)).map((row) =>
        String(row['term']),
      )
    : (await asked(file, `SELECT term FROM notes_index WHERE doc > ${seq}`)).map((row) => String(row['term']));
const ids = (notes: readonly Note[]): string[] => notes.map(({ id }) => id);
const note = (id: string, text: string): Note => ({ id, text });

const BLIM = [
  note('blim', 'to blim means to lose'),
  note('frop', 'to frop means to find'),
  { id: 'page', text: 'The harbour of Tasmo freezes in winter.', data: { source: 'guide.md', page: 3 } },
];

it('shows the notes of a namespace page by page, very long ones cut', async () => {
  await memory.put('a', BLIM);
  await memory.put('b', [note('long', 'é'.repeat(50_000)), { id: 'data', text: 't', data: { d: 'x'.repeat(50_000) } }]);
  const first = await memory.page('a', { most: 2 });
  expect(ids(first.notes)).toEqual(['blim', 'frop']);
  expect(await memory.page('a', { most: 2, after: first.next })).toEqual({ notes: [BLIM[2]], next: undefined });
  expect((await memory.page('b', { most: 9 })).notes).toEqual([note('long', 'é'.repeat(1000)), note('data', 't')]);
  expect(await memory.sizes()).toEqual([
    { namespace: 'a', notes: 3 },
    { namespace: 'b', notes: 2 },
  ]);
});

describe.each([
  ['on disk', (): Memory => memory],
  ['in this process', (): Memory => memoryOf()],
])('a memory %s', (_, open) => {
  let one: Memory;
  beforeEach(async () => {
    one = open();
    await one.put('a', BLIM);
  });

  it('finds by a word, by a word spelt alike, and nothing by nothing', async () => {
    expect(ids(await one.search('a', 'She has to blim 9. How many are left?', 1))).toEqual(['blim']);
    expect(ids(await one.search('a', 'freezing harbours', 1))).toEqual(['page']);
    expect(await one.search('a', '', 3)).toEqual([]);
    expect(await one.search('a', '"*) OR namespace: NEAR(', 3)).toEqual(expect.any(Array));
    expect(await one.search('a', 'blim', 0)).toEqual([]);
  });

  it('gives back what was put, in the order it was first put', async () => {
    await one.put('a', [{ id: 'blim', text: 'to blim means to win', data: { since: 'today' } }]);
    expect(await one.list('a')).toEqual([
      { id: 'blim', text: 'to blim means to win', data: { since: 'today' } },
      BLIM[1],
      BLIM[2],
    ]);
    expect(ids(await one.search('a', 'win', 1))).toEqual(['blim']);
    expect(ids(await one.list('a', ['page', 'blim', 'nobody']))).toEqual(['blim', 'page']);
    expect((await one.search('a', 'Tasmo', 1))[0]?.data).toEqual({ source: 'guide.md', page: 3 });
  });

  it('prefers of equals the one put first', async () => {
    await one.put('b', [note('2', 'the same text'), note('1', 'the same text'), note('0', 'the same text')]);
    expect(ids(await one.search('b', 'the same text', 3))).toEqual(['2', '1', '0']);
  });

  it('keeps namespaces apart, in what is found and in how it is ordered', async () => {
    const before = await one.search('a', 'means to find', 3);
    await one.put('b', [...Array.from({ length: 50 }, (_, i) => note(`${i}`, 'to find, to find, to find')), ...BLIM]);
    expect(await one.search('a', 'means to find', 3)).toEqual(before);
    expect(await one.search('c', 'find', 3)).toEqual([]);
    expect(await one.namespaces()).toEqual(['a', 'b']);
    expect(await one.remove('b')).toBe(53);
    expect(await one.namespaces()).toEqual(['a']);
    expect(await one.list('a')).toHaveLength(3);
  });

  it('finds a note by its title and its heading, and gives back its text alone', async () => {
    await one.put('h', [
      { id: 'w', text: 'Two years on all parts.', data: { title: 'Rules of the shop', heading: 'Warranty' } },
      { id: 's', text: 'Five days by post.', data: { heading: 'Shipping', answer: 'warranty' } },
      { id: 'n', text: 'A number.', data: { heading: 7 } },
    ]);
    expect(ids(await one.search('h', 'warranty', 3))).toEqual(['w']);
    expect(ids(await one.search('h', 'shop rules', 1))).toEqual(['w']);
    expect((await one.search('h', 'shipping', 1))[0]?.text).toBe('Five days by post.');
  });

  it('removes notes by id, and finds them no more', async () => {
    expect(await one.remove('a', ['blim', 'nobody'])).toBe(1);
    expect(ids(await one.search('a', 'to blim', 3))).not.toContain('blim');
    expect(await one.remove('a')).toBe(2);
    expect(await one.list('a')).toEqual([]);
    await one.put('a', [note('new', 'to blim again')]);
    expect(ids(await one.search('a', 'to blim', 3))).toEqual(['new']);
  });
});

it('finds in this process what it finds on disk, in the same order, whatever was put and removed', async () => {
  const words = fc.constantFrom('blim', 'blims', 'frop', 'to', 'the', 'harbour', 'harbours', 'winter', '冬の港', 'É');
  const text = fc.array(words, { maxLength: 6 }).map((some) => some.join(' '));
  const step = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), id: fc.nat(12).map(String), text }),
    fc.record({ kind: fc.constant('remove' as const), id: fc.nat(12).map(String) }),
    fc.record({ kind: fc.constant('search' as const), query: text }),
  );
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const namespace = `n${round++}`;
      const inProcess = memoryOf();
      const found: [onDisk: readonly Found[], here: readonly Found[]][] = [];
      for (const one of steps)
        if (one.kind === 'search')
          found.push([await memory.search(namespace, one.query, 5), await inProcess.search(namespace, one.query, 5)]);
        else
          for (const each of [memory, inProcess])
            if (one.kind === 'put') await each.put(namespace, [note(one.id, one.text)]);
            else await each.remove(namespace, [one.id]);
      expect(found.map(([onDisk]) => onDisk)).toEqual(found.map(([, here]) => here));
    }),
    { numRuns: 40, seed: 7 },
  );
});

describe('on disk', () => {
  it('is still there for the next process', async () => {
    await memory.put('a', BLIM);
    await memory.close();
    memory = openMemory({ file });
    expect(ids(await memory.search('a', 'blim', 1))).toEqual(['blim']);
  });

  it('deletes the text, what was indexed of it and its vector from the file and the log', async () => {
    const secret = 'Xylophonist zanzibar quokkas';
    const [vector] = await hashedEmbedder().embed([secret]);
    const raw = Buffer.from((vector as Float32Array).buffer);
    await memory.put('a', BLIM);
    await memory.put('a', [{ id: 'secret-id', text: secret, data: { answer: 'hush-hush' } }]);
    await memory.put('gone-user', [note('1', secret)]);
    const other = openMemory({ file }); // a second connection keeps the log alive
    expect(await other.search('a', secret, 1)).toHaveLength(1);
    const full = await bytes();
    for (const part of [secret, 'secret-id', 'hush-hush', 'gone-user', raw]) expect(full.includes(part)).toBe(true);
    const terms = await termsAfter(3);
    expect(terms).toHaveLength(6);
    await memory.remove('a', ['secret-id']);
    await memory.remove('gone-user');
    const left = await bytes();
    for (const term of terms) expect(left.includes(term)).toBe(false);
    for (const part of [secret, 'secret-id', 'hush-hush', 'gone-user', raw]) expect(left.includes(part)).toBe(false);
    expect(left.toString('latin1').toLowerCase()).not.toMatch(/xylophonist|zanzibar|quokka/);
    expect(left.includes('to frop means to find')).toBe(true);
    expect(await other.search('a', secret, 1)).not.toContainEqual(expect.objectContaining({ id: 'secret-id' }));
    await other.close();
    expect(await termsAfter(3)).toEqual([]);
  });

  it('holds no word of a text in its index', async () => {
    await memory.put('a', [note('1', 'quokka')]);
    const terms = await termsAfter(0);
    expect(terms).toHaveLength(1);
    expect(terms[0]).not.toContain('quokka');
  });

  it('sees at once what another process adds, replaces and removes', async () => {
    const other = openMemory({ file });
    await memory.put('a', BLIM);
    expect(ids(await other.search('a', 'blim', 1))).toEqual(['blim']);
    await memory.put('a', [note('late', 'to blim is a late word')]);
    expect(ids(await other.search('a', 'late', 1))).toEqual(['late']);
    await memory.put('a', [note('late', 'to frop is another')]);
    expect(ids(await other.search('a', 'another', 1))).toEqual(['late']);
    await memory.remove('a');
    await memory.put('a', [note('1', 'begun anew')]);
    expect(ids(await other.search('a', 'blim frop anew', 9))).toEqual(['1']);
    await other.close();
  });

  it('reads a namespace once for searches side by side, and later only what is new', async () => {
    const driver = driverOf(file);
    let rows = 0;
    const counting: Driver = {
      ...driver,
      async read(statement) {
        const found = await driver.read(statement);
        if (/\blength\b/.test(statement.sql)) rows += found.length;
        return found;
      },
    };
    const one = storedMemory(counting);
    await one.put('a', BLIM);
    const found = await Promise.all(Array.from({ length: 6 }, () => one.search('a', 'blim', 1)));
    expect(found.map(ids)).toEqual(found.map(() => ['blim']));
    expect(rows).toBe(3);
    await one.put('a', [note('late', 'a late one')]);
    expect(ids(await one.search('a', 'late', 1))).toEqual(['late']);
    expect(rows).toBe(4);
    await driver.close();
  });

  it('loses nothing when several processes write and remove at once', async () => {
    const script = join(import.meta.dirname, 'test-support/noter.ts');
    const children = ['a', 'b', 'c'].map((name) => run(script, [file, name, '12']));
    const ended = await Promise.all(children.map((child) => child.ended));
    expect(ended.map(({ stderr }) => stderr).join('')).toBe('');
    const left = ended.reduce((sum, { stdout }) => sum + Number(stdout), 0);
    expect(left).toBe(24);
    expect(await memory.list('shared')).toHaveLength(24);
    for (const name of ['a', 'b', 'c']) {
      expect(await memory.list(`own-${name}`)).toHaveLength(12);
      const found = await memory.search('shared', `writer ${name}`, 8);
      expect(found.every(({ id }) => id.startsWith(`${name}/`))).toBe(true);
    }
  }, 60_000);

  it('refuses vectors of another embedder until they are computed anew', async () => {
    await memory.put('a', BLIM);
    const small = openMemory({ file, embedder: hashedEmbedder({ dimensions: 64 }) });
    await expect(small.search('a', 'blim', 1)).rejects.toThrow(/ngrams-3-5-256.*reindex/);
    expect(await small.reindex()).toBe(3);
    expect(await small.reindex()).toBe(0);
    expect(ids(await small.search('a', 'blim', 1))).toEqual(['blim']);
    await small.close();
  });

  it.each([
    [8, 4],
    [4, 8],
    [8, 64],
  ])(
    'tells vectors of %i numbers from those of %i by the same model, before it asks for any',
    async (first, second) => {
      let asked = 0;
      const model = (dimensions: number): Embedder => ({
        name: 'model',
        dimensions,
        embed: async (texts) => ((asked += texts.length), texts.map(() => new Float32Array(dimensions).fill(0.1))),
      });
      const a = openMemory({ file, embedder: model(first) });
      await a.put('a', BLIM);
      const b = openMemory({ file, embedder: model(second) });
      asked = 0;
      const refusal = new RegExp(`model \\(${first} numbers\\).*model \\(${second} numbers\\).*reindex`);
      await expect(b.search('a', 'blim', 1)).rejects.toThrow(refusal);
      await expect(b.put('a', [note('more', 'x')])).rejects.toThrow(refusal);
      expect(asked).toBe(0);
      expect(ids(await a.search('a', 'blim', 1))).toEqual(['blim']);
      await b.put('another', BLIM); // nothing is compared across namespaces
      expect(await b.reindex()).toBe(3);
      expect(ids(await b.search('a', 'blim', 3))).toContain('blim');
      await expect(a.search('a', 'blim', 1)).rejects.toThrow('reindex');
      await a.close();
      await b.close();
    },
  );

  it('is indexed anew by words, too, after a change of what words are', async () => {
    await memory.put('a', BLIM);
    await changed(file, "UPDATE notes SET embedder = 'ngrams-3-5-256', words = 'old', length = 1");
    await expect(memory.search('a', 'blim', 1)).rejects.toThrow('reindex');
    expect(await memory.reindex()).toBe(3);
    expect(ids(await memory.search('a', 'blim', 1))).toEqual(['blim']);
    expect(await asked(file, "SELECT DISTINCT length FROM notes WHERE id = 'page'")).toEqual([{ length: 7 }]);
  });

  it('refuses an embedder that breaks its word, and keeps nothing of what was put', async () => {
    const broken: Embedder = { name: 'broken', dimensions: 8, embed: async () => [new Float32Array(4)] };
    const other = openMemory({ file, embedder: broken });
    await expect(other.put('a', BLIM)).rejects.toThrow('a vector of 4 numbers and not of 8');
    expect(await other.list('a')).toEqual([]);
    await other.close();
  });

  it('finds the right one of thousands', async () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `item ${i} lies in drawer ${(i * 7919) % 3001}`);
    await memory.put(
      'a',
      texts.map((text, i) => note(`${i}`, text)),
    );
    for (const i of [0, 1234, 2999])
      expect((await memory.search('a', `drawer ${(i * 7919) % 3001} item ${i}`, 1))[0]?.id).toBe(`${i}`);
  });
});
