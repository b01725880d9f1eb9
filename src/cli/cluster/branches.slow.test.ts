import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noPostgres } from '../../store/test-support/postgres.ts';
import type { Started } from '../test-support/plusx.ts';
import { callsOf, until, workerWorld, type WorkerWorld } from '../test-support/workers.ts';

const ITEMS = 2;

describe.skipIf(noPostgres !== undefined)(
  `a deep search by several workers on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let world: WorkerWorld;
    beforeAll(async () => {
      world = await workerWorld(ITEMS);
    });
    afterEach(() => world.endAll());
    afterAll(() => world.close());

    /** Eight answers a question, of thirteen calls each. */
    const DEEP = [
      'eval',
      'sums.jsonl',
      '--metric',
      'numeric',
      '--quiet',
      '-p',
      'selfRefine(rounds=6) + selfConsistency(n=8)',
    ];
    const search = (seed: string, run: string): string[] => [...DEEP, '--seed', seed, '--run', run];
    const byBranches = (args: readonly string[]): string[] =>
      args.concat('--workers', '--split', 'branches', '--store', world.server.url);
    const done = async ({ ended }: Started): Promise<void> => {
      const { code, err } = await ended;
      expect([code, err]).toEqual([0, '']);
    };

    it('is that of one process, though a worker and the coordinator are killed, and pays for nothing twice', async () => {
      await done(world.cli([...search('1', 'deep'), '--store', 'one.db', '--out', 'one.json']));
      const alone = callsOf(world.upstream);
      expect(alone).toBeGreaterThan(8 * 13);
      world.upstream.forget();
      const [doomed, other] = [world.worker('--concurrency', '4'), world.worker('--concurrency', '4')];
      const many = byBranches([...search('1', 'deep'), '--out', 'many.json']);
      const first = world.cli(many);
      await until(() => world.upstream.requests.length > 40, first.err);
      doomed.child.kill('SIGKILL');
      first.child.kill('SIGKILL');
      await first.ended;
      await done(world.cli(many));
      expect(await world.read('many.json')).toBe(await world.read('one.json'));
      // What the killed worker had in flight is asked again, and nothing else: each branch makes one call at a time.
      expect(callsOf(world.upstream)).toBeLessThanOrEqual(alone + 4);
      expect(other.err()).toContain('Works on run deep');
    });

    it('is shared by two workers, though it is one question', async () => {
      const many = byBranches([...search('2', 'shared'), '--limit', '1']);
      const workers = [world.worker('--concurrency', '2'), world.worker('--concurrency', '2')];
      await done(world.cli(many));
      for (const { err } of workers) expect(err()).toContain('Works on run shared');
    });

    it('is refused without workers, and for several runs of an item', async () => {
      for (const [args, why] of [
        [
          [...search('3', 'x'), '--split', 'branches'],
          '--split says what a worker does at one time: it needs --workers.',
        ],
        [byBranches([...search('3', 'x'), '--repeats', '2']), '--split branches does one run of an item'],
      ] as const) {
        const { code, err } = await world.cli(args).ended;
        expect(code).toBe(2);
        expect(err).toContain(why);
      }
    });
  },
);
