import { expect, it } from 'vitest';
import { SQLITE } from '../drivers/dialects.ts';
import type { Driver, Row } from '../driver.ts';
import { identityOf, namespaceCache } from './namespace-cache.ts';

const embedder = { name: 'two', dimensions: 2, embed: async () => [] };

/** A database of these notes, in which `number` names the state of its one namespace. */
function holding(rows: () => readonly Row[], state: () => Row): Driver & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    dialect: SQLITE,
    ready: async () => {},
    file: 'notes.db',
    read: async ({ sql, params }) => {
      if (sql.includes('FROM namespaces')) return [state()];
      asked.push(params[1]);
      return rows().filter(({ seq }) => Number(seq) > Number(params[1]));
    },
    write: async () => {},
    scrub: async () => {},
    shrink: async () => {},
    close: async () => {},
  };
}

/** A note whose vector lies so many bytes into its buffer, as a driver may hand it out. */
function note(seq: number, offset: number, values: readonly number[] = [seq, -seq]): Row {
  const buffer = new ArrayBuffer(offset + 4 * values.length);
  const bytes = new Uint8Array(buffer, offset);
  bytes.set(new Uint8Array(Float32Array.from(values).buffer));
  return { seq, length: 10 * seq, embedder: identityOf(embedder), vector: bytes };
}

it('reads vectors wherever they lie in their buffer', async () => {
  const rows = [0, 1, 2, 3, 4, 5, 8, 10].map((offset, i) => note(i + 1, offset));
  const loaded = await namespaceCache(
    holding(
      () => rows,
      () => ({ number: 1, removed: 0 }),
    ),
    embedder,
  )('n');
  expect([...(loaded?.vectors ?? [])]).toEqual(rows.flatMap((_, i) => [i + 1, -i - 1]));
  expect(loaded).toMatchObject({ size: 8, totalLength: 360 });
  expect([...(loaded?.places ?? [])]).toEqual(rows.map((_, i) => [i + 1, i]));
});

it('reads again only what is new, and all of it where something was removed', async () => {
  const rows = [note(1, 0), note(2, 0)];
  let removed = 0;
  const driver = holding(
    () => rows,
    () => ({ number: 1, removed }),
  );
  const load = namespaceCache(driver, embedder);
  expect((await load('n'))?.seqs).toEqual([1, 2]);
  rows.push(note(5, 0));
  expect((await load('n'))?.seqs).toEqual([1, 2, 5]);
  rows.shift();
  removed = 1;
  expect((await load('n'))?.seqs).toEqual([2, 5]);
  expect(driver.asked).toEqual([0, 2, 0]);
});

it('refuses a vector of another length, and one of another embedder', async () => {
  const load = (row: Row) =>
    namespaceCache(
      holding(
        () => [row],
        () => ({ number: 1, removed: 0 }),
      ),
      embedder,
    )('n');
  await expect(load(note(1, 0, [1, 2, 3]))).rejects.toThrow('a vector has 3 numbers and not 2');
  await expect(load({ ...note(1, 0), embedder: 'other (2 numbers)' })).rejects.toThrow('other (2 numbers)');
});
