/** Servers in processes of their own, as a user starts them: told to end, killed, and several on one store. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Spending } from '../../../store/index.ts';
import { chance, oneOf, type Chance } from './chance.ts';
import { ask, WAYS, type Verdict } from './client.ts';
import { faultyUpstream, type FaultyUpstream } from './upstream.ts';

const CLI = join(import.meta.dirname, '../../../cli/main.ts');

export const ENDINGS = ['SIGTERM', 'SIGKILL', 'four processes'] as const;
export type Ending = (typeof ENDINGS)[number];

export interface Ended {
  readonly fault: Ending;
  readonly requests: number;
  readonly answered: number;
  readonly refused: number;
  readonly codes: readonly string[];
  /** Requests that were met by nobody, or whose server was killed. */
  readonly left: number;
  readonly calls: number;
  readonly tokens: number;
  readonly wrong: readonly string[];
}

interface Process {
  readonly port: number;
  /** Sends a signal and resolves to the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface Asked {
  readonly begun: number;
  readonly over: number;
  readonly verdict: Verdict;
}

/** A place with an upstream, a store and a key, and what is asked there. */
interface Stage {
  readonly upstream: FaultyUpstream;
  readonly draw: Chance;
  start(): Promise<Process>;
  /** Asks that many questions, each of the port that is given for it. */
  ask(requests: number, portOf: (number: number) => number): Promise<readonly Asked[]>;
  /** What the account of the key has: spent, and reserved still. */
  told(): Promise<Spending>;
}

export async function ending(
  fault: Ending,
  { requests, seed }: { readonly requests: number; readonly seed: string | number },
): Promise<Ended> {
  const most: Partial<Record<Ending, Partial<Spending>>> = {
    SIGKILL: { calls: Math.floor(requests * 0.8) },
    'four processes': { tokens: requests * 10 },
  };
  const budget = most[fault] ?? { calls: 1e9 };
  return on(fault, seed, budget, async (stage) => {
    const { upstream } = stage;
    const { asked, wrong } = await { SIGTERM: terminated, SIGKILL: killed, 'four processes': together }[fault](
      stage,
      requests,
    );
    const told = await stage.told();
    if (budget.calls !== undefined && upstream.calls > budget.calls)
      wrong.push(`${upstream.calls} calls upstream, and the budget is ${budget.calls}`);
    if (budget.tokens !== undefined && upstream.tokens > budget.tokens)
      wrong.push(`${upstream.tokens} tokens upstream, and the budget is ${budget.tokens}`);
    if (told.tokens < upstream.tokens)
      wrong.push(`${told.tokens} tokens on the account, and the provider gave ${upstream.tokens}`);
    const verdicts = asked.map(({ verdict }) => verdict);
    const count = (end: Verdict['end']): number => verdicts.filter((one) => one.end === end).length;
    return {
      fault,
      requests,
      answered: count('answered'),
      refused: count('refused'),
      codes: [...new Set(verdicts.flatMap(({ code }) => code ?? []))].toSorted(),
      left: count('gone'),
      calls: upstream.calls,
      tokens: upstream.tokens,
      wrong,
    };
  });
}

/** Half of the requests are on their way or over when the server is asked to end: each of them is answered. */
async function terminated(stage: Stage, requests: number) {
  const server = await stage.start();
  let asked = 0;
  let signalled = Infinity;
  let ended: Promise<number | null> | undefined;
  const all = await stage.ask(requests, () => {
    if (++asked === Math.floor(requests / 2)) {
      signalled = performance.now();
      ended = server.end('SIGTERM');
    }
    return server.port;
  });
  const code = await ended;
  const wrong = all.flatMap(({ begun, verdict }) => [
    ...verdict.wrong,
    // One that was sent as the server closed its port may be met by nobody.
    ...(verdict.end === 'gone' && begun < signalled - 100 ? ['a request that was taken in has no reply'] : []),
  ]);
  if (code !== 0) wrong.push(`the server ended with ${code}`);
  return { asked: all, wrong };
}

/** The server is killed three times in the middle of it all, and started again on the same store. */
async function killed(stage: Stage, requests: number) {
  const wrong: string[] = [];
  const all: Asked[] = [];
  for (let round = 0; round < 4; round++) {
    const server = await stage.start();
    let asked = 0;
    let at = Infinity;
    let ended: Promise<unknown> | undefined;
    const here = await stage.ask(Math.floor(requests / 4), () => {
      if (++asked === Math.floor(requests / 6) && round < 3) {
        at = performance.now();
        ended = server.end('SIGKILL');
      }
      return server.port;
    });
    await (ended ?? server.end('SIGTERM'));
    for (const { over, verdict } of here) if (over < at) wrong.push(...verdict.wrong);
    all.push(...here);
  }
  return { asked: all, wrong };
}

/** Four servers share a store, and a key asks all of them for more than it may have. */
async function together(stage: Stage, requests: number) {
  const servers = await Promise.all(Array.from({ length: 4 }, () => stage.start()));
  const portOf = (number: number): number => (servers[number % 4] as Process).port;
  const asked = [...(await stage.ask(requests, portOf))];
  const isSpent = (): boolean => asked.some(({ verdict }) => verdict.code === 'insufficient_budget');
  // What was reserved is back now: the rest can be had, down to what is less than any request takes.
  for (let tries = 0; tries < requests && !isSpent(); tries++) asked.push(...(await stage.ask(1, portOf)));
  await Promise.all(servers.map((server) => server.end('SIGTERM')));
  const wrong = asked.flatMap(({ verdict }) => verdict.wrong);
  if (!asked.some(({ verdict }) => verdict.code === 'insufficient_budget'))
    wrong.push('the budget was never at an end');
  return { asked, wrong };
}

async function on<T>(
  fault: Ending,
  seed: string | number,
  day: Partial<Spending>,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-endings-'));
  const draw = chance(`${seed} ${fault}`);
  const upstream = await faultyUpstream({ fault: undefined, share: 0, chance: draw, latencyMs: 20 });
  const file = join(folder, 'serve.db');
  const store = openStore(file);
  const { key, id } = await store.keys.add('mia', { day });
  const config = join(folder, 'plusx.config.json');
  writeFileSync(
    config,
    JSON.stringify({
      providers: { up: { baseURL: upstream.url, quirks: { n: false } } },
      models: { m: 'up/real' },
      prices: { date: '2026-11-28', models: { 'up/real': { input: 1, output: 2 } } },
    }),
  );
  const running = new Set<Process>();
  let next = 1;
  try {
    return await work({
      upstream,
      draw,
      async start() {
        const one = await started(['--config', config, 'serve', '--port', '0', '--store', file], folder);
        running.add(one);
        return one;
      },
      async ask(requests, portOf) {
        const all: Asked[] = [];
        let left = requests;
        const client = async (): Promise<void> => {
          while (left-- > 0) {
            const number = next++;
            const begun = performance.now();
            const way = oneOf(WAYS, draw('way', number));
            const verdict = await ask(portOf(number), key, { id: number, way });
            all.push({ begun, over: performance.now(), verdict });
          }
        };
        await Promise.all(Array.from({ length: 16 }, client));
        return all;
      },
      async told() {
        const { day: spent, reserved } = await store.accounts.standing(id, Date.now());
        const sum = (amount: keyof Spending): number => spent[amount] + reserved[amount];
        return { calls: sum('calls'), tokens: sum('tokens'), usd: sum('usd') };
      },
    });
  } finally {
    for (const one of running) await one.end('SIGKILL');
    await upstream.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function started(args: readonly string[], cwd: string): Promise<Process> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const over = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return over;
  };
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (piece: Buffer) => {
      said += piece.toString();
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (port !== undefined) resolve({ port: Number(port), end });
    });
    over.then((code) => reject(new Error(`the server ended with ${code}: ${said}`)), reject);
  });
}
