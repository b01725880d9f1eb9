/** All that meets in PostgreSQL, through a PgBouncer that hands its few connections on after each transaction. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../../core/index.ts';
import { openDatabase, openQueue } from '../../cluster/index.ts';
import { openStore } from '../../store/index.ts';
import { noPgBouncer, pgbouncer, type PgBouncer, type PgBouncerOptions } from '../../store/test-support/pgbouncer.ts';
import type { Started } from '../test-support/plusx.ts';
import { callsOf, until, workerWorld, type WorkerWorld } from '../test-support/workers.ts';

const ITEMS = 60;
const EVAL = ['eval', 'sums.jsonl', '-p', 'selfConsistency(n=3)', '--metric', 'numeric', '--seed', '5', '--quiet'];

describe.skipIf(noPgBouncer !== undefined)(`through PgBouncer${noPgBouncer ? `: ${noPgBouncer}` : ''}`, () => {
  let world: WorkerWorld;
  const poolers: PgBouncer[] = [];
  const through = async (options: PgBouncerOptions): Promise<string> => {
    const pooler = await pgbouncer(world.server, options);
    poolers.push(pooler);
    return pooler.url;
  };
  beforeAll(async () => {
    world = await workerWorld(ITEMS);
  });
  afterEach(async () => {
    await world.endAll();
    for (const pooler of poolers.splice(0)) await pooler.close();
  });
  afterAll(() => world.close());

  const session = (): Promise<string> =>
    world.server.sql(
      `SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND state = 'idle'`,
    );

  it('workers give the report of one process though one is killed and the server restarts, and a run has one coordinator', async () => {
    const alone = await world.cli([...EVAL, '--run', 'same', '--store', 'one.db', '--report', 'one.csv']).ended;
    expect(alone).toMatchObject({ code: 0, err: '' });
    world.upstream.forget();
    const store = ['--store', await through({ mode: 'transaction', size: 6 })];
    const worker = (): Started => world.cli(['worker', ...store, '--concurrency', '4']);
    const [doomed] = [worker(), worker()];
    const gate = Promise.withResolvers<void>();
    const many = [...EVAL, '--workers', ...store, '--run', 'same', '--report', 'many.csv'];
    const first = world.cli(many);
    const told = (): string => `${first.err()}${doomed.err()}`;
    await until(() => world.upstream.requests.length > 20, told);
    world.holdUntil(gate.promise);
    doomed.child.kill('SIGKILL');
    const second = await world.cli(many).ended;
    expect(second).toMatchObject({ code: 2, err: expect.stringContaining('is coordinated by another process') });
    expect(await session()).toBe('0'); // a lock of a session would stay with a connection that others are given
    await world.server.restart();
    gate.resolve();
    expect(await first.ended).toMatchObject({ code: 0, err: '' });
    expect(await world.read('many.csv')).toBe(await world.read('one.csv'));
    expect(callsOf(world.upstream)).toBeLessThanOrEqual(3 * (ITEMS + 4));
    const shown = await world.cli(['runs', 'watch', 'same', ...store]).ended;
    expect(shown).toMatchObject({ code: 0, out: expect.stringMatching(/^same: done, 60 of 60 items/) });
  });

  it('a server keeps its keys and accounts there', async () => {
    const store = ['--store', await through({ mode: 'transaction', size: 3 })];
    const made = await world.cli(['keys', 'add', 'mia', ...store, '--json']).ended;
    expect(made).toMatchObject({ code: 0, err: '' });
    const { key } = JSON.parse(made.out) as { key: string };
    const serving = world.cli(['serve', '--port', '0', ...store]);
    const address = (): string | undefined => /http:\/\/[\d.]+:\d+/.exec(serving.err())?.[0];
    await until(() => address() !== undefined, serving.err);
    const ask = async (): Promise<number> => {
      const response = await fetch(`${address()}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'server/test-model', messages: [{ role: 'user', content: 'What is 1 + 1?' }] }),
      });
      await response.text();
      return response.status;
    };
    expect(await Promise.all(Array.from({ length: 12 }, ask))).toEqual(Array.from({ length: 12 }, () => 200));
    serving.child.kill('SIGTERM');
    expect((await serving.ended).code).toBe(0);
    const usage = await world.cli(['keys', 'list', ...store, '--json']).ended;
    expect(JSON.stringify(JSON.parse(usage.out))).toContain('"calls":12');
  });

  it.each<[what: string, options: PgBouncerOptions, change: (url: string) => string, said: RegExp]>([
    [
      'a wrong password',
      { mode: 'transaction', size: 2 },
      (url) => url.replace(/:[^:@/]*@/, ':wr0ng@'),
      /the user or the password is wrong .*Check both in the address/,
    ],
    [
      'a database that is not there',
      { mode: 'transaction', size: 2 },
      (url) => url.replace(/\/postgres$/, '/nowhere'),
      /there is no such database .*createdb/,
    ],
    [
      'connections that are handed on within a transaction',
      { mode: 'statement', size: 2 },
      (url) => url,
      /after one statement .*Everything stored before is kept\. Set pool_mode = transaction there/,
    ],
  ])('%s: one line, and nothing is done', async (_, options, change, said) => {
    await openStore(world.server.url).close();
    const url = change(await through(options));
    const { code, out, err } = await world.cli([...EVAL, '--workers', '--store', url, '--run', 'refused']).ended;
    expect([code === 0, out]).toEqual([false, '']);
    expect(err).toMatch(said);
    expect(err).toMatch(/^plusx: [^\n]+\n$/);
    expect(err).not.toMatch(/wr0ng|a%20secret|a secret/);
    expect(await world.server.sql("SELECT count(*) FROM plusx_cluster.results WHERE run = 'refused'")).toBe('0');
  });

  it('a pool of one connection, which a coordinator keeps: an error with the way out, and no wait without end', async () => {
    const url = await through({ mode: 'transaction', size: 1, settings: { query_wait_timeout: 1 } });
    const database = await openDatabase(url, { patienceMs: 500 });
    const lock = await database.lock('run r');
    await expect(database.query('SELECT 1 AS one')).rejects.toThrow(
      /^Store [^\n]*no connection of PgBouncer came free [^\n]*raise default_pool_size: each coordinator/,
    );
    await lock?.release();
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await database.close();
  });

  it('several that make the tables at one time', async () => {
    const url = await through({ mode: 'transaction', size: 6 });
    const open = async (schema: string): Promise<void> => {
      const store = openStore(`${url}?schema=${schema}`);
      await store.ready();
      const database = await openDatabase(`${url}?schema=${schema}`);
      await (await openQueue(database)).close();
      await database.close();
      await store.close();
    };
    for (let round = 0; round < 4; round++) await Promise.all([0, 1, 2].map(() => open(`at_once_${round}`)));
    const made = "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^at_once_[0-9]_(queue|cluster)$'";
    expect(await world.server.sql(made)).toBe('8');
  });

  it('PostgreSQL stopped behind it: one line, and the next that is asked goes on', async () => {
    const url = await through({ mode: 'transaction', size: 2, settings: { query_wait_timeout: 2 } });
    const store = openStore({ url, waitMs: 60_000 });
    await store.runs.list();
    await world.server.stop();
    await expect(openDatabase(url)).rejects.toThrow(
      /^Store [^\n]*(?:does not reach PostgreSQL behind it|no connection of PgBouncer came free)[^\n]*See that PostgreSQL runs/,
    );
    await expect(openDatabase(url)).rejects.toBeInstanceOf(StoreError);
    const waiting = store.runs.open({ name: 'waits', task: 't', formula: 'f', seed: 1 });
    await world.server.start();
    await waiting;
    expect((await store.runs.list()).map(({ name }) => name)).toContain('waits');
    await store.close();
  });
});
