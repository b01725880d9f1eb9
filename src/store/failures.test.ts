import { chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ask, StoreError } from '../core/index.ts';
import { bestOfN } from '../search/index.ts';
import { scripted } from '../models/written/index.ts';
import { SCHEMA_VERSION } from './drivers/sqlite-tables.ts';
import { sqliteDriver } from './drivers/sqlite.ts';
import { openStore } from './store.ts';
import { run } from './test-support/children.ts';
import { entry } from './test-support/entry.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-store-'));
  file = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The StoreError's message, the file's name taken out. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof StoreError) return error.message.replace(file, 'FILE');
    throw error;
  }
  throw new Error('nothing was refused');
}

const OPEN = join(import.meta.dirname, 'test-support/open.ts');

/** Opens a store as somebody whom permissions bind. */
async function openAsNobody(): Promise<string> {
  const root = process.getuid?.() === 0;
  const { stdout } = await run(OPEN, [file], root ? { uid: 65_534, gid: 65_534 } : {}).ended;
  return stdout;
}

it('a file that is no database', () => {
  writeFileSync(file, 'this is a text file, and long enough to be looked at as a database\n'.repeat(100));
  expect(refusal(() => openStore(file))).toBe(
    'Store FILE: this is no database (file is not a database). Name another file, or move this one away',
  );
  expect(readFileSync(file, 'utf8')).toContain('this is a text file');
});

it('a folder that is not there', () => {
  expect(refusal(() => openStore(join(folder, 'no/such/store.db')))).toMatch(
    /it cannot be opened .*Check that the folder exists/,
  );
});

it('the database of another program', () => {
  const other = new DatabaseSync(file);
  other.exec('CREATE TABLE bookmarks (url TEXT)');
  other.close();
  expect(refusal(() => openStore(file))).toBe('Store FILE: it is the database of another program. Name another file');
});

it('tables of a newer version', async () => {
  await openStore(file).close();
  const newer = new DatabaseSync(file);
  newer.exec(`INSERT INTO plusx_migrations (version) VALUES (${SCHEMA_VERSION + 1})`);
  newer.close();
  expect(refusal(() => openStore(file))).toMatch(/a newer plusx wrote it .*Update plusx, or name another file/);
});

it('a damaged file: a clear error on reading, and later puts are refused rather than left hanging', async () => {
  const store = openStore(file);
  await Promise.all(Array.from({ length: 2_000 }, (_, i) => store.journal.put(`k${i}`, entry('x'.repeat(500)))));
  await store.close();
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 4096 * 32); // behind the names and the roots of the tables, which are read on opening
  writeFileSync(file, bytes);
  const damaged = openStore(file);
  await expect(damaged.journal.get('k1')).rejects.toThrow(/the file is damaged .*Restore it from a copy/);
  await expect(damaged.journal.put('new', entry('x'))).rejects.toThrow(StoreError);
  await expect(damaged.journal.put('newer', entry('x'))).rejects.toThrow(StoreError);
  await damaged.close();
});

it('a damaged entry', async () => {
  const store = openStore(file);
  await store.journal.put('k', entry('x'));
  const other = new DatabaseSync(file);
  other.exec('UPDATE journal SET entry = substr(entry, 1, 20)');
  other.close();
  await expect(store.journal.get('k')).rejects.toThrow(/an entry of the journal is damaged. Restore the file/);
  await store.close();
});

it('a file cut short', async () => {
  const store = openStore(file);
  await Promise.all(Array.from({ length: 500 }, (_, i) => store.journal.put(`k${i}`, entry('x'.repeat(500)))));
  await store.close();
  truncateSync(file, 4096 * 3 + 100);
  const work = async (): Promise<void> => {
    const cut = openStore(file);
    try {
      for (let i = 0; i < 500; i++) await cut.journal.get(`k${i}`);
    } finally {
      await cut.close();
    }
  };
  await expect(work()).rejects.toThrow(StoreError);
});

