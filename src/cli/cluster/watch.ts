/** `plusx runs watch` and its sisters: runs that workers do, from any machine. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  openDatabase,
  progressOf,
  setSharedState,
  sharedRuns,
  type Database,
  type SharedRun,
  type SharedRunProgress,
  type SharedRunState,
} from '../../cluster/index.ts';
import { UsageError } from '../failure.ts';
import { EXIT, writeJson, type Terminal } from '../terminal/terminal.ts';
import { clip, count, duration, money, oneLine, plural } from '../terminal/text.ts';
import { addressForWorkers } from './options.ts';

export interface WatchOptions {
  readonly store?: string | undefined;
  /** Show it once, and do not wait. */
  readonly once?: true | undefined;
  readonly json?: true | undefined;
}

const EVERY_MS = 1000;

/** Shows how a run stands until it is over. */
export async function watchRun(name: string, options: WatchOptions, terminal: Terminal): Promise<number> {
  return onRuns(options, async (database) => {
    for (;;) {
      const progress = (await progressOf(database, name)) ?? (await unknownRun(database, name));
      const { spec: _, ...shown } = progress;
      if (options.json) writeJson(terminal, shown);
      else write(progress, terminal);
      const isOver = progress.state !== 'running' && progress.state !== 'paused';
      if (options.once || isOver || terminal.signal.aborted) return EXIT.good;
      await sleep(EVERY_MS, undefined, { signal: terminal.signal }).catch(() => undefined);
      if (!(await progressOf(database, name))) {
        if (!options.json) terminal.out.write('It is over: `plusx runs show` has its results.\n');
        return EXIT.good;
      }
    }
  });
}

function write(progress: SharedRunProgress, { out }: Terminal): void {
  const { name, state, done, total, lost, rate, secondsLeft, spent, workers, declined } = progress;
  const parts = [
    `${oneLine(name)}: ${state}`,
    `${count(done)} of ${plural(total, 'item')}`,
    ...(lost > 0 ? [`${count(lost)} set aside`] : []),
    `${rate.toFixed(1)}/s`,
    ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft * 1000)} left`]),
    ...(spent ? [`${plural(spent.calls, 'call')}, ${count(spent.tokens)} tokens, ${money(spent.usd)}`] : []),
    plural(workers.length, 'worker'),
  ];
  out.write(`${clip(parts.join(', '), out.columns - 1)}\n`);
  for (const { place, why } of declined)
    out.write(`${clip(`  ${place} leaves it: ${oneLine(why)}`, out.columns - 1)}\n`);
}

const CHANGES = {
  pause: { to: 'paused', from: ['running'], said: 'What is being worked on is finished, and nothing more is begun' },
  resume: { to: 'running', from: ['paused'], said: 'It goes on' },
  cancel: { to: 'cancelled', from: ['running', 'paused', 'stopped'], said: 'What was done is kept' },
} as const satisfies {
  readonly [verb: string]: { to: SharedRunState; from: readonly SharedRunState[]; said: string };
};

export async function changeRun(
  verb: keyof typeof CHANGES,
  name: string,
  options: WatchOptions,
  terminal: Terminal,
): Promise<number> {
  const { to, from, said } = CHANGES[verb];
  return onRuns(options, async (database) => {
    const run: SharedRun = (await setSharedState(database, name, to, from)) ?? (await unknownRun(database, name));
    if (run.state !== to)
      throw new UsageError(
        `Run ${JSON.stringify(name)} is ${run.state}, and only one that is ${from.join(' or ')} can be ${to}.`,
      );
    if (options.json) writeJson(terminal, { name, state: run.state });
    else terminal.out.write(`${oneLine(name)} is ${run.state}. ${said}.\n`);
    return EXIT.good;
  });
}

async function unknownRun(database: Database, name: string): Promise<never> {
  const names = (await sharedRuns(database)).map((run) => run.name);
  throw new UsageError(
    `Workers have no run ${JSON.stringify(name)}. They have ${names.length > 0 ? names.join(', ') : 'none'}: --workers makes one.`,
  );
}

async function onRuns(options: WatchOptions, work: (database: Database) => Promise<number>): Promise<number> {
  const database = await openDatabase(addressForWorkers(options), { application: 'plusx runs', connections: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
