import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NO_USAGE } from '../../core/index.ts';
import { openStore } from '../../store/index.ts';
import { inTerminal } from '../test-support/in-process.ts';
import { shownStore } from './open.ts';

async function filled(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'plusx-care-')), 'store.db');
  const store = openStore(file);
  await store.journal.put('k', {
    candidate: { content: [{ type: 'text', text: 'a reply' }], finish: { unified: 'stop', raw: 'stop' } },
    usage: NO_USAGE,
  });
  for (const user of ['mia', 'ben']) await store.memory.put(`${user}@default`, [{ id: '1', text: `note of ${user}` }]);
  await store.close();
  return file;
}

it('says what a store takes, moves it and erases one user in it', async () => {
  const file = await filled();
  const copy = `${file}.copy`;
  const copied = await inTerminal(['store', 'copy', file, copy]);
  expect(copied.out).toMatch(/^journal: 1 row$/m);
  expect(copied.out).toContain(`All of ${file} is in ${copy}.`);
  const usage = await inTerminal(['store', 'du', '--store', copy]);
  expect(usage.out).toMatch(/^notes +2 +0\.\d\d MB$/m);
  const erased = await inTerminal(['store', 'erase', '--store', copy, '--user', 'mia']);
  expect(erased.out).toBe('notes: 1 row\n');
  expect(erased.err).toContain('--journal deletes them all');
  const old = await inTerminal(['store', 'gc', '--store', copy, '--journal', '1h', '--json']);
  expect(JSON.parse(old.out)).toEqual({ journal: 0, model_states: 0 });
  const again = await inTerminal(['store', 'du', '--store', copy, '--json']);
  expect(JSON.parse(again.out)).toMatchObject({ notes: { rows: 1 }, journal: { rows: 1 } });
});

it.each([
  [['store', 'copy', 'none.db', 'x.db'], 'There is no store none.db'],
  [['store', 'du', '--store', 'none.db'], 'There is no store none.db'],
  [['store', 'gc', '--store', 'none.db'], 'Say what is old'],
  [['store', 'erase', '--store', 'none.db'], 'Say whose'],
  [['store', 'gc', '--journal', '3 days'], 'An age is a number with h, d or w'],
  [['store', 'du', '--store', 'postgres://mia:s3cret@127.0.0.1:1/x'], 'nothing answers there'],
  [['runs', 'list', '--store', 'postgres://mia:s3cret@127.0.0.1:1/x'], 'nothing answers there'],
  [['store', 'copy', 'postgres://mia:s3cret@h:port/x', 'x.db'], 'not of the form postgres://USER'],
])('refuses %j in one line, without a password', async (args, said) => {
  const { out, err, code } = await inTerminal(args);
  expect(err).toContain(said);
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(out + err).not.toContain('s3cret');
  expect(code).not.toBe(0);
});

it('a store is called by its address without the password', () => {
  expect(shownStore('postgres://mia:s3cret@db/x?schema=a&password=s3cret')).toBe('postgres://mia@db/x');
  expect(shownStore('postgres://mia:s3cret@a:1,[::1]:2/x?schema=a')).toBe('postgres://mia@a:1,[::1]:2/x');
  expect(shownStore('postgres://mia:s3/cret@a/x')).toBe('postgres://...');
  expect(shownStore('postgres://mia:12/cret@a/x')).toBe('postgres://...');
  expect(shownStore('postgres://a,b')).toBe('postgres://a,b');
  expect(shownStore('.plusx/store.db')).toBe('.plusx/store.db');
});