it('a file that may not be written to', async () => {
  await openStore(file).close();
  chmodSync(folder, 0o755);
  chmodSync(file, 0o444);
  expect(await openAsNobody()).toMatch(/^StoreError: Store .*: it cannot be (written to|opened) .*Check/);
});

it('a folder that may not be written to', async () => {
  chmodSync(folder, 0o555);
  expect(await openAsNobody()).toMatch(
    /^StoreError: Store .*: it cannot be opened .*Check that the folder exists and may be/,
  );
  chmodSync(folder, 0o755);
});

it('a full disk: what was acknowledged is kept, what comes later is refused, and space that comes free is used', async () => {
  const small = openStore({ file, maxBytes: 300_000 });
  const acknowledged: string[] = [];
  const refused: unknown[] = [];
  for (let i = 0; i < 200; i++) {
    await small.journal.put(`k${i}`, entry('x'.repeat(3_000))).then(
      () => acknowledged.push(`k${i}`),
      (error: unknown) => refused.push(error),
    );
  }
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(refused.length).toBeGreaterThan(20);
  expect(String(refused[0])).toMatch(/is full .*Everything stored before is kept. Free some space and run again/);
  for (const key of acknowledged) expect(await small.journal.get(key)).toEqual(entry('x'.repeat(3_000)));
  expect(await small.journal.get('k199')).toBeUndefined();
  await small.close();

  const roomy = openStore(file);
  await roomy.journal.put('k199', entry('fits now'));
  expect(await roomy.journal.count()).toBe(acknowledged.length + 1);
  await roomy.close();
});

it('a full disk in the middle of an inference ends it with that error', async () => {
  const driver = sqliteDriver({ file: ':memory:' });
  let writes = 0;
  const full = new StoreError({ file: 'x', problem: 'the disk is full', hint: 'Free some space' });
  const store = openStore({
    driver: { ...driver, write: async (work) => (++writes > 1 ? Promise.reject(full) : driver.write(work)) },
  });
  const model = scripted(['a', { text: 'b', delay: 250 }, { text: 'c', delay: 300 }]); // long after the first is kept
  await expect(ask(bestOfN({ n: 3, score: () => 1 })(model), 'q', { journal: store.journal })).rejects.toThrow(full);
  await store.close();
});

it('another process that does not let go: a bounded wait, then an error, and nothing is lost', async () => {
  const store = openStore({ file, busyMs: 150 });
  await store.journal.put('before', entry('kept'));
  const holder = new DatabaseSync(file);
  holder.exec('BEGIN IMMEDIATE');
  let turns = 0;
  const ticking = setInterval(() => turns++, 10);
  await expect(store.journal.put('k', entry('x'))).rejects.toThrow(
    /another process kept it locked for 0.15 s. Everything stored before is kept/,
  );
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(1); // the wait leaves the thread to others
  expect(await store.journal.get('before')).toEqual(entry('kept'));
  expect(await store.journal.get('k')).toBeUndefined();
  const waiting = store.journal.put('k', entry('x'));
  await new Promise((resolve) => setTimeout(resolve, 60));
  holder.exec('ROLLBACK');
  await waiting;
  holder.close();
  expect(await store.journal.get('k')).toEqual(entry('x'));
  await store.close();
});

it('a closed store', async () => {
  const store = openStore(file);
  const last = store.journal.put('k', entry('x'));
  await store.close();
  await last;
  await store.close();
  await expect(store.journal.put('l', entry('x'))).rejects.toThrow(/it is closed. Use it before `close\(\)`/);
  await expect(store.journal.get('k')).rejects.toThrow(/it is closed/);
});

it('several processes that make the same file at once', async () => {
  const ended = await Promise.all(Array.from({ length: 4 }, () => run(OPEN, [file]).ended));
  expect(ended.map(({ stdout, code }) => ({ stdout, code }))).toEqual(ended.map(() => ({ stdout: '', code: 0 })));
});

it('opening prints no warning about SQLite and leaves other warnings alone', async () => {
  const { stderr } = await run(OPEN, [file]).ended;
  expect(stderr).toContain('another warning');
  expect(stderr).not.toContain('SQLite');
});
