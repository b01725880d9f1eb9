import { describe, expect, it } from 'vitest';
import { extractAnswer, plus, questionOf, user, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { bestOfN } from '../../search/best-of-n/best-of-n.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import type { Item, Task } from '../../tasks/index.ts';
import { evaluate } from '../eval.ts';
import { compare, type CompareProgress } from './compare.ts';
import { compareResults } from './comparison.ts';

function taskOf(size: number, more: Partial<Task> = {}): Task {
  return {
    name: 'numbers',
    items: Array.from({ length: size }, (_, i): Item => ({
      id: String(i),
      request: { prompt: [user(`question ${i}`)] },
      expected: 'right',
    })),
    metric: {
      name: 'exact',
      grade: (sample, { request, expected }) => Number(extractAnswer(sample, request) === expected),
    },
    ...more,
  };
}

const numberOf = (prompt: Parameters<typeof questionOf>[0]): number => Number(questionOf(prompt).split(' ')[1]);
/** Right four times in seven, the rest spread out: a vote helps. */
const model = enumerable({ answers: () => ({ right: 4, 'wrong a': 1, 'wrong b': 1, 'wrong c': 1 }) });
/** Right on these questions, whatever is drawn. */
const rightOn = (name: string, right: (i: number) => boolean): Model =>
  enumerable({ name, answers: (prompt) => (right(numberOf(prompt)) ? { right: 1 } : { wrong: 1 }) });
/** A model to which something happens first on some questions. */
const upset = (base: Model, happen: (i: number) => void): Model => ({
  ...base,
  name: `upset ${base.name}`,
  async sample(request, context) {
    happen(numberOf(request.prompt));
    return base.sample(request, context);
  },
});

describe('the same items, the same draws', () => {
  const voted = plus(model, selfConsistency({ n: 5 }));
  const first = plus(model, bestOfN({ n: 3, score: () => 0 }));

  it('give each model the results it has alone', async () => {
    const task = taskOf(12);
    const { models } = await compare([model, voted, first], task, { seed: 3 });
    for (const [i, one] of [model, voted, first].entries()) {
      const alone = await evaluate(one, task, { seed: 3 });
      expect(models[i]).toMatchObject({
        formula: one.name,
        accuracy: alone.accuracy,
        ci95: alone.ci95,
        samplesPerItem: alone.samplesPerItem,
      });
      const said = (results: typeof alone.results) =>
        results.map(({ id, grade, replies }) => [id, grade, replies.map(({ text, samples }) => [text, samples])]);
      expect(said(models[i]?.results ?? [])).toEqual(said(alone.results));
    }
  });

  it('are paid for once', async () => {
    const { usage, spending, models } = await compare([model, voted, first], taskOf(6));
    expect(usage.calls).toBe(6 * (1 + 5 + 3));
    expect(spending.calls).toBe(6 * 5); // the draws of the largest
    expect(models.map(({ tokensPerItem }) => Number.isFinite(tokensPerItem))).toEqual([true, true, true]);
  });

  it('make no difference between two formulas that pick the same draw', async () => {
    const { pairs } = await compare([model, first], taskOf(20));
    expect(pairs).toMatchObject([{ difference: 0, gained: [], lost: [], better: undefined, test: 'mcnemar', p: 1 }]);
  });
});

it('lists the items that flip, tests their difference exactly, and says which is better', async () => {
  const [a, b, c] = [
    rightOn('a', (i) => i >= 14),
    rightOn('b', (i) => i >= 2 && i !== 39),
    rightOn('c', (i) => i >= 13),
  ];
  const { pairs, asked, total } = await compare([a, b, c], taskOf(40));
  expect([asked, total]).toEqual([40, 40]);
  expect(pairs[0]).toMatchObject({ a: 'a', b: 'b', items: 40, test: 'mcnemar', better: 'b' });
  expect(pairs[0]?.gained).toEqual(Array.from({ length: 12 }, (_, i) => String(i + 2)));
  expect(pairs[0]?.lost).toEqual(['39']);
  expect(pairs[0]?.difference).toBeCloseTo(11 / 40, 12);
  expect(pairs[0]?.p).toBeCloseTo((2 * 14) / 2 ** 13, 12); // 13 pairs differ, at most 1 of them one way
  expect(pairs[0]?.adjusted).toBeCloseTo(2 * (pairs[0]?.p ?? 0), 12); // Holm over two
  expect(pairs[1]).toMatchObject({ b: 'c', gained: ['13'], better: undefined });
});

describe('until it is decided', () => {
  const [weak, strong] = [rightOn('weak', (i) => i % 2 === 0), rightOn('strong', () => true)];

  it('ends as soon as one is surely better, and asks no more', async () => {
    const asked: CompareProgress[] = [];
    const found = await compare([weak, strong], taskOf(400), {
      until: 'decided',
      onItem: (one) => void asked.push(one),
    });
    expect(found.pairs).toMatchObject([{ better: 'b', test: 'betting' }]);
    expect(found.pairs[0]?.ci95[0]).toBeGreaterThanOrEqual(0);
    expect(found.asked).toBeLessThan(60);
    expect(found.total).toBe(400);
    expect([asked.length, found.usage.calls]).toEqual([found.asked, 2 * found.asked]);
  });

  it('is the same whatever the concurrency', async () => {
    const [one, many] = await Promise.all(
      [1, 7].map((concurrency) => compare([weak, strong], taskOf(200), { until: 'decided', concurrency, seed: 5 })),
    );
    expect(many).toEqual(one);
  });

  it('goes through all items where there is no difference', async () => {
    const found = await compare([weak, rightOn('alike', (i) => i % 2 === 0)], taskOf(50), { until: 'decided' });
    expect(found).toMatchObject({ asked: 50, pairs: [{ difference: 0, better: undefined }] });
  });

  it('asks a model no more whose comparison is decided', async () => {
    const { models, pairs } = await compare([weak, strong, rightOn('alike', (i) => i % 2 === 0)], taskOf(100), {
      until: 'decided',
    });
    expect(pairs.map(({ better }) => better)).toEqual(['b', undefined]);
    const [reference, decided, open] = models.map(({ asked }) => asked) as [number, number, number];
    expect([reference, open]).toEqual([100, 100]);
    expect(decided).toBeLessThan(60);
    expect(pairs[0]?.items).toBe(decided);
  });

  it('takes a group as one value, and never half of one', async () => {
    const task = taskOf(300);
    const grouped = { ...task, items: task.items.map((item, i) => ({ ...item, group: `page ${i % 30}` })) };
    const [alone, together] = await Promise.all(
      [task, grouped].map((one) => compare([weak, strong], one, { until: 'decided' })),
    );
    expect((together?.asked ?? 0) % 10).toBe(0);
    expect(together?.asked).toBeGreaterThan(alone?.asked ?? 0);
  });

  it('asks the items in a random order: that of the file may go by difficulty', async () => {
    const half = rightOn('half', (i) => i >= 100);
    const { pairs } = await compare([half, rightOn('other half', (i) => i < 100)], taskOf(200), { until: 'decided' });
    expect(pairs[0]?.better).toBeUndefined(); // in the order of the file the second would have won 100 times in a row
  });
});

describe('what goes wrong', () => {
  it('an option that there is not is refused', async () => {
    const options: object = { untill: 'decided' };
    await expect(compare([model, rightOn('b', () => true)], taskOf(3), options)).rejects.toThrow(
      'Did you mean `until`',
    );
  });

  it('on an item leaves it out of the comparisons of that model', async () => {
    const failing = upset(model, (i) => {
      if (i === 3) throw new Error('it is odd');
    });
    const { models, pairs } = await compare([model, failing, plus(model, selfConsistency({ n: 3 }))], taskOf(10));
    expect(models.map(({ failed }) => failed)).toEqual([0, 1, 0]);
    expect(pairs.map(({ items }) => items)).toEqual([9, 10]);
    expect(models[1]?.results[3]).toMatchObject({ id: '3', grade: undefined, error: 'it is odd' });
  });

  it('on every item of a model ends the comparison with its error', async () => {
    const broken = upset(model, () => {
      throw new Error('it never works');
    });
    await expect(compare([model, broken], taskOf(4))).rejects.toThrow('it never works');
  });

  it('in a metric fails the item: NaN is no grade', async () => {
    const { metric } = taskOf(1);
    const odd: Task['metric'] = {
      name: 'odd',
      grade: (sample, item, context) => (item.id === '2' ? Number.NaN : metric.grade(sample, item, context)),
    };
    const { models } = await compare([model, plus(model, selfConsistency({ n: 3 }))], taskOf(8, { metric: odd }));
    expect(models.map(({ failed, accuracy }) => [failed, Number.isFinite(accuracy)])).toEqual([
      [1, true],
      [1, true],
    ]);
    expect(models[0]?.results[2]?.error).toBe('the metric odd returned NaN. A grade is a number from 0 to 1.');
  });

  it('a budget that ends: what was asked until then is compared', async () => {
    const voted = plus(model, selfConsistency({ n: 3 }));
    const { asked, total, exhausted, pairs, spending } = await compare([model, voted], taskOf(20), {
      budget: { calls: 30 },
      concurrency: 1,
    });
    expect([exhausted, total]).toEqual(['calls', 20]);
    expect(spending.calls).toBeLessThanOrEqual(30);
    expect(asked).toBeGreaterThanOrEqual(10);
    expect(asked).toBeLessThan(20);
    expect(pairs[0]?.items).toBeLessThanOrEqual(asked);
  });

  it('an interruption: `partial` gives the items that were done', async () => {
    const controller = new AbortController();
    const options = {
      signal: controller.signal,
      concurrency: 1,
      onItem: ({ done }: CompareProgress) => done === 4 && controller.abort(new Error('enough')),
    };
    const pair = [model, plus(model, selfConsistency({ n: 3 }))];
    const found = await compare(pair, taskOf(20), { ...options, partial: true });
    expect([found.asked, found.total, found.pairs[0]?.items]).toEqual([4, 20, 4]);
    await expect(compare(pair, taskOf(20), options)).rejects.toThrow('enough');
  });

  it('with few items is said: no test could tell', async () => {
    const { warnings } = await compare([rightOn('a', () => false), rightOn('b', () => true)], taskOf(3));
    expect(warnings.map(({ code }) => code)).toContain('few-items');
  });

  it.each([
    [[model], {}, 'must be two or more'],
    [[model, model], {}, 'must differ: the same formula makes the same draws'],
    [[model, rightOn('b', () => true)], { until: 'done' as never }, 'until must be "all" or "decided"'],
  ])('%# is refused before a call is made', async (models, options, problem) => {
    await expect(compare(models, taskOf(3), options)).rejects.toThrow(problem);
  });

  it.each([
    [taskOf(0), 'has no items'],
    [taskOf(2, { items: [taskOf(1).items[0]!, taskOf(1).items[0]!] }), 'has the id "0" twice'],
  ])('a task that is none is refused', async (task, problem) => {
    const asked = upset(model, () => expect.unreachable());
    await expect(compare([asked, model], task)).rejects.toThrow(problem);
    await expect(evaluate(asked, task)).rejects.toThrow(problem);
  });
});

it('the bootstrap of a comparison is drawn with seed 0 where none is given', async () => {
  const graded = (x: (i: number) => number): Task => ({
    ...taskOf(12),
    metric: { name: 'graded', grade: (_, { id }) => x(Number(id.replaceAll(/\D/g, ''))) },
  });
  const one = await evaluate(
    rightOn('a', () => true),
    graded((i) => (i % 5) / 5),
  );
  const other = await evaluate(
    rightOn('b', () => true),
    graded((i) => (i % 3) / 3),
  );
  const interval = (options?: { readonly seed: number }) => compareResults([one, other], options).pairs[0]?.ci95;
  expect(interval()).toEqual(interval({ seed: 0 }));
  expect(interval()).not.toEqual(interval({ seed: 1 }));
});

it('results from elsewhere are compared over the items that both have', async () => {
  const [a, b] = [rightOn('a', (i) => i > 8), rightOn('b', () => true)];
  const [one, other] = await Promise.all([evaluate(a, taskOf(20)), evaluate(b, taskOf(15))]);
  const { pairs } = compareResults([one, other]);
  expect(pairs).toMatchObject([{ a: 'a', b: 'b', items: 15, better: 'b', test: 'mcnemar' }]);
  expect(pairs[0]?.gained).toHaveLength(9);
  const apart = compareResults([
    { ...one, results: one.results.slice(0, 5) },
    { ...other, results: other.results.slice(5) },
  ]);
  expect(apart.pairs).toMatchObject([{ items: 0, p: 1, better: undefined }]);
});
