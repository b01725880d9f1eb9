/**
 * How many requests a host gets at one time, found as TCP finds its rate: one more for every answer while all goes well,
 * half as many when the host says it is too much, and one more a round from then on (Chiu and Jain, 1989). All models of
 * a host in this process share one limit.
 */
import { onAbort } from '../../core/context/abort.ts';

/** The place of one request. */
export interface Slot {
  /** Gives the place back. `overloaded`: the host turned the request away for being one too many. */
  release(outcome: 'ok' | 'overloaded' | 'other'): void;
}

export interface Limiter {
  /** Most requests in flight, as of now. */
  readonly limit: number;
  /** Waits in line for a place; rejects with the signal's reason when it aborts. */
  acquire(signal: AbortSignal): Promise<Slot>;
}

export interface LimiterOptions {
  /** Where the search starts: high, so that a healthy host is never the slower for it. */
  readonly start?: number;
  readonly most?: number;
}

export function createLimiter({ start = 64, most = 1024 }: LimiterOptions = {}): Limiter {
  let limit = start;
  let inFlight = 0;
  /** Counts the halvings: of all requests sent before one, only the first to fail halves. */
  let era = 0;
  const line: (() => void)[] = [];

  const enter = (): Slot => {
    inFlight++;
    const born = era;
    let open = true;
    return {
      release(outcome) {
        if (!open) return;
        open = false;
        inFlight--;
        if (outcome === 'ok') limit = Math.min(most, limit + (era === 0 ? 1 : 1 / limit));
        else if (outcome === 'overloaded' && born === era) {
          limit = Math.max(1, limit / 2);
          era++;
        }
        while (line.length > 0 && inFlight < Math.floor(limit)) line.shift()?.();
      },
    };
  };

  return {
    get limit() {
      return Math.floor(limit);
    },
    acquire: (signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (inFlight < Math.floor(limit) && line.length === 0) return resolve(enter());
        const leave = (): void => {
          line.splice(line.indexOf(admit), 1);
          reject(signal.reason);
        };
        const admit = (): void => {
          stay();
          resolve(enter());
        };
        line.push(admit);
        const stay = onAbort(signal, leave);
      }),
  };
}

const hosts = new Map<string, Limiter>();

/** The limiter of a host: one for the whole process. */
export function limiterOf(url: string): Limiter {
  const { host } = new URL(url);
  const limiter = hosts.get(host) ?? createLimiter();
  hosts.set(host, limiter);
  return limiter;
}

/** What a call waits for besides its place in this process. Resolves to what gives it back. */
export type Gate = (signal: AbortSignal) => Promise<() => void>;

/** Puts a gate before a host: limits that hold over several processes. It is for models that are opened from then on. */
export function limitHost(host: string, gate: Gate): void {
  const own = hosts.get(host) ?? createLimiter();
  hosts.set(host, {
    get limit() {
      return own.limit;
    },
    async acquire(signal) {
      const slot = await own.acquire(signal);
      try {
        const leave = await gate(signal);
        return {
          release(outcome) {
            leave();
            slot.release(outcome);
          },
        };
      } catch (error) {
        slot.release('other');
        throw error;
      }
    },
  });
}
