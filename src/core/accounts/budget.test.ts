import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBudget, type Reservation } from './budget.ts';
import type { Price } from './price.ts';
import type { Clock } from '../context/clock.ts';
import { BudgetExceeded } from '../errors.ts';
import type { Limits, Need } from './budget.ts';
import { NO_USAGE, UNREPORTED_CALL, type Usage } from './usage.ts';

function stoppedClock(): Clock & { time: number } {
  return {
    time: 0,
    now() {
      return this.time;
    },
    after: () => () => {},
  };
}
const clock = stoppedClock();
const signal = new AbortController().signal;
const price = { input: 1e-6, output: 2e-6 };
const need = (more: Partial<Need> = {}): Need => ({ calls: 1, inputTokens: 10, outputTokens: 5, price, ...more });
const used = (inputTokens: number, outputTokens: number, calls = 1, of: Price = price): Usage => ({
  ...NO_USAGE,
  calls,
  inputTokens,
  outputTokens,
  // What is written to a cache is the dearest that input can be.
  usd: inputTokens * (of.cacheWriteInput ?? of.input) + outputTokens * of.output,
});

/** What has come of a promise by now. */
async function state(promise: Promise<unknown>): Promise<'open' | 'granted' | 'refused'> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
  const open = Symbol('open');
  try {
    return (await Promise.race([promise, Promise.resolve(open)])) === open ? 'open' : 'granted';
  } catch {
    return 'refused';
  }
}

