/** What may be wrong with what workers are given: each is an error of one line, and nothing is lost or done twice. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, openQueue } from '../../cluster/index.ts';
import { openStore } from '../../store/index.ts';
import { noPostgres, postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { place, type Place } from './test-support/place.ts';
import type { Started } from './test-support/processes.ts';
import { noSetClock, setClock } from './test-support/set-clock.ts';
import { noSmallDisk, smallDisk } from './test-support/small-disk.ts';

const ITEMS = 30;
const EVAL = ['eval', 'sums.jsonl', '-p', 'selfConsistency(n=3)', '--metric', 'numeric'];
const CLOCK = join(import.meta.dirname, 'test-support/jumping-clock.ts');

const newPlace = (): Promise<Place> => place(ITEMS, () => 10);

describe.skipIf(noPostgres !== undefined)(`workers that are given${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let server: Postgres;
  let at: Place;
  beforeAll(async () => {
    [server, at] = await Promise.all([postgres({ settings: { synchronous_commit: 'on' } }), newPlace()]);
    await prepared(server.url);
    await server.sql(`CREATE ROLE reader LOGIN PASSWORD 'reading'; GRANT pg_read_all_data TO reader`);
  });
  afterAll(async () => {
    await at[Symbol.asyncDispose]();
    await server.close();
  });

  /** Makes all tables, and one entry that must not be lost. */
  const prepared = async (url: string): Promise<string> => {
    const store = openStore(url);
    await store.runs.open({ name: 'kept', task: 't', formula: 'f', seed: 1 });
    await store.close();
    const database = await openDatabase(url);
    await (await openQueue(database)).close();
    await database.close();
    return url;
  };
  const newer = async (schema: string, change: string): Promise<string> => {
    const url = await prepared(`${server.url}?schema=${schema}`);
    await server.sql(change);
    return url;
  };
  const start = (args: readonly string[]): Started => at.run.start(args[0] ?? '', args, at.asks.env(args[0] ?? ''));

  it.each<[what: string, address: () => string | Promise<string>, said: RegExp]>([
    [
      'a wrong password',
      () => server.urlOf({ password: 'wr0ng' }),
      /the user or the password is wrong .*Check both in the address/,
    ],
    [
      'a role that may only read',
      () => server.urlOf({ user: 'reader', password: 'reading' }),
      /this role may not do that .*Grant the role what it needs/,
    ],
    [
      'a store that a newer plusx made',
      () => newer('a', 'INSERT INTO a.plusx_migrations (version) VALUES (99)'),
      /a newer plusx wrote it .*Update plusx/,
    ],
    [
      'tables of workers that a newer plusx made',
      () => newer('b', 'UPDATE b_cluster.versions SET version = 99'),
      /version 99 of workers, and this plusx knows version 1\. Update plusx/,
    ],
    [
      'a queue that a newer pg-boss made',
      () => newer('c', 'UPDATE c_queue.version SET version = 9999'),
      /has a queue of version 9999 of pg-boss, and the pg-boss here knows version \d+\. Update pg-boss here/,
    ],
  ])('%s', async (_, address, said) => {
    const url = await address();
    const verbs = [
      ['worker', '--store', url, '--quiet'],
      [...EVAL, '--workers', '--store', url, '--quiet'],
    ];
    const ended = await Promise.all(verbs.map((args) => at.run.end(start(args))));
    for (const { code, out, err } of ended) {
      expect.soft([code === 0, out]).toEqual([false, '']);
      expect.soft(err.trim().split('\n').at(-1)).toMatch(said);
      expect.soft(err.trim()).toMatch(/^plusx: [^\n]+$/);
      expect.soft(err).not.toMatch(/wr0ng|reading@|a%20secret|a secret/);
    }
    expect(at.asks.asked.size).toBe(0);
    const [schema = 'plusx'] = /schema=(\w+)/.exec(url)?.slice(1) ?? [];
    const kept = `SELECT (SELECT string_agg(name, ' ') FROM ${schema}.runs), (SELECT count(*) FROM ${schema}_cluster.runs),
      (SELECT count(*) FROM ${schema}_queue.job), (SELECT count(*) FROM ${schema}_cluster.workers)`;
    expect(await server.sql(kept)).toBe('kept|0|0|0');
  });

  /** What one process comes to, to the byte. */
  const alone = async (): Promise<string> => {
    const args = [...EVAL, '--seed', '3', '--run', 'r', '--store', 'one.db', '--report', 'one.csv', '--quiet'];
    expect(await at.run.end(start(args))).toMatchObject({ code: 0, err: '' });
    at.asks.hold(Infinity);
    return at.read('one.csv');
  };
  const MANY = [...EVAL, '--seed', '3', '--run', 'r', '--report', 'many.csv', '--workers', '--store'];
  const many = (url: string, ...more: string[]): string[] => [...MANY, url, ...more];
  const isRunning = (url: string, ...verbs: string[]): Promise<boolean> =>
    at.run
      .end(start(['runs', 'watch', 'r', '--once', '--json', '--store', url, ...verbs]))
      .then(({ code, out }) => code === 0 && JSON.parse(out).state === 'running');

  it('a run that another process coordinates, and a model that is not there: others do it, and once', async () => {
    const wanted = await alone();
    const url = `${server.url}?schema=d`;
    const other = start(['worker', '--store', url, '--models', 'server/other']);
    const first = start(many(url));
    await at.run.until(
      () => first.said().includes('no worker can do it'),
      'the coordinator to say that nobody can do it',
    );
    expect(first.said()).toMatch(
      /\nwaiting: no worker can do it: The model server\/test-model is none of --models server\/other\.\n/,
    );
    expect(other.said()).toMatch(
      /\nLeaves run r to others: The model server\/test-model is none of --models server\/other\.\n/,
    );
    const second = await at.run.end(start(many(url, '--quiet')));
    expect(second).toMatchObject({ code: 2, out: '' });
    expect(second.err).toMatch(
      /^plusx: Run "r" is coordinated by another process\. Watch it with [^\n]+; nothing was changed\n$/,
    );
    expect(await isRunning(url)).toBe(true);
    start(['worker', '--store', url]);
    expect((await at.run.end(first)).code).toBe(0);
    expect(await at.read('many.csv')).toBe(wanted);
    expect([...at.asks.asked.values()].map(({ length }) => length)).toEqual(Array.from({ length: ITEMS }, () => 1));
    other.kill('SIGTERM');
    expect((await at.run.end(other)).code).toBe(0);
  });

  it('a clock that jumps, of every process', async () => {
    const wanted = await alone();
    const url = `${server.url}?schema=e`;
    const jumps = (args: readonly string[]): Started =>
      at.run.start('a clock that jumps', args, { ...at.asks.env('jumps'), NODE_OPTIONS: `--import ${CLOCK}` });
    for (const _ of [0, 1]) jumps(['worker', '--store', url, '--concurrency', '2', '--quiet']);
    expect(await at.run.end(jumps(many(url, '--quiet')))).toMatchObject({ code: 0, err: '' });
    expect(await at.read('many.csv')).toBe(wanted);
    expect([...at.asks.asked.values()].map(({ length }) => length)).toEqual(Array.from({ length: ITEMS }, () => 1));
  });
});

