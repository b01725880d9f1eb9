/**
 * How fast the store keeps calls, next to bare `node:sqlite` on the same disk in the same run; how many of the entries that it
 * acknowledged are missing after its writers were killed; and what a call takes that looks for its reply and keeps it, with 8 in flight,
 * in SQLite and in a PostgreSQL of its own, beside a loop over the bare database.
 *
 *     node benchmarks/store.ts [--rows 100000] [--rounds 20] [--calls 4000] [--only calls] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { createHash } from 'node:crypto';
import { Pool } from 'pg';
import type { JournalEntry } from '../src/core/index.ts';
import { openStore, type Store } from '../src/store/index.ts';
import { killWriters } from '../src/store/test-support/kill-writers.ts';
import { noPostgres, postgres } from '../src/store/test-support/postgres.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '20' },
    calls: { type: 'string', default: '4000' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const ROWS = Number(values.rows);
const ROUNDS = Number(values.rounds);
const SINGLE = 300;
const GETS = 20_000;
const ANSWER = 400;

const folder = mkdtempSync(join(tmpdir(), 'plusx-benchmark-'));
const results: Record<string, number> = {};
const say = (line: string): void => {
  if (!values.json) console.log(line);
};

/** A reply as a server sends it: an answer of 400 characters and its usage. */
const entry: JournalEntry = {
  candidate: {
    content: [{ type: 'text', text: 'x'.repeat(ANSWER) }],
    finish: { unified: 'stop', raw: 'stop' },
  },
  usage: {
    calls: 1,
    replays: 0,
    unreported: 0,
    inputTokens: 120,
    outputTokens: 100,
    reasoningTokens: 0,
    cachedInputTokens: 0,
    usd: 0.0001,
  },
};
const TEXT = JSON.stringify(entry);
/** A key as the core makes it: the model's identity, a request of some length and the draw. */
const keyOf = (name: string): string => `openai/gpt-5-mini\n\n{"prompt":"${'q'.repeat(300)}"}\n${name}`;

const seconds = async (work: () => unknown): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};
const quantile = (times: readonly number[], q: number): number =>
  [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(q * times.length))] as number;
const show = (x: number): string => (x >= 100 ? Math.round(x).toLocaleString('en') : x.toPrecision(3));

const inFolder = async <T>(name: string, work: (store: Store) => Promise<T>): Promise<T> => {
  const store = openStore(join(folder, `${name}.db`));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};

/** The same table, the same settings, no store. */
function bare(name: string): { insert(names: readonly string[]): void; get(name: string): unknown; close(): void } {
  const database = new DatabaseSync(join(folder, `${name}.db`));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000');
  database.exec('PRAGMA cache_size = -32768; PRAGMA secure_delete = ON');
  database.exec('CREATE TABLE journal (key BLOB NOT NULL PRIMARY KEY, entry TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO journal (key, entry) VALUES (?, ?) ON CONFLICT (key) DO NOTHING');
  const select = database.prepare('SELECT entry FROM journal WHERE key = ?');
  const idOf = (of: string): Buffer => createHash('sha256').update(keyOf(of)).digest();
  return {
    insert(names) {
      database.exec('BEGIN IMMEDIATE');
      for (const of of names) insert.run(idOf(of), TEXT);
      database.exec('COMMIT');
    },
    get: (of) => select.get(idOf(of)),
    close: () => database.close(),
  };
}

