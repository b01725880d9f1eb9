/** A store in which draws are kept by other addresses is refused, and never paid for a second time in silence. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADDRESS_RULE, ask, encodeJson, StoreError, type Journal } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { MIGRATIONS, SCHEMA_VERSION } from '../drivers/sqlite-tables.ts';
import { openStore } from '../store.ts';
import { entry } from '../test-support/entry.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-store-'));
  file = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a plusx of schema version 2 left: its tables, some replies and a run that is not done. */
function leftByOld(replies: number): void {
  const old = new DatabaseSync(file);
  old.exec(
    'CREATE TABLE plusx_migrations (version INTEGER PRIMARY KEY, applied TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)',
  );
  for (const [i, steps] of MIGRATIONS.slice(0, 2).entries()) {
    for (const sql of steps) old.exec(sql);
    old.prepare('INSERT INTO plusx_migrations (version) VALUES (?)').run(i + 1);
  }
  for (let i = 0; i < replies; i++)
    old
      .prepare('INSERT INTO journal (key, entry) VALUES (?, ?)')
      .run(new Uint8Array([1, i]), encodeJson(entry(`reply ${i}`)));
  old
    .prepare(
      "INSERT INTO runs (name, task, formula, seed, status, settings) VALUES (?, 't', 'f', '0', 'stopped', 'null')",
    )
    .run('baseline');
  old.close();
}

const REFUSED =
  'Store FILE: its 3 replies are kept by the addresses of draws under rule 1, and this plusx draws by rule 2: none would be found, and each would be paid for again. Go on with the plusx that wrote it, name another file, or delete the replies with `journal.clear()`';

async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StoreError) return error.message.replace(file, 'FILE');
    throw error;
  }
  throw new Error('nothing was refused');
}

const vote = (journal: Journal, calls: { made: number }): Promise<unknown> =>
  ask(selfConsistency({ n: 3 })(scripted(() => (calls.made++, 'yes'))), 'q', { journal });

describe('a store of an older rule', () => {
  it('is refused before a call is made, on reading and on writing', async () => {
    leftByOld(3);
    const store = openStore(file);
    const calls = { made: 0 };
    expect(await refusal(() => vote(store.journal, calls))).toBe(REFUSED);
    expect(await refusal(() => store.journal.put('k', entry('x')))).toBe(REFUSED);
    expect(await refusal(() => vote(store.journal, calls))).toBe(REFUSED); // and again
    expect(calls.made).toBe(0);
    expect(await store.journal.count()).toBe(3); // nothing is lost
    await store.close();
  });

  it('keeps its notes, traces and the list of its runs', async () => {
    leftByOld(3);
    const store = openStore(file);
    await store.memory.put('default', [{ id: '1', text: 'a note' }]);
    expect(await store.memory.search('default', 'note', 1)).toHaveLength(1);
    expect((await store.runs.list()).map(({ name }) => name)).toEqual(['baseline']);
    await store.close();
  });

  it.each(['journal', 'store'] as const)('is taken once its replies are deleted, by clearing the %s', async (what) => {
    leftByOld(3);
    const store = openStore(file);
    await refusal(() => vote(store.journal, { made: 0 }));
    await (what === 'journal' ? store.journal.clear() : store.clear());
    const calls = { made: 0 };
    await vote(store.journal, calls);
    await store.close();
    const again = openStore(file);
    await vote(again.journal, calls);
    expect(calls.made).toBe(3);
    await again.close();
  });

  it('without replies is taken as it is', async () => {
    leftByOld(0);
    const store = openStore(file);
    const calls = { made: 0 };
    await vote(store.journal, calls);
    await vote(store.journal, calls);
    expect(calls.made).toBe(3);
    await store.close();
  });

  it('does not go on with a run that is half of other draws', async () => {
    leftByOld(0);
    const store = openStore(file);
    expect(await refusal(() => store.runs.open({ name: 'baseline', task: 't', formula: 'f', seed: 0 }))).toBe(
      'Store FILE: run "baseline" was begun by rule 1 of the addresses of draws, and this plusx draws by rule 2: its items would not be those of one run. Give this run another name, or go on with the plusx that began it',
    );
    await store.runs.open({ name: 'another', task: 't', formula: 'f', seed: 0 });
    await store.runs.open({ name: 'another', task: 't', formula: 'f', seed: 0 });
    await store.close();
  });
});

describe('a store of a newer rule', () => {
  it('is refused, and says to update', async () => {
    const store = openStore(file);
    await store.journal.put('k', entry('x'));
    await store.close();
    const newer = new DatabaseSync(file);
    newer.exec(`UPDATE journal_rules SET rule = ${ADDRESS_RULE + 1}`);
    newer.close();
    const again = openStore(file);
    expect(await refusal(async () => again.journal.get('k'))).toContain(
      'its 1 replies are kept by the addresses of draws under rule 3, and this plusx draws by rule 2: none would be found, and each would be paid for again. Update plusx, name another file',
    );
    await again.close();
  });
});

it('a new store says by which rule it is kept, once there is a reply in it', async () => {
  const rules = (): unknown[] => {
    const database = new DatabaseSync(file);
    const rows = database.prepare('SELECT rule FROM journal_rules').all();
    database.close();
    return rows.map(({ rule }) => rule);
  };
  const store = openStore(file);
  await store.journal.get('k');
  expect(rules()).toEqual([]);
  await Promise.all([store.journal.put('k', entry('x')), store.journal.put('l', entry('y'))]);
  expect(rules()).toEqual([ADDRESS_RULE]);
  await store.close();
  expect(SCHEMA_VERSION).toBeGreaterThan(2);
});
