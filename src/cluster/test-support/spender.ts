/**
 * A process that calls a server as long as a shared budget lets it: `spender.ts ADDRESS URL BUDGET CALLER LIMITS CALLS`. It prints
 * how many calls it made.
 */
import type { Limits } from '../../core/index.ts';
import { openDatabase } from '../database.ts';
import { sharedBudget } from '../limits/budget.ts';
import { call } from './upstream.ts';

const [address = '', url = '', name = '', caller = '', limits = '{}', wanted = '0'] = process.argv.slice(2);
const database = await openDatabase(address);
const budget = await sharedBudget(database, {
  name,
  holder: caller,
  limits: JSON.parse(limits) as Limits,
  leaseMs: 2000,
});
const { signal } = new AbortController();
const price = { input: 1e-6, output: 2e-6 };
let made = 0;
const lane = async (at: number): Promise<void> => {
  for (let i = at; i < Number(wanted); i += 8) {
    const outputTokens = 10 + (i % 7);
    const reservation = await budget.reserve({ calls: 1, inputTokens: 20, outputTokens, price }, signal);
    await call(url, caller);
    made++;
    const used = outputTokens - (i % 3);
    reservation.settle({
      calls: 1,
      replays: 0,
      unreported: 0,
      inputTokens: 20,
      outputTokens: used,
      reasoningTokens: 0,
      cachedInputTokens: 0,
      usd: 20 * price.input + used * price.output,
    });
  }
};
const lanes = await Promise.allSettled(Array.from({ length: 8 }, (_, at) => lane(at)));
await budget.close();
await database.close();
const unexpected = lanes.find((one) => one.status === 'rejected' && !/Budget of/.test(String(one.reason)));
if (unexpected?.status === 'rejected') throw unexpected.reason;
process.stdout.write(JSON.stringify({ made, ...budget.spent, calls: budget.spent.calls }));
