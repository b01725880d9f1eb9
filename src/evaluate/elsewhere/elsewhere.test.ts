import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BudgetExceeded,
  InvalidOption,
  memoryJournal,
  NO_USAGE,
  plus,
  Unreachable,
  type Context,
  type Model,
} from '../../core/index.ts';
import { enumerable } from '../../models/index.ts';
import { selfConsistency } from '../../search/index.ts';
import type { Item, Task } from '../../tasks/index.ts';
import { evaluate, gradeItem } from '../eval.ts';
import type { Graded } from '../records.ts';
import { doItem, lostElsewhere, readElsewhere, writeElsewhere } from './elsewhere.ts';

const task: Task = {
  name: 'coins',
  items: Array.from({ length: 12 }, (_, i) => ({
    id: `item ${i}`,
    request: { prompt: [{ role: 'user', content: [{ type: 'text', text: `toss ${i}` }] }] },
    expected: 'heads',
  })),
  metric: {
    name: 'heads',
    grade: ({ content }) => Promise.resolve(JSON.stringify(content).includes('heads') ? 1 : 0),
  },
};
const coin = (n = 3): Model =>
  plus(enumerable({ name: 'coin', answers: { '*': { heads: 0.6, tails: 0.4 } } }), selfConsistency({ n }));

describe('items that are worked on elsewhere', () => {
  it('make the same evaluation as items that are worked on here, in whatever order they come back', async () => {
    const model = coin();
    for (const repeats of [1, 3]) {
      const here = await evaluate(model, task, { seed: 4, repeats });
      const there = await evaluate(model, task, {
        seed: 4,
        repeats,
        async elsewhere(item) {
          const turn = Number(item.id.split(' ')[1]);
          for (let i = 0; i < (turn * 7) % 12; i++) await Promise.resolve();
          const text = await doItem(
            item,
            [(of, context) => gradeItem(coin(), task, of, { repeats, records: false }, context)],
            { seed: 4, journal: memoryJournal() },
          );
          return readElsewhere(text);
        },
      });
      expect(there).toEqual(here);
    }
  });

  it('are counted as begun once where another process had begun them, and as replayed where another run had', async () => {
    const [item] = task.items as [Item];
    const graded =
      (draws: number) =>
      (of: Item, context: Context): Promise<Graded> =>
        gradeItem(coin(draws), task, of, { repeats: 1, records: false }, context);
    const whole = await doItem(item, [graded(3)], { seed: 4, journal: memoryJournal(), run: '1' });
    for (let draws = 1; draws <= 3; draws++) {
      const journal = memoryJournal();
      await doItem(item, [graded(draws)], { seed: 4, journal, run: '1' });
      expect(journal.size).toBe(draws);
      expect(await doItem(item, [graded(3)], { seed: 4, journal, run: '1' })).toBe(whole);
      const [other] = readElsewhere(await doItem(item, [graded(3)], { seed: 4, journal, run: '2' }));
      expect(other?.usage).toEqual({ ...readElsewhere(whole)[0]?.usage, replays: 3 });
    }
  });

  it('fail alone where only they fail, and end the run where nothing else can come of it', async () => {
    const failing = async (error: Error, only?: string) =>
      evaluate(coin(), task, {
        elsewhere: async (item) =>
          readElsewhere(
            await doItem(
              item,
              [
                async () => {
                  if (only === undefined || item.id === only) throw error;
                  return FINE;
                },
              ],
              {},
            ),
          ),
      });
    const one = await failing(new RangeError('no such thing'), 'item 3');
    expect(one).toMatchObject({ failed: 1, items: 12 });
    expect(one.results[3]).toMatchObject({ error: 'no such thing', grade: undefined });
    const usage = new InvalidOption({ where: 'x', option: 'y', rule: 'must not be' });
    await expect(failing(usage, 'item 3')).rejects.toMatchObject({ kind: 'usage', message: usage.message });
    const away = new Unreachable({ url: 'http://a.test', why: 'nobody is there' });
    await expect(failing(away)).rejects.toThrow(away.message);
    const used = new BudgetExceeded({ limit: 'calls', allowed: 3, spent: 3, needed: 1 });
    expect(await failing(used, 'item 5')).toMatchObject({ failed: 1, exhausted: 'calls' });
    const lost = await evaluate(coin(), task, {
      elsewhere: ({ id }) =>
        Promise.resolve([id === 'item 2' ? lostElsewhere(3) : { ...lostElsewhere(3), error: undefined, value: FINE }]),
    });
    expect(lost.results[2]?.error).toMatch(/^each of the 3 workers that did it ended/);
  });

  it('come back as they were: what is undefined, and texts that begin with any sign', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.constant(undefined),
        fc.constant(null),
        fc.integer(),
        fc.string().map((text) => `\u0000${text}`),
        fc.string(),
        fc.constant('\u0000undefined'),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('any'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (given) => {
        const done = [{ ...lostElsewhere(3), value: given }, lostElsewhere(2)];
        expect(readElsewhere(writeElsewhere(done))).toStrictEqual(done);
      }),
    );
  });
});

const FINE = { grade: 1, answer: 'heads', samples: 1, usage: NO_USAGE, replies: [] };