describe('a budget', () => {
  it('is never exceeded, whatever the order of reserving and settling, nested ones included', async () => {
    const limits = fc.record({
      calls: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
      tokens: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
      usd: fc.option(
        fc.integer({ min: 0, max: 200 }).map((n) => n * 1e-6),
        { nil: undefined },
      ),
    });
    const call = fc.record({
      calls: fc.integer({ min: 1, max: 4 }),
      inputTokens: fc.integer({ min: 0, max: 20 }),
      outputTokens: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined, freq: 8 }),
      /** Share of the reserved output that is used; none at all, or a report that is missing. */
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      fate: fc.constantFrom('reports', 'reports', 'reports', 'says nothing', 'is cancelled'),
      inner: fc.boolean(),
      /** Free models stand beside paid ones, and some are free for what they write. */
      price: fc.constantFrom(
        price,
        price,
        { input: 0, output: 0 },
        { input: 1e-6, output: 0 },
        { input: 0, output: 2e-6 },
        { input: 1e-6, output: 0, cachedInput: 5e-7, cacheWriteInput: 2e-6 },
      ),
      wait: fc.integer({ min: 0, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(limits, limits, fc.array(call, { maxLength: 14 }), async (outerLimits, innerLimits, calls) => {
        const outer = createBudget(outerLimits, clock);
        const inner = createBudget(innerLimits, clock, outer);
        const total = { outer: { calls: 0, tokens: 0, usd: 0 }, inner: { calls: 0, tokens: 0, usd: 0 } };
        await Promise.all(
          calls.map(async ({ share, fate, inner: inside, wait, ...wanted }) => {
            let reservation: Reservation;
            try {
              reservation = await (inside ? inner : outer).reserve(wanted, signal);
            } catch (error) {
              if (error instanceof BudgetExceeded) return;
              throw error;
            }
            expect(reservation.calls).toBeGreaterThanOrEqual(1);
            expect(reservation.calls).toBeLessThanOrEqual(wanted.calls);
            for (let turn = 0; turn < wait; turn++) await Promise.resolve();
            const made = reservation.calls;
            const output = Math.floor(share * (reservation.maxOutputTokens ?? wanted.outputTokens ?? 50)) * made;
            const spent = used(wanted.inputTokens * made, output, made, wanted.price);
            for (const part of inside ? [total.outer, total.inner] : [total.outer]) {
              part.calls += made;
              part.tokens += (spent.inputTokens ?? 0) + output;
              part.usd += spent.usd ?? 0;
            }
            const silent = { ...UNREPORTED_CALL, calls: made, unreported: made };
            reservation.settle(fate === 'reports' ? spent : silent);
            reservation.settle(spent); // settling twice counts once
          }),
        );
        for (const [budget, sum] of [
          [outer, total.outer],
          [inner, total.inner],
        ] as const)
          for (const name of ['calls', 'tokens', 'usd'] as const)
            expect(sum[name]).toBeLessThanOrEqual((budget.limits[name] ?? Infinity) * (1 + 1e-9));
      }),
      { numRuns: 500 },
    );
  });

  it('grants what is left once calls in flight have settled for less', async () => {
    const budget = createBudget({ tokens: 20 }, clock);
    const first = await budget.reserve(need(), signal);
    const second = budget.reserve(need(), signal);
    expect(await state(second)).toBe('open');
    first.settle(used(5, 0));
    expect(await state(second)).toBe('granted');
    expect(budget.spent).toMatchObject({ calls: 1, tokens: 5 });
    expect(budget.spent.usd).toBeCloseTo(5e-6, 12);
  });

  it('refuses at once what can never fit, naming the limit', async () => {
    await expect(createBudget({ tokens: 14 }, clock).reserve(need(), signal)).rejects.toMatchObject({
      limit: 'tokens',
      allowed: 14,
      spent: 0,
      needed: 15,
    });
    await expect(createBudget({ calls: 0 }, clock).reserve(need(), signal)).rejects.toMatchObject({ limit: 'calls' });
    await expect(createBudget({ usd: 1e-6 }, clock).reserve(need(), signal)).rejects.toMatchObject({ limit: 'usd' });
  });

  it('serves in the order of asking: a small need does not overtake a large one', async () => {
    const budget = createBudget({ tokens: 20 }, clock);
    const first = await budget.reserve(need(), signal);
    const large = budget.reserve(need({ outputTokens: 10 }), signal);
    const small = budget.reserve(need({ inputTokens: 1, outputTokens: 1 }), signal);
    expect([await state(large), await state(small)]).toEqual(['open', 'open']);
    first.settle(used(10, 5));
    expect([await state(large), await state(small)]).toEqual(['refused', 'granted']);
  });

  it('lets the next in line in when one that waits is cancelled', async () => {
    const budget = createBudget({ calls: 2, tokens: 30 }, clock);
    const first = await budget.reserve(need(), signal);
    const controller = new AbortController();
    const large = budget.reserve(need({ outputTokens: 20 }), controller.signal);
    const small = budget.reserve(need(), signal);
    expect([await state(large), await state(small)]).toEqual(['open', 'open']);
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    await expect(large).rejects.toBe(reason);
    expect(await state(small)).toBe('granted');
    first.settle(NO_USAGE);
    await expect(budget.reserve(need(), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('charges unknown usage as reserved', async () => {
    const budget = createBudget({ tokens: 40 }, clock);
    (await budget.reserve(need(), signal)).settle({ ...UNREPORTED_CALL, inputTokens: undefined });
    expect(budget.spent).toMatchObject({ calls: 1, tokens: 15 });
    (await budget.reserve(need(), signal)).settle({ ...NO_USAGE, calls: 1, outputTokens: undefined });
    expect(budget.spent).toMatchObject({ calls: 2, tokens: 30 });
    await expect(budget.reserve(need(), signal)).rejects.toMatchObject({ limit: 'tokens', spent: 30 });
  });

  it('gives a call without a bound all that is left, and lets it run alone', async () => {
    const budget = createBudget({ tokens: 100 }, clock);
    const first = await budget.reserve(need(), signal);
    const open = budget.reserve(need({ outputTokens: undefined }), signal);
    expect(await state(open)).toBe('open');
    first.settle(used(10, 5));
    expect((await open).maxOutputTokens).toBe(75);
    const next = budget.reserve(need(), signal);
    expect(await state(next)).toBe('open');
    (await open).settle(used(10, 60));
    expect(await state(next)).toBe('granted');
  });

  it('keeps a call for several waiting while calls in flight may make room for all of it', async () => {
    const budget = createBudget({ calls: 5 }, clock);
    const first = await budget.reserve(need({ calls: 3 }), signal);
    const second = budget.reserve(need({ calls: 4 }), signal);
    expect(await state(second)).toBe('open'); // two would fit
    first.settle(used(10, 5));
    expect((await second).calls).toBe(4);
  });

  it('grants fewer candidates where no more fit', async () => {
    const budget = createBudget({ calls: 3 }, clock);
    expect((await budget.reserve(need({ calls: 5 }), signal)).calls).toBe(3);
  });

  it('holds in both places when nested, and gives the inner part back when the outer refuses', async () => {
    const outer = createBudget({ calls: 1 }, clock);
    const inner = createBudget({ calls: 5 }, clock, outer);
    (await inner.reserve(need(), signal)).settle(used(1, 1));
    await expect(inner.reserve(need(), signal)).rejects.toMatchObject({ allowed: 1 });
    expect([outer.spent.calls, inner.spent.calls]).toEqual([1, 1]);
    expect((await createBudget({ calls: 2 }, clock, createBudget({}, clock)).reserve(need(), signal)).calls).toBe(1);
  });

  it('ends with its wall time', async () => {
    const moving = stoppedClock();
    const budget = createBudget({ ms: 100 }, moving);
    expect(await state(budget.reserve(need(), signal))).toBe('granted');
    moving.time = 100;
    await expect(budget.reserve(need(), signal)).rejects.toThrow('Budget of 100 ms of wall time is used up');
  });

  it('counts its wall time from when it was made, whatever the clock says by then', async () => {
    const late = { ...stoppedClock(), time: 1000 };
    const budget = createBudget({ ms: 50 }, late);
    late.time = 1049;
    expect((await budget.reserve(need(), signal)).calls).toBe(1);
    late.time = 1050;
    await expect(budget.reserve(need(), signal)).rejects.toMatchObject({
      limit: 'ms',
      allowed: 50,
      spent: 50,
      needed: 0,
    });
  });

  it('in money needs a price, and refuses limits that are none', async () => {
    await expect(createBudget({ usd: 1 }, clock).reserve(need({ price: undefined }), signal)).rejects.toThrow(
      /needs the price/,
    );
    for (const limits of [{ calls: -1 }, { tokens: Number.NaN }] as Limits[])
      expect(() => createBudget(limits, clock)).toThrow(/must be a number of at least 0/);
  });
});

describe('numbers that are none', () => {
  const free = { input: 0, output: 0 };

  it('a free call without a bound leaves the budget in money as it is', async () => {
    const budget = createBudget({ usd: 1e-5 }, clock);
    const unbounded = await budget.reserve(need({ outputTokens: undefined, price: free }), signal);
    expect(unbounded.maxOutputTokens).toBeUndefined();
    const beside = budget.reserve(need({ outputTokens: 1000 }), signal);
    expect(await state(beside)).toBe('open'); // what is in flight may make room, as far as is known
    unbounded.settle({ ...NO_USAGE, calls: 1, outputTokens: undefined, usd: undefined });
    expect(await state(beside)).toBe('refused');
    await expect(budget.reserve(need({ outputTokens: 1000 }), signal)).rejects.toThrow(BudgetExceeded);
    expect(budget.spent.usd).toBe(0);
  });

  it.each([
    ['tokens', { inputTokens: -1e9 }],
    ['tokens', { outputTokens: Number.NaN }],
    ['usd', { usd: -5 }],
    ['usd', { usd: Number.POSITIVE_INFINITY }],
    ['calls', { calls: -3 }],
  ] as const)('%s: nothing but a finite amount is ever spent: %o', async (_, wrong) => {
    const budget = createBudget({ tokens: 100, usd: 1 }, clock);
    const reservation = await budget.reserve(need(), signal);
    expect(() => reservation.settle({ ...used(1, 1), ...wrong })).toThrow(RangeError);
    for (const spent of Object.values(budget.spent)) expect(spent).toBeGreaterThanOrEqual(0);
  });

  it('a limit that is none is refused by name, with what was meant', () => {
    expect(() => createBudget({ cost: 1 } as Limits, clock)).toThrow(
      /budget: "cost" is no limit.*calls, tokens, usd, ms/,
    );
    expect(() => createBudget({ token: 1 } as Limits, clock)).toThrow(/Did you mean `tokens`/);
    expect(() => createBudget({ calls: Number.NaN }, clock)).toThrow(/at least 0/);
    expect(() => createBudget({ calls: '5' } as unknown as Limits, clock)).toThrow(/must be a number/);
  });
});
