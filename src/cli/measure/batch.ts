/**
 * `--batch`: what need not be answered at once goes through a provider's batch endpoint. Which request is in which batch is noted in the
 * store, so that a command that is repeated waits for the batches that are there.
 */
import type { Journal, Limits } from '../../core/index.ts';
import { batches, type BatchState } from '../../models/openai/batch/index.ts';
import type { Connect } from '../../models/openai/index.ts';
import type { Store } from '../../store/index.ts';
import { UsageError } from '../failure.ts';
import type { Output, Terminal } from '../terminal/terminal.ts';
import { count, oneLine } from '../terminal/text.ts';

export interface BatchVerbOptions {
  /** Send calls through the provider's batch endpoint. */
  readonly batch?: true | undefined;
  /** What a request costs in a batch, of its price. */
  readonly batchPrice?: number | undefined;
}

interface Given extends BatchVerbOptions {
  readonly run?: string | undefined;
  readonly store?: string | undefined;
  readonly workers?: true | undefined;
  readonly memory?: string | undefined;
  readonly until?: 'all' | 'decided' | undefined;
  readonly x?: string | undefined;
  readonly perQuestion?: Limits | undefined;
  readonly concurrency?: number | undefined;
  readonly quiet?: boolean | undefined;
}

/** Items in flight at once: all of a task, so that one batch holds them. */
const ALL = 50_000;

export interface Batches<O> {
  /** The options with which models are made, and items are asked. */
  readonly options: O & { readonly connect?: Connect | undefined };
  /** Where the batches are noted. Nothing is sent before it is called. */
  noteIn(store: Store | undefined): void;
}

/** What `--batch` makes of the options of a verb; the options themselves where it is not given. Throws UsageError. */
export function throughBatches<O extends Given>(options: O, { err }: Pick<Terminal, 'err'>): Batches<O> {
  if (options.batchPrice !== undefined && !options.batch)
    throw new UsageError('--batch-price is what a request costs in a batch: add --batch.');
  if (!options.batch) return { options, noteIn: () => undefined };
  refuse(options);
  const { promise, resolve } = Promise.withResolvers<Journal>();
  const journal: Journal = {
    get: async (key) => (await promise).get(key),
    put: async (key, entry) => (await promise).put(key, entry),
  };
  const onBatch = options.quiet ? undefined : teller(err);
  const connect = batches({ journal, share: options.batchPrice ?? 1, onBatch });
  return {
    options: { ...options, concurrency: options.concurrency ?? ALL, connect },
    noteIn: (store) => store && resolve(store.journal),
  };
}

function refuse({ run, store, workers, memory, until, x, perQuestion }: Given): void {
  const apart = (option: string, why: string): UsageError =>
    new UsageError(`--batch and ${option} do not go together: ${why}. Leave one of them out.`);
  if (workers) throw apart('--workers', 'one process gathers all requests, and waits for them');
  if (memory !== undefined)
    throw apart('--memory', 'one item builds on another, and each would wait for a batch of its own');
  if (until === 'decided') throw apart('--until decided', 'all items are asked at once, so that nothing is saved');
  if (x === 'seconds') throw apart('--x seconds', 'a batch takes the time that it takes');
  if (perQuestion?.ms !== undefined) throw apart('--per-question ms', 'a batch takes the time that it takes');
  if (run === undefined && store === undefined)
    throw new UsageError(
      '--batch may wait for hours, and goes on where it was if it is repeated: name the run with --run NAME, or a store with --store FILE.',
    );
}

/** Says on standard error what becomes of each batch, where that has changed. */
function teller(err: Output): (batch: BatchState) => void {
  const told = new Map<string, string>();
  return ({ id, status, requests, answered, since }) => {
    const of = requests === undefined ? '' : `, ${count(answered ?? 0)} of ${count(requests)} answered`;
    const from = since === undefined ? '' : `, since ${new Date(since).toISOString().slice(0, 16).replace('T', ' ')}`;
    const line = `Batch ${id}: ${status}${of}${from}`;
    if (told.get(id) === line) return;
    told.set(id, line);
    err.write(`${err.isTerminal ? '\r\u001B[2K' : ''}${err.paint('dim', oneLine(line))}\n`);
  };
}
