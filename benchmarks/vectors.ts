/**
 * Vectors of notes on PostgreSQL: compared by pgvector or by the process, with the same notes found. Time to put, of the first search and
 * of later ones, and what the process that searches holds. It starts a PostgreSQL that has pgvector, as the tests do.
 *
 *     node --expose-gc benchmarks/vectors.ts [--notes 10000] [--queries 30] [--json]
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { seeded } from '../src/core/index.ts';
import { openMemory } from '../src/store/index.ts';
import { noPgvector, pgvector, withoutExtensions } from '../src/store/test-support/pgvector.ts';

const { values } = parseArgs({
  options: {
    notes: { type: 'string', default: '10000' },
    queries: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
    search: { type: 'string' },
  },
});
const NOTES = Number(values.notes);
const QUERIES = Number(values.queries);
const BATCH = 2500;

interface Measured {
  readonly 'first search ms': number;
  readonly 'ms a search': number;
  readonly 'MB held': number;
  readonly 'MB at most': number;
  readonly found: readonly (readonly string[])[];
}

const SYLLABLES = 'ba ce di fo gu ha ke li mo nu pa re si to vu za ble cra dri'.split(' ');
/** Words of 6000, the first of them frequent. */
function text(name: string, count: number): string {
  const choice = seeded(name);
  return Array.from({ length: count }, (_, i) => {
    const word = choice.fork(`${i}`);
    const at = Math.floor(6000 * (word.fork('a').seed() / 2 ** 31) ** 2 * (word.fork('b').seed() / 2 ** 31));
    return [at % 19, Math.floor(at / 19) % 19, (at * 7) % 19].map((one) => SYLLABLES[one]).join('');
  }).join(' ');
}

const megabytes = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
};
const rounded = (value: number): number => Number(value.toPrecision(3));

/** A process of its own that searches: prints what it measured. */
async function search(url: string): Promise<Measured> {
  const memory = openMemory({ url });
  await memory.search('nothing here', 'x', 1); // connections are made
  const before = megabytes();
  const start = performance.now();
  await memory.search('a', text('first', 10), 10);
  const first = performance.now() - start;
  const times: number[] = [];
  const found: string[][] = [];
  for (let i = 0; i < QUERIES; i++) {
    const query = text(`query/${i}`, 10);
    const from = performance.now();
    const notes = await memory.search('a', query, 10);
    times.push(performance.now() - from);
    found.push(notes.map(({ id }) => id));
  }
  const after = megabytes();
  await memory.close();
  return {
    'first search ms': rounded(first),
    'ms a search': rounded(times.toSorted((a, b) => a - b)[Math.floor(QUERIES / 2)] as number),
    'MB held': rounded(after - before),
    'MB at most': rounded(process.resourceUsage().maxRSS / 1000),
    found,
  };
}

if (values.search !== undefined) {
  console.log(JSON.stringify(await search(values.search)));
  process.exit(0);
}
if (noPgvector !== undefined) {
  console.log(noPgvector);
  process.exit(0);
}
const server = await pgvector({ fsync: true, settings: { shared_buffers: "'512MB'", autovacuum: 'on' } });
await server.sql('CREATE DATABASE plain');
await withoutExtensions(server, 'plain');
const notes = Array.from({ length: NOTES }, (_, i) => ({ id: `${i}`, text: text(`note/${i}`, 8 + (i % 16)) }));
const places = ['postgres', 'plain'].map((database) => {
  const url = server.urlOf({ database });
  return { database, url, memory: openMemory({ url }), ms: 0 };
});
await places[0]?.memory.put('warm', notes.slice(0, 200));
await places[1]?.memory.put('warm', notes.slice(0, 200));
// In turns: what else the machine has to do falls on both.
for (let at = 0; at < NOTES; at += BATCH)
  for (const place of places) {
    const start = performance.now();
    await place.memory.put('a', notes.slice(at, at + BATCH));
    place.ms += performance.now() - start;
  }
const rows: { [name: string]: object } = {};
const found: string[] = [];
for (const { database, url, memory, ms } of places) {
  await memory.close();
  await server.sql('VACUUM ANALYZE', database);
  const args = ['--expose-gc', import.meta.filename, '--search', url, '--queries', `${QUERIES}`];
  const { found: ids, ...measured } = JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8' }),
  ) as Measured;
  found.push(JSON.stringify(ids));
  const size = await server.sql(
    `SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname IN ('notes', 'notes_vectors')`,
    database,
  );
  const name = database === 'plain' ? 'in the process' : 'pgvector';
  rows[name] = { 'ms to put a note': rounded(ms / NOTES), ...measured, 'MB on disk': rounded(Number(size) / 1e6) };
}
await server.close();
const isSame = found[0] === found[1];
if (values.json) console.log(JSON.stringify({ notes: NOTES, rows, isSame }));
else {
  console.table(rows);
  console.log(isSame ? 'Both find the same notes in the same order.' : 'They do not find the same.');
}
process.exitCode = isSame ? 0 : 1;
