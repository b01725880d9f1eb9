/** A server whose model changes under its name, where workers draw and keep their replies on PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noPostgres } from '../../store/test-support/postgres.ts';
import { json, type Started } from '../test-support/plusx.ts';
import { callsOf, workerWorld, type WorkerWorld } from '../test-support/workers.ts';

describe.skipIf(noPostgres !== undefined)(`with workers${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let world: WorkerWorld;
  let state = 'fp_1';
  beforeAll(async () => {
    world = await workerWorld(6, { fingerprint: () => state });
  });
  afterAll(() => world.close());

  let workers: readonly Started[] = [];
  /** Workers that know no more than what is written. */
  const startWorkers = async (): Promise<void> => {
    for (const { child } of workers) child.kill('SIGTERM');
    await Promise.all(workers.map(({ ended }) => ended));
    workers = [1, 2].map(() => world.worker('--concurrency', '2'));
  };

  interface Printed {
    readonly warnings: readonly { readonly code: string; readonly message: string }[];
  }
  const COMMANDS: readonly (readonly string[])[] = [
    ['eval', 'sums.jsonl', '--metric', 'numeric', '-p', 'selfConsistency(n=3)'],
    ['ask', 'What is 30 + 1?', '-p', 'selfConsistency(n=3)'],
  ];

  it.each(COMMANDS.map((command, i) => ({ name: command[0], command, i })))(
    '$name says once that draws are used of a model that has gone, which a run after them has shown',
    async ({ command, i }) => {
      const changes = async (run: string, seed: number): Promise<readonly string[]> => {
        const named = command[0] === 'eval' ? ['--run', run] : [];
        const store = ['--workers', '--store', world.server.url, '--seed', String(seed), '--json'];
        await startWorkers();
        const ended = await world.cli([...command, ...named, ...store]).ended;
        expect([ended.code, ended.err]).toEqual([0, expect.any(String)]);
        const { warnings }: Printed = json(ended);
        return warnings.filter(({ code }) => code === 'model-changed').map(({ message }) => message);
      };
      state = `fp_${i}a`;
      expect(await changes('a', 1)).toEqual([]);
      state = `fp_${i}b`;
      expect(await changes('b', 2)).toEqual([]);
      const calls = callsOf(world.upstream);
      expect(await changes('c', 1)).toEqual([
        expect.stringMatching(new RegExp(`kept are of ".*, fp_${i}a", and the server answered as ".*, fp_${i}b" on`)),
      ]);
      expect(await changes('d', 2)).toEqual([]);
      expect(callsOf(world.upstream)).toBe(calls);
    },
  );
});
