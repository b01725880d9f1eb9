import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { IN_FLIGHT } from '../bounds.ts';
import { onAbort } from './abort.ts';
import { rootScope, type Context, type ContextOptions } from './context.ts';
import { BudgetExceeded, ContextOverflow, InvalidOption, NoCandidates, StoreError, Unreachable } from '../errors.ts';
import { attempt, gather, together } from './gather.ts';
import { memoryJournal } from '../calls/journal.ts';

const context = (options?: ContextOptions): Context => rootScope(options).context;
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve();
};
const lost = new Unreachable({ url: 'http://x', why: 'it is down' });
const broke = new BudgetExceeded({ limit: 'calls', allowed: 1, spent: 1, needed: 1 });
/** Ends after a while, or when it is cancelled. */
const slow =
  <T>(value: T, wait: number, log?: string[]) =>
  async ({ signal }: Context): Promise<T> => {
    log?.push(`start ${String(value)}`);
    for (let i = 0; i < wait; i++) {
      await Promise.resolve();
      if (signal.aborted) log?.push(`stop ${String(value)}`);
      signal.throwIfAborted();
    }
    return value;
  };
const fails = (error: Error) => async (): Promise<never> => {
  throw error;
};

describe('gather', () => {
  it('returns results in the order of the tasks', async () => {
    expect(await gather(context(), [slow('a', 9), slow('b', 1), slow('c', 5)])).toEqual(['a', 'b', 'c']);
    expect(await gather(context(), [])).toEqual([]);
  });

  it('goes on without what the world or a budget took away, and says so', async () => {
    const at = context();
    expect(await gather(at, [fails(lost), slow('b', 1), fails(broke)])).toEqual(['b']);
    expect(at.ledger.warnings.map(({ code }) => code)).toEqual(['candidate-lost']);
    expect(at.ledger.exhausted).toBe('calls');
  });

  it('throws the first error, in the order of tasks, when nothing is left', async () => {
    const none = new NoCandidates({ technique: 'x', why: 'y' });
    await expect(gather(context(), [fails(none), fails(lost)])).rejects.toBe(none);
    await expect(gather(context(), [fails(lost)])).rejects.toBe(lost);
    const later = async (error: Error): Promise<never> => {
      await turns(9);
      throw error;
    };
    await expect(gather(context(), [() => later(none), fails(lost)])).rejects.toBe(none);
    await expect(gather(context(), [() => later(lost), fails(none), fails(broke)])).rejects.toBe(lost);
    await expect(gather(context({ atLimit: 'throw' }), [slow('a', 2), fails(broke)])).rejects.toBe(broke);
  });

  it('stops the others for an error that is a mistake', async () => {
    for (const mistake of [new TypeError('bug'), new InvalidOption({ where: 'x', option: 'n', rule: 'is wrong' })]) {
      const log: string[] = [];
      await expect(gather(context(), [slow('a', 50, log), fails(mistake)])).rejects.toBe(mistake);
      expect(log).toEqual(['start a', 'stop a']);
    }
  });

  it('rejects with the reason of an abort', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = gather(context({ signal: controller.signal }), [slow('a', 50), slow('b', 50)]);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  it('runs no more than `concurrency` tasks at once, in order, and batches one after another', async () => {
    const log: string[] = [];
    let running = 0;
    let most = 0;
    const task = (i: number) => async (): Promise<number> => {
      most = Math.max(most, ++running);
      log.push(`start ${i}`);
      await turns((i * 5) % 7);
      running--;
      log.push(`end ${i}`);
      return i;
    };
    const tasks = Array.from({ length: 9 }, (_, i) => task(i));
    expect(await gather(context(), tasks, { concurrency: 2 })).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(most).toBe(2);
    expect(log.filter((line) => line.startsWith('start'))).toEqual(tasks.map((_, i) => `start ${i}`));
    log.length = 0;
    await gather(context(), tasks, { batch: () => 3 });
    const at = (line: string): number => log.indexOf(line);
    expect(Math.max(...[0, 1, 2].map((i) => at(`end ${i}`)))).toBeLessThan(at('start 3'));
    expect(Math.max(...[3, 4, 5].map((i) => at(`end ${i}`)))).toBeLessThan(at('start 6'));
  });

  it('decides on the results in order, however they come in, and stops the tasks behind', async () => {
    for (const waits of [
      [1, 2, 3, 40],
      [9, 1, 5, 40],
      [5, 9, 1, 40],
    ]) {
      const log: string[] = [];
      const seen: string[] = [];
      const tasks = waits.map((wait, i) => slow('abcd'[i] as string, wait, log));
      const until = (results: readonly string[]): boolean => seen.push(results.join('')) > 0 && results.length === 2;
      expect(await gather(context(), tasks, { until })).toEqual(['a', 'b']);
      expect(seen).toEqual(['a', 'ab']);
      expect(log).toContain('stop d');
    }
  });

  it('counts no loss behind the decision, and each one before it', async () => {
    const at = context();
    const until = (results: readonly string[]): boolean => results.length === 2;
    expect(await gather(at, [slow('a', 1), fails(lost), slow('c', 3), fails(broke)], { until })).toEqual(['a', 'c']);
    expect(at.ledger.warnings).toHaveLength(1);
    expect(at.ledger.exhausted).toBeUndefined();
  });

  it('with a journal lets no task call while one before it may still decide', async () => {
    const calls: number[] = [];
    const replayed = async (): Promise<string> => (await turns(60), 'kept');
    const call =
      (i: number) =>
      async ({ beforeCall, signal }: Context): Promise<string> => {
        await beforeCall?.();
        signal.throwIfAborted();
        calls.push(i);
        await turns(5);
        return 'new';
      };
    const run = (wanted: number): Promise<string[]> =>
      gather(context({ journal: memoryJournal() }), [replayed, replayed, call(2), call(3)], {
        until: (results) => results.length === wanted,
      });
    expect(await run(2)).toEqual(['kept', 'kept']);
    expect(calls).toEqual([]);
    expect(await run(3)).toEqual(['kept', 'kept', 'new']);
    expect(calls).toEqual([2, 3]);
  });

  it('with a journal still has all calls in flight at once', async () => {
    let inFlight = 0;
    let most = 0;
    const task = async ({ beforeCall }: Context): Promise<number> => {
      await beforeCall?.();
      most = Math.max(most, ++inFlight);
      await turns(100);
      return inFlight--;
    };
    const nested = (outer: Context): Promise<number[]> => gather(outer, [task, task], { until: () => false });
    await gather(context({ journal: memoryJournal() }), [nested, nested, nested], { until: () => false });
    expect(most).toBe(6);
  });
});

describe('many tasks', () => {
  const many = (length: number, at: (i: number) => () => Promise<number>) => ({ length, at });

  it('are made when it is their turn, and no more are in flight than the bound', async () => {
    const seen = { made: 0, inFlight: 0, most: 0, ahead: 0 };
    const tasks = many(5 * IN_FLIGHT, (i) => {
      seen.made++;
      return async () => {
        seen.most = Math.max(seen.most, ++seen.inFlight);
        await turns(i % 5);
        seen.ahead = Math.max(seen.ahead, seen.made - i);
        seen.inFlight--;
        return i;
      };
    });
    const results = await gather(context(), tasks);
    expect(results).toEqual(Array.from({ length: 5 * IN_FLIGHT }, (_, i) => i));
    expect(seen.most).toBe(IN_FLIGHT);
    expect(seen.ahead).toBeLessThan(2 * IN_FLIGHT);
  });

  it('that are alike are not begun once a budget refuses one', async () => {
    let begun = 0;
    const tasks = many(1_000_000, (i) => async () => {
      begun++;
      await turns(1);
      if (i >= 50) throw broke;
      return i;
    });
    const at = context();
    expect(await gather(at, tasks, { alike: true })).toHaveLength(50);
    expect([begun <= IN_FLIGHT, at.ledger.exhausted]).toEqual([true, 'calls']);
    begun = 0;
    expect(
      await gather(
        context(),
        many(3 * IN_FLIGHT, (i) => tasks.at(i)),
      ),
    ).toHaveLength(50);
    expect(begun).toBe(3 * IN_FLIGHT); // others may need less
  });

  it('leave a turn to everything else: an abort is heard', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 0);
    const tasks = many(1_000_000, (i) => async () => i);
    await expect(gather(context({ signal: controller.signal }), tasks)).rejects.toThrow('enough');
  });
});

