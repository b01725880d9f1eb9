/** A clock whose time passes only when everything waits for it: runs with limits in milliseconds that end the same on every machine. */
import type { Clock } from '../../src/core/index.ts';

export interface OwnTime extends Clock {
  /** How often time went on: what happens between two steps happens at once. */
  step(): number;
  /** Waits, or rejects with the reason of the signal. */
  pass(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** Lets time pass until the work is done; `hangs` where it waits for nothing that time would bring. */
  until<T>(work: Promise<T>): Promise<T | 'hangs'>;
  /** Lets everything happen that still waits for its time. */
  settle(): Promise<void>;
}

/** Turns of the event loop after which work that waits for nothing is held to wait for ever. */
const PATIENCE = 300;

export function timeOfItsOwn(): OwnTime {
  let now = 0;
  let steps = 0;
  const timers = new Map<number, { readonly at: number; readonly call: () => void }>();
  let made = 0;
  const after: Clock['after'] = (ms, call) => {
    const id = made++;
    timers.set(id, { at: now + Math.max(0, ms), call });
    return () => void timers.delete(id);
  };
  /** The next moment at which something happens. Of what happens at one moment, the first that asked for it comes first. */
  const advance = (): boolean => {
    const next = [...timers].reduce<[number, { at: number; call: () => void }] | undefined>(
      (first, one) => (first && first[1].at <= one[1].at ? first : one),
      undefined,
    );
    if (!next) return false;
    timers.delete(next[0]);
    now = Math.max(now, next[1].at);
    steps++;
    next[1].call();
    return true;
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    step: () => steps,
    after,
    pass: (ms, signal) =>
      new Promise((resolve, reject) => {
        const stop = after(ms, resolve);
        signal?.addEventListener('abort', () => (stop(), reject(signal.reason)), { once: true });
      }),
    async until(work) {
      const state = { done: false };
      work.catch(() => undefined).finally(() => (state.done = true));
      for (let idle = 0; idle < PATIENCE;) {
        await turn();
        if (state.done) return work;
        idle = advance() ? 0 : idle + 1;
      }
      return 'hangs';
    },
    async settle() {
      do await turn();
      while (advance());
    },
  };
}
