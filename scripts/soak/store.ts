/**
 * Random operations on a store in SQLite and on one in PostgreSQL: `node scripts/soak/store.ts [--count 10000] [--from 0]`. What can be
 * seen must be the same after each, and at the end, also where the processes that did them were killed on the way.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { alike, killed } from '../../src/store/test-support/fuzz.ts';
import { seen } from '../../src/store/test-support/operations.ts';
import { postgres } from '../../src/store/test-support/postgres.ts';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, from: { type: 'string', default: '0' } },
});
/** Of one round. */
const OPERATIONS = 500;
const KILLED = 150;
const first = Number(values.from);
const rounds = Math.ceil(Number(values.count) / (OPERATIONS + 3 * KILLED));

const folder = mkdtempSync(join(tmpdir(), 'plusx-soak-'));
const server = await postgres();
let wrong = 0;
let kills = 0;
try {
  for (let round = first; round < first + rounds; round++) {
    const places = (what: string): string[] => [
      join(folder, `${what}${round}.db`),
      `${server.url}?schema=${what}${round}`,
    ];
    const said = [await alike(places('alike'), `soak ${round}`, OPERATIONS)];
    const [whole = ''] = places('whole');
    await killed(whole, `soak ${round}`, KILLED, Infinity);
    for (const at of places('killed')) kills += await killed(at, `soak ${round}`, KILLED, 30);
    const [end, ...ends] = await Promise.all([whole, ...places('killed')].map(seen));
    if (ends.some((one) => one !== end)) said.push(`the end of the killed of round ${round}`);
    for (const one of said) if (one !== undefined) console.log(one);
    wrong += said.filter((one) => one !== undefined).length;
  }
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${rounds} rounds, ${kills} processes killed: ${wrong === 0 ? 'all alike' : `${wrong} were not alike`}`);
if (wrong > 0) process.exitCode = 1;
