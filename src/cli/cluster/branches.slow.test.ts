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
    /**
     * A diverse search, which is divided by its subtrees, and a beam, step by step; and how many calls a branch makes at one time. A vote
     * whose worker is killed stands in `question.slow.test.ts`.
     */
    const SEARCHES = [
      { search: `beamSearch(variant="dvts", beams=6, width=3, steps=2, ${WORDS})`, atOnce: 3 },
      { search: `beamSearch(beams=4, width=4, steps=3, ${WORDS})`, atOnce: 4 },
    ];
    const search = (seed: string, run: string, of = VOTE): string[] =>
      ['eval', 'sums.jsonl', '--metric', 'numeric', '--quiet', '-p', of].concat('--seed', seed, '--run', run);
    const byBranches = (args: readonly string[]): string[] =>
      args.concat('--workers', '--split', 'branches', '--store', world.server.url);
    const done = async ({ ended }: Started): Promise<void> => {
      const { code, err } = await ended;
      expect([code, err]).toEqual([0, '']);
    };

    it('is that of one process, though a worker and the coordinators are killed, and pays for nothing twice', async () => {
      const all = SEARCHES.map(({ search: of }, i) => search('1', `deep-${i}`, of));
      await Promise.all(
        all.map((args, i) => done(world.cli([...args, '--store', `${i}.db`, '--out', `one-${i}.json`]))),
      );
      const alone = callsOf(world.upstream);
      expect(alone).toBeGreaterThan(2 * 70);
      world.upstream.forget();
      const [doomed, other] = [world.worker('--concurrency', '4'), world.worker('--concurrency', '4')];
      const many = (): Started[] => all.map((args, i) => world.cli(byBranches([...args, '--out', `many-${i}.json`])));
      const first = many();
      await until(
        () => world.upstream.requests.length > 60,
        () => first.map(({ err }) => err()).join(''),
      );
      for (const { child } of [doomed, ...first]) child.kill('SIGKILL');
      await Promise.all(first.map(({ ended }) => ended));
      await Promise.all(many().map(done));
      const read = (name: string): Promise<string[]> => Promise.all(all.map((_, i) => world.read(`${name}-${i}.json`)));
      expect(await read('many')).toEqual(await read('one'));
      // What the killed worker had in flight is asked again, and nothing else.
      const atOnce = Math.max(...SEARCHES.map((one) => one.atOnce));
      expect(callsOf(world.upstream)).toBeLessThanOrEqual(alone + 4 * atOnce);
      expect(other.err()).toContain('Works on run deep-0');
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
