import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noPostgres } from '../../store/test-support/postgres.ts';
import type { Started } from '../test-support/plusx.ts';
import { callsOf, until, workerWorld, type WorkerWorld } from '../test-support/workers.ts';

const ITEMS = 40;

describe.skipIf(noPostgres !== undefined)(
  `compare, curve and compile by workers on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let world: WorkerWorld;
    beforeAll(async () => {
      world = await workerWorld(ITEMS);
    });
    afterEach(() => world.endAll());
    afterAll(() => world.close());

    // Runs of one seed share draws in a store, and what another run drew is told as replayed: each test has its own.
    const on = (seed: string): string[] => ['sums.jsonl', '--metric', 'numeric', '--seed', seed, '--quiet'];
    const SHARED = ['-p', '', '-p', 'selfConsistency(n=3)', '-p', 'selfConsistency(n=5, stop="adaptive")'];
    const COMPARE = ['compare', ...on('5'), ...SHARED];
    const DECIDED = ['compare', ...on('6'), '-p', '', '-p', 'selfConsistency(n=9)', '--until', 'decided'];
    const CURVE = ['curve', '--over', 'n=1,3,5', '--baselines', '-p', 'selfConsistency'];
    const CURVES = [...CURVE, ...on('7'), '-p', 'selfConsistency(stop="adaptive")'];
    const byWorkers = (args: readonly string[]): string[] => [...args, '--workers', '--store', world.server.url];
    const into = (name: string, ...more: string[]): string[] =>
      ['--out', `${name}.json`, '--report', `${name}.csv`].concat(more);
    const done = async ({ ended }: Started): Promise<void> => {
      const { code, err } = await ended;
      expect([code, err]).toEqual([0, '']);
    };
    const same = async (one: string, other: string): Promise<void> => {
      for (const kind of ['json', 'csv'])
        expect(await world.read(`${other}.${kind}`)).toBe(await world.read(`${one}.${kind}`));
    };
    /** Lines come as items end, and say how long each took. */
    const linesIn = async (file: string): Promise<string[]> =>
      (await world.read(file))
        .split('\n')
        .map((line) => line.replace(/"ms":[^,}]+/, '"ms":0'))
        .toSorted();

    it('a comparison is the one of a single process, though a worker and the coordinator are killed', async () => {
      await done(world.cli([...COMPARE, '--run', 'same', '--store', 'one.db', ...into('one')]));
      const alone = callsOf(world.upstream);
      world.upstream.forget();
      const [doomed] = [world.worker('--concurrency', '4'), world.worker('--concurrency', '4')];
      const many = byWorkers([...COMPARE, '--run', 'same', ...into('many')]);
      const first = world.cli(many);
      await until(() => world.upstream.requests.length > 40, first.err);
      doomed.child.kill('SIGKILL');
      first.child.kill('SIGKILL');
      await first.ended;
      await done(world.cli(many));
      await same('one', 'many');
      // What a killed process had in flight is asked again, and nothing else.
      expect(callsOf(world.upstream)).toBeLessThanOrEqual(alone + 5 * 4);
      const shown = await world.cli(['runs', 'show', 'same', '--store', world.server.url, '--json']).ended;
      expect(JSON.parse(shown.out)).toMatchObject({ status: 'done' });
    });

    it('so is one that ends when it is decided, and so are curves, though a worker is killed', async () => {
      const alone = [
        world.cli([...DECIDED, '--run', 'decided', ...into('a', '--records', 'a.jsonl')]),
        world.cli([...CURVES, '--run', 'curves', '--store', 'two.db', ...into('b')]),
      ];
      await Promise.all(alone.map(done));
      world.upstream.forget();
      const [doomed] = [world.worker('--concurrency', '4'), world.worker('--concurrency', '4')];
      const many = [
        world.cli(byWorkers([...DECIDED, '--run', 'decided', ...into('c', '--records', 'c.jsonl')])),
        world.cli(byWorkers([...CURVES, '--run', 'curves', ...into('d')])),
      ];
      await until(
        () => world.upstream.requests.length > 20,
        () => many.map(({ err }) => err()).join('\n'),
      );
      doomed.child.kill('SIGKILL');
      await Promise.all(many.map(done));
      await same('b', 'd');
      expect(await linesIn('c.jsonl')).toEqual(await linesIn('a.jsonl'));
      const [one, other] = await Promise.all(['a.json', 'c.json'].map(world.read));
      const untimed = (text = ''): string => text.replaceAll(/"ms(PerItem)?": [^,\n]+/g, '"ms": 0');
      expect(untimed(other)).toBe(untimed(one));
      expect(JSON.parse(other ?? '')).toMatchObject({ until: 'decided', total: ITEMS });
    });

    it.each([
      ['a search', 'demos(k=[0, 2]) + maybe(reRead) + selfConsistency(n=[3, 5])', '10', [10, 60], [], ''],
      [
        'a search that writes new wordings',
        'maybe(selfConsistency(n=3)) + prompt("Be quick.")',
        '11',
        [3, 14, 30],
        ['--reflect', 'server/test-model'],
        'Add with care.',
      ],
    ] as const)(
      '%s is the one of a single process, though its coordinator and a worker are killed',
      async (_, space, seed, kills, more, found) => {
        const search = [
          'compile',
          ...on(seed),
          '--space',
          space,
          '--budget',
          'calls=2000',
          '--run',
          `of ${seed}`,
          ...more,
        ];
        const report = (name: string): string[] => [
          '--report',
          `${name}${seed}.json`,
          '--out',
          `${name}${seed}.plusx.json`,
        ];
        world.upstream.forget();
        const alone = world.cli([...search, '--store', 'three.db', ...report('e')]);
        expect(await alone.ended).toMatchObject({ code: 0, err: '' });
        const calls = callsOf(world.upstream);
        world.upstream.forget();
        const [doomed] = [world.worker('--concurrency', '4'), world.worker('--concurrency', '4')];
        const many = byWorkers([...search, ...report('f')]);
        for (const requests of kills) {
          const killed = world.cli(many);
          await until(() => world.upstream.requests.length > requests, killed.err);
          killed.child.kill('SIGKILL');
          if (requests === kills[0]) doomed.child.kill('SIGKILL');
          await killed.ended;
        }
        expect(await world.cli(many).ended).toMatchObject({ code: 0, err: '' });
        for (const kind of ['json', 'plusx.json'])
          expect(await world.read(`f${seed}.${kind}`)).toBe(await world.read(`e${seed}.${kind}`));
        expect(await world.read(`f${seed}.plusx.json`)).toContain(found);
        // What the worker had in flight is asked again, and nothing else.
        expect(callsOf(world.upstream)).toBeLessThanOrEqual(calls + 5 * 4);
        const watched = await world.cli(['runs', 'watch', `of ${seed}`, '--store', world.server.url]).ended;
        expect(watched).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`^of ${seed}: done`)) });
      },
    );

    it('says in a line what cannot be, what was cancelled, and when the budget ends', async () => {
      const refused = await Promise.all(
        [
          [...COMPARE, '--workers', '--store', 'x.db'],
          byWorkers(['compare', '--runs', 'one,two']),
          byWorkers([...CURVE, ...on('8'), '--x', 'seconds']),
        ].map((args) => world.cli(args).ended),
      );
      for (const { code, err } of refused) {
        expect(code).toBe(2);
        expect(err.trim()).toMatch(/^plusx: [^\n]+$/);
      }
      world.upstream.forget();
      const held = Promise.withResolvers<void>();
      world.holdUntil(held.promise);
      const workers = [world.worker(), world.worker()];
      const doomed = world.cli(byWorkers([...CURVE, ...on('8'), '--run', 'doomed']));
      await until(() => world.upstream.requests.length > 0, doomed.err);
      const twice = await world.cli(byWorkers([...CURVE, ...on('8'), '--run', 'doomed'])).ended;
      expect(twice).toMatchObject({ code: 2, err: expect.stringContaining('is coordinated by another process') });
      await world.cli(['runs', 'cancel', 'doomed', '--store', world.server.url]).ended;
      const cancelled = await doomed.ended;
      expect([cancelled.code, cancelled.out]).toEqual([1, '']);
      expect(cancelled.err.trim()).toMatch(/^plusx: Run "doomed" was cancelled\.[^\n]+$/);
      const said = (): string => workers.map(({ err }) => err()).join('\n');
      await until(() => said().split('Run doomed is over here').length > workers.length, said);
      world.upstream.forget();
      held.resolve();
      const cheap = await world.cli(byWorkers(['compare', ...on('9'), ...SHARED, '--budget', 'calls=50', '--json']))
        .ended;
      expect(JSON.parse(cheap.out)).toMatchObject({ exhausted: 'calls', total: ITEMS });
      expect(callsOf(world.upstream)).toBeLessThanOrEqual(50);
    });
  },
);
