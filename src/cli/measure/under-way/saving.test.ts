/** A store that takes the calls of a run and not its items, as where the disk becomes full between the two. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../../store/index.ts';
import { folder, lines } from '../../test-support/folder.ts';
import { inTerminal } from '../../test-support/in-process.ts';

const ITEMS = 40;
const QUESTIONS = lines(
  ...Array.from({ length: ITEMS }, (_, i) => ({ id: `q${i}`, input: `What is ${i} + 1?`, expected: i + 1 })),
);

it.each([
  ['eval', []],
  ['compare', ['-p', 'selfConsistency(n=3)']],
])('%s: an item that cannot be kept ends the run with a line, and the same command goes on', async (verb, more) => {
  await using here = await folder();
  const task = await here.write('sums.jsonl', QUESTIONS);
  const file = join(here.path, 'store.db');
  const store = openStore(file);
  await store.ready();
  const database = new DatabaseSync(file);
  database.exec(`CREATE TRIGGER full BEFORE INSERT ON items WHEN (SELECT count(*) FROM items) >= 3
    BEGIN SELECT RAISE(ABORT, 'no room for it'); END`);
  const args = [
    verb,
    task,
    '-m',
    'enumerable',
    ...more,
    '--metric',
    'numeric',
    '--run',
    'r',
    '--store',
    file,
    '--quiet',
  ];
  const records = join(here.path, 'records.jsonl');
  const ended = await inTerminal([...args, '--records', records]);
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.err).toMatch(/^plusx: Store [^\n]*no room for it[^\n]*\n$/);
  const { length } = await store.runs.items('r');
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThanOrEqual(3);
  // It stopped asking.
  expect(readFileSync(records, 'utf8').split('\n').length - 1).toBeLessThan(ITEMS);
  database.exec('DROP TRIGGER full');
  database.close();
  expect((await inTerminal(args)).code).toBe(0);
  expect((await store.runs.items('r')).length % ITEMS).toBe(0);
  await store.close();
});
