import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noPostgres, postgres, type Postgres } from '../../../store/test-support/postgres.ts';
import { place, type Place } from '../test-support/place.ts';
import type { Processes, Started } from '../test-support/processes.ts';
import { A_WRONG_KEY, type Provider } from '../test-support/provider.ts';

const BRANCHES = 12;
const CALLS = 9; // of a branch: a draft, and four times what is wrong with it and another one
const IN_FLIGHT = 3;

describe.skipIf(noPostgres !== undefined)(
  `one question that workers do, on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let server: Postgres;
    let at: Place;
    let asks: Provider;
    let run: Processes;
    beforeAll(async () => {
      [server, at] = await Promise.all([postgres({}), place(0, () => 40)]);
      ({ asks, run } = at);
    });
    afterEach(() => run.endAll());
    afterAll(async () => {
      await at[Symbol.asyncDispose]();
      await server.close();
    });

    /** The same question on each store has the same name among workers: each test has a question of its own. */
    const ask = ({ question = 1, branches = BRANCHES }, ...more: string[]): Started => {
      const search = `selfRefine(rounds=4, stop=never) + selfConsistency(n=${branches})`;
      const args = ['ask', `What is ${question} + 1?`, '-p', search, '--seed', '5', '--json', ...more];
      return run.start('the coordinator', args, asks.env('coordinator'));
    };
    const QUIET = '--quiet';
    const byWorkers = (): string[] => ['--workers', '--store', server.url];
    const worker = (name: string, room = IN_FLIGHT): Started =>
      run.start(name, ['worker', '--store', server.url, '--concurrency', String(room)], asks.env(name));
    const callsOf = (question: number, who?: string): number =>
      (asks.asked.get(question) ?? []).filter((one) => who === undefined || one.who === who).length;

    it('comes to what one process comes to, though a worker and the coordinator are killed, and pays for nothing twice', async () => {
      const alone = await run.end(ask({}, '--store', 'one.db', QUIET));
      expect(alone).toMatchObject({ code: 0, err: '' });
      expect(callsOf(1)).toBe(BRANCHES * CALLS);
      asks.hold(Infinity); // forgets what was asked
      const [doomed, survivor] = [worker('doomed'), worker('survivor')];
      for (const one of [doomed, survivor])
        await run.until(() => one.said().includes('Works on'), `the start of ${one.name}`);
      const first = ask({}, ...byWorkers(), QUIET);
      await run.until(() => callsOf(1, 'doomed') > CALLS && callsOf(1, 'survivor') > CALLS, 'calls of both workers');
      doomed.kill('SIGKILL');
      first.kill('SIGKILL');
      await run.end(first);
      const second = await run.end(ask({}, ...byWorkers(), QUIET));
      expect(second).toMatchObject({ code: 0, err: '' });
      expect(second.out).toBe(alone.out);
      // What the killed processes had in flight is asked again, and nothing else.
      expect(callsOf(1) - BRANCHES * CALLS).toBeLessThanOrEqual(IN_FLIGHT);
      expect(callsOf(1, 'coordinator')).toBe(0);
    });

    it('is shared by workers who have room for all of it', async () => {
      const names = ['one', 'other'];
      for (const name of names) worker(name, 8);
      asks.hold(1); // nobody is answered before both have asked
      const asking = ask({ question: 2, branches: 8 }, ...byWorkers(), QUIET);
      await run.until(() => names.every((name) => callsOf(2, name) > 0), 'a call of each worker');
      asks.release();
      expect(await run.end(asking)).toMatchObject({ code: 0, err: '' });
      expect(callsOf(2)).toBe(8 * CALLS);
    });

    it('keeps to a budget over all workers, and gives the best answer so far', async () => {
      for (const name of ['one', 'other']) worker(name);
      const { code, out, err } = await run.end(ask({ question: 3 }, ...byWorkers(), '--budget', 'calls=50', QUIET));
      expect([code, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toMatchObject({ exhausted: 'calls' });
      expect(callsOf(3)).toBeLessThanOrEqual(50);
    });

    const runs = async (...args: string[]): Promise<string> => {
      const { code, out, err } = await run.end(
        run.start(`runs ${args[0]}`, ['runs', ...args, '--store', server.url], asks.env('nobody')),
      );
      expect([code, err]).toEqual([0, '']);
      return out;
    };
    const stateOf = async (name: string): Promise<unknown> =>
      JSON.parse(await runs('watch', name, '--once', '--json')).state;
    /** What workers know it as, which it says when it begins. */
    const nameOf = async (asking: Started): Promise<string> => {
      const said = (): string | undefined => /Workers know it as (\S+):/.exec(asking.said())?.[1];
      await run.until(() => said() !== undefined, 'the name of the run');
      return said() ?? '';
    };
    const jobs = (): Promise<string> => server.sql('SELECT count(*) FROM plusx_queue.job_common');

    it.each([
      {
        how: 'plusx runs cancel',
        question: 4,
        code: 1,
        said: /\nplusx: Run "ask-\w+" was cancelled\. What was done is kept: [^\n]+\n$/,
      },
      { how: 'Ctrl-C', question: 5, code: 130, said: /\nInterrupted\.\n$/ },
    ])('is cancelled by $how: workers stop, and the same command goes on', async ({ how, question, code, said }) => {
      const alone = await run.end(ask({ question, branches: 8 }, '--store', 'one.db', QUIET));
      asks.hold(Infinity);
      const workers = ['one', 'other'].map((name) => worker(name));
      const first = ask({ question, branches: 8 }, ...byWorkers());
      const name = await nameOf(first);
      await run.until(() => callsOf(question) > 3 * CALLS, 'calls of several branches');
      const before = callsOf(question);
      asks.hold(1); // what is asked from now on is not answered
      await run.until(() => callsOf(question) > 0, 'a call that is not answered');
      if (how === 'Ctrl-C') first.kill('SIGINT');
      else await runs('cancel', name);
      expect(await run.end(first)).toMatchObject({ code, out: '', err: expect.stringMatching(said) });
      for (const one of workers)
        await run.until(() => one.said().includes(`Run ${name} is over here.`), 'a worker to leave it');
      const asked = before + callsOf(question);
      expect(asked).toBeLessThan(8 * CALLS);
      asks.release();
      await run.until(async () => (await jobs()) === '0', 'the end of all jobs');
      expect(await stateOf(name)).toBe('cancelled');
      expect(before + callsOf(question)).toBe(asked);
      expect(await run.end(ask({ question, branches: 8 }, ...byWorkers(), QUIET))).toEqual({ ...alone });
      // What was in flight is asked again.
      expect(before + callsOf(question) - 8 * CALLS).toBeLessThanOrEqual(2 * IN_FLIGHT);
    });

    it('is paused and goes on: what was begun is done to its end, and nothing is asked twice', async () => {
      const question = 6; // all of its answers are 7, and whoever draws them warns of it
      const alone = await run.end(ask({ question }, '--store', 'one.db', QUIET));
      asks.hold(1);
      for (const name of ['one', 'other']) worker(name);
      const asking = ask({ question }, ...byWorkers());
      const name = await nameOf(asking);
      await run.until(() => callsOf(question) === 2 * IN_FLIGHT, 'all that two workers do at one time');
      await runs('pause', name);
      await run.until(async () => (await jobs()) === String(2 * IN_FLIGHT), 'what had not begun to be taken back');
      asks.release();
      await run.until(async () => (await jobs()) === '0', 'the end of what was begun');
      expect(await stateOf(name)).toBe('paused');
      expect(callsOf(question)).toBe(2 * IN_FLIGHT * CALLS);
      await runs('resume', name);
      expect((await run.end(asking)).out).toBe(alone.out);
      expect(callsOf(question)).toBe(BRANCHES * CALLS);
    });

    it('ends with an error that names the branch where one ends its workers, and is tried again by the same command', async () => {
      const question = 7;
      asks.hold(1);
      const asking = ask({ question, branches: 2 }, ...byWorkers());
      for (let i = 0; ; i++) {
        const one = worker(`worker ${i}`, 1);
        const setsAside = (): boolean => /\nSets branch [12] of the question of run \S+ aside/.test(one.said());
        await run.until(() => callsOf(question, one.name) > 0 || setsAside(), `worker ${i} to begin a branch`);
        if (setsAside()) break;
        one.kill();
        await run.end(one);
        // What it had is another worker's at once, and not in ten seconds.
        await server.sql(
          `UPDATE plusx_queue.job_common SET heartbeat_on = now() - interval '1 hour' WHERE state = 'active'`,
        );
        expect(i).toBeLessThan(10);
      }
      expect(await run.end(asking)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(
          /\nplusx: branch [12] of the question ended each of the 3 workers that did it\. Leave out --workers to see why: what was drawn is kept\.\n$/,
        ),
      });
      asks.release();
      expect(await run.end(ask({ question, branches: 2 }, ...byWorkers(), QUIET))).toMatchObject({ code: 0, err: '' });
    });

    it('is asked again where no answer came of it', async () => {
      const question = 8;
      const closed = worker(A_WRONG_KEY);
      expect(await run.end(ask({ question, branches: 2 }, ...byWorkers(), QUIET))).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringMatching(/^plusx: [^\n]*401[^\n]*\n$/),
      });
      closed.kill();
      worker('a good one');
      expect(await run.end(ask({ question, branches: 2 }, ...byWorkers(), QUIET))).toMatchObject({ code: 0, err: '' });
    });

    it('says what goes out before it does, and refuses what cannot', async () => {
      const planned = await run.end(ask({}, ...byWorkers(), '--dry-run'));
      expect(JSON.parse(planned.out).byWorkers).toBe(
        'Workers do branches of the search side by side, of 8 calls or more each.',
      );
      for (const [args, why] of [
        [['ask', 'Who?', '--workers'], '--workers needs a store on PostgreSQL'],
        [['ask', '--file', 'x.txt', '--workers', '--store', server.url], 'is for one question'],
      ] as const) {
        const ended = await run.end(run.start('a refused one', args, asks.env('nobody')));
        expect(ended).toMatchObject({ code: 2, err: expect.stringContaining(why) });
      }
    });
  },
);