describe.skipIf(noPostgres !== undefined || noSetClock !== undefined)(
  `a database whose clock is set${noPostgres || noSetClock ? `: ${noPostgres ?? noSetClock}` : ''}`,
  () => {
    it('ahead by an hour and back by two takes nothing from a run and adds nothing', async () => {
      await using at = await newPlace();
      const { run, asks, here } = at;
      const start = (name: string, args: readonly string[]): Started => run.start(name, args, asks.env(name));
      const one = ['--run', 'many', '--store', 'one.db', '--report', 'one.csv', '--quiet'];
      expect(await run.end(start('one process', [...EVAL, ...one]))).toMatchObject({ code: 0, err: '' });
      await using stack = new AsyncDisposableStack();
      const clock = await setClock(here);
      const settings = { synchronous_commit: 'on' };
      const server = stack.adopt(await postgres({ env: clock.env, settings }), (one) => one.close());
      const epoch = 'SELECT extract(epoch FROM clock_timestamp())';
      const hour = async (): Promise<string> =>
        ((Number(await server.sql(epoch)) - Date.now() / 1000) / 3600).toFixed(0).replace('-0', '0');
      expect(await hour()).toBe('0');
      asks.hold(ITEMS / 2);
      const workers = ['a', 'b'].map((name) =>
        start(name, ['worker', '--store', server.url, '--concurrency', '2', '--quiet']),
      );
      const args = [...EVAL, '--workers', '--store', server.url, '--run', 'many', '--report', 'many.csv', '--quiet'];
      const coordinator = start('the coordinator', args);
      await run.until(() => asks.asked.size >= ITEMS / 2, 'half of the questions');
      await clock.set(3600);
      expect(await hour()).toBe('1');
      // What is being worked on seems not to have been heard of for an hour, until the worker says again that it is there. The queue
      // looks every second.
      await pause(3000);
      await clock.set(-3600);
      expect(await hour()).toBe('-1');
      asks.release();
      expect(await run.end(coordinator)).toMatchObject({ code: 0, err: '' });
      expect(await at.read('many.csv')).toBe(await at.read('one.csv'));
      for (const worker of workers) worker.kill('SIGTERM');
      for (const worker of workers) expect(await run.end(worker)).toMatchObject({ code: 0, err: '' });
    });
  },
);

