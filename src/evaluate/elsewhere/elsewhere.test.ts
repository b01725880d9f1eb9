import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BudgetExceeded,
  InvalidOption,
  memoryJournal,
  NO_USAGE,
  plus,
  StoreError,
  Unreachable,
  type Context,
  type Model,
} from '../../core/index.ts';
import { enumerable } from '../../models/index.ts';
import { selfConsistency } from '../../search/index.ts';
import type { Item, Task } from '../../tasks/index.ts';
import { fromBackend } from '../../core/calls/from-backend.ts';
import { heeding } from '../../core/calls/heeding.ts';
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

const ALIKE = 'heads, as the side that lies on top says to whoever looks at it, and nothing else could be said of it';
/** A server of others that writes the same for all draws, but of the last item. */
const server = (last: readonly string[]): Model => {
  const left = [...last];
  return fromBackend({
    name: 'server',
    can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: Infinity },
    semantics: { kind: 'exact', target: 'P', why: 'a test' },
    bound: () => ({ inputTokens: 1, outputTokens: 40 }),
    heeding: heeding(),
    call: async ({ prompt, n = 1 }) => ({
      candidates: Array.from({ length: n }, () => ({
        content: [{ type: 'text', text: JSON.stringify(prompt).includes('toss 11') ? (left.shift() ?? '') : ALIKE }],
        finish: { unified: 'stop', raw: 'stop' },
      })),
      usage: { inputTokens: 1, outputTokens: 30 * n, reasoningTokens: 0, cachedInputTokens: 0, usd: undefined },
      warnings: [],
    }),
  });
};

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

  it('warn of draws that are all alike only where none of them differ, wherever they were drawn', async () => {
    const warned = async (places: number, last: readonly string[], turns: (i: number) => number): Promise<string[]> => {
      const models = Array.from({ length: places }, () => plus(server(last), selfConsistency({ n: 3 })));
      const { warnings } = await evaluate(models[0] as Model, task, {
        async elsewhere(item) {
          const number = Number(item.id.split(' ')[1]);
          for (let i = 0; i < turns(number); i++) await Promise.resolve();
          const model = models[number % places] as Model;
          const grade = (of: Item, context: Context): Promise<Graded> =>
            gradeItem(model, task, of, { repeats: 1, records: false }, context);
          return readElsewhere(await doItem(item, [grade], { journal: memoryJournal() }));
        },
      });
      return warnings.map(({ code }) => code);
    };
    for (const places of [1, 2, 3])
      for (const turns of [(i: number) => 50 * i, (i: number) => 50 * (12 - i)]) {
        expect(await warned(places, [ALIKE, ALIKE, ALIKE], turns)).toEqual(['draws-identical']);
        expect(await warned(places, [ALIKE, ALIKE, 'another'], turns)).toEqual([]);
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

  it('have no result where it is said that an error is none of the item', async () => {
    const [item] = task.items as [Item];
    const full = new StoreError({ file: 'x', problem: 'the disk is full', hint: 'Free some space' });
    const grade = (): Promise<Graded> => Promise.reject(full);
    const said = async (isNoResult?: (error: unknown) => boolean): Promise<(string | undefined)[]> =>
      readElsewhere(await doItem(item, [grade, grade], { isNoResult })).map(({ error }) => error?.message);
    expect(await said()).toEqual([full.message, full.message]);
    expect(await said((error) => error !== full)).toEqual([full.message, full.message]);
    await expect(said((error) => error === full)).rejects.toBe(full);
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
