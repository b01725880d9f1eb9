import { expect, it } from 'vitest';
import { SQLITE } from './drivers/dialects.ts';
import type { Driver, Statement } from './driver.ts';
import { groupCommit } from './group-commit.ts';

/** A database that takes a turn over each transaction, and counts what is in it. */
function counting(): Driver & { readonly sizes: number[]; readonly order: string[] } {
  const sizes: number[] = [];
  const order: string[] = [];
  return {
    sizes,
    order,
    dialect: SQLITE,
    ready: async () => {},
    file: 'x.db',
    read: async () => [],
    write: async (statements: readonly Statement[]) => {
      sizes.push(statements.length);
      order.push(...statements.map(({ sql }) => sql));
      await new Promise((resolve) => setImmediate(resolve));
    },
    scrub: async () => {},
    shrink: async () => {},
    close: async () => {},
  };
}
const statement = (i: number): Statement => ({ sql: `${i}`, params: [] });

it('shares transactions of 5,000 statements, in the order in which they came', async () => {
  const driver = counting();
  const writer = groupCommit(driver);
  const all = Array.from({ length: 12_000 }, (_, i) => writer.add(statement(i)));
  await Promise.all(all);
  expect(driver.sizes).toEqual([5000, 5000, 2000]);
  expect(driver.order).toEqual(Array.from({ length: 12_000 }, (_, i) => `${i}`));
  await writer.add(statement(12_000));
  expect(driver.sizes.at(-1)).toBe(1);
});

it('what comes while a transaction is under way waits for the next, and a closed one refuses', async () => {
  const driver = counting();
  const writer = groupCommit(driver);
  const first = writer.add(statement(0));
  await new Promise((resolve) => setImmediate(resolve));
  const later = [writer.add(statement(1)), writer.add(statement(2))];
  await Promise.all([first, ...later, writer.flush()]);
  expect(driver.sizes).toEqual([1, 2]);
  await writer.close();
  await expect(writer.add(statement(3))).rejects.toThrow('closed');
});
