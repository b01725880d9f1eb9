import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run, type Child } from '../store/test-support/children.ts';
import { startingProxy } from '../store/test-support/cutting-proxy.ts';
import { noPostgres, postgres, type Postgres } from '../store/test-support/postgres.ts';
import { coordinate, type UnitResult } from './coordinator.ts';
import { openDatabase, pause, type Database } from './database.ts';
import { openQueue, type Queue } from './queue.ts';
import { forgetRun, openRun, progressOf, setSharedState, sharedRuns } from './runs.ts';
import type { UnitSpec } from './test-support/unit-worker.ts';
import { upstream } from './test-support/upstream.ts';
import { work } from './worker.ts';

const script = (name: string): string => join(import.meta.dirname, 'test-support', name);
const unitsOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `unit ${i}`);

describe.skipIf(noPostgres !== undefined)(`workers on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let server: Postgres;
  let database: Database;
  let queue: Queue;
  const children: Child[] = [];
  beforeAll(async () => {
    server = await postgres({ settings: { synchronous_commit: 'on' } });
    database = await openDatabase(server.url);
    queue = await openQueue(database);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill();
      await child.ended;
    }
    await database.query('DELETE FROM plusx_cluster.workers');
  });
  afterAll(async () => {
    await queue.close();
    await database.close();
    await server.close();
  });

  const worker = (id: string, concurrency = 8): Child => {
    const child = run(script('unit-worker.ts'), [server.url, id, String(concurrency)]);
    children.push(child);
    return child;
  };
  /** Coordinates a run here, and returns what came of each unit, in the order in which it came. */
  const handOut = async (
    name: string,
    units: readonly string[],
    spec: UnitSpec,
    more: { priority?: number; signal?: AbortSignal; onIdle?: (why: string) => void; onResult?: () => void } = {},
  ): Promise<UnitResult[]> => {
    const results: UnitResult[] = [];
    const { signal = new AbortController().signal, onResult, ...rest } = more;
    await coordinate(database, queue, {
      run: name,
      spec: JSON.stringify(spec),
      units,
      signal,
      ...rest,
      onResult(result) {
        results.push(result);
        onResult?.();
      },
    });
    return results;
  };
  const until = async (what: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await what())) await pause(10);
  };

  it('does every unit once, and goes on from where it was where it is coordinated again', async () => {
    const provider = await upstream();
    worker('a');
    worker('b');
    const units = unitsOf(600);
    const stop = new AbortController();
    let seen = 0;
    const first = handOut(
      'once',
      units,
      { ms: 3, url: provider.url },
      {
        signal: stop.signal,
        onResult: () => void (++seen === 200 && stop.abort(new Error('stopped'))),
      },
    );
    await expect(first).rejects.toThrow('stopped');
    expect((await progressOf(database, 'once'))?.state).toBe('stopped');
    const results = await handOut('once', units, { ms: 3, url: provider.url });
    expect(results.map(({ unit }) => unit).toSorted()).toEqual(units.toSorted());
    expect(new Set(results.map(({ unit, status, result }) => `${status} ${unit} ${result}`))).toEqual(
      new Set(units.map((unit) => `done ${unit} result of ${unit}`)),
    );
    expect(new Set(provider.arrivals.map(({ caller }) => caller.split('@')[0])).size).toBe(600);
    expect(provider.arrivals.length).toBe(600); // none was done twice
    expect(new Set(provider.arrivals.map(({ caller }) => caller.split('@')[1]))).toEqual(new Set(['a', 'b']));
    expect(await progressOf(database, 'once')).toMatchObject({ state: 'done', done: 600, total: 600, lost: 0 });
    await forgetRun(database, 'once');
    expect((await sharedRuns(database)).map(({ name }) => name)).not.toContain('once');
    await provider.close();
  });

  it('lets a run of higher priority go first, and runs of one priority share', async () => {
    worker('a', 4);
    const order: string[] = [];
    const of = (name: string, count: number, priority: number): Promise<UnitResult[]> =>
      handOut(name, unitsOf(count), { ms: 10 }, { priority, onResult: () => void order.push(name) });
    const low = [of('low', 400, 0), of('other', 400, 0)];
    await until(() => order.length > 500);
    // What was taken before the second run was there is done first.
    const share = order.slice(200, 500).filter((name) => name === 'low').length;
    expect(share).toBeGreaterThan(75);
    expect(share).toBeLessThan(225);
    await of('urgent', 100, 5);
    const first = order.indexOf('urgent');
    const last = order.lastIndexOf('urgent');
    const beside = order.slice(first, last).filter((name) => name !== 'urgent').length;
    // What had been taken before is finished, more of it on a busy machine; in equal shares 200 would be done beside it.
    expect(beside).toBeLessThan(150);
    await Promise.all(low);
  });

  it('is done again by a worker that had not yet ended what it did of it when it was cancelled', async () => {
    const [begun, slow, stop] = [
      Promise.withResolvers<AbortSignal>(),
      Promise.withResolvers<void>(),
      new AbortController(),
    ];
    let times = 0;
    const working = work(database, queue, {
      id: 'slow',
      place: 'here',
      signal: stop.signal,
      accept: async () => ({
        async work(unit, signal) {
          begun.resolve(signal);
          if (++times === 1) await slow.promise;
          signal.throwIfAborted();
          return `result of ${unit}`;
        },
        close: () => Promise.resolve(),
      }),
    });
    const first = handOut('again', ['unit 0'], { ms: 0 }).catch(String);
    const signal = await begun.promise;
    await setSharedState(database, 'again', 'cancelled', ['running']);
    expect(await first).toMatch(/was cancelled/);
    await until(() => signal.aborted);
    const late = AbortSignal.timeout(60_000);
    const second = handOut('again', ['unit 0'], { ms: 0 }, { signal: late });
    await until(async () => (await progressOf(database, 'again'))?.state === 'running');
    await pause(1500); // the worker has looked what there is
    slow.resolve();
    expect(await second).toEqual([{ unit: 'unit 0', status: 'done', result: 'result of unit 0' }]);
    stop.abort();
    await working;
  });

  it('how fast a run is, and how long it still takes, is told from when it goes on', async () => {
    await openRun(database, { name: 'rested', spec: '', priority: 0, total: 30 });
    await database.query(
      `INSERT INTO plusx_cluster.results SELECT 'rested', n::text, 'done', '', '' FROM generate_series(1, 20) AS n`,
    );
    expect(await progressOf(database, 'rested')).toMatchObject({ done: 20, secondsLeft: expect.any(Number) });
    await setSharedState(database, 'rested', 'paused', ['running']);
    await setSharedState(database, 'rested', 'running', ['paused']);
    expect(await progressOf(database, 'rested')).toMatchObject({ done: 20, rate: 0, secondsLeft: undefined });
    await forgetRun(database, 'rested');
  });

  it('is paused, goes on and is cancelled from elsewhere', async () => {
    worker('a');
    let seen = 0;
    const running = handOut('halted', unitsOf(3000), { ms: 5 }, { onResult: () => void seen++ });
    const ended = running.then(
      () => 'done',
      (error: Error) => error.message,
    );
    await until(() => seen > 50);
    await setSharedState(database, 'halted', 'paused', ['running']);
    const still = async (): Promise<boolean> => {
      const before = seen;
      await pause(1500);
      return seen === before;
    };
    await until(still);
    const paused = seen;
    expect(paused).toBeLessThan(3000);
    await setSharedState(database, 'halted', 'running', ['paused']);
    await until(() => seen > paused + 50);
    await setSharedState(database, 'halted', 'cancelled', ['running', 'paused']);
    expect(await ended).toMatch(/^Run "halted" was cancelled\. What was done is kept/);
    expect(seen).toBeLessThan(3000);
  });

  it('has one coordinator, and says why nobody works on it', async () => {
    const idle: string[] = [];
    const spec = { ms: 1, only: 'b' };
    const first = handOut('two', unitsOf(20), spec, { onIdle: (why) => void idle.push(why) });
    await until(async () => (await progressOf(database, 'two')) !== undefined);
    await expect(handOut('two', unitsOf(20), spec)).rejects.toThrow(
      'Run "two" is coordinated by another process. Watch it with `plusx runs watch`, or end that process first; nothing was changed.'.slice(
        0,
        -1,
      ),
    );
    await expect(handOut('two', unitsOf(20), { ms: 2 })).rejects.toThrow('coordinated by another process');
    await until(() => idle.length > 0);
    expect(idle[0]).toContain('there are no workers');
    worker('a');
    await until(() => idle.some((why) => why === 'no worker can do it: model m is not on a'));
    worker('b');
    expect((await first).length).toBe(20);
  });

  it('waits for a server that starts again while it is first asked', async () => {
    for (const breaks of [1, 2, 3, 4]) {
      const proxy = await startingProxy(server.port, breaks);
      const other = await openDatabase(server.url.replace(`:${server.port}/`, `:${proxy.port}/`));
      const own = await openQueue(other);
      await own.open('opened');
      await own.offer('opened', [`unit ${breaks}`]);
      expect((await own.take('opened', 1)).map(({ unit }) => unit)).toEqual([`unit ${breaks}`]);
      await own.close();
      await other.close();
      await proxy.close();
    }
  });

  it('keeps the table of jobs small: the coordinator tidies it, and it says to the server how', async () => {
    worker('a', 64);
    worker('b', 64);
    const jobs = "relname = 'job_common'";
    expect((await handOut('many', unitsOf(17_000), { ms: 0 })).length).toBe(17_000);
    const vacuums = `SELECT sum(vacuum_count)::int AS n FROM pg_stat_all_tables WHERE ${jobs}`;
    // The server's counts come a moment after what they count.
    const wait = AbortSignal.timeout(30_000);
    await until(async () => wait.aborted || Number((await database.query(vacuums))[0]?.['n']) > 0);
    expect(wait.aborted, 'no vacuum was counted within 30 seconds').toBe(false);
    const [row] = await database.query(
      `SELECT array_to_string(reloptions, ' ') AS options FROM pg_class WHERE ${jobs}`,
    );
    expect(row?.['options']).toContain('autovacuum_vacuum_scale_factor=0 autovacuum_vacuum_threshold=5000');
  });

  it('works for a role that does not own the tables of the queue', async () => {
    await queue.tidy();
    await database.query(`ALTER TABLE plusx_queue.job_common RESET (autovacuum_vacuum_threshold)`);
    await database.query(`CREATE ROLE guest LOGIN PASSWORD 'g'`);
    for (const schema of ['plusx_queue', 'plusx_cluster'])
      await database.query(
        `GRANT ALL ON SCHEMA ${schema} TO guest; GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO guest; GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO guest`,
      );
    const theirs = await openDatabase(server.urlOf({ user: 'guest', password: 'g' }));
    const own = await openQueue(theirs);
    await own.open('guest');
    await own.offer('guest', ['unit 0']);
    expect((await own.take('guest', 1)).map(({ unit }) => unit)).toEqual(['unit 0']);
    await own.tidy();
    await own.drop('guest');
    await own.close();
    await theirs.close();
  });

  it('survives what may be killed: workers, the coordinator, the server; and sets the unit aside that kills', async () => {
    const provider = await upstream();
    const spec: UnitSpec = { ms: 20, url: provider.url, poison: 'unit 77' };
    const args = [server.url, 'killed', JSON.stringify(spec), '1500'];
    /** Starts a worker again whenever the poison has ended it. */
    const keepAlive = async (id: string, isOver: () => boolean): Promise<void> => {
      while (!isOver()) await worker(id).ended;
    };
    const over = { now: false };
    worker('doomed');
    void keepAlive('a', () => over.now);
    void keepAlive('b', () => over.now);
    const first = run(script('unit-coordinator.ts'), args);
    await until(() => provider.arrivals.length > 150);
    first.kill(); // the coordinator, while units are offered
    children[0]?.kill(); // a worker that nobody starts again
    await first.ended;
    const second = run(script('unit-coordinator.ts'), args);
    await second.speaks;
    await server.crash();
    await server.start();
    const { stdout, stderr, code } = await second.ended;
    over.now = true;
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(lines.map(([unit = '']) => unit).toSorted()).toEqual(unitsOf(1500).toSorted());
    expect(lines.filter(([, status]) => status === 'lost')).toEqual([['unit 77', 'lost', expect.any(String)]]);
    expect(provider.arrivals.filter(({ caller }) => caller.startsWith('unit 77@')).length).toBe(3);
    await provider.close();
  });
});
