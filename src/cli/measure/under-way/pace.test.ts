import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { pacing } from './pace.ts';

it('work at one speed has that speed, however long it goes on', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200 }), (perSecond, seconds) => {
      let now = 0;
      const pace = pacing(() => now);
      for (let second = 1; second <= seconds; second++) {
        now = 1000 * second;
        pace.at(perSecond * second);
      }
      expect(pace.rate()).toBeCloseTo(perSecond, 9);
    }),
  );
});

it('what was fast at first is forgotten, and slow work is looked at for longer than ten seconds', () => {
  let now = 0;
  const pace = pacing(() => now);
  expect(pace.rate()).toBe(0);
  for (let step = 1; step <= 100; step++) pace.at(step); // read again from the journal
  for (let step = 1; step <= 30; step++) {
    now = 60_000 * step;
    pace.at(100 + step);
  }
  expect(pace.rate()).toBeCloseTo(1 / 60, 9);
});

it('a rest is no slow work, and a second part of the work begins anew', () => {
  let now = 0;
  const pace = pacing(() => now);
  now = 10_000;
  pace.at(100);
  now = 1_000_000;
  pace.restart();
  now = 1_001_000;
  pace.at(110);
  expect(pace.rate()).toBeCloseTo(10, 9);
  pace.at(0);
  now = 1_003_000;
  pace.at(4);
  expect(pace.rate()).toBeCloseTo(2, 9);
});