describe.skipIf(noPostgres !== undefined || noSmallDisk !== undefined)(
  `a database with a full disk${noPostgres || noSmallDisk ? `: ${noPostgres ?? noSmallDisk}` : ''}`,
  () => {
    it('says so, loses nothing, and goes on when there is room again', async () => {
      using disk = smallDisk(160);
      await using at = await newPlace();
      const { run, asks } = at;
      const start = (name: string, args: readonly string[]): Started => run.start(name, args, asks.env(name));
      const one = ['--run', 'many', '--store', 'one.db', '--report', 'one.csv', '--quiet'];
      expect(await run.end(start('one process', [...EVAL, ...one]))).toMatchObject({ code: 0, err: '' });
      await using stack = new AsyncDisposableStack();
      const server = stack.adopt(
        await postgres({
          within: disk.path,
          settings: { synchronous_commit: 'on', max_wal_size: "'32MB'", min_wal_size: "'32MB'" },
        }),
        (one) => one.close(),
      );
      asks.hold(ITEMS / 2);
      const worker = start('the worker', ['worker', '--store', server.url, '--concurrency', '3']);
      const args = [...EVAL, '--workers', '--store', server.url, '--run', 'many', '--report', 'many.csv', '--quiet'];
      const coordinator = start('the coordinator', args);
      await run.until(() => asks.asked.size >= ITEMS / 2, 'half of the questions');
      disk.fill();
      asks.release();
      const FULL =
        /Store postgres:[^\n]*: the disk of the server is full [^\n]*Everything stored before is kept\. Free some space and run again/;
      const leaves = new RegExp(`\nLeaves run many to others: ${FULL.source}\n`);
      await run.until(() => leaves.test(worker.said()), 'the worker to say that the disk is full');
      disk.clear();
      // A coordinator that met the full disk itself has said so, and the same command goes on.
      let ended = await run.end(coordinator);
      if (ended.code === 1 && FULL.test(ended.err)) ended = await run.end(start('the coordinator again', args));
      expect(ended).toMatchObject({ code: 0, err: '' });
      expect(await at.read('many.csv')).toBe(await at.read('one.csv'));
      // What was answered and could not be stored is asked again: the items in flight, and one that tried whether there is room.
      const calls = [...asks.asked.values()].map(({ length }) => length);
      expect(calls.length).toBe(ITEMS);
      expect(calls.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(ITEMS + 2 * 3);
    });
  },
);
