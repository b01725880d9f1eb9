/** Measurements whose items are done by workers: `--workers`. */
import { createHash } from 'node:crypto';
import {
  coordinate,
  forgetRun,
  openDatabase,
  openQueue,
  RunCancelled,
  type CoordinatorOptions,
  type Database,
  type SharedRun,
} from '../../cluster/index.ts';
import type { Limits } from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';
import {
  lostElsewhere,
  readElsewhere,
  type DoneElsewhere,
  type Elsewhere,
} from '../../evaluate/elsewhere/elsewhere.ts';
import { handedOut } from '../../evaluate/elsewhere/division.ts';
import { isInterrupted } from '../run.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { oneLine } from '../terminal/text.ts';
import type { Split } from '../compose/options.ts';
import { addressForWorkers, type WorkersOptions } from './options.ts';
import { readSpec, specOf, type SpecOptions } from './spec.ts';
import { inWords, readUnit, writeUnit, type Unit } from './units.ts';

/** Workers that do the items of a run. */
export interface Workers {
  /** Where items are done, what ends the run, and what limits it here: workers hold its other limits. `line`: which of several curves. */
  how(
    line?: number,
    split?: Split,
  ): {
    readonly elsewhere: Elsewhere;
    readonly signal: AbortSignal;
    readonly budget: Pick<Limits, 'ms'>;
    /** Each call is in the journal of the worker that made it. */
    readonly journal: undefined;
  };
  /** Who does the items of a round of a search, by what workers are told of it. */
  inChapter(chapter: string): Elsewhere;
  /** Throws where the run could not go on: it was cancelled, or another process has it. */
  check(): void;
  /** Whether it was somebody who ended the run. */
  isCancelled(): boolean;
}

type Options = WorkersOptions &
  Parameters<typeof specOf>[1] &
  Parameters<typeof addressForWorkers>[0] & {
    readonly run?: string | undefined;
    readonly quiet?: boolean | undefined;
    readonly budget?: Limits | undefined;
  };

/** Hands the items of a run out, or goes on with them, while `work` measures. What workers shared is deleted when that is done. */
export async function byWorkers<T>(
  { units, ...facts }: Omit<SpecOptions, 'budget'> & { readonly units: number },
  { run: named, priority, quiet, budget: { ms, ...budget } = {}, ...options }: Options,
  terminal: Terminal,
  work: (workers: Workers, run: string) => Promise<T>,
): Promise<T> {
  const spec = specOf({ ...facts, budget }, options);
  const run = named ?? nameOf(spec);
  const { ask, failed, finished, close } = await coordinating(
    addressForWorkers(options),
    { run, spec, units, priority },
    terminal,
    quiet,
  );
  const signal = AbortSignal.any([terminal.signal, failed]);
  const version = facts.search?.reflect && 3;
  const workers: Workers = {
    how: (line = 0, split = 'items') => ({
      elsewhere: ({ id }, parts) => {
        const unit = { item: id, line, parts };
        return split === 'items' ? ask(writeUnit(unit)) : inBranches(unit, ask);
      },
      signal,
      budget: { ms },
      journal: undefined,
    }),
    inChapter: (chapter) => (item, parts) => ask(writeUnit({ item: item.id, line: 0, parts, chapter, version })),
    check: () => failed.throwIfAborted(),
    isCancelled: () => failed.reason instanceof RunCancelled,
  };
  try {
    const result = await work(workers, run);
    if (!isInterrupted(terminal)) await finished();
    return result;
  } finally {
    await close();
  }
}

/**
 * Has an item done by its branches: it is run until it comes to some that are worth handing out, these are done side by side, and then
 * it is run again and goes on from there.
 */
export async function inBranches(
  unit: Unit,
  ask: Coordinated['ask'],
  signal?: AbortSignal,
): Promise<readonly DoneElsewhere[]> {
  const done: string[] = [];
  const earlier: DoneElsewhere[][] = unit.parts.map(() => []);
  const note = (results: readonly DoneElsewhere[]): readonly DoneElsewhere[] => {
    for (const [i, one] of results.entries()) earlier[i]?.push(one);
    return results;
  };
  const stopped = <T>(work: Promise<T>): Promise<T> => (signal ? stoppable(work, signal) : work);
  for (;;) {
    const results = await stopped(ask(writeUnit({ ...unit, share: { done: [...done] } })));
    const met = results.find((one) => one.met)?.met;
    if (!met) return results.map((one, i) => warned(one, earlier[i] ?? []));
    note(results);
    const lost = await stopped(
      firstLost(
        handedOut(met).map(async (branches) =>
          note(await ask(writeUnit({ ...unit, share: { done: [...done], branches } }))),
        ),
      ),
    );
    if (lost) return unit.parts.map(() => lost);
    done.push(met.place);
  }
}

