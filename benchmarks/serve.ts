/**
 * `plusx serve` beside its upstream asked directly, a proxy that does nothing, and optillm, all in one run and in turns, so
 * that all meet the same company on the machine: `node benchmarks/serve.ts [--rounds 7] [--requests 100000] [--optillm FOLDER]
 * [--only pass,vote,memory,optillm] [--page]`. FOLDER is a virtual environment that has optillm; without it one is made.
 * `--page` writes docs/measurements/serve.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './in-turns.ts';
import { load, type Target } from './serve/load.ts';
import { memoryOver, processorSeconds } from './serve/taken.ts';
import { page, type Row } from './serve/page.ts';
import { bareProxy, optillm, plusxServe, upstream } from './serve/processes.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '100000' },
    optillm: { type: 'string' },
    only: { type: 'string', default: 'pass,vote,memory,optillm' },
    page: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const only = new Set(values.only.split(','));
const CLIENTS = 32;
/** Short, so that what is compared meets the same company on the machine. */
const SLICE_MS = 700;
const loadBefore = loadavg();

const folder = mkdtempSync(join(tmpdir(), 'plusx-bench-'));
const behind = await upstream();
const bare = await bareProxy(behind.port);
const plusx = await plusxServe(behind.port, folder);
const other = only.has('optillm') ? await optillm(behind.port, folder, values.optillm) : undefined;

const messages = [{ role: 'user', content: 'What is 17 + 25?' }];
const VOTE = 'selfConsistency(n=5)';
const ours = (model: string, more: object = {}, key = plusx.key): Target => ({
  port: plusx.port,
  path: '/v1/chat/completions',
  headers: { authorization: `Bearer ${key}` },
  body: { model, messages, ...more },
});
const direct = (ms: number, port = behind.port): Target => ({
  port,
  path: `/${ms}/v1/chat/completions`,
  headers: { authorization: 'Bearer sk-upstream-0123456789' },
  body: { model: 'm', messages },
});
const theirs: Target | undefined = other && {
  port: other.port,
  path: '/v1/chat/completions',
  headers: { authorization: 'Bearer sk-bench' },
  body: { model: 'm', messages },
};

const rows: Row[] = [];
const tell = (row: Row): void => {
  rows.push(row);
  console.log(`${row.what}: ${row.value}${row.goal ? ` (goal ${row.goal})` : ''}`);
};
const figure = (value: number, digits = 2): string => value.toFixed(digits);

/** What each of several things measures, round by round; a round before the first is not counted. */
async function byTurns<Name extends string>(
  measures: { readonly [name in Name]: () => Promise<number> },
  times: number,
): Promise<(name: Name) => readonly number[]> {
  const all = new Map<Name, number[]>();
  for (let round = 0; round <= times; round++)
    for (const name of Object.keys(measures) as Name[]) {
      const value = await measures[name]();
      if (round > 0) all.set(name, [...(all.get(name) ?? []), value]);
    }
  return (name) => all.get(name) ?? [];
}

const p50 = async (target: Target, clients: number, requests: number): Promise<number> =>
  median((await load(target, { clients, requests })).ms);
const perSecond = async (target: Target, ms = SLICE_MS): Promise<number> =>
  (await load(target, { clients: CLIENTS, ms })).perSecond;
/** The median, over the rounds, of a figure made of two that were taken in the same round. */
const paired = (a: readonly number[], b: readonly number[], of: (a: number, b: number) => number): number =>
  median(a.map((value, i) => of(value, b[i] ?? Number.NaN)));
const less = (a: number, b: number): number => a - b;
const over = (a: number, b: number): number => a / b;

