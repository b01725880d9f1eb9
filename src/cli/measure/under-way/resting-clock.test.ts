import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { BudgetExceeded, rootScope, type Clock } from '../../../core/index.ts';
import { restingClock } from './resting-clock.ts';

/** A clock that somebody moves. */
function handClock(): Clock & { pass(ms: number): void } {
  let time = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => time,
    after(ms, callback) {
      const timer = { at: time + Math.max(0, ms), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      const end = time + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (!next) break;
        time = next.at;
        timers.delete(next);
        next.callback();
      }
      time = end;
    },
  };
}

it('a budget of time is that of the work, however it rests: it ends when the work has taken as long', () => {
  const spans = fc.array(fc.record({ rests: fc.boolean(), ms: fc.integer({ min: 0, max: 50 }) }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), spans, (ms, parts) => {
      const real = handClock();
      const clock = restingClock(real);
      const { context, close } = rootScope({ budget: { ms }, clock });
      let worked = 0;
      for (const part of parts) {
        if (part.rests) clock.stop();
        else clock.goOn();
        real.pass(part.ms);
        if (!part.rests) worked += part.ms;
        expect(clock.now()).toBe(worked);
        expect(context.signal.aborted).toBe(worked >= ms);
      }
      clock.goOn();
      real.pass(ms - worked);
      expect(context.signal.reason).toBeInstanceOf(BudgetExceeded);
      close();
    }),
  );
});

it('what is no longer waited for does not come, though it was due while the clock stood still', () => {
  const real = handClock();
  const clock = restingClock(real);
  const came: string[] = [];
  const cancel = clock.after(10, () => came.push('cancelled'));
  clock.after(20, () => came.push('kept'));
  clock.stop();
  clock.stop(); // asked twice
  real.pass(100);
  expect(came).toEqual([]);
  cancel();
  clock.goOn();
  clock.goOn();
  real.pass(19);
  expect(came).toEqual([]);
  real.pass(1);
  expect(came).toEqual(['kept']);
});
