/** A clock that stands still while the work rests: a budget of time, a deadline and how long an item took do not count the rest. */
import { systemClock, type Clock } from '../../../core/index.ts';

export interface RestingClock extends Clock {
  /** From now on no time passes, until it goes on. */
  stop(): void;
  goOn(): void;
}

export function restingClock(real: Clock = systemClock): RestingClock {
  /** The real time at which it was stopped, and all the time that it stood still before. */
  let stoppedAt: number | undefined;
  let rested = 0;
  /** What became due by the real clock while this one stood still. */
  const late = new Set<() => void>();
  const now = (): number => (stoppedAt ?? real.now()) - rested;
  return {
    now,
    after(ms, callback, hold) {
      const due = now() + ms;
      let cancel: () => void;
      const wait = (): void => {
        cancel = real.after(due - now(), come, hold);
      };
      const come = (): void => {
        if (stoppedAt !== undefined) {
          late.add(wait);
          cancel = () => late.delete(wait);
        } else if (now() < due) wait();
        else callback();
      };
      wait();
      return () => cancel();
    },
    stop() {
      stoppedAt ??= real.now();
    },
    goOn() {
      if (stoppedAt === undefined) return;
      rested += real.now() - stoppedAt;
      stoppedAt = undefined;
      const all = [...late];
      late.clear();
      for (const wait of all) wait();
    },
  };
}
