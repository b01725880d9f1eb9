/**
 * One call in flight for all that wait for a draw: formulas that run side by side over one journal ask for the same draw once. Who
 * asked first makes the call. If it leaves while others wait, the call goes on for them.
 */
import { onAbort } from '../context/abort.ts';
import type { Journal, JournalEntry } from './journal.ts';

/** What became of a call: an entry, what broke it, or that whoever was to make it gave it up before it began. */
export type Landing =
  | { readonly kind: 'entry'; readonly entry: JournalEntry }
  | { readonly kind: 'broken'; readonly error: unknown }
  | { readonly kind: 'given up' };

/** A call under way, as those see it that wait for it. */
export interface Flight {
  /** Rejects when `signal` aborts. */
  wait(signal: AbortSignal): Promise<Landing>;
}

/** A call under way, as the one sees it that makes it. */
export interface Departure {
  /** Aborts once nobody waits for the call any more. */
  readonly signal: AbortSignal;
  /** Tells those that wait for this key. */
  land(key: string, landing: Landing): void;
  /** The same for all keys that nothing was told of; nobody can wait for it from now on. */
  close(landing: Landing): void;
}

interface Airspace {
  readonly flights: Map<string, Flight>;
  /** How many have landed: one that looked into the journal before the last of them has to look again. */
  landed: number;
}

const airspaces = new WeakMap<Journal, Airspace>();

function airspaceOf(journal: Journal): Airspace {
  const known = airspaces.get(journal);
  if (known) return known;
  const made: Airspace = { flights: new Map(), landed: 0 };
  airspaces.set(journal, made);
  return made;
}

/** The call that is under way for a key. */
export const flightOf = (journal: Journal, key: string): Flight | undefined => airspaceOf(journal).flights.get(key);

/** How many calls over this journal have landed so far. */
export const landedOf = (journal: Journal): number => airspaceOf(journal).landed;

/** Begins a call for keys that no call is under way for. `signal` is that of the one that makes it. */
export function depart(journal: Journal | undefined, keys: readonly string[], signal: AbortSignal): Departure {
  const stopper = new AbortController();
  let waiting = 0;
  const stopIfUnwanted = (): void => {
    if (signal.aborted && waiting === 0) stopper.abort(signal.reason);
  };
  const stay = signal.aborted ? undefined : onAbort(signal, stopIfUnwanted);
  stopIfUnwanted();
  const airspace = journal && airspaceOf(journal);
  const open = new Map<string, Set<(landing: Landing) => void>>();
  for (const key of airspace ? keys : []) {
    const waiters = new Set<(landing: Landing) => void>();
    open.set(key, waiters);
    airspace?.flights.set(key, {
      wait: (own) =>
        new Promise((resolve, reject) => {
          if (own.aborted) return reject(own.reason);
          waiting++;
          const leave = (): void => {
            waiters.delete(tell);
            waiting--;
            stopIfUnwanted();
          };
          const stay = onAbort(own, () => {
            leave();
            reject(own.reason);
          });
          const tell = (landing: Landing): void => {
            stay();
            leave();
            resolve(landing);
          };
          waiters.add(tell);
        }),
    });
  }
  const land = (key: string, landing: Landing): void => {
    const waiters = open.get(key);
    if (!waiters || !airspace) return;
    open.delete(key);
    airspace.flights.delete(key);
    airspace.landed++;
    for (const tell of waiters) tell(landing);
  };
  return {
    signal: stopper.signal,
    land,
    close(landing) {
      stay?.();
      for (const key of open.keys()) land(key, landing);
    },
  };
}
