import { onAbort } from './abort.ts';

/** Time is passed in, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since an arbitrary start, never going back. */
  now(): number;
  /**
   * Calls `callback` after `ms` milliseconds; the returned function cancels it. Only with `hold` does the wait keep the
   * process alive: a deadline must not, a pause before the next try must.
   */
  after(ms: number, callback: () => void, hold?: 'hold'): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback, hold) {
    // setTimeout overflows at 2^31-1 ms and would fire at once.
    const timer: unknown = setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
    if (!hold && typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
      timer.unref();
    return () => clearTimeout(timer as number);
  },
};

/** Waits `ms` milliseconds, or rejects with the signal's reason as soon as it aborts. */
export function sleep(
  ms: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(
      ms,
      () => {
        stay();
        resolve();
      },
      'hold',
    );
    const stay = onAbort(signal, stop);
  });
}
