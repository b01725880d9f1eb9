/**
 * One round of a distributed evaluation in which all that can end does: two workers, a coordinator and a PostgreSQL as processes of
 * their own, and the faults of a plan. What comes of it is compared with what one process comes to that nobody disturbs.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { postgres } from '../../../store/test-support/postgres.ts';
import { isOfDatabase, planOf, type Fault, type Plan } from './faults.ts';
import { place } from './place.ts';
import type { Started } from './processes.ts';

export interface Round {
  readonly seed: number;
  readonly plan: Plan;
  /** What is not as it has to be, a line each. */
  readonly wrong: readonly string[];
  /** Seconds from the last fault to the end of the coordinator, without the time that the calls take which were left then. */
  readonly beyond: number;
  /**
   * Seconds from the end of the killed worker to the first call for the last of the units that it had in flight, or from when PostgreSQL
   * was last back before that call. Undefined where it had none.
   */
  readonly takeover: number | undefined;
  /** Questions that were asked more than once: those that the killed worker had in flight, and others. */
  readonly again: { readonly taken: number; readonly other: number };
  /** Seconds that one process takes for all, its start included: how fast the machine is. */
  readonly alone: number;
}

/** Seconds that may pass beyond the work itself. */
export const LONGEST_S = 15;

const ITEMS = 120;
const CONCURRENCY = 4;
/** From that question on answers wait until the last fault has struck, so that none comes too late. */
const HELD_FROM = 100;

const AWAY = /^plusx: [^\n]*nothing answers there[^\n]*Check the address[^\n]*\n$/;

const latencyOf = (question: number): number => 20 + ((question * 37) % 60);
const MEAN_MS = Array.from({ length: ITEMS }, (_, i) => latencyOf(i)).reduce((sum, ms) => sum + ms, 0) / ITEMS;

export async function faultRound(seed: number): Promise<Round> {
  const plan = planOf(seed);
  const wrong: string[] = [];
  await using stack = new AsyncDisposableStack();
  const server = stack.adopt(await postgres({ fsync: plan.fsync }), (one) => one.close());
  const { asks, run, read } = stack.use(await place(ITEMS, latencyOf));

  const evaluate = (...more: string[]): Started => {
    const args = ['eval', 'sums.jsonl', '-p', 'selfConsistency(n=3)', '--metric', 'numeric', '--quiet'];
    return run.start(
      'the coordinator',
      [...args, '--run', 'round', '--seed', String(seed), ...more],
      asks.env('coordinator'),
    );
  };
  const began = performance.now();
  const one = await run.end(evaluate('--store', 'one.db', '--out', 'one.json', '--report', 'one.csv'));
  const alone = (performance.now() - began) / 1000;
  if (one.code !== 0) wrong.push(`one process ended with ${one.code}: ${one.err}`);

  asks.hold(HELD_FROM);
  const worker = (name: string): Started =>
    run.start(name, ['worker', '--store', server.url, '--concurrency', String(CONCURRENCY), '--quiet'], asks.env(name));
  const coordinate = (): Started =>
    evaluate('--workers', '--store', server.url, '--out', 'many.json', '--report', 'many.csv');
  const [doomed, survivor] = [worker('doomed'), worker('survivor')];
  const workersAre = 'SELECT count(*) FROM plusx_cluster.workers';
  await run.until(async () => (await server.sql(workersAre).catch(String)) === '2', 'two workers');
  let coordinator = coordinate();
  /** One that was started while PostgreSQL was away says so and ends. It is started again, as its last words have it. */
  const revive = (): void => {
    const over = coordinator.over();
    if (over?.code === 1 && AWAY.test(over.err)) coordinator = coordinate();
  };
  let died = 0;
  const backAt: number[] = [];
  /** Ends what the fault names; the function that it resolves to brings it back, where it comes back. */
  const end = async (fault: Fault): Promise<() => Promise<void>> => {
    if (isOfDatabase(fault)) {
      await { restart: server.stop, crash: server.crash, kill: server.kill }[fault]();
      return async () => {
        await server.start();
        backAt.push(performance.now());
      };
    }
    const child = fault === 'worker' ? doomed : coordinator;
    child.kill();
    await run.end(child);
    if (fault === 'worker') died = performance.now();
    return async () => {
      if (fault === 'coordinator') coordinator = coordinate();
    };
  };
  for (const [i, { fault, after, delayMs, awayMs, isMeanwhile }] of plan.faults.entries()) {
    if (isMeanwhile) continue;
    const wanted = Math.ceil(after * ITEMS);
    await run.until(() => {
      revive();
      return asks.asked.size >= wanted;
    }, `question ${wanted}, where this is to end: ${fault}`);
    await pause(delayMs);
    const back = await end(fault);
    await pause(awayMs / 2);
    const next = plan.faults[i + 1];
    const nextBack = next?.isMeanwhile ? await end(next.fault) : undefined;
    await pause(awayMs / 2);
    await back();
    await nextBack?.();
  }
  const last = performance.now();
  const left = ITEMS - asks.answered.size;
  asks.release();
  await run.until(() => {
    revive();
    return coordinator.over() !== undefined;
  }, 'the end of the coordinator');
  const ended = await run.end(coordinator);
  const beyond = (performance.now() - last - (left * MEAN_MS) / CONCURRENCY) / 1000;

  if (ended.code !== 0 || ended.err !== '') wrong.push(`the coordinator ended with ${ended.code}: ${ended.err}`);
  for (const kind of ['json', 'csv']) {
    const wanted = await read(`one.${kind}`);
    const got = await read(`many.${kind}`).catch(String);
    if (got === wanted) continue;
    let at = 0;
    while (at < got.length && got[at] === wanted[at]) at++;
    const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 300), at + 100));
    wrong.push(`the report as ${kind} is not that of one process: ${around(got)} in place of ${around(wanted)}`);
  }
  if (asks.asked.size !== ITEMS) wrong.push(`${asks.asked.size} of ${ITEMS} questions were asked`);
  survivor.kill('SIGTERM');
  const { code, err } = await run.end(survivor);
  if (code !== 0 || err !== '') wrong.push(`the worker that was not killed ended with ${code}: ${err}`);
  const rest =
    await server.sql(`SELECT (SELECT count(*) FROM plusx_cluster.runs), (SELECT count(*) FROM plusx_cluster.results),
    (SELECT count(*) FROM plusx_queue.job)`);
  if (rest !== '0|0|0') wrong.push(`runs, results and jobs are left behind: ${rest}`);

  const calls = [...asks.asked.values()];
  const again = calls.filter(({ length }) => length > 1).length;
  const takeovers = calls.flatMap((asked) => {
    const taken = asked.some(({ who }) => who === 'doomed') && asked.find(({ who }) => who === 'survivor');
    if (!taken) return [];
    const since = Math.max(died, ...backAt.filter((at) => at < taken.at));
    return [(taken.at - since) / 1000];
  });
  return {
    seed,
    plan,
    wrong,
    beyond,
    takeover: takeovers.length === 0 ? undefined : Math.max(...takeovers),
    again: { taken: takeovers.length, other: again - takeovers.length },
    alone,
  };
}