describe('many that wait on one signal', () => {
  it('take one listener, and each is told once, or not at all when it has left', () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>): void => (listeners++, add(...given));
    const told: number[] = [];
    const leave = Array.from({ length: 1000 }, (_, i) => onAbort(signal, () => told.push(i)));
    for (const one of leave.slice(2)) one();
    controller.abort();
    expect([listeners, told]).toEqual([1, [0, 1]]);
  });

  it('leave nothing on it when nobody waits any more: a signal made of others would be kept for ever', () => {
    const { signal } = new AbortController();
    const all = AbortSignal.any([signal, new AbortController().signal]);
    const listeners = (): number => getEventListeners(all, 'abort').length;
    const [first, second] = [onAbort(all, () => undefined), onAbort(all, () => undefined)];
    first();
    expect(listeners()).toBe(1);
    second();
    expect(listeners()).toBe(0);
    const third = onAbort(all, () => undefined);
    first(); // once more
    expect(listeners()).toBe(1);
    third();
    expect(listeners()).toBe(0);
  });
});

describe('work that is all needed', () => {
  it('comes back in order', async () => {
    const { context, close } = rootScope();
    expect(await together(context, [async () => 1, async () => 2])).toEqual([1, 2]);
    close();
  });

  it('is cancelled where one part fails, and is through before that is told', async () => {
    const { context, close } = rootScope();
    const told: string[] = [];
    const waiting = async ({ signal }: Context): Promise<never> => {
      await new Promise<void>((resolve) => onAbort(signal, resolve));
      await new Promise((resolve) => setTimeout(resolve, 5));
      told.push('through');
      throw signal.reason;
    };
    const failing = async (): Promise<never> => {
      throw new Error('mine');
    };
    await expect(together(context, [waiting, failing, waiting])).rejects.toThrow('mine');
    expect([told, context.signal.aborted]).toEqual([['through', 'through'], false]);
    close();
  });
});

