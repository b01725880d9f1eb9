import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { noPostgres, postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { folder, type Folder } from '../test-support/folder.ts';
import { processes, type Processes, type Started } from './test-support/processes.ts';
import { provider, type Provider } from './test-support/provider.ts';

const BRANCHES = 12;
const CALLS = 9; // of a branch: a draft, and four times what is wrong with it and another one
const IN_FLIGHT = 3;

describe.skipIf(noPostgres !== undefined)(
  `one question that workers do, on a real PostgreSQL${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let server: Postgres;
    let here: Folder;
    let asks: Provider;
    let run: Processes;
    beforeAll(async () => {
      server = await postgres({});
      here = await folder();
      asks = await provider(() => 40);
    });
    afterEach(() => run[Symbol.asyncDispose]());
    afterAll(async () => {
      await asks.close();
      await server.close();
      await here[Symbol.asyncDispose]();
    });

    const ask = ({ question = 1, branches = BRANCHES }, ...more: string[]): Started =>
      run.start(
        'the coordinator',
        [
          'ask',
          `What is ${question} + 1?`,
          '-p',
          `selfRefine(rounds=4, stop=never) + selfConsistency(n=${branches})`,
          '--seed',
          '5',
          '--json',
          '--quiet',
          ...more,
        ],
        asks.env('coordinator'),
      );
    const worker = (name: string, room = IN_FLIGHT): Started =>
      run.start(name, ['worker', '--store', server.url, '--concurrency', String(room)], asks.env(name));
    const callsOf = (question: number, who?: string): number =>
      (asks.asked.get(question) ?? []).filter((one) => who === undefined || one.who === who).length;

    it('comes to what one process comes to, though a worker and the coordinator are killed, and pays for nothing twice', async () => {
      run = processes(here.path);
      const alone = await run.end(ask({}, '--store', 'one.db'));
      expect(alone).toMatchObject({ code: 0, err: '' });
      expect(callsOf(1)).toBe(BRANCHES * CALLS);
      asks.hold(Infinity); // forgets what was asked
      const [doomed, survivor] = [worker('doomed'), worker('survivor')];
      for (const one of [doomed, survivor])
        await run.until(() => one.said().includes('Works on'), `the start of ${one.name}`);
      const first = ask({}, '--workers', '--store', server.url);
      await run.until(() => callsOf(1, 'doomed') > CALLS && callsOf(1, 'survivor') > CALLS, 'calls of both workers');
      doomed.kill('SIGKILL');
      first.kill('SIGKILL');
      await run.end(first);
      const second = await run.end(ask({}, '--workers', '--store', server.url));
      expect(second).toMatchObject({ code: 0, err: '' });
      expect(second.out).toBe(alone.out);
      // What the killed processes had in flight is asked again, and nothing else.
      expect(callsOf(1) - BRANCHES * CALLS).toBeLessThanOrEqual(IN_FLIGHT);
      expect(callsOf(1, 'coordinator')).toBe(0);
    });

    it('is shared by workers who have room for all of it', async () => {
      run = processes(here.path);
      const names = ['one', 'other'];
      for (const name of names) worker(name, 8);
      asks.hold(1); // nobody is answered before both have asked
      const asking = ask({ question: 2, branches: 8 }, '--workers', '--store', server.url);
      await run.until(() => names.every((name) => callsOf(2, name) > 0), 'a call of each worker');
      asks.release();
      expect(await run.end(asking)).toMatchObject({ code: 0, err: '' });
      expect(callsOf(2)).toBe(8 * CALLS);
    });

    it('keeps to a budget over all workers, and gives the best answer so far', async () => {
      run = processes(here.path);
      for (const name of ['one', 'other']) worker(name);
      const { code, out, err } = await run.end(
        ask({ question: 3 }, '--workers', '--store', server.url, '--budget', 'calls=50'),
      );
      expect([code, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toMatchObject({ exhausted: 'calls' });
      expect(callsOf(3)).toBeLessThanOrEqual(50);
    });

    it('says what goes out before it does, and refuses what cannot', async () => {
      run = processes(here.path);
      const planned = await run.end(ask({}, '--workers', '--store', server.url, '--dry-run'));
      const { byWorkers } = JSON.parse(planned.out);
      expect(byWorkers).toBe('Workers do branches of the search side by side, of 8 calls or more each.');
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
