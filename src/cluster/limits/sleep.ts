/** Waiting for a time of this process's own clock, which nobody sets. */
import { onAbort } from '../../core/context/abort.ts';

/** Resolves at `time` of `performance.now()`, never before; rejects with the signal's reason when it aborts. */
export function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stay = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
    const look = (): void => {
      const left = time - performance.now();
      if (left > 0) timer = setTimeout(look, Math.ceil(left));
      else {
        stay?.();
        resolve();
      }
    };
    look();
  });
}