const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}/${i}`);

async function single(): Promise<void> {
  const raw = bare('single-bare');
  const times: { store: number[]; bare: number[] } = { store: [], bare: [] };
  await inFolder('single', async ({ journal }) => {
    for (const name of names('single', SINGLE)) {
      // Turn by turn, so that a busy disk is as busy for both.
      times.bare.push((await seconds(() => raw.insert([name]))) * 1000);
      times.store.push((await seconds(() => journal.put(keyOf(name), entry))) * 1000);
    }
  });
  raw.close();
  for (const q of [0.5, 0.99]) {
    const [store, plain] = [quantile(times.store, q), quantile(times.bare, q)];
    results[`put_p${q * 100}_ms`] = store;
    results[`put_p${q * 100}_ratio`] = store / plain;
    say(`one put at a time, p${q * 100}: ${show(store)} ms (bare ${show(plain)} ms, ratio ${show(store / plain)})`);
  }
}

/** Both ways of doing the same, part by part in turns, so that a busy machine is as busy for both. Seconds. */
async function inTurns(
  parts: number,
  store: (part: number) => unknown,
  plain: (part: number) => unknown,
): Promise<{ store: number; plain: number }> {
  const took = { store: 0, plain: 0 };
  for (let part = 0; part < parts; part++) {
    took.plain += await seconds(() => plain(part));
    took.store += await seconds(() => store(part));
  }
  return took;
}

/** `count` writers in one process, each of which waits for its last put before the next. */
async function lanes(count: number): Promise<void> {
  const parts = 5;
  const each = Math.ceil(ROWS / 5 / count / parts);
  const total = each * count * parts;
  const raw = bare(`lanes-${count}-bare`);
  const took = await inFolder(`lanes-${count}`, ({ journal }) =>
    inTurns(
      parts,
      (part) =>
        Promise.all(
          Array.from({ length: count }, async (_, lane) => {
            for (let i = 0; i < each; i++) await journal.put(keyOf(`${part}/${lane}/${i}`), entry);
          }),
        ),
      (part) => {
        for (let i = 0; i < each; i++) raw.insert(names(`${part}/${i}`, count));
      },
    ),
  );
  raw.close();
  results[`rows_per_s_${count}`] = total / took.store;
  results[`ms_a_call_${count}`] = (took.store * 1000) / total;
  results[`rows_ratio_${count}`] = took.plain / took.store;
  say(
    `${count} calls in flight: ${show(total / took.store)} rows/s, ${show((took.store * 1000) / total)} ms a call (bare, ${count} a transaction: ${show(total / took.plain)} rows/s, ratio ${show(took.plain / took.store)})`,
  );
}

async function bulk(): Promise<void> {
  await inFolder('bulk', async ({ journal }) => {
    const raw = bare('bulk-bare');
    const part = 10_000;
    const all = names('bulk', ROWS);
    const took = await inTurns(
      Math.ceil(ROWS / part),
      (i) => Promise.all(all.slice(i * part, (i + 1) * part).map((name) => journal.put(keyOf(name), entry))),
      (i) => {
        raw.insert(all.slice(i * part, i * part + part / 2));
        raw.insert(all.slice(i * part + part / 2, (i + 1) * part));
      },
    );
    results['bulk_rows_per_s'] = ROWS / took.store;
    results['bulk_ratio'] = took.plain / took.store;
    say(
      `bulk: ${show(ROWS / took.store)} rows/s (bare ${show(ROWS / took.plain)} rows/s, ratio ${show(took.plain / took.store)})`,
    );

    const times: { store: number[]; bare: number[] } = { store: [], bare: [] };
    for (const name of names('bulk', GETS)) {
      times.bare.push((await seconds(() => raw.get(name))) * 1e6);
      times.store.push((await seconds(() => journal.get(keyOf(name)))) * 1e6);
    }
    raw.close();
    const [p50, p99, plain] = [quantile(times.store, 0.5), quantile(times.store, 0.99), quantile(times.bare, 0.5)];
    results['get_p50_us'] = p50;
    results['get_p99_us'] = p99;
    results['get_p50_ratio'] = p50 / plain;
    say(
      `get: p50 ${show(p50)} us, p99 ${show(p99)} us of ${show(ROWS)} rows (bare p50 ${show(plain)} us, ratio ${show(p50 / plain)})`,
    );
  });
}

async function killed(): Promise<void> {
  let acknowledged = 0;
  let lost = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const result = await killWriters(join(folder, 'killed.db'), `round/${round}`, 5 + ((round * 7) % 40));
    acknowledged += result.acknowledged;
    lost += result.lost;
  }
  results['killed_rounds'] = ROUNDS;
  results['killed_acknowledged'] = acknowledged;
  results['killed_lost'] = lost;
  say(`four killed writers, ${ROUNDS} rounds: ${show(acknowledged)} entries acknowledged, ${lost} lost`);
}

const IN_FLIGHT = 8;

/** Milliseconds a call, of `IN_FLIGHT` lanes that each look for a reply, and keep one where there is none, one call after the other. */
async function msACall(count: number, prefix: string, call: (name: string) => Promise<unknown>): Promise<number> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await call(`${prefix}/${next++}`);
  };
  return ((await seconds(() => Promise.all(Array.from({ length: IN_FLIGHT }, lane)))) * 1000) / count;
}

/** Calls with 8 in flight, in turns with the same over the bare database: get and put, each put in the transaction of its moment. */
async function calls(name: string, at: string, plain: (of: string) => Promise<unknown>): Promise<void> {
  const parts = 10;
  const part = Math.ceil(Number(values.calls) / parts);
  const { journal, close } = openStore(at);
  const took: { store: number[]; plain: number[] } = { store: [], plain: [] };
  const call = async (of: string): Promise<void> => {
    if ((await journal.get(keyOf(of))) === undefined) await journal.put(keyOf(of), entry);
  };
  await call('warm');
  for (let i = 0; i < parts; i++) {
    took.plain.push(await msACall(part, `plain/${i}`, plain));
    took.store.push(await msACall(part, `store/${i}`, call));
  }
  await close();
  const [store, bareMs] = [quantile(took.store, 0.5), quantile(took.plain, 0.5)];
  results[`${name}_call_ms`] = store;
  results[`${name}_call_bare_ms`] = bareMs;
  say(
    `${name}, ${IN_FLIGHT} in flight, a reply looked for and kept: ${show(store)} ms a call (bare loop ${show(bareMs)} ms, ratio ${show(store / bareMs)}); best part ${show(Math.min(...took.store))} ms`,
  );
}

async function callsOnFile(): Promise<void> {
  const raw = bare('calls-bare');
  await calls('SQLite', join(folder, 'calls.db'), async (of) => {
    if (raw.get(of) === undefined) raw.insert([of]);
  });
  raw.close();
}

async function callsOnServer(): Promise<void> {
  if (noPostgres !== undefined) return say(`PostgreSQL: ${noPostgres}`);
  const server = await postgres({ fsync: true });
  // A pool with a connection for each that is in flight, and a commit for each reply.
  const pool = new Pool({ connectionString: server.url, max: IN_FLIGHT });
  try {
    await pool.query('CREATE TABLE bare (key BYTEA NOT NULL PRIMARY KEY, entry TEXT NOT NULL)');
    const idOf = (of: string): Buffer => createHash('sha256').update(keyOf(of)).digest();
    await calls('PostgreSQL', server.url, async (of) => {
      const { rows } = await pool.query({
        name: 'get',
        text: 'SELECT entry FROM bare WHERE key = $1',
        values: [idOf(of)],
      });
      const text = 'INSERT INTO bare (key, entry) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING';
      if (rows.length === 0) await pool.query({ name: 'put', text, values: [idOf(of), TEXT] });
    });
  } finally {
    await pool.end();
    await server.close();
  }
}

try {
  await callsOnFile();
  await callsOnServer();
  if (values.only === 'calls') process.exitCode = 0;
  else {
    await single();
    await lanes(64);
    await lanes(1000);
    await bulk();
    await killed();
  }
  if (values.json) console.log(JSON.stringify(results, undefined, 2));
} finally {
  rmSync(folder, { recursive: true });
}
