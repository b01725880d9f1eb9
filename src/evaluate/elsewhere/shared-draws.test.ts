import { describe, expect, it } from 'vitest';
import { encodeJson, memoryJournal, plus, user, type Journal, type Model } from '../../core/index.ts';
import { selfRefine } from '../../iterate/index.ts';
import { enumerable } from '../../models/index.ts';
import { bestOfN, selfConsistency } from '../../search/index.ts';
import type { Item, Task } from '../../tasks/index.ts';
import { compare, type CompareOptions } from '../compare/compare.ts';
import { curve, partsOfCurve, pointCurve } from '../curve/curve.ts';
import type { CurveOptions } from '../curve/result.ts';
import { gradeItem } from '../eval.ts';
import { doItem, readElsewhere, type Elsewhere, type PartWork, type UnitOptions } from './elsewhere.ts';

const taskOf = (size: number, groups = size): Task => ({
  name: 'letters',
  items: Array.from({ length: size }, (_, i): Item => ({
    id: `item ${i}`,
    request: { prompt: [user(`question ${i}`)] },
    expected: 'a',
    group: `group ${i % groups}`,
  })),
  metric: { name: 'a', grade: ({ content }) => Promise.resolve(JSON.stringify(content).includes('"a"') ? 1 : 0) },
});
const letters = enumerable({ answers: { '*': { a: 0.5, b: 0.3, c: 0.2 } } });

/** The same entries, each found after a time of its own. */
function slow(journal: Journal): Journal {
  let asked = 0;
  return {
    async get(key) {
      for (let i = (asked++ * 7) % 13; i > 0; i--) await Promise.resolve();
      return journal.get(key);
    },
    put: (key, entry) => journal.put(key, entry),
  };
}

/** Each item in a process of its own, as it were: begun by one that is killed, and done by another. They come back in any order. */
function elsewhereOf(parts: readonly PartWork[], options: UnitOptions): Elsewhere {
  const journal = memoryJournal();
  return async (item, wanted) => {
    const works = wanted.flatMap((part) => parts[part] ?? []);
    const draw = (first: number): Promise<string> =>
      doItem(item, works.slice(0, first), { ...options, seed: 4, journal: slow(journal), run: '1' });
    const turn = Number(item.id.split(' ')[1]);
    await draw(turn % (works.length + 1));
    for (let i = 0; i < (turn * 7) % 12; i++) await Promise.resolve();
    return readElsewhere(await draw(works.length));
  };
}

const graded =
  (model: Model, task: Task, repeats: number): PartWork =>
  (item, context) =>
    gradeItem(model, task, item, { repeats, records: false }, context);

describe('items whose parts share draws, done elsewhere', () => {
  const models = [
    plus(letters, selfConsistency({ n: 5, stop: 'adaptive' })),
    letters,
    plus(letters, selfConsistency({ n: 3 })),
    plus(letters, selfRefine({ rounds: 1 })),
    plus(letters, bestOfN({ n: 4, score: ({ content }) => JSON.stringify(content).length })),
  ];

  it('make the comparison of a single process, to the byte', async () => {
    const all: CompareOptions[] = [{ limit: 8 }, { repeats: 3, limit: 4 }, { until: 'decided', limit: 30 }];
    for (const options of all) {
      const task = taskOf(30, 10);
      const here = await compare(models, task, { seed: 4, ...options });
      const parts = models.map((model) => graded(model, task, options.repeats ?? 1));
      const there = await compare(models, task, { seed: 4, ...options, elsewhere: elsewhereOf(parts, {}) });
      expect(here.spending.calls).toBeLessThan(here.usage.calls);
      expect(encodeJson(there)).toBe(encodeJson(here));
    }
  });

  it('are handed out in order where a comparison ends as soon as it is decided, and no more of them than are asked', async () => {
    const task = taskOf(400);
    const pair = [letters, enumerable({ name: 'always', answers: { '*': { a: 1 } } })];
    const parts = pair.map((model) => graded(model, task, 1));
    const work = elsewhereOf(parts, {});
    const wanted: string[] = [];
    const there = await compare(pair, task, {
      seed: 4,
      until: 'decided',
      elsewhere(item, of) {
        wanted.push(item.id);
        return work(item, of);
      },
    });
    expect(encodeJson(there)).toBe(encodeJson(await compare(pair, task, { seed: 4, until: 'decided' })));
    expect(there.pairs[0]?.better).toBe('b');
    expect(new Set(wanted).size).toBe(there.asked);
    expect(there.asked).toBeLessThan(100);
  });

  it('make the curve of a single process, to the byte, by pools and by runs', async () => {
    const task = taskOf(12);
    const vote = plus(letters, selfConsistency({ n: 3 }));
    const all: (readonly [Model, Omit<CurveOptions, 'seed'>])[] = [
      [vote, { over: { n: [1, 2, 5] }, forecast: 12 }],
      [
        plus(letters, bestOfN({ n: 3, score: ({ content }) => JSON.stringify(content).length })),
        { over: { n: [4, 1] } },
      ],
      [plus(letters, selfConsistency({ n: 3, stop: 'adaptive' })), { over: { n: [1, 3, 6] } }],
      [plus(letters, selfRefine({ rounds: 1 })), { over: { rounds: [1, 2, 3] }, limit: 5 }],
    ];
    const methods = new Set<string>();
    for (const [model, options] of all) {
      const here = await curve(model, task, { seed: 4, ...options });
      const { parts, order } = partsOfCurve(model, task, options.over);
      const there = await curve(model, task, { seed: 4, ...options, elsewhere: elsewhereOf(parts, { order }) });
      expect(encodeJson(there)).toBe(encodeJson(here));
      methods.add(here.method);
    }
    expect([...methods]).toEqual(['pool', 'runs']);
    const point = await pointCurve(vote, task, { seed: 4, elsewhere: elsewhereOf([graded(vote, task, 1)], {}) });
    expect(encodeJson(point)).toBe(encodeJson(await pointCurve(vote, task, { seed: 4 })));
  });

  it('are not timed elsewhere', async () => {
    const model = plus(letters, selfConsistency({ n: 3 }));
    const timed = curve(model, taskOf(2), { over: { n: [1] }, timed: true, elsewhere: () => Promise.resolve([]) });
    await expect(timed).rejects.toThrow(/timed is measured in one process/);
  });
});
