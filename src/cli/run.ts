/** What every verb that calls a model does around its work: seed, budget, journal, interruption, and closing it all. */
import { rootScope, type Context, type Journal, type Progress, type Span, type Warning } from '../core/index.ts';
import { Cancelled, Interrupted } from './failure.ts';
import { openHost } from './compose/host.ts';
import { openStoreAt } from './store/open.ts';
import type { RunOptions } from './compose/options.ts';
import type { Terminal } from './terminal/terminal.ts';
import { count, oneLine } from './terminal/text.ts';

export interface Opened {
  readonly journal: Journal | undefined;
  close(): void | Promise<void>;
}

/** The journal of `--store FILE`, or none. */
export async function openJournal(file: string | undefined): Promise<Opened> {
  if (file === undefined) return { journal: undefined, close() {} };
  const store = await openStoreAt(file);
  return { journal: store.journal, close: () => store.close() };
}

const BETWEEN_WAITS = 1000;

/** Says on standard error that a server is waited for: at most one line a second, for many calls may wait at once. */
export function waitsOn({ err }: Terminal, quiet: boolean | undefined): (progress: Progress) => void {
  let last = -Infinity;
  return ({ kind, text }) => {
    const now = performance.now();
    if (kind !== 'wait' || quiet || now - last < BETWEEN_WAITS) return;
    last = now;
    err.write(`${err.isTerminal ? '\r\u001B[2K' : ''}${err.paint('dim', oneLine(text))}\n`);
  };
}

/** Runs `work` in a context made of the options. */
export async function withContext<T>(
  options: Pick<RunOptions, 'seed' | 'budget' | 'store' | 'memory' | 'quiet'> & {
    readonly trace?: boolean | 'texts' | undefined;
    readonly respond?: Terminal['respond'];
  },
  terminal: Terminal,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { journal, close: closeJournal } = await openJournal(options.store);
  const { host, close: closeHost } = await openHost(options, options.respond);
  const { context, close } = rootScope({
    host,
    seed: options.seed,
    budget: options.budget,
    journal,
    signal: terminal.signal,
    trace: options.trace,
    onProgress: waitsOn(terminal, options.quiet),
  });
  try {
    return await work(context);
  } finally {
    close();
    await closeHost();
    await closeJournal();
  }
}

/** The run's own span with its figures, once the work is over. */
export function closedSpan({ span, clock, ledger, signal }: Context): Span | undefined {
  if (!span) return undefined;
  span.end = clock.now();
  span.status = signal.aborted ? 'cancelled' : 'ok';
  span.usage = ledger.usage;
  return span;
}

export function writeWarnings(warnings: readonly Warning[], quiet: boolean | undefined, { err }: Terminal): void {
  if (quiet) return;
  const counts = new Map<string, number>();
  for (const { message } of warnings) counts.set(oneLine(message), (counts.get(oneLine(message)) ?? 0) + 1);
  for (const [message, times] of counts)
    err.write(`${err.paint('yellow', 'warning:')} ${message}${times > 1 ? ` (${count(times)} times)` : ''}
`);
}

/** Whether work ended because of Ctrl-C. */
export function isInterrupted({ signal }: Terminal): boolean {
  return signal.aborted && signal.reason instanceof Interrupted;
}

/** Says that what was printed is not the whole. */
export function writeInterrupted({ err, signal }: Terminal): void {
  const how = signal.reason instanceof Cancelled ? 'Cancelled:' : 'Interrupted:';
  err.write(`${err.paint('yellow', how)} this is what was done by then.\n`);
}
