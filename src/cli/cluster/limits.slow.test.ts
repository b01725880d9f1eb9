/** What four workers may do together: a budget and a rate, while some of them are killed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../../core/index.ts';
import { noPostgres, postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { place } from './test-support/place.ts';
import type { Started } from './test-support/processes.ts';

const ITEMS = 260;
const CALLS = 170;
const PER_SECOND = 50;
/** Most calls that a worker takes of a budget at once. */
const BLOCK = 32;
const MOST_AT_ONCE = 8;

describe.skipIf(noPostgres !== undefined)(`four workers${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let server: Postgres;
  beforeAll(async () => {
    server = await postgres({ settings: { synchronous_commit: 'on' } });
  });
  afterAll(() => server.close());

  /** One run, in which workers do random numbers of items at a time and two of them are killed at random moments. */
  async function round(seed: number): Promise<{ readonly asked: readonly number[]; readonly spent: number }> {
    const choice = seeded(`limits ${seed}`);
    const below = (limit: number): number => choice.categorical(Array.from({ length: limit }, () => 1));
    await using at = await place(ITEMS, (question) => 5 + ((question * 13) % 40));
    const { asks, run } = at;
    const url = `${server.url}?schema=limits${seed}`;
    const { host } = new URL(asks.env('')['PLUSX_BASE_URL'] ?? '');
    const times = (): number[] => [...asks.asked.values()].flat().map(({ at }) => at);
    const worker = (name: string): Started => {
      const args = ['worker', '--store', url, '--concurrency', String(1 + below(MOST_AT_ONCE)), '--quiet'];
      return run.start(name, [...args, '--rate', `${host}=${PER_SECOND}`], asks.env(name));
    };
    const workers = ['a', 'b', 'c', 'd'].map(worker);
    const args = ['eval', 'sums.jsonl', '--metric', 'numeric', '--workers', '--store', url, '--run', 'r'];
    const coordinator = run.start('the coordinator', [...args, '--budget', `calls=${CALLS}`, '--json'], asks.env('e'));
    const points = [10 + below(50), 70 + below(50)];
    for (const [i, point] of points.entries()) {
      await run.until(() => times().length >= point, `${point} calls`);
      workers[i]?.kill();
    }
    const { code, out } = await run.end(coordinator);
    const report = JSON.parse(out);
    expect([code, report]).toEqual([100, expect.objectContaining({ exhausted: 'calls', items: ITEMS })]);
    return { asked: times(), spent: Number(report.spending.calls) };
  }

  it('make no call more than the budget of their run has, and start no more of them a second than they may', async () => {
    const rounds = await Promise.all([1, 2, 3].map(round));
    for (const { asked, spent } of rounds) {
      expect(asked.length).toBeLessThanOrEqual(CALLS);
      expect(spent).toBeLessThanOrEqual(asked.length);
      // What two killed workers held of the budget and had in flight is lost.
      expect(asked.length).toBeGreaterThanOrEqual(CALLS - 2 * (BLOCK + MOST_AT_ONCE));
      const times = asked.toSorted((a, b) => a - b);
      const densest = Math.max(...times.map((time) => times.filter((at) => at >= time && at < time + 1000).length));
      console.log(`${asked.length} of ${CALLS} calls, ${densest} in the densest second`);
      // A call that is late on its way by more than the limit allows for comes closer to those after it: the tests of the limit itself
      // know when each call left, and look at every second to the call.
      expect(densest).toBeLessThanOrEqual(PER_SECOND + 5);
    }
  });
});
