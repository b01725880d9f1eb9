/** A streaming replica: what is read from it, what it refuses, and how a run goes on when it takes the place of its primary. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../store/index.ts';
import { noPostgres, postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { trace } from '../../store/test-support/trace.ts';
import type { Ended, Started } from '../test-support/plusx.ts';
import { until, workerWorld, type WorkerWorld } from '../test-support/workers.ts';

const ITEMS = 60;
const EVAL = ['eval', 'sums.jsonl', '-p', 'selfConsistency(n=3)', '--metric', 'numeric', '--quiet'];
const REFUSED =
  /^plusx: Store postgres:[^\n]*: it is read-only: a replica, or a read-only role [^\n]*Everything stored before is kept\. Name the primary server to write\n$/;

describe.skipIf(noPostgres !== undefined)(`a streaming replica${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let world: WorkerWorld;
  let replica: Postgres;
  beforeAll(async () => {
    world = await workerWorld(ITEMS);
    replica = await postgres({ follows: world.server });
  });
  afterAll(async () => {
    await world.close();
    await replica?.close();
  });

  const run = (...args: string[]): Promise<Ended> => world.cli(args).ended;
  /** Waits until the replica has all that the primary has. */
  const followed = async (): Promise<void> => {
    const at = await world.server.sql('SELECT pg_current_wal_lsn()');
    await expect
      .poll(() => replica.sql(`SELECT pg_last_wal_replay_lsn() >= '${at}'::pg_lsn`), { timeout: 60_000 })
      .toBe('t');
  };
  const both = (attrs = ''): string =>
    `${replica.url.replace(`:${replica.port}/`, `:${replica.port},127.0.0.1:${world.server.port}/`)}${attrs}`;

  it('shows runs, their progress and traces, grades again, and refuses each write in a line', async () => {
    expect((await run(...EVAL, '--run', 'moved', '--store', 'one.db')).code).toBe(0);
    const there = ['--store', replica.url];
    // Without tables there is nothing to read yet, and it cannot make them.
    expect(await run('runs', 'list', ...there)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(REFUSED),
    });
    expect((await run('store', 'copy', 'one.db', world.server.url)).code).toBe(0);
    const store = openStore(world.server.url);
    await store.traces.put(trace('seen-there'));
    await store.runs.open({ name: 'left', task: 't', formula: 'f', seed: 1 });
    await store.close();
    await followed();
    const reads: [args: string[], said: RegExp][] = [
      [['runs', 'list'], /moved/],
      [['runs', 'show', 'moved'], /moved/],
      [['runs', 'watch', 'moved'], /^moved: done/], // no worker has ever been there
      [['runs', 'export', 'moved'], /q59/],
      [['regrade', 'moved', '--metric', 'exact'], /exact/],
      [['traces', 'list'], /seen-there/],
      [['store', 'du'], /journal/],
    ];
    for (const [args, said] of reads)
      expect
        .soft({ args, ...(await run(...args, ...there)) })
        .toMatchObject({ code: 0, out: expect.stringMatching(said) });
    for (const args of [
      ['runs', 'delete', 'moved'],
      ['runs', 'cancel', 'left'],
      ['store', 'gc', '--journal', '1d'],
      ['store', 'erase', '--user', 'mia'],
      ['keys', 'add', 'mia'],
      [...EVAL, '--run', 'other'],
      [...EVAL, '--run', 'other', '--workers'],
      ['worker', '--quiet'],
    ])
      expect
        .soft({ args, ...(await run(...args, ...there)) })
        .toMatchObject({ out: '', err: expect.stringMatching(REFUSED) });
    expect(await world.server.sql(`SELECT count(*) FROM plusx.runs`)).toBe('2');
  });

  it('that is promoted when its primary is gone: a run goes on there, by an address of both', async () => {
    // With draws of its own: those of the other run are in the store.
    const seed = ['--seed', '6'];
    const alone = [...EVAL, ...seed, '--run', 'goes on', '--store', 'two.db', '--report', 'one.csv'];
    expect(await run(...alone)).toMatchObject({ code: 0, err: '' });
    const held = Promise.withResolvers<void>();
    world.upstream.forget();
    const store = ['--store', both('?target_session_attrs=read-write')];
    const worker = (): Started => world.cli(['worker', ...store, '--concurrency', '4']);
    const workers = [worker(), worker()];
    const many = [...EVAL, ...seed, '--workers', ...store, '--run', 'goes on', '--report', 'many.csv'];
    const first = world.cli(many);
    await until(
      () => world.upstream.requests.length > 20,
      () => [first, ...workers].map(({ err }) => err()).join('\n'),
    );
    world.holdUntil(held.promise);
    await world.server.stop();
    const away = await run(...EVAL, '--run', 'another', ...store);
    expect(away).toMatchObject({ code: 1, out: '' });
    expect(away.err).toMatch(
      /^plusx: Store postgres:[^\n]*none of its hosts takes writes [^\n]*Promote a replica[^\n]*\n$/,
    );
    await replica.promote();
    held.resolve();
    let ended = await first.ended;
    // A slow machine may take longer for it than the coordinator waits. It says so, and the same command goes on.
    if (ended.code === 1 && /did not come back|takes writes/.test(ended.err)) ended = await run(...many);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(await world.read('many.csv')).toBe(await world.read('one.csv'));
    expect(await run('runs', 'watch', 'goes on', '--store', replica.url)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^goes on: done, 60 of 60 items/),
    });
  });

  it('the first host that answers is taken where the address asks for no more', async () => {
    const opened: Store[] = [openStore(both())];
    expect((await opened[0]?.runs.list())?.map(({ name }) => name)).toContain('goes on');
    for (const store of opened) await store.close();
  });
});
