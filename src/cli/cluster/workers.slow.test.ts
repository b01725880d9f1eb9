import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noPostgres } from '../../store/test-support/postgres.ts';
import type { Ended, Started } from '../test-support/plusx.ts';
import { callsOf, until, workerWorld, type WorkerWorld } from '../test-support/workers.ts';

const ITEMS = 60;

describe.skipIf(noPostgres !== undefined)(
  `plusx worker on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let world: WorkerWorld;
    beforeAll(async () => {
      world = await workerWorld(ITEMS);
    });
    afterEach(() => world.endAll());
    afterAll(() => world.close());

    const cli = (args: readonly string[]): Started => world.cli(args);
    const worker = (...more: string[]): Started => world.worker(...more);
    const EVAL_AT = (seed: string): string[] => [
      'eval',
      'sums.jsonl',
      '-p',
      'selfConsistency(n=3)',
      '--metric',
      'numeric',
      '--seed',
      seed,
      '--quiet',
    ];
    const EVAL = EVAL_AT('5');

    it('gives the report of one process, byte by byte, though a worker and the coordinator are killed', async () => {
      const alone = await cli([
        ...EVAL,
        '--run',
        'same',
        '--store',
        'one.db',
        '--out',
        'one.json',
        '--report',
        'one.csv',
      ]).ended;
      expect([alone.code, alone.err]).toEqual([0, '']);
      world.upstream.forget();
      const [doomed] = [worker('--concurrency', '4'), worker('--concurrency', '4')];
      const many = [
        ...EVAL,
        '--workers',
        '--store',
        world.server.url,
        '--run',
        'same',
        '--out',
        'many.json',
        '--report',
        'many.csv',
      ];
      const first = cli(many);
      await until(() => world.upstream.requests.length > 40);
      doomed.child.kill('SIGKILL');
      first.child.kill('SIGKILL');
      await first.ended;
      const second = await cli(many).ended;
      expect([second.code, second.err]).toEqual([0, '']);
      expect(await world.read('many.json')).toBe(await world.read('one.json'));
      expect(await world.read('many.csv')).toBe(await world.read('one.csv'));
      // What a killed process had in flight is asked again, and nothing else.
      expect(callsOf(world.upstream)).toBeLessThanOrEqual(3 * (ITEMS + 4));
      const shown = await cli(['runs', 'show', 'same', '--store', world.server.url, '--json']).ended;
      expect(JSON.parse(shown.out)).toMatchObject({ status: 'done' });
      const gone = await cli(['runs', 'watch', 'same', '--store', world.server.url]).ended;
      expect(gone).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^same: done, 60 of 60 items/),
      });
    });

    it('holds a budget over all workers, and says what a run takes while it runs', async () => {
      world.upstream.forget();
      const held = Promise.withResolvers<void>();
      world.holdUntil(held.promise);
      worker(
        '--rate',
        `${new URL(world.upstream.url).host}=60`,
        '--in-flight',
        `${new URL(world.upstream.url).host}=3`,
      );
      worker(
        '--rate',
        `${new URL(world.upstream.url).host}=60`,
        '--in-flight',
        `${new URL(world.upstream.url).host}=3`,
      );
      const args = [
        ...EVAL_AT('6'),
        '--workers',
        '--store',
        world.server.url,
        '--run',
        'cheap',
        '--budget',
        'calls=100',
        '--json',
      ];
      const running = cli(args);
      await until(() => world.upstream.requests.length >= 3);
      const watched = await cli(['runs', 'watch', 'cheap', '--once', '--store', world.server.url, '--json']).ended;
      expect(JSON.parse(watched.out)).toMatchObject({
        name: 'cheap',
        state: 'running',
        total: ITEMS,
        workers: expect.arrayContaining([expect.objectContaining({ place: expect.any(String) })]),
      });
      const paused = await cli(['runs', 'pause', 'cheap', '--store', world.server.url]).ended;
      expect(paused.out).toContain('cheap is paused');
      held.resolve();
      const twice = await cli(args).ended;
      expect(twice).toMatchObject({ code: 2, err: expect.stringContaining('is coordinated by another process') });
      const resumed = await cli(['runs', 'resume', 'cheap', '--store', world.server.url]).ended;
      expect(resumed.out).toContain('cheap is running');
      const { out, code } = await running.ended;
      expect(code).toBe(100);
      expect(JSON.parse(out)).toMatchObject({ exhausted: 'calls', items: ITEMS });
      expect(callsOf(world.upstream)).toBe(100);
    });

    it('says in a line what cannot be, and leaves what it cannot do to others', async () => {
      const run = (...args: string[]): Promise<Ended> => cli(args).ended;
      const refused = await Promise.all([
        run(...EVAL, '--workers'),
        run(...EVAL, '--workers', '--store', 'x.db'),
        run(...EVAL, '--workers', '--store', world.server.url, '--memory', 'm.db'),
        run('worker', '--store', 'x.db'),
        run('worker', '--store', world.server.urlOf({ password: 'wrong' })),
        run('runs', 'pause', 'nothing', '--store', world.server.url),
      ]);
      for (const { code, err } of refused) {
        expect(code).not.toBe(0);
        expect(err.trim()).toMatch(/^plusx: [^\n]+$/);
        expect(err).not.toContain(encodeURIComponent(world.server.password));
      }
      worker('--models', 'server/other');
      const waiting = cli([
        'eval',
        'sums.jsonl',
        '--limit',
        '2',
        '--metric',
        'numeric',
        '--workers',
        '--store',
        world.server.url,
      ]);
      await until(() => waiting.err().includes('is none of --models server/other'), waiting.err);
      waiting.child.kill('SIGINT');
      expect((await waiting.ended).code).toBe(130);
    });
  },
);