describe('attempt', () => {
  it('makes nothing of a budget that is used up, unless the caller wants to know', async () => {
    const at = context();
    expect(await attempt(at, fails(broke)())).toBeUndefined();
    expect(at.ledger.exhausted).toBe('calls');
    await expect(attempt(context({ atLimit: 'throw' }), fails(broke)())).rejects.toBe(broke);
    expect(await attempt(context(), Promise.resolve(3))).toBe(3);
  });

  it.each([
    lost,
    new NoCandidates({ technique: 'x', why: 'y' }),
    new ContextOverflow({ model: 'x', tokens: 9000, context: 8192 }),
  ])('makes nothing of work that failed, and says so: $message', async (error) => {
    for (const atLimit of ['best', 'throw'] as const) {
      const at = context({ atLimit });
      expect(await attempt(at, fails(error)())).toBeUndefined();
      expect(at.ledger.warnings.map(({ code }) => code)).toEqual(['helper-lost']);
      expect(at.ledger.exhausted).toBeUndefined();
    }
  });

  it('throws what is a mistake, a store that fails, and the reason of an abort', async () => {
    const errors = [
      new TypeError('bug'),
      new InvalidOption({ where: 'x', option: 'n', rule: 'is wrong' }),
      new StoreError({ file: 'x', problem: 'full', hint: 'Make room.' }),
      new DOMException('enough', 'AbortError'),
    ];
    for (const error of errors) await expect(attempt(context(), fails(error)())).rejects.toBe(error);
  });
});
