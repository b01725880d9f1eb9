/** `plusx worker`: does the items of runs that are handed out on a store in PostgreSQL, until it is stopped. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  budgetOf,
  openDatabase,
  openQueue,
  sharedBudget,
  sharedPlaces,
  sharedRate,
  work,
  type Accepted,
  type Database,
  type SharedBudget,
  type SharedRun,
} from '../../cluster/index.ts';
import { basesOf, StoreError } from '../../core/index.ts';
import { doItem } from '../../evaluate/elsewhere/elsewhere.ts';
import { itemsOf } from '../../evaluate/eval.ts';
import { limitHost } from '../../models/http/index.ts';
import { EntryRefused } from '../../store/drivers/postgres-error.ts';
import type { Store } from '../../store/index.ts';
import { openHost } from '../compose/host.ts';
import type { HostLimit } from '../compose/options.ts';
import { memoryOfTask } from '../compose/task.ts';
import { UsageError } from '../failure.ts';
import { openStoreAt } from '../store/open.ts';
import { EXIT, type Terminal } from '../terminal/terminal.ts';
import { oneLine } from '../terminal/text.ts';
import { addressForWorkers } from './options.ts';
import { openRun, readSpec } from './spec.ts';
import { telling } from './telling.ts';
import { readUnit } from './units.ts';

export interface WorkerOptions {
  readonly store?: string | undefined;
  /** The models that it works with; all that it can open where none is named. */
  readonly models?: readonly string[] | undefined;
  readonly concurrency?: number | undefined;
  /** Calls a second of a host, over all workers. */
  readonly rate?: readonly HostLimit[] | undefined;
  /** Calls at one time of a host, over all workers. */
  readonly inFlight?: readonly HostLimit[] | undefined;
  readonly quiet?: true | undefined;
}

const CONCURRENCY = 8;

export async function startWorker(options: WorkerOptions, terminal: Terminal): Promise<number> {
  const address = addressForWorkers(options);
  const { concurrency = CONCURRENCY, quiet } = options;
  const id = randomUUID();
  const place = `${hostname()} ${process.pid}`;
  const say = (text: string): void => {
    if (!quiet) terminal.err.write(`${oneLine(text)}\n`);
  };
  const store = await openStoreAt(address);
  const database = await openDatabase(address, { application: 'plusx worker', patienceMs: 600_000 });
  const queue = await openQueue(database);
  const closeLimits = await holdLimits(database, id, options);
  const accept = (run: SharedRun): Promise<Accepted> =>
    accepted(run, { database, store, id, models: options.models }, terminal);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort(new Error('ended'))); // as an orchestrator asks: what runs is finished
  say(`Works on ${database.shown}, ${concurrency} items at one time. Ctrl-C finishes them and ends it.`);
  try {
    await work(database, queue, {
      id,
      place,
      concurrency,
      accept,
      signal: AbortSignal.any([terminal.signal, stop.signal]),
      onEvent: telling(say),
    });
    return EXIT.good;
  } finally {
    await closeLimits();
    await queue.close();
    await database.close();
    await store.close();
  }
}

/** Limits of providers that hold over all workers that name them. */
async function holdLimits(
  database: Database,
  holder: string,
  { rate = [], inFlight = [] }: WorkerOptions,
): Promise<() => Promise<void>> {
  const places = new Map(
    await Promise.all(
      inFlight.map(
        async ({ host, most }) => [host, await sharedPlaces(database, { name: host, holder, most })] as const,
      ),
    ),
  );
  const rates = new Map(rate.map(({ host, most }) => [host, sharedRate(database, { name: host, perSecond: most })]));
  for (const host of new Set([...places.keys(), ...rates.keys()]))
    limitHost(host, async (signal) => {
      const place = await places.get(host)?.enter(signal);
      try {
        await rates.get(host)?.start(signal);
      } catch (error) {
        place?.leave();
        throw error;
      }
      return () => place?.leave();
    });
  return async () => {
    for (const own of places.values()) await own.close();
  };
}

interface At extends Pick<WorkerOptions, 'models'> {
  readonly database: Database;
  readonly store: Store;
  readonly id: string;
}

/** Opens what the items of a run need. */
async function accepted(run: SharedRun, { database, store, id, models }: At, terminal: Terminal): Promise<Accepted> {
  const spec = readSpec(run.spec);
  const { task, models: opened, lineOf } = await openRun(spec, store.journal, terminal);
  const bases = opened.flatMap((model) => basesOf(model).map(({ name }) => name));
  const other = models && bases.find((name) => !models.includes(name));
  if (other !== undefined) throw new UsageError(`The model ${other} is none of --models ${models?.join(',')}.`);
  const { seed, budget: limits } = spec;
  const items = new Map(itemsOf(task, undefined).map((item) => [item.id, item]));
  const { host, close } = await openHost();
  const budgets = new Map<number, Promise<SharedBudget>>();
  const budgetAt = (line: number): Promise<SharedBudget> => {
    // A run that was paused is opened anew, and what was held of its budget before stays spent.
    const budget =
      budgets.get(line) ??
      sharedBudget(database, { name: budgetOf(run.name, line), holder: `${id} ${randomUUID()}`, limits });
    budgets.set(line, budget);
    budget.catch(() => budgets.delete(line)); // the next unit tries again
    return budget;
  };
  return {
    isCoarse: spec.verb === 'ask' || spec.split === 'branches',
    async work(unit, signal) {
      const wanted = readUnit(unit);
      const { line: number, parts, share } = wanted;
      const [item, line] = [items.get(wanted.item), await lineOf(wanted)];
      if (!item || !line) throw new UsageError(`${task.name} has no item ${wanted.item} here.`);
      const works = parts.flatMap((part) => line.parts[part] ?? []);
      return doItem(item, works, {
        order: line.order,
        isAlone: spec.verb === 'ask' || line.isAlone,
        share,
        seed,
        signal,
        journal: store.journal,
        run: `${run.serial} ${budgetOf(run.name, number)}`,
        host: { memory: memoryOfTask(task), ...host },
        budget: await budgetAt(number),
        // What is answered while nothing can be stored is asked again when it can.
        isNoResult: (error) => error instanceof StoreError && !(error instanceof EntryRefused),
      });
    },
    async close() {
      for (const budget of budgets.values()) await (await budget).close();
      await close();
    },
  };
}
