/** Workers of two versions beside each other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coordinate, openDatabase, openQueue, sharedRuns, work, type UnitResult } from '../../cluster/index.ts';
import { noPostgres } from '../../store/test-support/postgres.ts';
import { until, workerWorld, type WorkerWorld } from '../test-support/workers.ts';
import { UNITS_VERSION, writeUnit } from './units.ts';

const ITEMS = 12;

describe.skipIf(noPostgres !== undefined)(`an older worker${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let world: WorkerWorld;
  beforeAll(async () => {
    world = await workerWorld(ITEMS);
  });
  afterAll(() => world.close());

  it('leaves units of a newer version to others, says so once, and each unit is done once', async () => {
    const store = ['--store', world.server.url];
    const evaluation = world.cli(['eval', 'sums.jsonl', '--metric', 'numeric', '--run', 'r', '--workers', ...store]);
    const database = await openDatabase(world.server.url);
    const queue = await openQueue(database);
    let spec = '';
    while (spec === '') spec = (await sharedRuns(database))[0]?.spec ?? '';
    evaluation.child.kill('SIGKILL'); // the newer one of this test has its place
    await evaluation.ended;

    const known = Array.from({ length: ITEMS }, (_, i) => writeUnit({ line: 0, item: `q${i}`, parts: [0] }));
    const newer = [0, 1, 2].map((i) => JSON.stringify({ version: UNITS_VERSION + 1, unit: [`q${i}`, 0, [0]] }));
    const results: UnitResult[] = [];
    const stop = new AbortController();
    const handing = coordinate(database, queue, {
      run: 'r',
      spec,
      units: [...newer, ...known],
      signal: stop.signal,
      onResult: (result) => void results.push(result),
    });
    const older = world.worker('--concurrency', '2');
    await until(() => older.err().includes('Leaves run r to others'), older.err);
    expect(results.filter(({ unit }) => newer.includes(unit))).toEqual([]);

    const done: string[] = [];
    const working = work(database, queue, {
      id: 'newer',
      place: 'here',
      signal: stop.signal,
      accept: () =>
        Promise.resolve({
          work(unit) {
            done.push(unit);
            return Promise.resolve('by the newer');
          },
          close: () => Promise.resolve(),
        }),
    });
    await handing;
    stop.abort();
    await working;
    expect(results.map(({ unit }) => unit).toSorted()).toEqual([...newer, ...known].toSorted());
    for (const { unit, status, result } of results)
      expect.soft([status, result === 'by the newer']).toEqual(['done', done.includes(unit)]);
    expect(done).toEqual(expect.arrayContaining(newer));
    expect(
      older.err().match(/Leaves run r to others: .*units of version 4, and the one here knows those up to 3/g),
    ).toHaveLength(1);
    await queue.close();
    await database.close();
  });
});
