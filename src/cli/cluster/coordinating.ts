/** An evaluation whose items are done by workers: `--workers`. */
import { createHash } from 'node:crypto';
import { coordinate, forgetRun, openDatabase, openQueue } from '../../cluster/index.ts';
import { lostElsewhere, readElsewhere, type DoneElsewhere } from '../../evaluate/elsewhere/elsewhere.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { oneLine } from '../terminal/text.ts';

/** A run that workers do. */
export interface Coordinated {
  /** What comes of the item, by its id. */
  readonly elsewhere: (item: { readonly id: string }) => Promise<DoneElsewhere>;
  /** Aborts where the run cannot go on: it was cancelled, or another process has it. */
  readonly failed: AbortSignal;
  /** All results are kept elsewhere: what workers shared for the run is deleted. */
  finished(): Promise<void>;
  /** Stops handing out. */
  close(): Promise<void>;
}

/** The name of a run that was given none: the same command has the same. */
export const nameOf = (spec: string): string => `eval-${createHash('sha256').update(spec).digest('hex').slice(0, 12)}`;

/** Begins to hand out items, or goes on with them. */
export async function coordinating(
  address: string,
  {
    run,
    spec,
    units,
    priority,
  }: { run: string; spec: string; units: readonly string[]; priority?: number | undefined },
  terminal: Terminal,
  quiet: boolean | undefined,
): Promise<Coordinated> {
  const database = await openDatabase(address, { application: 'plusx coordinator' });
  const failed = new AbortController();
  const over = new AbortController();
  const results = new Map(units.map((unit) => [unit, Promise.withResolvers<DoneElsewhere>()]));
  for (const { promise } of results.values()) promise.catch(() => undefined); // who waits for it is told
  let said = '';
  const queue = await openQueue(database).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const working = coordinate(database, queue, {
    run,
    spec,
    units,
    priority,
    signal: AbortSignal.any([terminal.signal, over.signal]),
    onResult({ unit, status, result }) {
      const done = status === 'lost' ? lostElsewhere(Number(JSON.parse(result).workers)) : readElsewhere(result);
      results.get(unit)?.resolve(done);
    },
    onIdle(why) {
      if (quiet || why === said) return;
      said = why;
      terminal.err.write(`${terminal.err.paint('yellow', 'waiting:')} ${oneLine(why)}\n`);
    },
  }).catch((error: unknown) => {
    if (over.signal.aborted) return;
    failed.abort(error);
    for (const { reject } of results.values()) reject(error);
  });
  return {
    elsewhere: ({ id }) => results.get(id)?.promise ?? Promise.reject(new Error(`no unit ${id}`)),
    failed: failed.signal,
    async finished() {
      await working;
      await forgetRun(database, run);
    },
    async close() {
      over.abort(new Error('no longer wanted'));
      await working;
      await queue.close();
      await database.close();
    },
  };
}