/** A result with what those who did branches of it were warned of: each warning counts once, whoever gives it. */
const warned = (result: DoneElsewhere, branches: readonly DoneElsewhere[]): DoneElsewhere => {
  const all = [...branches, result];
  return {
    ...result,
    warnings: all.flatMap(({ warnings }) => warnings),
    withdrawn: all.flatMap(({ withdrawn = [] }) => withdrawn),
  };
};

/** Waits for branches, of which nothing comes but draws in the journal, until one is set aside: without it the item comes to nothing. */
async function firstLost(branches: readonly Promise<readonly DoneElsewhere[]>[]): Promise<DoneElsewhere | undefined> {
  const lost = Promise.withResolvers<DoneElsewhere>();
  const look = async (branch: Promise<readonly DoneElsewhere[]>): Promise<void> => {
    const found = (await branch).find(({ error }) => error);
    if (found) lost.resolve(found);
  };
  return Promise.race([lost.promise, Promise.all(branches.map(look)).then(() => undefined)]);
}

/** The name of a run that was given none: the same command has the same. */
export function nameOf(spec: string): string {
  return `${readSpec(spec).verb}-${createHash('sha256').update(spec).digest('hex').slice(0, 12)}`;
}

/** A run whose units are handed out as they are asked for. */
export interface Coordinated {
  readonly database: Database;
  /** The run, once it is there; rejects where it cannot be had. */
  readonly opened: Promise<SharedRun>;
  /** What comes of a unit, which is handed out when it is first asked for. */
  readonly ask: (unit: string) => Promise<readonly DoneElsewhere[]>;
  /** Aborts where the run cannot go on. */
  readonly failed: AbortSignal;
  /** All results are kept elsewhere: what workers shared for the run is deleted. */
  finished(): Promise<void>;
  /** Stops handing out. */
  close(): Promise<void>;
}

export async function coordinating(
  address: string,
  { units, ...how }: { readonly units: number } & Pick<CoordinatorOptions, 'run' | 'spec' | 'priority' | 'ends'>,
  terminal: Terminal,
  quiet: boolean | undefined,
): Promise<Coordinated> {
  const database = await openDatabase(address, { application: 'plusx coordinator' });
  const failed = new AbortController();
  const over = new AbortController();
  const results = new Map<string, PromiseWithResolvers<readonly DoneElsewhere[]>>();
  let wanted: string[] | undefined = [];
  const opened = Promise.withResolvers<SharedRun>();
  opened.promise.catch(() => undefined); // whoever waits for it is told
  let said = '';
  const queue = await openQueue(database).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const working = coordinate(database, queue, {
    ...how,
    units: {
      get total() {
        return Math.max(units, results.size); // items that are done by their branches are more units
      },
      next() {
        const asked = wanted;
        if (wanted) wanted = [];
        return asked;
      },
    },
    signal: AbortSignal.any([terminal.signal, over.signal]),
    onOpen: opened.resolve,
    onResult({ unit, status, result }) {
      const lost = (): DoneElsewhere[] => {
        const of = readUnit(unit);
        return of.parts.map(() => lostElsewhere(Number(JSON.parse(result).workers), of.share && inWords(of)));
      };
      results.get(unit)?.resolve(status === 'lost' ? lost() : readElsewhere(result));
    },
    onRest: (isPaused) => terminal.steering?.othersRest(isPaused),
    onIdle(why) {
      if (quiet || why === said) return;
      said = why;
      terminal.err.write(`${terminal.err.paint('yellow', 'waiting:')} ${oneLine(why)}\n`);
    },
  })
    .catch((error: unknown) => {
      opened.reject(error);
      if (over.signal.aborted) return;
      failed.abort(error);
      for (const { reject } of results.values()) reject(error);
    })
    .finally(() => terminal.steering?.othersRest(false)); // nobody else works on it any longer
  return {
    database,
    opened: opened.promise,
    async ask(unit) {
      failed.signal.throwIfAborted();
      const known = results.get(unit);
      if (known) return known.promise;
      const fresh = Promise.withResolvers<readonly DoneElsewhere[]>();
      fresh.promise.catch(() => undefined); // who waits for it is told
      results.set(unit, fresh);
      wanted?.push(unit);
      return fresh.promise;
    },
    failed: failed.signal,
    async finished() {
      wanted = undefined;
      await working;
      failed.signal.throwIfAborted();
      await forgetRun(database, how.run);
    },
    async close() {
      over.abort(new Error('no longer wanted'));
      await working;
      await queue.close();
      await database.close();
    },
  };
}
