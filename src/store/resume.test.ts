import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, memoryJournal, seeded, user, type Journal } from '../core/index.ts';
import { selfRefine } from '../iterate/index.ts';
import { scripted, type Scripted } from '../models/written/index.ts';
import { selfConsistency } from '../search/index.ts';
import { openStore } from './store.ts';
import { killAndResume } from './test-support/interrupted.ts';
import { at } from './test-support/places.ts';
import { answerTo, CALLS, nested } from './test-support/nested.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plusx-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bySeed = (): Scripted => scripted((_, { choice }) => answerTo(choice.seed()));

describe('in one process', () => {
  it('a second identical run makes no call and gives the same', async () => {
    const store = openStore(at(join(folder, 'store.db')));
    const [first, second] = [bySeed(), bySeed()];
    const one = await ask(nested(first), 'q', { journal: store.journal });
    const two = await ask(nested(second), 'q', { journal: store.journal });
    expect(first.calls).toHaveLength(CALLS);
    expect(second.calls).toHaveLength(0);
    expect(two.text).toBe(one.text);
    expect(two.usage).toEqual({ ...one.usage, replays: CALLS });
    await store.close();
  });

  it('a run that broke after any number of calls goes on and pays for the rest only', async () => {
    const whole = await ask(nested(bySeed()), 'q', { journal: memoryJournal() });
    for (let k = 0; k < CALLS; k++) {
      const store = openStore(at(join(folder, `${k}.db`)));
      const kept: string[] = [];
      const journal: Journal = {
        get: (key) => store.journal.get(key),
        async put(key, entry) {
          await store.journal.put(key, entry);
          kept.push(key);
        },
      };
      let made = 0;
      const breaking = scripted((_, { choice }) => {
        if (made++ >= k) throw new RangeError('broken');
        return answerTo(choice.seed());
      });
      await expect(ask(nested(breaking), 'q', { journal })).rejects.toThrow('broken');
      const rest = bySeed();
      const resumed = await ask(nested(rest), 'q', { journal: store.journal });
      expect(resumed.text).toBe(whole.text);
      expect(resumed.usage.calls).toBe(CALLS);
      expect(resumed.usage.replays).toBe(kept.length);
      expect(rest.calls).toHaveLength(CALLS - kept.length);
      await store.close();
    }
  });

  it('asks for those candidates of a native n that are missing, together', async () => {
    const store = openStore(at(join(folder, 'store.db')));
    const request = { prompt: [user('q')], n: 5 };
    const make = (): Scripted => scripted((_, { choice }) => answerTo(choice.seed()), { native: true });
    const whole = await ask(make(), request);
    await ask(make(), { ...request, n: 1, from: 3 }, { journal: store.journal });
    await ask(make(), { ...request, n: 1, from: 1 }, { journal: store.journal });
    const rest = make();
    const { samples, usage } = await ask(rest, request, { journal: store.journal });
    expect(samples.map(({ content }) => content)).toEqual(whole.samples.map(({ content }) => content));
    expect(rest.calls).toHaveLength(1);
    expect(rest.calls[0]?.seeds).toEqual([0, 2, 4].map((i) => seeded(0).fork(`draw/${i}`).seed()));
    expect(usage).toMatchObject({ calls: 5, replays: 2 });
    await store.close();
  });

  it('more samples than before: the ones that are there are not drawn again', async () => {
    const store = openStore(at(join(folder, 'store.db')));
    const few = bySeed();
    await ask(selfConsistency({ n: 3 })(few), 'q', { journal: store.journal });
    const more = bySeed();
    await ask(selfConsistency({ n: 8 })(more), 'q', { journal: store.journal });
    expect([few.calls.length, more.calls.length]).toEqual([3, 5]);
    await store.close();
  });

  it('charges a budget for what is replayed as for what is called', async () => {
    const store = openStore(at(join(folder, 'store.db')));
    const run = (base: Scripted) =>
      ask(selfRefine({ rounds: 4 })(base), 'q', { journal: store.journal, budget: { calls: 7 } });
    const first = await run(bySeed());
    const second = await run(bySeed());
    expect(first.exhausted).toBe('calls');
    expect(second.text).toBe(first.text);
    expect(second.usage).toMatchObject({ calls: 7, replays: 7 });
    await store.close();
  });

  it('calls side by side take the budget as they come, replayed or made, and no more than it holds', async () => {
    const store = openStore(at(join(folder, 'store.db')));
    const budget = { calls: 7 };
    await ask(nested(bySeed()), 'q', { journal: store.journal, budget });
    const base = bySeed();
    const { exhausted, usage } = await ask(nested(base), 'q', { journal: store.journal, budget });
    expect(exhausted).toBe('calls');
    expect(usage.calls).toBe(7);
    expect(base.calls).toHaveLength(7 - usage.replays);
    await store.close();
  });
});

it(
  'killed again and again: the same answer, and nothing paid twice but what was in flight',
  { timeout: 60_000 },
  async () => {
    const { whole, results } = await killAndResume(folder, [[2, 3, 2, 3]], at);
    expect(whole).toMatchObject({ requests: CALLS, usage: { calls: CALLS, replays: 0 } });
    for (const result of results) {
      expect(result.text).toBe(whole.text);
      expect(result.usage?.calls).toBe(CALLS);
      expect(result.paidTwice).toEqual([]);
      expect(result.requests).toBeLessThanOrEqual(CALLS + result.inFlight);
      expect(result.points.length).toBeGreaterThanOrEqual(2);
    }
  },
);
