/** What goes wrong with a server, on a real one. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADDRESS_RULE, seeded, StoreError } from '../../core/index.ts';
import { openStore, type Store } from '../store.ts';
import { run } from '../test-support/children.ts';
import { cuttingProxy, startingProxy } from '../test-support/cutting-proxy.ts';
import { entry } from '../test-support/entry.ts';
import { killWriters } from '../test-support/kill-writers.ts';
import { noPostgres, postgres, type Postgres } from '../test-support/postgres.ts';
import { SCHEMA_VERSION } from './postgres-tables.ts';
import type { PostgresOptions } from './postgres.ts';

const NOON = Date.parse('2026-03-31T12:00:30Z');
const OPEN = join(import.meta.dirname, '../test-support/open.ts');

describe.skipIf(noPostgres !== undefined)(`a store on PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let server: Postgres;
  let schema = '';
  let schemas = 0;
  const opened: Store[] = [];
  beforeAll(async () => {
    server = await postgres({ fsync: true });
  });
  afterAll(() => server?.close());
  beforeEach(() => {
    schema = `s${++schemas}`;
    return async () => {
      for (const store of opened.splice(0)) await store.close();
    };
  });
  const url = (base = server.url): string => `${base}?schema=${schema}`;
  const open = (at: string | PostgresOptions = url()): Store => {
    const store = openStore(at);
    opened.push(store);
    return store;
  };
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.then(
      () => new Error('nothing was refused'),
      (why: unknown) => why,
    );
    if (!(error instanceof StoreError)) throw error;
    expect(error.message).not.toContain('\n');
    expect(error.message).not.toContain(server.password);
    expect(JSON.stringify(error)).not.toContain(server.password);
    return error.message;
  };
  /** One that may read and not write. */
  const reader = async (): Promise<string> => {
    await open().ready();
    await server.sql(
      `DO $$ BEGIN CREATE ROLE reader LOGIN PASSWORD 'reading'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
       GRANT USAGE ON SCHEMA ${schema} TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO reader`,
    );
    return url(server.urlOf({ user: 'reader', password: 'reading' }));
  };

  it.each([
    [
      'a wrong password',
      () => server.urlOf({ password: 'wrong' }),
      /the user or the password is wrong .*Check both in the address/,
    ],
    ['a wrong user', () => server.urlOf({ user: 'nobody' }), /the user or the password is wrong/],
    [
      'a database that is not there',
      () => server.urlOf({ database: 'nowhere' }),
      /there is no such database .*createdb/,
    ],
    [
      'a port where nothing is',
      () => server.url.replace(/:\d+\/postgres$/, ':1/postgres'),
      /nothing answers there .*Check the address/,
    ],
    ['a host that is not there', () => 'postgres://mia:s3cret@host.invalid/x', /host/],
  ])('%s: an error at once, and no password in it', async (_, address, said) => {
    const store = open(address());
    const message = await refusal(store.ready());
    expect(message).toMatch(said);
    expect(message).not.toMatch(/wrong@|s3cret/);
    expect(await refusal(store.journal.get('k'))).toBe(message);
    expect(await refusal(store.journal.put('k', entry('x')))).toBe(message);
  });

  it('another encoding of texts', async () => {
    await server.sql("CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0");
    expect(await refusal(open(server.urlOf({ database: 'old' })).ready())).toMatch(
      /SQL_ASCII.*createdb --encoding UTF8/,
    );
  });

  it('the schema of another program, and of a newer plusx, are left alone', async () => {
    await server.sql(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.bookmarks (url TEXT)`);
    expect(await refusal(open().ready())).toMatch(/is of another program\. Name another schema/);
    schema = `s${++schemas}`;
    await open().journal.put('k', entry('x'));
    await server.sql(`INSERT INTO ${schema}.plusx_migrations (version) VALUES (${SCHEMA_VERSION + 1})`);
    expect(await refusal(open().ready())).toMatch(/a newer plusx wrote it .*Update plusx/);
    expect(await server.sql(`SELECT count(*) FROM ${schema}.journal`)).toBe('1');
  });

  it('replies by another rule of addresses', async () => {
    await open().journal.put('k', entry('x'));
    await server.sql(`UPDATE ${schema}.journal_rules SET rule = ${ADDRESS_RULE + 1}`);
    expect(await refusal(open().journal.get('k'))).toMatch(/under rule 3.*Update plusx/);
  });

  it('a role that may only read reads, and is told so when it writes', async () => {
    await open().journal.put('k', entry('x'));
    const store = open(await reader());
    expect(await store.journal.get('k')).toEqual(entry('x'));
    const said = /this role may not do that .*Everything stored before is kept/;
    expect(await refusal(store.journal.put('l', entry('y')))).toMatch(said);
    expect(await refusal(store.runs.setStatus('r', 'done'))).toMatch(said);
    expect(await open().journal.count()).toBe(1);
    schema = `s${++schemas}`; // tables that it would have to make
    expect(await refusal(open(url(server.urlOf({ user: 'reader', password: 'reading' }))).ready())).toMatch(said);
  });

  it('a role that may keep replies may do so in tables that came later', async () => {
    await open().journal.put('k', entry('x'));
    // As an older plusx left it, and its operator gave rights on it.
    await server.sql(
      `DROP TABLE ${schema}.model_states; DELETE FROM ${schema}.plusx_migrations WHERE version >= 5;
       CREATE ROLE writer LOGIN PASSWORD 'writing'; GRANT USAGE ON SCHEMA ${schema} TO writer;
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO writer`,
    );
    await open().ready();
    const { journal } = open(url(server.urlOf({ user: 'writer', password: 'writing' })));
    const { candidate, usage } = entry('y');
    const draw = (state: string) => ({ candidate: { ...candidate, providerMetadata: { m: { model: state } } }, usage });
    for (const state of ['a', 'b']) await journal.put(`m\n${state}`, draw(state));
    expect((await journal.get('m\na'))?.old?.code).toBe('model-changed');
    expect((await open(await reader()).journal.get('m\na'))?.old?.code).toBe('model-changed');
  });

  it('a replica reads, and says where to write', async () => {
    await open().journal.put('k', entry('x'));
    await server.sql(
      "CREATE ROLE follower LOGIN SUPERUSER PASSWORD 'p'; ALTER ROLE follower SET default_transaction_read_only = on",
    );
    const store = open(url(server.urlOf({ user: 'follower', password: 'p' })));
    expect(await store.journal.get('k')).toEqual(entry('x'));
    expect(await refusal(store.journal.put('l', entry('y')))).toMatch(/it is read-only.*Name the primary server/);
    expect(await refusal(store.runs.setStatus('r', 'done'))).toMatch(/it is read-only/);
  });

  it('a full disk: what was acknowledged is kept, what comes later is refused, and space that comes free is used', async () => {
    const store = open();
    await store.journal.put('before', entry('x'));
    // The server raises what it raises when the disk is full.
    await server.sql(`CREATE FUNCTION ${schema}.full() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON ${schema}.journal FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.full()`);
    const said = /the disk of the server is full .*Everything stored before is kept\. Free some space and run again/;
    expect(await refusal(store.journal.put('k', entry('y')))).toMatch(said);
    await store.runs.open({ name: 'r', task: 't', formula: 'f', seed: 1 });
    expect(await store.journal.get('before')).toEqual(entry('x'));
    expect(await store.journal.get('k')).toBeUndefined();
    await server.sql(`DROP TRIGGER full_disk ON ${schema}.journal`);
    await store.journal.put('k', entry('fits now'));
    expect(await store.journal.count()).toBe(2);
  });

  it('a clock that jumps back, and on again, takes nothing from a budget and adds nothing', async () => {
    const { accounts } = open();
    const reserve = (id: string, at: number): Promise<boolean> =>
      accounts.reserve({
        id,
        key: 'k',
        need: { calls: 3, tokens: 0, usd: 0 },
        budgets: { day: { calls: 10 } },
        at,
        lifetimeMs: 60_000,
      });
    expect(await reserve('1', NOON)).toBe(true);
    expect(await reserve('2', NOON - 30_000)).toBe(true);
    expect(await reserve('3', NOON + 1000)).toBe(true);
    expect(await reserve('4', NOON - 1000)).toBe(false);
    for (const id of ['1', '2', '3', '1']) await accounts.settle(id, { calls: 2, tokens: 0, usd: 0 });
    expect(await accounts.standing('k', NOON)).toMatchObject({ day: { calls: 6 }, reserved: { calls: 0 } });
  });

  it('two servers that reserve in blocks: no more than the budget, and the books agree', async () => {
    const both = [open(), open()] as const;
    const budgets = { day: { calls: 500 } };
    let spent = 0;
    const client = async (number: number): Promise<void> => {
      const { accounts } = both[(number % 2) as 0 | 1];
      for (let i = 0; i < 40; i++) {
        const id = `${number} ${i}`;
        const need = { calls: 2, tokens: 20, usd: 0.25 };
        if (!(await accounts.reserve({ id, key: 'k', need, budgets, at: NOON, lifetimeMs: 60_000 }))) continue;
        const calls = 1 + (i % 2);
        spent += calls;
        await accounts.settle(id, { calls, tokens: calls * 10, usd: calls / 8 });
      }
    };
    await Promise.all(Array.from({ length: 16 }, (_, number) => client(number)));
    for (const { accounts } of both) await accounts.flush();
    expect(spent).toBeGreaterThan(450);
    expect(spent).toBeLessThanOrEqual(500);
    expect(await both[0].accounts.standing('k', NOON)).toMatchObject({
      day: { calls: spent, tokens: spent * 10, usd: spent / 8 },
      reserved: { calls: 0, tokens: 0, usd: 0 },
    });
  });

  it('responses that are gone on from, until they are deleted', async () => {
    const { responses } = open();
    const kept = { id: 'b', owner: undefined, previous: 'a', input: [{ role: 'user' }], response: { output: ['é'] } };
    await responses.put(kept);
    expect(await responses.get('b')).toEqual(kept);
    await responses.delete('b');
    expect(await responses.get('b')).toBeUndefined();
  });

  it('several processes that make the same tables at once', async () => {
    const ended = await Promise.all(Array.from({ length: 4 }, () => run(OPEN, [url()]).ended));
    expect(ended.map(({ stdout, code }) => ({ stdout, code }))).toEqual(ended.map(() => ({ stdout: '', code: 0 })));
    expect(await open().journal.count()).toBe(1);
  });

  it('a closed store, closed twice', async () => {
    const store = open();
    const last = store.journal.put('k', entry('x'));
    await store.close();
    await last;
    await store.close();
    expect(await refusal(store.journal.get('k'))).toMatch(/it is closed/);
    expect(await refusal(store.journal.put('l', entry('x')))).toMatch(/it is closed/);
    expect(await server.sql(`SELECT count(*) FROM ${schema}.plusx_writers`)).toBe('0');
  });

  it('a server that does not come back: a bounded wait, then an error, and nothing is lost', async () => {
    const store = open({ url: url(), waitMs: 400 });
    await store.journal.put('before', entry('kept'));
    await server.stop();
    expect(await refusal(store.journal.put('k', entry('x')))).toMatch(
      /did not come back within 0\.4 s.*Start PostgreSQL again/,
    );
    expect(await refusal(store.runs.list())).toMatch(/did not come back/);
    await server.start();
    expect(await store.journal.get('before')).toEqual(entry('kept'));
    await store.journal.put('k', entry('x'));
    expect(await store.journal.count()).toBe(2);
  });

  it('a server that starts again while it is first asked is waited for', async () => {
    const proxy = await startingProxy(server.port, 3);
    const store = open(url(server.url.replace(`:${server.port}/`, `:${proxy.port}/`)));
    await store.journal.put('k', entry('x'));
    expect(await store.journal.count()).toBe(1);
    await store.close();
    await proxy.close();
  });

  it('one that keeps a row locked: a bounded wait, then an error', async () => {
    const store = open({ url: url(), waitMs: 400 });
    await store.runs.open({ name: 'r', task: 't', formula: 'f', seed: 1 });
    const holding = server.sql(`BEGIN; LOCK ${schema}.runs; SELECT pg_sleep(2); COMMIT`);
    await expect
      .poll(() =>
        server.sql(
          `SELECT count(*) FROM pg_locks WHERE relation = '${schema}.runs'::regclass AND mode = 'AccessExclusiveLock' AND granted`,
        ),
      )
      .toBe('1');
    expect(await refusal(store.runs.setStatus('r', 'done'))).toMatch(/another session kept it locked .*lock timeout/);
    await holding;
    await store.runs.setStatus('r', 'done');
    expect(await store.runs.get('r')).toMatchObject({ status: 'done' });
  });

  it('a server restarted, and crashed, under writers that wait for it: every write is done, and once', async () => {
    const store = open();
    const acknowledged: string[] = [];
    const over = new AbortController();
    let settled = 0;
    const lane = async (of: number): Promise<void> => {
      for (let i = 0; !over.signal.aborted; i++) {
        const key = `${of}/${i}`;
        store.accounts.count('k', { calls: 1, tokens: 0, usd: 0 }, NOON);
        await Promise.all([store.journal.put(key, entry(key)), store.accounts.flush()]);
        settled++;
        acknowledged.push(key);
      }
    };
    const lanes = Array.from({ length: 8 }, (_, of) => lane(of));
    for (const fault of [server.crash, server.stop, server.crash, server.crash]) {
      const before = settled;
      await expect.poll(() => settled, { timeout: 60_000, interval: 5 }).toBeGreaterThan(before + 20);
      await fault();
      await server.start();
    }
    over.abort();
    await Promise.all(lanes);
    for (const key of acknowledged) expect(await store.journal.get(key)).toEqual(entry(key));
    expect((await store.accounts.standing('k', NOON)).day.calls).toBe(settled);
  });

  it('a connection that breaks when a transaction ends, before the server heard it or after: it is done once', async () => {
    const random = seeded('cuts');
    const fates = ['through', 'before', 'after', 'through'] as const;
    const proxy = await cuttingProxy(server.port, () => fates[random.categorical([1, 1, 1, 1])] ?? 'through');
    await open().ready();
    const store = open(url(server.url.replace(`:${server.port}/`, `:${proxy.port}/`)));
    for (let i = 0; i < 30; i++) {
      store.accounts.count('k', { calls: 1, tokens: 0, usd: 0 }, NOON);
      await store.accounts.flush();
      await store.memory.put('n', [{ id: `${i}`, text: `note ${i}` }]);
    }
    expect((await open().accounts.standing('k', NOON)).day).toEqual({ calls: 30, tokens: 0, usd: 0 });
    expect(await server.sql(`SELECT notes, removed FROM ${schema}.namespaces`)).toBe('30|0');
    expect(Math.min(proxy.cuts.before, proxy.cuts.after)).toBeGreaterThan(8);
    await store.close();
    await proxy.close();
  });

  it('loses nothing that four killed writers had acknowledged', async () => {
    const rounds = [];
    for (const ms of [7, 40, 80]) rounds.push(await killWriters(url(), `round/${ms}`, ms));
    expect(rounds.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(0);
    expect(rounds.map(({ lost, stderr }) => ({ lost, stderr }))).toEqual(rounds.map(() => ({ lost: 0, stderr: '' })));
  });
});
