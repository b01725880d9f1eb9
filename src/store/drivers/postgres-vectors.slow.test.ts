/** PostgreSQL compares vectors where it can and this role may; where it cannot any more, the process does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Note } from '../../core/index.ts';
import { copyStore } from '../care/copy.ts';
import { erase, usageOf } from '../care/housekeeping.ts';
import { countingMemory, type CountingMemory } from '../test-support/counting-memory.ts';
import { alike } from '../test-support/fuzz.ts';
import { seen } from '../test-support/operations.ts';
import { noPgvector, pgvector, withoutExtensions } from '../test-support/pgvector.ts';
import type { Postgres } from '../test-support/postgres.ts';

const notes = (count: number, from = 0): Note[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${from + i}`, text: `item ${from + i} in drawer ${(i * 7) % 11}` }));
const ASKED = 'item 70 of the drawer';

describe.skipIf(noPgvector !== undefined)(`vectors in PostgreSQL${noPgvector ? `: ${noPgvector}` : ''}`, () => {
  let server: Postgres;
  let folder: string;
  let database = '';
  let databases = 0;
  const opened: CountingMemory[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plusx-vectors-'));
    server = await pgvector({ settings: { wal_level: 'replica' } });
    await server.sql(`CREATE ROLE app LOGIN PASSWORD 'app'; CREATE ROLE reader LOGIN PASSWORD 'reader'`);
  });
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    database = `d${++databases}`;
    await server.sql(`CREATE DATABASE ${database} OWNER app`);
    return async () => {
      for (const one of opened.splice(0)) await one.close();
    };
  });
  const url = (user?: 'app' | 'reader', of = server): string =>
    of.urlOf({ database, ...(user && { user, password: user }) });
  const open = (at = url()): CountingMemory => {
    const one = countingMemory(at);
    opened.push(one);
    return one;
  };
  const sql = (text: string): Promise<string> => server.sql(text, database);
  const kept = (): Promise<string> =>
    sql('SELECT count(*), count(v) FROM plusx.notes LEFT JOIN plusx.notes_vectors USING (seq)');
  /** What is found, and whether the process read all vectors for it. */
  const searched = async (memory: CountingMemory, all: number, namespace = 'a') => {
    memory.vectors();
    const found = await memory.explain(namespace, ASKED, 20);
    return { found, by: memory.vectors() >= all ? 'process' : 'database' };
  };

  it('makes the extension where the role may', async () => {
    const one = open();
    await one.put('a', notes(300));
    expect((await searched(one, 300)).by).toBe('database');
    expect(await sql("SELECT count(*) FROM pg_extension WHERE extname = 'vector'")).toBe('1');
  });

  it('makes it once where several schemas and processes begin at one time', async () => {
    const all = Array.from({ length: 8 }, (_, i) => open(`${url()}?schema=s${i % 4}`));
    await Promise.all(all.map((one, i) => one.put(`n${i}`, notes(120))));
    const by = await Promise.all(all.map(async (one, i) => (await searched(one, 120, `n${i}`)).by));
    expect(by).toEqual(all.map(() => 'database'));
  });

  it('of a role that may not make it are compared in the process; once it is there, by what is opened then, and the same is found', async () => {
    const before = open(url('app'));
    await before.put('a', notes(600));
    await before.put('b', notes(150));
    const first = await searched(before, 600);
    expect(first.by).toBe('process');
    expect(await sql(`SELECT to_regclass('plusx.notes_vectors') IS NULL`)).toBe('t');
    await sql('CREATE EXTENSION vector');
    const [after, beside] = [open(url('app')), open(url('app'))];
    const both = await Promise.all([after, beside].map((one) => searched(one, 600)));
    expect(both).toEqual([first, first].map(({ found }) => ({ found, by: 'database' })));
    expect(await kept()).toBe('750|600'); // the other namespace is put in when it is searched
    // What an older program writes is put in, too, and what it replaces.
    await before.put('a', notes(50, 590));
    await before.remove('a', ['1', '2', '3']);
    expect(await searched(after, 637)).toEqual({ found: (await searched(before, 0)).found, by: 'database' });
    expect(await kept()).toBe('787|637');
    expect((await searched(after, 150, 'b')).by).toBe('database');
    expect(await kept()).toBe('787|787');
    expect(await sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'notes_vectors'`)).toBe('app');
  });

  it('are put in by a superuser for the owner of the notes', async () => {
    await open(url('app')).put('a', notes(10));
    await sql('CREATE EXTENSION vector');
    expect((await searched(open(), 10)).found).toHaveLength(10);
    expect(await kept()).toBe('10|10');
    expect(await sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'notes_vectors'`)).toBe('app');
    expect(await open(url('app')).remove('a')).toBe(10); // which writes both tables anew
  });

  it('are compared in the process when the extension goes, and by the database when it comes again', async () => {
    const [one, other] = [open(), open()];
    await one.put('a', notes(300));
    const { found, by } = await searched(one, 300);
    expect(by).toBe('database');
    await other.search('a', ASKED, 1);
    await sql('DROP EXTENSION vector CASCADE');
    expect(await searched(one, 300)).toEqual({ found, by: 'process' });
    await one.put('a', notes(50, 300));
    await one.remove('a', ['0']);
    const now = await searched(one, 0);
    expect((await searched(other, 349)).found).toEqual(now.found);
    expect(await searched(open(), 349)).toEqual({ found: now.found, by: 'process' });
    expect(await sql('SELECT count(*) FROM plusx.notes_vectors')).toBe('299'); // of a note that was removed, no number is left
    await sql('CREATE EXTENSION vector');
    expect(await searched(open(), 349)).toEqual({ found: now.found, by: 'database' });
    expect(await kept()).toBe('349|349');
  });

  it('are compared in the process where the library of the extension is gone, and notes are written again once the extension goes too', async () => {
    const one = open();
    await one.put('a', notes(300));
    const { found } = await searched(one, 300);
    await sql(`UPDATE pg_proc SET probin = '$libdir/gone' WHERE probin = '$libdir/vector'`);
    const later = open();
    expect(await searched(later, 300)).toEqual({ found, by: 'process' });
    await expect(later.put('a', notes(1, 300))).rejects.toThrow(/could not access file "\$libdir\/gone"/);
    await sql('DROP EXTENSION vector CASCADE');
    await later.put('a', notes(1, 300));
    expect(await later.list('a', ['300'])).toHaveLength(1);
  });

  it('of a database that was restored where there is no extension are compared in the process', async () => {
    const one = open();
    await one.put('a', notes(300));
    const { found } = await searched(one, 300);
    const [dump, plain] = [join(folder, `${database}.dump`), `${database}restored`];
    await server.sql(`CREATE DATABASE ${plain}`);
    await withoutExtensions(server, plain);
    await server.program('pg_dump', '-Fc', '-f', dump, '-d', url());
    // It says that it could not make the extension, and what needs it.
    await expect(server.program('pg_restore', '-d', server.urlOf({ database: plain }), dump)).rejects.toThrow('vector');
    const restored = open(server.urlOf({ database: plain }));
    expect(await searched(restored, 300)).toEqual({ found, by: 'process' });
    await restored.put('a', notes(1, 300));
    expect(await restored.remove('a', ['300'])).toBe(1);
    expect(await searched(restored, 300)).toEqual({ found, by: 'process' });
    await server.sql('DROP EVENT TRIGGER refuse; CREATE EXTENSION vector', plain);
    expect(await searched(open(server.urlOf({ database: plain })), 300)).toEqual({ found, by: 'database' });
  });

  it('are compared where the extension is in a schema that the role may use, whatever its name', async () => {
    await sql('CREATE SCHEMA "Odd ""place"; CREATE EXTENSION vector SCHEMA "Odd ""place"');
    await open(url('app')).put('a', notes(300));
    const { found, by } = await searched(open(url('app')), 300);
    expect(by).toBe('process');
    await sql('GRANT USAGE ON SCHEMA "Odd ""place" TO app');
    expect(await searched(open(url('app')), 300)).toEqual({ found, by: 'database' });
  });

  it('are compared when the extension moves to another schema', async () => {
    const one = open();
    await one.put('a', notes(300));
    const first = await searched(one, 300);
    await sql('CREATE SCHEMA elsewhere; ALTER EXTENSION vector SET SCHEMA elsewhere');
    expect(await searched(one, 300)).toEqual(first);
    await one.put('a', notes(10, 300));
    expect((await searched(open(), 300)).by).toBe('database');
    expect(await kept()).toBe('310|310');
  });

  it('of a role that may only read are compared where it may read them', async () => {
    await open().put('a', notes(300));
    await sql(
      'GRANT USAGE ON SCHEMA plusx TO reader; GRANT SELECT ON plusx.notes, plusx.namespaces, plusx.plusx_migrations TO reader',
    );
    const one = await searched(open(url('reader')), 300);
    expect(one.by).toBe('process');
    await sql('GRANT SELECT ON plusx.notes_vectors TO reader; TRUNCATE plusx.notes_vectors');
    expect(await searched(open(url('reader')), 300)).toEqual(one); // it may not put them in
    const other = await searched(open(), 300);
    expect(other).toEqual({ found: one.found, by: 'database' });
    const reader = open(url('reader'));
    expect(await searched(reader, 300)).toEqual(other);
    await sql('REVOKE SELECT ON plusx.notes_vectors FROM reader');
    expect(await searched(reader, 300)).toEqual(one);
  });

  it('of a role that may write notes, and knows nothing of their vectors, are put in', async () => {
    await open().put('a', notes(5));
    await sql(`GRANT USAGE ON SCHEMA plusx TO reader;
      GRANT SELECT, INSERT, UPDATE, DELETE ON plusx.notes, plusx.namespaces, plusx.plusx_migrations, plusx.plusx_writers TO reader`);
    await open(url('reader')).put('a', notes(300));
    expect(await kept()).toBe('300|300');
  });

  it('on a replica', async () => {
    const primary = open();
    await primary.put('a', notes(300));
    const first = await searched(primary, 300);
    const replica = await pgvector({ follows: server });
    try {
      const at = url(undefined, replica);
      expect(await searched(open(at), 300)).toEqual(first);
      await sql('TRUNCATE plusx.notes_vectors'); // as when it came after the notes
      await expect
        .poll(() => replica.sql('SELECT count(*) FROM plusx.notes_vectors', database), { timeout: 30_000 })
        .toBe('0');
      expect(await searched(open(at), 300)).toEqual({ found: first.found, by: 'process' });
      await sql('DROP EXTENSION vector CASCADE');
      await expect
        .poll(() => replica.sql('SELECT count(*) FROM pg_extension', database), { timeout: 30_000 })
        .toBe('1');
      expect(await searched(open(at), 300)).toEqual({ found: first.found, by: 'process' });
    } finally {
      for (const one of opened.splice(0)) await one.close();
      await replica.close();
    }
  });

  it('are the same in a copy, in every direction, and gone where an end user was erased', async () => {
    const [file, back] = [join(folder, `${database}.db`), join(folder, `${database}-back.db`)];
    expect(await alike([file, url()], 'vectors', 150)).toBeUndefined();
    const plain = `${databases}plain`;
    await server.sql(`CREATE DATABASE "${plain}"`);
    await withoutExtensions(server, plain);
    const without = server.urlOf({ database: plain });
    await copyStore(url(), without);
    await copyStore(without, `${url()}?schema=copied`);
    await copyStore(`${url()}?schema=copied`, back);
    for (const at of [without, `${url()}?schema=copied`, back]) expect(await seen(at)).toBe(await seen(file));
    expect(
      await sql(
        'SELECT count(v) > 0 AND count(v) = count(*) FROM copied.notes LEFT JOIN copied.notes_vectors USING (seq)',
      ),
    ).toBe('t');

    const rows = (usage: Awaited<ReturnType<typeof usageOf>>) => [usage['notes']?.rows, usage['notes_vectors']?.rows];
    await open().put('mia@default', notes(200));
    const [before] = rows(await usageOf(url()));
    expect(rows(await usageOf(url()))).toEqual([before, before]);
    expect(rows(await usageOf(without))[1]).toBeUndefined();
    expect((await usageOf(url()))['notes_vectors']?.bytes).toBeGreaterThan(200 * 1024);
    expect(await erase(url(), { user: 'mia' })).toMatchObject({ notes: 200 });
    expect(rows(await usageOf(url()))).toEqual([Number(before) - 200, Number(before) - 200]);
    expect((await usageOf(url()))['notes_vectors']?.bytes).toBeLessThan(200 * 1024); // its files are written anew
  });
});
