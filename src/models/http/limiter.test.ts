import { array, assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { expect, it } from 'vitest';
import { createLimiter, limiterOf, type Slot } from './limiter.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('lets the first 64 in at once', async () => {
  const limiter = createLimiter();
  const slots = await Promise.all(Array.from({ length: 64 }, () => limiter.acquire(never)));
  expect(slots).toHaveLength(64);
});

it('doubles a round as long as nobody complains', async () => {
  const limiter = createLimiter({ start: 4 });
  for (const most of [4, 8, 16]) {
    expect(limiter.limit).toBe(most);
    const slots = await Promise.all(Array.from({ length: most }, () => limiter.acquire(never)));
    for (const slot of slots) slot.release('ok');
  }
});

it('halves once for requests turned away together, and finds its way back one by one', async () => {
  const limiter = createLimiter({ start: 8 });
  const slots = await Promise.all(Array.from({ length: 8 }, () => limiter.acquire(never)));
  for (const slot of slots) slot.release('overloaded');
  expect(limiter.limit).toBe(4);
  for (let round = 0; round < 4; round++) {
    const more = await Promise.all(Array.from({ length: limiter.limit }, () => limiter.acquire(never)));
    for (const slot of more) slot.release('ok');
  }
  expect(limiter.limit).toBeGreaterThanOrEqual(7);
  expect(limiter.limit).toBeLessThanOrEqual(8);
});

it('never goes below one', async () => {
  const limiter = createLimiter({ start: 2 });
  for (let i = 0; i < 5; i++) (await limiter.acquire(never)).release('overloaded');
  expect(limiter.limit).toBe(1);
});

it('serves in order of arrival, and whoever leaves the line is skipped', async () => {
  const limiter = createLimiter({ start: 1 });
  const first = await limiter.acquire(never);
  const leaver = new AbortController();
  const order: string[] = [];
  const wait = (name: string, signal = never): Promise<Slot> =>
    limiter.acquire(signal).then((slot) => {
      order.push(name);
      return slot;
    });
  const b = wait('b');
  const c = wait('c', leaver.signal);
  const d = wait('d');
  leaver.abort(new Error('gone'));
  await expect(c).rejects.toThrow('gone');
  first.release('ok');
  (await b).release('ok');
  await d;
  expect(order).toEqual(['b', 'd']);
});

it('never has more in flight than its limit, and forgets nobody', async () => {
  await assert(
    asyncProperty(
      integer({ min: 1, max: 6 }),
      array(constantFrom<('ok' | 'overloaded' | 'other')[]>('ok', 'overloaded', 'other'), {
        maxLength: 30,
      }),
      async (start, outcomes) => {
        const limiter = createLimiter({ start, most: 6 });
        let inFlight = 0;
        let worst = 0;
        await Promise.all(
          outcomes.map(async (outcome) => {
            const slot = await limiter.acquire(never);
            inFlight++;
            worst = Math.max(worst, inFlight);
            await turn();
            inFlight--;
            slot.release(outcome);
            slot.release(outcome); // the second time says nothing
          }),
        );
        expect(worst).toBeLessThanOrEqual(6);
        expect(inFlight).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});

it('is one for a host, whatever the path', () => {
  expect(limiterOf('http://a.test:1/v1')).toBe(limiterOf('http://a.test:1/other'));
  expect(limiterOf('http://a.test:1/v1')).not.toBe(limiterOf('http://a.test:2/v1'));
});
