/** `plusx runs watch` and its sisters: runs that workers do, and runs of a process of their own, from any place that has the store. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, SharedRunProgress } from '../../cluster/index.ts';
import type { Run, RunChange, RunProgress, Store } from '../../store/index.ts';
import { runIn, STORE, withStore } from '../compose/answered.ts';
import { isAddress } from '../store/open.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { clip, count, duration, money, oneLine, plural } from '../terminal/text.ts';

export interface WatchOptions {
  readonly store?: string | undefined;
  /** Show it once, and do not wait. */
  readonly once?: true | undefined;
  readonly json?: true | undefined;
}

const EVERY_MS = 1000;

/** Shows how a run stands until it is over. */
export async function watchRun(name: string, options: WatchOptions, terminal: Terminal): Promise<number> {
  return onRuns(options, async (at) => {
    const watched = await sharedProgress(at, name);
    for (;;) {
      const seen = watched ? await sharedProgress(at, name) : await ownProgress(at, name);
      if (!seen) {
        if (!options.json) terminal.out.write('It is over: `plusx runs show` has its results.\n');
        return EXIT.good;
      }
      if (options.json) writeJson(terminal, seen.document);
      else write(seen.lines, terminal);
      if (options.once || seen.isOver || terminal.signal.aborted) return EXIT.good;
      await sleep(EVERY_MS, undefined, { signal: terminal.signal }).catch(() => undefined);
    }
  });
}

/** How a run stands. */
interface Seen {
  readonly document: object;
  readonly lines: readonly string[];
  readonly isOver: boolean;
}

async function sharedProgress({ database }: Runs, name: string): Promise<Seen | undefined> {
  if (!database) return undefined;
  const { progressOf } = await import('../../cluster/index.ts');
  const progress = await progressOf(database, name);
  if (!progress) return undefined;
  const { spec: _, ...document } = progress;
  return {
    document,
    lines: sharedLines(progress),
    isOver: progress.state !== 'running' && progress.state !== 'paused',
  };
}

function sharedLines({
  name,
  state,
  done,
  total,
  lost,
  rate,
  secondsLeft,
  spent,
  reserved,
  workers,
  declined,
}: SharedRunProgress): string[] {
  const parts = [
    `${oneLine(name)}: ${state}`,
    `${count(done)} of ${plural(total, 'item')}`,
    ...(lost > 0 ? [`${count(lost)} set aside`] : []),
    `${rate.toFixed(1)}/s`,
    ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft * 1000)} left`]),
    ...(spent ? [takenIn(spent)] : []),
    ...(reserved && reserved.calls > 0 ? [`${takenIn(reserved)} reserved`] : []),
    plural(workers.length, 'worker'),
  ];
  return [parts.join(', '), ...declined.map(({ place, why }) => `  ${place} leaves it: ${oneLine(why)}`)];
}

const takenIn = ({ calls, tokens, usd }: NonNullable<SharedRunProgress['spent']>): string =>
  `${plural(calls, 'call')}, ${count(tokens)} tokens, ${money(usd)}`;

async function ownProgress({ store }: Runs, name: string): Promise<Seen> {
  const { secondsLeftOf, stateOf } = await import('../../store/index.ts');
  const run = await runIn(store, name);
  const [progress] = await store.runs.progress(name);
  const state = progress || run.status !== 'running' ? stateOf(run, progress) : 'left';
  const secondsLeft = progress && state === 'running' ? secondsLeftOf(progress) : undefined;
  const { run: _, ...told } = progress ?? {};
  return {
    document: { name, state, ...told, secondsLeft },
    lines: ownLines(run, state, { progress, secondsLeft }),
    isOver: state !== 'running' && state !== 'paused',
  };
}

function ownLines(
  { name, status }: Run,
  state: string,
  { progress, secondsLeft }: { readonly progress: RunProgress | undefined; readonly secondsLeft: number | undefined },
): string[] {
  const { done = 0, total, rate = 0, calls = 0, tokens, usd, command } = progress ?? {};
  const parts = [
    `${oneLine(name)}: ${state}`,
    ...(progress ? [total === undefined ? `${count(done)} done` : `${count(done)} of ${plural(total, 'item')}`] : []),
    ...(state === 'running' ? [`${rate.toFixed(1)}/s`] : []),
    ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft * 1000)} left`]),
    ...(calls > 0 ? [plural(calls, 'call')] : []),
    ...(tokens === undefined ? [] : [`${count(tokens)} tokens`]),
    ...(usd === undefined ? [] : [money(usd)]),
  ];
  const isIdle = state !== 'running' && state !== 'paused' && status !== 'done';
  return [
    parts.join(', '),
    ...(isIdle && command !== undefined ? [`  this goes on with it: ${oneLine(command)}`] : []),
  ];
}

function write(lines: readonly string[], { out }: Terminal): void {
  for (const line of lines) out.write(`${clip(line, out.columns - 1)}\n`);
}

const SAID: { readonly [change in RunChange]: readonly [state: string, words: string] } = {
  pause: ['paused', 'What is being worked on is finished, and nothing more is begun'],
  resume: ['running', 'It goes on'],
  cancel: ['cancelled', 'What was done is kept'],
};

export async function changeRun(
  change: RunChange,
  name: string,
  options: WatchOptions,
  terminal: Terminal,
): Promise<number> {
  const [state, words] = SAID[change];
  return onRuns(options, async ({ database, store }) => {
    const shared = database && (await (await import('../../cluster/index.ts')).changeSharedRun(database, name, change));
    if (!shared) {
      const { steerRun } = await import('../../store/index.ts');
      await runIn(store, name);
      await steerRun(store.runs, name, change);
    }
    if (options.json) writeJson(terminal, { name, state });
    else terminal.out.write(`${oneLine(name)} is ${state}. ${words}.\n`);
    return EXIT.good;
  });
}

/** Where runs lie. Workers do some of them where it is a PostgreSQL. */
interface Runs {
  readonly store: Store;
  readonly database: Database | undefined;
}

async function onRuns({ store: file = STORE }: WatchOptions, work: (runs: Runs) => Promise<number>): Promise<number> {
  return withStore(file, async (store) => {
    if (!isAddress(file)) return work({ store, database: undefined });
    const { NoWorkersYet, openDatabase } = await import('../../cluster/index.ts');
    const settings = { application: 'plusx runs', connections: 1, makesTables: false };
    const database = await openDatabase(file, settings).catch((error: unknown) => {
      if (error instanceof NoWorkersYet) return undefined;
      throw error;
    });
    try {
      return await work({ store, database });
    } finally {
      await database?.close();
    }
  });
}
