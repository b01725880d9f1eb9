/** Places for requests at one time. Keys take turns, so that one with many requests does not hold up the others. */
import { onAbort } from '../../core/context/abort.ts';
import { Refusal } from '../failure.ts';

export interface Queue {
  /** Waits for a place; resolves to what gives it back. Rejects with the signal's reason; the signal is read only to wait. */
  enter(key: string, most: number, until: { readonly signal: AbortSignal }): Promise<() => void>;
  readonly waiting: number;
}

export interface QueueOptions {
  /** Requests at one time, of all keys together. */
  readonly most: number;
  /** Requests of one key that may wait. */
  readonly mostWaiting: number;
}

interface Line {
  inFlight: number;
  most: number;
  readonly waiting: (() => void)[];
}

/** Keys with nothing under way whose lines are kept. */
const MOST_IDLE = 1000;

export function createQueue({ most, mostWaiting }: QueueOptions): Queue {
  /** In the order of their turns: who was served goes to the end. */
  const lines = new Map<string, Line>();
  let inFlight = 0;
  let waiting = 0;

  const take = (key: string, line: Line): (() => void) => {
    inFlight++;
    line.inFlight++;
    // A map that entries leave and enter with every request is made anew all the time.
    if (lines.size > 1) {
      lines.delete(key);
      lines.set(key, line);
    }
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      inFlight--;
      line.inFlight--;
      if (line.inFlight === 0 && line.waiting.length === 0 && lines.size > MOST_IDLE) lines.delete(key);
      if (waiting > 0) next();
    };
  };
  const next = (): void => {
    for (;;) {
      const hasRoom = inFlight < most;
      const ready = hasRoom && [...lines.values()].find((line) => line.waiting.length > 0 && line.inFlight < line.most);
      if (!ready) return;
      ready.waiting.shift()?.();
    }
  };

  const lineOf = (key: string): Line => {
    const made: Line = { inFlight: 0, most: Infinity, waiting: [] };
    lines.set(key, made);
    return made;
  };

  return {
    get waiting() {
      return waiting;
    },
    enter(key, mostOfKey, until) {
      const line = lines.get(key) ?? lineOf(key);
      line.most = mostOfKey;
      if (inFlight < most && line.inFlight < mostOfKey && line.waiting.length === 0)
        return Promise.resolve(take(key, line));
      if (line.waiting.length >= mostWaiting)
        return Promise.reject(
          new Refusal(
            `${line.inFlight} requests of this key are under way, and ${mostWaiting} wait. Send fewer at one time.`,
            {
              status: 429,
              code: 'too_many_requests',
              retryAfter: 1,
            },
          ),
        );
      const { signal } = until;
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error);
        waiting++;
        const go = (): void => {
          stay();
          waiting--;
          resolve(take(key, line));
        };
        const stay = onAbort(signal, () => {
          waiting--;
          line.waiting.splice(line.waiting.indexOf(go), 1);
          reject(signal.reason as Error);
        });
        line.waiting.push(go);
      });
    },
  };
}
