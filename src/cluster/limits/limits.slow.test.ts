import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { join } from 'node:path';
import { BudgetExceeded, NO_USAGE, type Limits } from '../../core/index.ts';
import { run } from '../../store/test-support/children.ts';
import { noPostgres, postgres, type Postgres } from '../../store/test-support/postgres.ts';
import { COUNTED } from '../../core/accounts/budget.ts';
import { openDatabase, type Database } from '../database.ts';
import { forgetRun, openRun, progressOf } from '../runs.ts';
import { upstream, type Arrival } from '../test-support/upstream.ts';
import { sharedBudget } from './budget.ts';
import { sharedPlaces } from './places.ts';
import { sharedRate } from './rate.ts';

const script = (name: string): string => join(import.meta.dirname, '../test-support', name);
const { signal } = new AbortController();

describe.skipIf(noPostgres !== undefined)(`limits that workers share${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let server: Postgres;
  let database: Database;
  beforeAll(async () => {
    server = await postgres({ settings: { synchronous_commit: 'on' } });
    database = await openDatabase(server.url);
  });
  afterAll(async () => {
    await database.close();
    await server.close();
  });

  const used = async (name: string): Promise<{ readonly [amount: string]: number }> => {
    const [row] = await database.query('SELECT calls, tokens, usd FROM plusx_cluster.budgets WHERE name = $1', [name]);
    return { calls: Number(row?.['calls']), tokens: Number(row?.['tokens']), usd: Number(row?.['usd']) };
  };

  describe('a budget', () => {
    it.each([
      ['calls', { calls: 300 }, 300],
      ['tokens', { tokens: 6000 }, 175],
      ['dollars', { usd: 0.008 }, 165],
    ] as const)('in %s is used up by four processes and never exceeded', async (name, limits, least) => {
      const provider = await upstream(() => 2);
      const args = (caller: string): string[] => [
        server.url,
        provider.url,
        name,
        caller,
        JSON.stringify(limits),
        '1000',
      ];
      const children = ['a', 'b', 'c', 'd'].map((caller) => run(script('spender.ts'), args(`${name} ${caller}`)));
      const ended = await Promise.all(children.map((child) => child.ended));
      expect(ended.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
      const spent = ended.map(({ stdout }) => JSON.parse(stdout) as { made: number; tokens: number; usd: number });
      const sum = (of: (one: (typeof spent)[number]) => number): number => spent.reduce((all, one) => all + of(one), 0);
      expect(provider.arrivals.length).toBe(sum(({ made }) => made));
      const all: Limits = limits;
      expect(provider.arrivals.length).toBeLessThanOrEqual(all.calls ?? Infinity);
      expect(sum(({ tokens }) => tokens)).toBeLessThanOrEqual(all.tokens ?? Infinity);
      expect(sum(({ usd }) => usd)).toBeLessThanOrEqual(all.usd ?? Infinity);
      expect(provider.arrivals.length).toBeGreaterThanOrEqual(least); // and nearly all of it can be had
      const kept = await used(name);
      expect(kept['calls']).toBeCloseTo(
        sum(({ made }) => made),
        6,
      ); // all that was not spent is given back
      await provider.close();
    });

    it('is not exceeded where processes are killed, and what they held is lost with them', async () => {
      const provider = await upstream(() => 5);
      const limits = JSON.stringify({ calls: 400 });
      const start = (caller: string) =>
        run(script('spender.ts'), [server.url, provider.url, 'killed', caller, limits, '9999']);
      const doomed = ['killed a', 'killed b'].map(start);
      while (provider.arrivals.length < 60) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const child of doomed) child.kill();
      const others = ['killed c', 'killed d'].map(start);
      const ended = await Promise.all([...doomed, ...others].map((child) => child.ended));
      expect(ended.map(({ code, signal }) => [code, signal])).toEqual([
        [null, 'SIGKILL'],
        [null, 'SIGKILL'],
        [0, null],
        [0, null],
      ]);
      expect(provider.arrivals.length).toBeLessThanOrEqual(400);
      expect(provider.arrivals.length).toBeGreaterThanOrEqual(400 - 2 * 32 - 16);
      await provider.close();
    });

    it('holds for any needs of several processes, and lets no call wait for ever', async () => {
      const need = fc.record({
        calls: fc.integer({ min: 1, max: 4 }),
        inputTokens: fc.integer({ min: 0, max: 20 }),
        outputTokens: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined, freq: 8 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        reports: fc.boolean(),
        holder: fc.nat(2),
      });
      const limits = fc.record({
        calls: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
        tokens: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
        usd: fc.option(
          fc.integer({ min: 0, max: 300 }).map((n) => n * 1e-6),
          { nil: undefined },
        ),
      });
      let runs = 0;
      const price = { input: 1e-6, output: 2e-6 };
      await fc.assert(
        fc.asyncProperty(
          limits,
          fc.array(need, { maxLength: 12 }),
          fc.integer({ min: 1, max: 8 }),
          async (all: Limits, needs, block) => {
            const name = `any ${runs++}`;
            const holders = await Promise.all(
              [0, 1, 2].map((i) => sharedBudget(database, { name, holder: `${i}`, limits: all, block, leaseMs: 400 })),
            );
            const total = { calls: 0, tokens: 0, usd: 0 };
            await Promise.all(
              needs.map(async ({ share, reports, holder, ...wanted }) => {
                const reservation = await holders[holder]
                  ?.reserve({ ...wanted, price }, signal)
                  .catch((error: unknown) => {
                    if (error instanceof BudgetExceeded) return undefined;
                    throw error;
                  });
                if (!reservation) return;
                await Promise.resolve();
                const { calls } = reservation;
                const output = Math.floor(share * (reservation.maxOutputTokens ?? wanted.outputTokens ?? 50)) * calls;
                const inputTokens = wanted.inputTokens * calls;
                const usd = inputTokens * price.input + output * price.output;
                total.calls += calls;
                total.tokens += inputTokens + output;
                total.usd += usd;
                reservation.settle({
                  ...NO_USAGE,
                  calls,
                  inputTokens,
                  outputTokens: output,
                  usd,
                  unreported: reports ? 0 : calls,
                });
              }),
            );
            await Promise.all(holders.map((holder) => holder.close()));
            for (const amount of ['calls', 'tokens', 'usd'] as const)
              expect(total[amount]).toBeLessThanOrEqual((all[amount] ?? Infinity) * (1 + 1e-9));
            const spent = holders.reduce((sum, { spent: { calls } }) => sum + calls, 0);
            const kept = (await used(name))['calls'];
            expect(COUNTED.some((amount) => all[amount] !== undefined) ? kept : spent).toBe(spent);
          },
        ),
        { numRuns: 25 },
      );
    });

    it.each([
      ['with a limit', { calls: 100, tokens: 1000 }],
      ['without one', {}],
    ])('%s, tells what is spent, and apart from that what is held for calls', async (name, limits) => {
      const run = `told ${name}`;
      await openRun(database, { name: run, spec: '', priority: 0, total: 1 });
      const budget = await sharedBudget(database, { name: run, holder: 'me', limits });
      const need = { calls: 8, inputTokens: 2, outputTokens: 3, price: undefined };
      const told = async () => {
        const { spent, reserved } = (await progressOf(database, run)) ?? {};
        return [spent?.calls, spent?.tokens, (reserved?.calls ?? 0) >= need.calls];
      };
      const first = await budget.reserve(need, signal);
      await expect.poll(told, { timeout: 10_000 }).toEqual([0, 0, true]);
      first.settle({ ...NO_USAGE, calls: 8, inputTokens: 16, outputTokens: 4 });
      await expect.poll(async () => (await told()).slice(0, 2), { timeout: 10_000 }).toEqual([8, 20]);
      await budget.close();
      expect(await progressOf(database, run)).toMatchObject({
        spent: { calls: 8, tokens: 20, usd: 0 },
        reserved: { calls: 0, tokens: 0, usd: 0 },
      });
      await forgetRun(database, run);
    });

    it('says which limit is used up', async () => {
      const budget = await sharedBudget(database, { name: 'small', holder: 'me', limits: { calls: 1 } });
      const need = { calls: 1, inputTokens: 1, outputTokens: 1, price: undefined };
      (await budget.reserve(need, signal)).settle({ ...NO_USAGE, calls: 1 });
      await expect(budget.reserve(need, signal)).rejects.toMatchObject({
        limit: 'calls',
        allowed: 1,
        spent: 1,
        needed: 1,
      });
      await budget.close();
    });
  });

  describe('a rate', () => {
    /** Most calls in any second. */
    const densest = (times: readonly number[]): number => {
      const sorted = times.toSorted((a, b) => a - b);
      let first = 0;
      return Math.max(
        ...sorted.map((time, i) => {
          while ((sorted[first] as number) <= time - 1000) first++;
          return i - first + 1;
        }),
      );
    };

    it('of 50 a second over four processes holds in every second, where calls arrive', async () => {
      const provider = await upstream();
      const args = (caller: string): string[] => [server.url, provider.url, 'paced', caller, '40', '50', '0'];
      const ended = await Promise.all(
        ['a', 'b', 'c', 'd'].map((caller) => run(script('paced.ts'), args(caller)).ended),
      );
      expect(ended.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
      const arrivals = provider.arrivals.filter(({ caller }) => caller !== 'warms up');
      await provider.close();
      expect(arrivals.length).toBe(160);
      // A call that was on its way longer than what the limit allows for met a machine that stood still: no limit can see that.
      const inTime = ({ left, came }: Arrival): boolean => came - left < 40;
      expect(densest(arrivals.map(({ left }) => left))).toBeLessThanOrEqual(50);
      expect(densest(arrivals.filter(inTime).map(({ came }) => came))).toBeLessThanOrEqual(50);
      expect(new Set(arrivals.slice(0, 80).map(({ caller }) => caller)).size).toBeGreaterThan(1);
    });

    it('does not wait for a clock that was set back', async () => {
      await database.query(`INSERT INTO plusx_cluster.rates VALUES ('jumped', now() + interval '3 hours')`);
      const started = sharedRate(database, { name: 'jumped', perSecond: 50 }).start(signal);
      await expect(started).resolves.toBeUndefined();
    });
  });

  describe('places', () => {
    it('hold over four processes, and those of a killed one are free again', async () => {
      const provider = await upstream(() => 15);
      const start = (caller: string, calls = '40') =>
        run(script('paced.ts'), [server.url, provider.url, 'places', caller, calls, '0', '5']);
      const doomed = start('z', '9999');
      while (!provider.arrivals.some(({ caller }) => caller === 'z'))
        await new Promise((resolve) => setTimeout(resolve, 5));
      const others = ['a', 'b', 'c'].map((caller) => start(caller));
      while (new Set(provider.arrivals.map(({ caller }) => caller)).size < 3)
        await new Promise((resolve) => setTimeout(resolve, 5));
      doomed.kill();
      const ended = await Promise.all(others.map((child) => child.ended));
      expect(ended.map(({ stderr, code }) => [stderr, code])).toEqual(others.map(() => ['', 0]));
      expect(provider.most).toBeLessThanOrEqual(5 + 4); // one call of each to warm up goes past the limit
      await provider.close();
    });

    it('are left where nobody waits, and taken by whoever comes', async () => {
      const [one, other] = await Promise.all(
        ['one', 'other'].map((holder) => sharedPlaces(database, { name: 'two', holder, most: 1, leaseMs: 1000 })),
      );
      const first = await one?.enter(signal);
      const stop = new AbortController();
      const second = other?.enter(signal);
      const never = other?.enter(stop.signal);
      stop.abort(new Error('no longer wanted'));
      await expect(never).rejects.toThrow('no longer wanted');
      first?.leave();
      (await second)?.leave();
      await Promise.all([one?.close(), other?.close()]);
      expect(
        await database.query(
          `SELECT 1 FROM plusx_cluster.places WHERE name = 'two' AND place > 0 AND holder IS NOT NULL`,
        ),
      ).toEqual([]);
    });
  });

  it('a server that is away for a while is waited for, and nothing is lost', async () => {
    const budget = await sharedBudget(database, { name: 'restarted', holder: 'me', limits: { calls: 50 }, block: 4 });
    const need = { calls: 1, inputTokens: 1, outputTokens: 1, price: undefined };
    let made = 0;
    const spend = async (): Promise<void> => {
      for (;;) {
        const got = await budget.reserve(need, signal).catch((error: unknown) => {
          if (error instanceof BudgetExceeded) return undefined;
          throw error;
        });
        if (!got) return;
        made++;
        if (made === 20) await server.crash().then(() => server.start());
        got.settle({ ...NO_USAGE, calls: 1 });
      }
    };
    await spend();
    expect(made).toBe(50);
    await budget.close();
  });

  it('bad addresses, users and servers are errors of one line', async () => {
    const failing = async (address: string): Promise<string> =>
      openDatabase(address, { patienceMs: 0 }).then(
        () => 'opened',
        (error: Error) => error.message,
      );
    const nobody = new URL(server.url);
    nobody.port = '1';
    await database.query(`CREATE ROLE reader LOGIN PASSWORD 'r'`);
    const messages = [
      await failing('not an address'),
      await failing('sqlite:///tmp/x.db'),
      await failing(server.urlOf({ password: 'wrong' })),
      await failing(server.urlOf({ database: 'absent' })),
      await failing(nobody.href),
    ];
    for (const message of messages) {
      expect(message).toMatch(/^[^\n]*\. [^\n]+$/);
      expect(message).not.toContain(server.password);
      expect(message).not.toContain(encodeURIComponent(server.password));
    }
    expect(messages.map((message) => message.slice(0, 90))).toMatchObject([
      expect.stringContaining('this one is a file'),
      expect.stringContaining('this one is a file'),
      expect.stringMatching(/the user or the password is wrong/),
      expect.stringMatching(/there is no such database/),
      expect.stringMatching(/nothing answers there/),
    ]);
    expect(await failing(server.urlOf({ user: 'reader', password: 'r' }))).toContain('this role may not do that');
    await database.query('UPDATE plusx_cluster.versions SET version = 99');
    expect(await failing(server.url)).toMatch(/version 99 of workers, and this plusx knows version 1\. Update plusx/);
    await database.query('UPDATE plusx_cluster.versions SET version = 1');
  });
});