async function passThrough(): Promise<void> {
  const alone = await byTurns(
    {
      direct: () => p50(direct(0), 1, 500),
      bare: () => p50(direct(0, bare.port), 1, 500),
      plusx: () => p50(ours('m0/x'), 1, 500),
      counted: () => p50(ours('m0/x', { max_tokens: 50 }, plusx.counted), 1, 200),
      optillm: () => (theirs ? p50(theirs, 1, 50) : Promise.resolve(Number.NaN)),
    },
    rounds,
  );
  tell({ what: 'one client, upstream asked directly, p50', value: `${figure(median(alone('direct')))} ms` });
  const added = (name: 'bare' | 'plusx' | 'counted' | 'optillm'): string =>
    `${figure(paired(alone(name), alone('direct'), less))} ms`;
  tell({ what: 'one client, added by a bare proxy, p50', value: added('bare') });
  tell({ what: 'one client, added by plusx, p50', value: added('plusx'), goal: '≤ 0.5 ms' });
  tell({ what: 'one client, added by plusx for a key with a budget, p50', value: added('counted') });
  if (theirs) tell({ what: 'one client, added by optillm, p50', value: added('optillm') });
  const spent = new Map<string, { seconds: number; requests: number }>();
  const many = await byTurns(
    {
      direct: () => perSecond(direct(0)),
      bare: () => counting('bare', bare.pid, () => perSecond(direct(0, bare.port))),
      plusx: () => counting('plusx', plusx.pid, () => perSecond(ours('m0/x'))),
      counted: () => counting('counted', plusx.pid, () => perSecond(ours('m0/x', { max_tokens: 50 }, plusx.counted))),
      optillm: () => (theirs ? perSecond(theirs) : Promise.resolve(Number.NaN)),
    },
    rounds * 2,
  );
  /** Adds up the processor time of a process while it is asked. */
  async function counting(name: string, pid: number, work: () => Promise<number>): Promise<number> {
    const before = processorSeconds(pid);
    const rate = await work();
    const { seconds, requests } = spent.get(name) ?? { seconds: 0, requests: 0 };
    spent.set(name, {
      seconds: seconds + processorSeconds(pid) - before,
      requests: requests + (rate * SLICE_MS) / 1000,
    });
    return rate;
  }
  const processor = (name: string): number => {
    const { seconds, requests } = spent.get(name) ?? { seconds: Number.NaN, requests: 1 };
    return (seconds / requests) * 1e6;
  };
  const rate = (name: Parameters<typeof many>[0]): string =>
    `${Math.round(median(many(name))).toLocaleString('en')} requests/s`;
  tell({ what: `${CLIENTS} clients, upstream asked directly`, value: rate('direct') });
  tell({ what: `${CLIENTS} clients, a bare proxy`, value: rate('bare') });
  tell({ what: `${CLIENTS} clients, plusx`, value: rate('plusx'), goal: '≥ 3,500' });
  tell({ what: `${CLIENTS} clients, plusx for a key with a budget`, value: rate('counted') });
  if (theirs) tell({ what: `${CLIENTS} clients, optillm`, value: rate('optillm') });
  tell({ what: 'plusx to the bare proxy', value: figure(paired(many('plusx'), many('bare'), over)), goal: '≥ 0.6' });
  tell({
    what: 'plusx for a key with a budget to the bare proxy',
    value: figure(paired(many('counted'), many('bare'), over)),
  });
  tell({
    what: 'processor time of a request: a bare proxy, plusx, plusx for a key with a budget',
    value: `${['bare', 'plusx', 'counted'].map((name) => figure(processor(name), 0)).join(', ')} µs`,
  });
  tell({ what: 'the bare proxy to plusx in processor time', value: figure(processor('bare') / processor('plusx')) });
  if (theirs) tell({ what: 'plusx to optillm', value: figure(paired(many('plusx'), many('optillm'), over), 1) });
}

async function votes(): Promise<void> {
  const seed = { seed: 1 };
  const stream = { stream: true, plusx: { progress: true } };
  const times = await byTurns(
    {
      five: async () => {
        const all = await Promise.all(Array.from({ length: 5 }, () => load(direct(50), { clients: 1, requests: 20 })));
        return median(all.flatMap(({ ms }) => ms));
      },
      vote: () => p50(ours(`m50/x + ${VOTE}`, seed), 1, 20),
      slow: () => p50(direct(1000), CLIENTS, CLIENTS * 2),
      slowVote: () => p50(ours(`m1000/x + ${VOTE}`), CLIENTS, CLIENTS * 2),
      first: async () => median((await load(ours(`m50/x + ${VOTE}`, stream), { clients: 1, requests: 20 })).firstMs),
    },
    Math.min(rounds, 5),
  );
  tell({
    what: 'five requests at once to an upstream of 50 ms, p50 of each',
    value: `${figure(median(times('five')), 1)} ms`,
  });
  tell({
    what: `${VOTE} over an upstream of 50 ms, p50`,
    value: `${figure(median(times('vote')), 1)} ms`,
    goal: '≤ 65 ms',
  });
  tell({
    what: `${CLIENTS} clients, upstream of 1 s asked directly, p50`,
    value: `${figure(median(times('slow')) / 1000)} s`,
  });
  tell({
    what: `${CLIENTS} clients, ${VOTE} over an upstream of 1 s, p50`,
    value: `${figure(median(times('slowVote')) / 1000)} s`,
    goal: '≤ 1.3 s',
  });
  tell({
    what: `${VOTE} as a stream with progress, upstream of 50 ms, first byte, p50`,
    value: `${figure(median(times('first')), 1)} ms`,
    goal: '≤ 20 ms',
  });
}

const TIMES = 3;

/** One measurement after the other, of one server: what it leaves behind adds up. The heap takes so many requests to find its size. */
async function memory(): Promise<void> {
  const requests = Number(values.requests);
  const ask = (count: number): Promise<unknown> => load(ours('m0/x'), { clients: CLIENTS, requests: count });
  await ask(requests);
  for (let time = 1; time <= TIMES; time++) {
    const { slope, error, from, to } = await memoryOver(plusx.pid, requests, ask);
    tell({
      what: `memory over the last half of ${requests.toLocaleString('en')} requests, ${time} of ${TIMES} in a row`,
      value: `${figure(from, 0)} MB to ${figure(to, 0)} MB, slope ${figure(slope, 0)} ± ${figure(2 * error, 0)} bytes a request`,
      goal: 'flat',
    });
  }
}

try {
  if (only.has('pass')) await passThrough();
  if (only.has('vote')) await votes();
  if (only.has('memory')) await memory();
} finally {
  for (const one of [plusx, bare, behind, other]) one?.end();
  rmSync(folder, { recursive: true, force: true });
}
if (values.page)
  writeFileSync(
    join(import.meta.dirname, '../docs/measurements/serve.md'),
    page({ rows, rounds, cores: cpus().length, loadBefore, loadAfter: loadavg(), hasOther: other !== undefined }),
  );
