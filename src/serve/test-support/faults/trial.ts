/** Many requests of every kind through one server while one thing goes wrong, and what must hold of them all together. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openaiCompatible } from '../../../models/openai/index.ts';
import { openStore, type Spending, type Store } from '../../../store/index.ts';
import { keysIn } from '../../keys/stored.ts';
import { listen, type Listening } from '../../listen.ts';
import { chance, oneOf, type Chance } from './chance.ts';
import { ask, VOTES, WAYS, type Question, type Verdict } from './client.ts';
import { leaves } from './leaver.ts';
import { faultyUpstream, UPSTREAM_FAULTS, type FaultyUpstream, type UpstreamFault } from './upstream.ts';

/** What goes wrong within one process. */
export const FAULTS = [
  ...UPSTREAM_FAULTS,
  'a slow reader',
  'a client that leaves',
  'a full disk',
  'a clock that jumps',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface Trial {
  readonly fault: Fault;
  readonly requests: number;
  readonly answered: number;
  readonly refused: number;
  /** What the refusals said, by code. */
  readonly codes: readonly string[];
  /** Connections that were closed by one of both. */
  readonly left: number;
  readonly calls: number;
  readonly tokens: number;
  /** Milliseconds until nothing of it was left. */
  readonly wrong: readonly string[];
}

export interface TrialOptions {
  readonly fault: Fault;
  readonly requests: number;
  readonly seed: string | number;
  readonly clients?: number | undefined;
}

/** Tries of one call at most. */
const ATTEMPTS = 3;
const BUDGET: Spending = { calls: 1e7, tokens: 1e9, usd: 1e6 };

export async function trial({ fault, requests, seed, clients = 16 }: TrialOptions): Promise<Trial> {
  const draw = chance(`${seed} ${fault}`);
  const before = resources();
  const folder = mkdtempSync(join(tmpdir(), 'plusx-faults-'));
  const isUpstream = (UPSTREAM_FAULTS as readonly string[]).includes(fault);
  const padding = fault === 'a slow reader' ? 300_000 : 0;
  const upstream = await faultyUpstream({
    fault: isUpstream ? (fault as UpstreamFault) : undefined,
    share: fault.endsWith('Retry-After') ? 0.1 : 0.3,
    chance: draw,
    padding,
  });
  const file = join(folder, 'serve.db');
  const { key, id } = await keyIn(file);
  // A disk with room for the traces of some of the requests.
  const store = openStore({ file, ...(fault === 'a full disk' && { maxBytes: statSync(file).size + requests * 200 }) });
  const server = await serverOf(upstream, store);
  const verdicts: Verdict[] = [];
  const wrong: string[] = [];
  const unjump = fault === 'a clock that jumps' ? jumpingClock(draw) : undefined;
  const questionOf = (number: number): Question => ({
    id: number,
    way: oneOf(WAYS, draw('way', number)),
    ...(fault === 'stall' && { deadlineMs: 150 }),
    ...(padding > 0 && { padding, slowMs: draw('slow', number) < 0.5 ? 3 : undefined }),
  });
  let next = 1;
  let left = 0;
  const client = async (): Promise<void> => {
    while (next <= requests) {
      const question = questionOf(next++);
      if (fault === 'a client that leaves' && draw('leaves', question.id) < 0.5) {
        await leaves(server.port, key, question, draw('stage', question.id));
        left++;
        continue;
      }
      const verdict = await ask(server.port, key, question);
      verdicts.push(verdict);
      wrong.push(...verdict.wrong);
      if (verdict.end === 'gone') wrong.push(`${question.id}: no reply at all`);
      const book = upstream.books.get(String(question.id)) ?? { calls: 0, answered: 0 };
      const most = question.way.startsWith('voted') ? VOTES * ATTEMPTS : 1;
      if (book.calls > most) wrong.push(`${question.id}: ${book.calls} calls upstream, and ${most} are allowed`);
      if (verdict.reported !== undefined && verdict.reported > book.answered)
        wrong.push(`${question.id}: ${verdict.reported} answers in the account, and ${book.answered} were given`);
      if (verdict.reported !== undefined && fault !== 'stall' && verdict.reported !== book.answered)
        wrong.push(`${question.id}: ${verdict.reported} answers in the account of ${book.answered}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
    unjump?.();
    wrong.push(...(await settled({ upstream, store, id, verdicts, fault })));
  } finally {
    unjump?.();
    await server.close(0);
    await upstream.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
  wrong.push(...(await leaked(before)));
  const count = (end: Verdict['end']): number => verdicts.filter((one) => one.end === end).length;
  const { calls, tokens } = upstream;
  const codes = [...new Set(verdicts.flatMap(({ code }) => code ?? []))].toSorted();
  return { fault, requests, answered: count('answered'), refused: count('refused'), codes, left, calls, tokens, wrong };
}

async function keyIn(file: string): Promise<{ readonly key: string; readonly id: string }> {
  const store = openStore(file);
  const made = await store.keys.add('mia', { day: BUDGET });
  await store.close();
  return made;
}

function serverOf(upstream: FaultyUpstream, store: Store): Promise<Listening> {
  const m = openaiCompatible({
    model: 'real',
    name: 'm',
    baseURL: upstream.url,
    apiKey: 'sk-operator-0123456789',
    quirks: { n: false },
    price: { input: 1e-6, output: 2e-6 },
    retry: { attempts: ATTEMPTS, firstWaitMs: 1 },
  });
  return keysIn(store).then((keys) => listen({ port: 0, models: { m }, keys, store }));
}

interface Ending {
  readonly upstream: FaultyUpstream;
  readonly store: Store;
  readonly id: string;
  readonly verdicts: readonly Verdict[];
  readonly fault: Fault;
}

/** What the books say once nothing is under way any more. */
async function settled({ upstream, store, id, fault }: Ending): Promise<string[]> {
  const wrong: string[] = [];
  if (!(await within(2000, () => upstream.open === 0))) wrong.push(`${upstream.open} calls upstream are still open`);
  const at = Date.now();
  // What could not be written stays reserved, and counts as spent later.
  const mayStay = fault === 'a full disk' || fault === 'a clock that jumps';
  if (!mayStay) {
    const isBack = await within(2000, async () => (await store.accounts.standing(id, at)).reserved.calls === 0);
    if (!isBack) wrong.push('a reservation that nobody gave back');
  }
  const { month, reserved } = await store.accounts.standing(id, at);
  const told = month.tokens + reserved.tokens;
  if (fault !== 'a clock that jumps' && told + 1e-6 < upstream.tokens)
    wrong.push(`the key has ${told} tokens on its account, and the provider gave ${upstream.tokens}`);
  return wrong;
}

async function within(ms: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const start = performance.now(); performance.now() - start < ms;) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return holds();
}

/** Sockets and timers of this process. */
function resources(): { readonly sockets: number; readonly timers: number } {
  const all = process.getActiveResourcesInfo();
  const count = (name: string): number => all.filter((one) => one === name).length;
  return { sockets: count('TCPSocketWrap'), timers: count('Timeout') };
}

/** What is left of it. Idle sockets to the provider close after some seconds, or when it ends. */
async function leaked(before: ReturnType<typeof resources>): Promise<string[]> {
  const isClean = (): boolean => {
    const { sockets, timers } = resources();
    return sockets <= before.sockets && timers <= before.timers;
  };
  if (await within(6000, isClean)) return [];
  const { sockets, timers } = resources();
  return [`${sockets - before.sockets} sockets and ${timers - before.timers} timers are left`];
}

/** A clock of the day that jumps by up to two days to either side, every few milliseconds. */
function jumpingClock(draw: Chance): () => void {
  const real = Date.now;
  let jump = 0;
  let count = 0;
  const timer = setInterval(() => (jump = (draw('jump', count++) - 0.5) * 4 * 86_400_000), 20);
  Date.now = () => real() + jump;
  return () => {
    clearInterval(timer);
    Date.now = real;
  };
}
