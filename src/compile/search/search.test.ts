/** The parts of a search: the split, the race, the pick. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded, user } from '../../core/index.ts';
import type { Item } from '../../tasks/task.ts';
import { questions } from '../test-support/world.ts';
import { checkTask, oddities } from './data.ts';
import { frontOf, meanGrade, pairedError, pickOf, type Candidate } from './pick.ts';
import { race, type Graded } from './race.ts';
import { splitItems } from './split.ts';

const SHARES = { train: 0.2, dev: 0.4, test: 0.4 };
const item = (id: number, question: string, expected: string, group?: string): Item => ({
  id: `${id}`,
  request: { prompt: [user(question)] },
  expected,
  ...(group !== undefined && { group }),
});

describe('the split', () => {
  it('shares out every item once, each class of answers by the shares, and keeps duplicates and groups on one side', () => {
    const arbitrary = fc.array(fc.tuple(fc.nat(30), fc.nat(3), fc.option(fc.nat(8))), {
      minLength: 30,
      maxLength: 120,
    });
    fc.assert(
      fc.property(arbitrary, fc.nat(), (rows, seed) => {
        const items = rows.map(([question, answer, group], i) =>
          item(i, `Q ${question}`, `a${answer}`, group === null ? undefined : `g${group}`),
        );
        const split = splitItems(items, SHARES, seeded(seed));
        const all = [...split.train, ...split.dev, ...split.test];
        expect(all.map(({ id }) => id).toSorted()).toEqual(items.map(({ id }) => id).toSorted());
        const sideOf = new Map(
          Object.entries(split).flatMap(([side, of]) => (of as Item[]).map(({ id }) => [id, side])),
        );
        const sides = new Map<string, string | undefined>();
        items.forEach(({ id, group, request }) => {
          for (const key of [JSON.stringify(request.prompt), ...(group === undefined ? [] : [group])]) {
            expect(sides.get(key) ?? sideOf.get(id)).toBe(sideOf.get(id));
            sides.set(key, sideOf.get(id));
          }
        });
      }),
      { seed: Number(process.env['PLUSX_SEED'] ?? 1), numRuns: 40 },
    );
  });

  it('is stratified: of each answer as many lie on either side, by the shares', () => {
    const items = Array.from({ length: 200 }, (_, i) => item(i, `Q ${i}`, i < 40 ? 'rare' : 'common'));
    const split = splitItems(items, SHARES, seeded(5));
    const rare = (of: readonly Item[]): number => of.filter(({ expected }) => expected === 'rare').length;
    expect([split.train, split.dev, split.test].map(rare)).toEqual([8, 16, 16]);
    expect(splitItems(items, SHARES, seeded(5))).toEqual(split);
    expect(splitItems(items, SHARES, seeded(6))).not.toEqual(split);
  });
});

const of = (right: number, cost: number, techniques = 1): Candidate => ({
  grades: Array.from({ length: 100 }, (_, i) => Number((i * 37) % 100 < right)),
  cost,
  techniques,
});

describe('the pick', () => {
  it.each([
    ['the best, where it is clear', [of(40, 1), of(80, 9), of(60, 3)], 1],
    ['the cheapest of those near the best', [of(78, 5), of(79, 9), of(60, 1)], 0],
    ['the better of those that cost as much, simple or not', [of(79, 5, 3), of(78, 5, 1), of(60, 1)], 0],
    ['the simplest of those that cost as much and are as good', [of(78, 5, 3), of(78, 5, 1), of(60, 1)], 1],
    ['the better of those that are as cheap and as simple', [of(78, 5), of(79, 5)], 1],
    ['what is better than the base and costs no more', [of(70, 1, 0), of(71, 1, 1)], 1],
    ['what is better at less', [of(70, 1, 0), of(60, 3), of(69, 0.5)], 2],
    ['the base, where nothing is better', [of(70, 1, 0), of(71, 3), of(70, 9)], 0],
  ])('takes %s', (_, candidates, expected) => {
    expect(pickOf(candidates)).toBe(expected);
  });

  it('leaves nothing that is as good and cheaper, or better and no dearer, and pays more only beyond a standard error', () => {
    for (let seed = 0; seed < 200; seed++) {
      const choice = seeded(seed);
      const drawn = (name: string, most: number): number => choice.fork(name).categorical(Array(most).fill(1)) + 1;
      const candidates = Array.from({ length: 6 }, (_, arm): Candidate => {
        const right = drawn(`right ${arm}`, 10) / 11;
        return {
          grades: Array.from({ length: 20 }, (__, i) => choice.fork(`${arm}/${i}`).categorical([1 - right, right])),
          cost: drawn(`cost ${arm}`, 3),
          techniques: drawn(`techniques ${arm}`, 3),
        };
      });
      const taken = candidates[pickOf(candidates)] as Candidate;
      const all = candidates.map((one) => ({ ...one, mean: meanGrade(one.grades) }));
      const own = meanGrade(taken.grades);
      const noDearer = all.filter(({ cost }) => cost <= taken.cost);
      expect(noDearer.filter(({ mean }) => mean > own)).toEqual([]);
      expect(noDearer.filter(({ mean, techniques }) => mean === own && techniques < taken.techniques)).toEqual([]);
      const best = all.reduce((a, b) => (b.mean > a.mean ? b : a));
      const cheaper = all.filter(({ cost }) => cost < taken.cost);
      for (const { grades, mean } of cheaper)
        expect(best.mean - mean).toBeGreaterThan(pairedError(best.grades, grades));
    }
  });

  it('a front holds what nothing is cheaper and better than', () => {
    expect(frontOf([of(70, 1), of(60, 2), of(80, 3), of(80, 4), of(90, 9)])).toEqual([0, 2, 4]);
  });
});

describe('the race', () => {
  const run = (chances: readonly number[], costs: readonly number[], seed: number, affords = Infinity) => {
    const choice = seeded(seed);
    let left = affords;
    const grade = (arm: number, i: number): Graded => {
      const p = chances[arm] as number;
      return { grade: choice.fork(`${arm}/${i}`).categorical([1 - p, p]), cost: costs[arm] as number };
    };
    return race({
      arms: chances.length,
      items: 400,
      first: 8,
      alpha: 0.05,
      affords: (arms, from, to) => Math.min(to - from, Math.floor(left / arms.length)),
      ask: async (arms, from, to) => {
        left -= arms.length * (to - from);
        return arms.map((arm) => Array.from({ length: to - from }, (_, i) => grade(arm, from + i)));
      },
    });
  };

  it('drops what is shown to be worse at no lower cost, early where it is much worse', async () => {
    const { left, rounds } = await run([0.5, 0.9, 0.2, 0.88], [1, 1, 1, 1], 1);
    expect(left).toContain(1);
    expect(left).not.toContain(2);
    expect(left).toContain(0); // the base stays
    const at = rounds.find(({ dropped }) => dropped.some(({ arm }) => arm === 2));
    expect(at?.to).toBeLessThan(200);
  });

  it('does not drop what is cheaper', async () => {
    const { left } = await run([0.5, 0.9, 0.2], [1, 9, 0.5], 1);
    expect(left).toContain(2);
  });

  it('hardly ever drops the best, however often it looks', async () => {
    let dropped = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { rounds } = await run([0.5, 0.6, 0.6, 0.6], [1, 1, 1, 1], seed, 1600);
      dropped += rounds.flatMap((round) => round.dropped).filter(({ why }) => why === 'worse').length;
    }
    // Three arms are equally good, and each may be dropped once in 40 runs.
    expect(dropped).toBeLessThanOrEqual(5);
  });

  it('halves where the budget does not carry all, and says that it did', async () => {
    const { rounds, asked } = await run(
      Array.from({ length: 17 }, (_, i) => 0.4 + i / 100),
      Array.from({ length: 17 }, () => 1),
      3,
      400,
    );
    const dropped = rounds.flatMap((round) => round.dropped);
    expect(dropped.some(({ why }) => why === 'budget')).toBe(true);
    expect(asked).toBeGreaterThan(16);
    const spent = rounds.reduce((sum, { from, to, arms }) => sum + (to - from) * arms.length, 0);
    expect(spent).toBeLessThanOrEqual(400);
  });
});

describe('data', () => {
  it.each([
    [[], 'has no items'],
    [questions(3).items, 'has 3 items'],
    [[...questions(30).items, ...questions(1).items], 'two items with the id "0"'],
  ])('is refused: %#', (items, problem) => {
    expect(() => checkTask({ ...questions(0), items })).toThrow(problem);
  });

  it('tells of a label that stands in the input, and not of choices that every question lists', () => {
    const words = ['apple', 'pear', 'plum', 'grape'];
    const leaky = Array.from({ length: 40 }, (_, i) =>
      item(i, `Number ${i} (label: ${words[i % 4]})`, words[i % 4] as string),
    );
    const fair = Array.from({ length: 40 }, (_, i) =>
      item(i, `Number ${i}: apple, pear, plum or grape?`, words[i % 4] as string),
    );
    expect(oddities({ ...questions(0), items: leaky })[0]).toContain('stands in the question of 40 of 40 items');
    expect(oddities({ ...questions(0), items: fair })).toEqual([]);
    expect(oddities({ ...questions(0), items: [...fair, { ...(fair[0] as Item), id: 'x' }] })[0]).toContain(
      '1 of 41 items ask what another one asks',
    );
  });
});
