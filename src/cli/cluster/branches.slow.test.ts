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
    const VOTE = 'selfRefine(rounds=6) + selfConsistency(n=8)';
    const WORDS = 'by="prompt", separator=" ", score=judge(server/test-model)';
    /** Searches of a question, and how many calls a branch makes at one time. A vote whose worker is killed is asked in `question.slow.test.ts`. */
    const SEARCHES = [
      {
        what: 'a diverse search, by its subtrees',
        search: `beamSearch(variant="dvts", beams=6, width=3, steps=2, ${WORDS})`,
        atOnce: 3,
      },
      { what: 'a beam, step by step', search: `beamSearch(beams=4, width=4, steps=3, ${WORDS})`, atOnce: 4 },
    ];
    const search = (seed: string, run: string, of = VOTE): string[] =>
      ['eval', 'sums.jsonl', '--metric', 'numeric', '--quiet', '-p', of].concat('--seed', seed, '--run', run);
    const byBranches = (args: readonly string[]): string[] =>
      args.concat('--workers', '--split', 'branches', '--store', world.server.url);
    const done = async ({ ended }: Started): Promise<void> => {
      const { code, err } = await ended;
      expect([code, err]).toEqual([0, '']);
    };

    it.each(SEARCHES)(
      'is that of one process, though a worker and the coordinator are killed, and pays for nothing twice: $what',
      async ({ search: of, atOnce }) => {
        const run = of.replaceAll(/\W+/g, '-');
        world.upstream.forget();
        await done(world.cli([...search('1', run, of), '--store', 'one.db', '--out', 'one.json']));
        const alone = callsOf(world.upstream);
        expect(alone).toBeGreaterThan(70);
        world.upstream.forget();
        const [doomed, other] = [world.worker('--concurrency', '4'), world.worker('--concurrency', '4')];
        const many = byBranches([...search('1', run, of), '--out', 'many.json']);
        const first = world.cli(many);
        await until(() => world.upstream.requests.length > 40, first.err);
        doomed.child.kill('SIGKILL');
        first.child.kill('SIGKILL');
        await first.ended;
        await done(world.cli(many));
        expect(await world.read('many.json')).toBe(await world.read('one.json'));
        // What the killed worker had in flight is asked again, and nothing else.
        expect(callsOf(world.upstream)).toBeLessThanOrEqual(alone + 4 * atOnce);
        expect(other.err()).toContain(`Works on run ${run}`);
      },
    );

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
