/** Runs of workers that are paused, resumed and cancelled while they go on, by the command line. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../store/index.ts';
import { noPostgres } from '../../store/test-support/postgres.ts';
import type { Started } from '../test-support/plusx.ts';
import { until, workerWorld, type WorkerWorld } from '../test-support/workers.ts';

const ITEMS = 40;
const SEARCH =
  'compile sums.jsonl --metric numeric --quiet --seed 21 --workers --budget calls=2000 --run search --space'
    .split(' ')
    .concat('demos(k=[0, 2]) + selfConsistency(n=[3, 5])');
const WITHIN = { timeout: 60_000, interval: 100 };

describe.skipIf(noPostgres !== undefined)(`steering on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let world: WorkerWorld;
  let store: Store;
  beforeAll(async () => {
    world = await workerWorld(ITEMS);
    store = openStore(world.server.url);
  });
  afterEach(() => world.endAll());
  afterAll(async () => {
    await store.close();
    await world.close();
  });

  const at = (): string[] => ['--store', world.server.url];
  const runs = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await world.cli(['runs', ...args, ...at()]).ended;
    expect([code, err]).toEqual([0, '']);
    return out;
  };
  const watched = async (run: string): Promise<{ readonly [name: string]: unknown }> =>
    JSON.parse(await runs('watch', run, '--once', '--json')) as { readonly [name: string]: unknown };
  const search = (): Started => world.cli([...SEARCH, ...at()]);

  it('a search is paused, resumed and cancelled, and the same command goes on with it', async () => {
    const gate = Promise.withResolvers<void>();
    world.holdUntil(gate.promise);
    world.worker('--quiet');
    const first = search();
    await until(() => world.upstream.requests.length > 0, first.err);
    // What is held for a call is not spent.
    expect(await watched('search')).toMatchObject({
      spent: { calls: 0, tokens: 0 },
      reserved: { calls: expect.toSatisfy((calls: number) => calls > 0) },
    });
    const rests = async (): Promise<boolean | undefined> => (await store.runs.progress('search'))[0]?.paused;
    expect(await rests()).toBe(false);
    await runs('pause', 'search');
    // Whoever hands the work out hears of it, and its clock stands still.
    await expect.poll(rests, WITHIN).toBe(true);
    expect(await watched('search')).toMatchObject({ state: 'paused' });
    await runs('resume', 'search');
    await expect.poll(rests, WITHIN).toBe(false);

    expect(await runs('cancel', 'search')).toBe('search is cancelled. What was done is kept.\n');
    const ended = await first.ended;
    expect([ended.code, ended.out]).toEqual([1, '']);
    expect(ended.err).toMatch(/^plusx: Run "search" was cancelled\.[^\n]+\n$/);
    expect(await store.runs.get('search')).toMatchObject({ status: 'stopped' });
    expect(await watched('search')).toMatchObject({ state: 'cancelled' });
    // What the worker had in flight waits for nobody, and does not count as lost.
    const jobs = 'SELECT count(*) FROM plusx_queue.job_common';
    await expect.poll(() => world.server.sql(jobs), WITHIN).toBe('0');
    gate.resolve();
    expect(await search().ended).toMatchObject({ code: 0, err: '' });
    expect(await watched('search')).toMatchObject({ state: 'done' });
  });
});
