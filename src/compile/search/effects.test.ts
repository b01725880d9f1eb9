/** What compositions are worth on many tasks: laws of the estimate, and simulations of the model that it is made for. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../core/index.ts';
import { mean } from '../../evaluate/index.ts';
import type { Tried } from '../report.ts';
import { expectedOf } from './earlier.ts';
import { foretold, type GradedTask } from './effects.ts';
import { inverseOf } from './matrix.ts';

const seed = Number(process.env['PLUSX_SEED'] ?? 1);
const NAMES = ['a', 'b', 'c', 'd', 'e'];

const column = fc
  .array(fc.option(fc.constantFrom(0, 1, 0.5), { freq: 9 }), { minLength: 3, maxLength: 12 })
  .filter((all) => all.some((one) => one !== null));
/** Up to four tasks with up to four compositions. */
const tasks: fc.Arbitrary<readonly GradedTask[]> = fc.array(
  fc
    .record({
      kin: fc.tuple(fc.constantFrom('questions', 'others'), fc.constantFrom('m', 'n')),
      columns: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), column, { minKeys: 2 }),
    })
    .map(({ kin, columns }) => ({ kin, grades: new Map(Object.entries(columns)) })),
  { minLength: 1, maxLength: 4 },
);
const meansOf = ({ grades }: GradedTask): Map<string, number> =>
  new Map([...grades].map(([name, all]) => [name, mean(all.filter((one) => typeof one === 'number'))]));

describe('what is foretold', () => {
  it('has the mean of the task, lies within its bounds by far, and hangs on no order of tasks or compositions', () => {
    fc.assert(
      fc.property(tasks, (all) => {
        const found = foretold(all);
        found.forEach((own, i) => {
          const means = meansOf(all[i] as GradedTask);
          expect([...own.keys()]).toEqual([...means.keys()]);
          expect(mean([...own.values()])).toBeCloseTo(mean([...means.values()]), 9);
          for (const one of own.values()) expect(Math.abs(one - 0.5)).toBeLessThanOrEqual(1);
        });
        const turned = all
          .map(({ kin, grades }): GradedTask => ({ kin, grades: new Map([...grades].toReversed()) }))
          .toReversed();
        const again = foretold(turned).toReversed();
        found.forEach((own, i) => {
          for (const [name, one] of own) expect(again[i]?.get(name)).toBeCloseTo(one, 6);
        });
      }),
      { seed, numRuns: 60 },
    );
  });

  it('keeps the order of two compositions on a task that stands alone, and brings them nearer', () => {
    fc.assert(
      fc.property(column, column, (a, b) => {
        const [own] = foretold([{ kin: ['q', 'm'], grades: new Map(Object.entries({ a, b })) }]);
        const [before, after] = [meansOf({ kin: [], grades: new Map(Object.entries({ a, b })) }), own].map(
          (of) => (of?.get('a') as number) - (of?.get('b') as number),
        );
        expect(Math.abs(after as number)).toBeLessThanOrEqual(Math.abs(before as number) + 1e-12);
        expect((after as number) * (before as number)).toBeGreaterThanOrEqual(0);
      }),
      { seed, numRuns: 100 },
    );
  });

  it('takes as much of a difference for noise as the same questions leave of it', () => {
    const others = Array.from({ length: 50 }, (_, i) => Number(i % 2 === 0));
    const paired = others.map((one, i) => (i === 1 || i === 3 ? 1 : one)); // right wherever the other is, and twice more
    const crossed = others.map((_, i) => Number(i < 27)); // as often right, on other questions
    const differenceOf = (b: readonly number[]): number => {
      const [own] = foretold([{ kin: [], grades: new Map(Object.entries({ a: others, b })) }]);
      return (own?.get('b') as number) - (own?.get('a') as number);
    };
    expect(mean(paired)).toBe(mean(crossed));
    expect(differenceOf(paired)).toBeGreaterThan(1.25 * differenceOf(crossed));
  });

  it('refuses a composition without a grade', () => {
    expect(() => foretold([{ kin: [], grades: new Map(Object.entries({ a: [1], b: [null] })) }])).toThrow(
      'foretold: "b" has no grade',
    );
  });
});

/** Tasks of three sets of questions and two models, whose compositions differ by effects of given deviations. */
function simulated(
  spread: { readonly own: number; readonly ofSet: number; readonly here: number },
  name: string,
): { readonly tasks: readonly GradedTask[]; readonly truth: readonly ReadonlyMap<string, number>[] } {
  const choice = seeded(name);
  const normal = (of: string): number => {
    const [u, v] = [`${of} u`, `${of} v`].map((one) => (choice.fork(one).seed() + 1) / (2 ** 31 + 1)) as [
      number,
      number,
    ];
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  };
  const cells = ['s', 't', 'u'].flatMap((set) => ['m', 'n'].map((model) => [set, model] as const));
  const truth = cells.map(
    ([set, model]) =>
      new Map(
        NAMES.map((of) => [
          of,
          0.5 +
            spread.own * normal(of) +
            spread.ofSet * normal(`${of} ${set}`) +
            spread.here * normal(`${of} ${set} ${model}`),
        ]),
      ),
  );
  const tasks = cells.map((kin, cell): GradedTask => ({
    kin,
    grades: new Map(
      NAMES.map((of) => [
        of,
        Array.from({ length: 30 }, (_, q) => {
          const p = Math.min(1, Math.max(0, truth[cell]?.get(of) as number));
          return choice.fork(`${cell} ${of} ${q}`).categorical([1 - p, p]);
        }),
      ]),
    ),
  }));
  return { tasks, truth };
}

describe('on tasks that are made as it expects', () => {
  const errorsOf = (spread: Parameters<typeof simulated>[0], runs: number): { raw: number; foretold: number } => {
    const off = { raw: 0, foretold: 0 };
    for (let run = 0; run < runs; run++) {
      const { tasks: all, truth } = simulated(spread, `${run}`);
      const found = foretold(all);
      all.forEach((task, i) => {
        const own = truth[i] as ReadonlyMap<string, number>;
        const error = (of: ReadonlyMap<string, number> | undefined): number => {
          const less = mean(NAMES.map((name) => (of?.get(name) as number) - (own.get(name) as number)));
          return mean(NAMES.map((name) => ((of?.get(name) as number) - (own.get(name) as number) - less) ** 2));
        };
        off.raw += error(meansOf(task)) / runs / all.length;
        off.foretold += error(found[i]) / runs / all.length;
      });
    }
    return off;
  };

  it.each([
    ['compositions are worth the same everywhere', { own: 0.1, ofSet: 0, here: 0 }, 0.55],
    ['they hang on the questions', { own: 0, ofSet: 0.1, here: 0 }, 0.7],
    ['all are equal', { own: 0, ofSet: 0, here: 0 }, 0.55],
    ['each task has its own', { own: 0, ofSet: 0, here: 0.1 }, 0.85],
    ['each task has its own, and they differ much', { own: 0, ofSet: 0, here: 0.25 }, 1.02],
  ])('where %s, what is foretold is nearer to the truth than the means', (_, spread, most) => {
    const off = errorsOf(spread, 8);
    expect(off.foretold / off.raw).toBeLessThan(most);
  });
});

describe('what earlier reports say', () => {
  const tried = (grades: { readonly [plus: string]: readonly number[] }): Tried[] =>
    Object.entries(grades).map(([plus, all]) => ({ plus, dev: mean(all), items: all.length, grades: all }));
  const search = (task: string, model: string, of: Tried[]): Parameters<typeof expectedOf>[0] => ({
    plan: { task, model },
    tried: of,
  });
  const [half, more] = [(i: number) => i % 2, (i: number) => Number(i % 5 > 0)].map((of) =>
    Array.from({ length: 40 }, (_, i) => of(i)),
  ) as [number[], number[]];

  it('is nothing where none has two of the compositions', () => {
    const own = search('t', 'm', tried({ '': half, reRead: half }));
    expect(expectedOf(own, [])).toBeUndefined();
    expect(expectedOf(own, [search('u', 'm', tried({ '': half, 'pal()': more }))])).toBeUndefined();
    expect(expectedOf(search('t', 'm', tried({ '': half })), [own])).toBeUndefined();
  });

  it('decides between what looks alike here, those of the same model more than others', () => {
    const own = search('t', 'm', tried({ '': half, reRead: half, 'pal()': half }));
    const better = tried({ '': half, reRead: more, 'pal()': half });
    const other = tried({ '': half, reRead: half, 'pal()': more });
    const found = expectedOf(own, [search('u', 'n', other), search('v', 'm', better), search('w', 'm', better)]);
    expect(found?.get('reRead')).toBeGreaterThan(found?.get('pal()') as number);
    expect(found?.get('reRead')).toBeGreaterThan(found?.get('') as number);
  });

  it('is worked out of so many as fit, the nearest first', () => {
    const names = Array.from({ length: 61 }, (_, i) => `arm ${i}`);
    const of = (best: string): Tried[] =>
      tried(Object.fromEntries(names.map((name) => [name, name === best ? more : half])));
    const far = Array.from({ length: 30 }, (_, i) => search(`far ${i}`, 'n', of('arm 1')));
    const near = Array.from({ length: 3 }, (_, i) => search(`near ${i}`, 'm', of('arm 2')));
    const found = expectedOf(search('t', 'm', of('')), [...near, ...far]);
    expect(found?.get('arm 2')).toBeGreaterThan(found?.get('arm 1') as number);
    expect(found?.get('arm 1')).toBeCloseTo(found?.get('arm 3') as number, 9);
  });
});

it('an inverse times its matrix is one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }), {
        minLength: 1,
        maxLength: 5,
      }),
      (rows) => {
        const of = rows.map((a, i) =>
          Float64Array.from(
            rows,
            (b, j) => a.reduce((sum, one, k) => sum + one * (b[k] as number), 0) + Number(i === j),
          ),
        );
        const inverse = inverseOf(of);
        of.forEach((row, i) =>
          rows.forEach((_, j) => {
            const product = row.reduce((sum, one, k) => sum + one * (inverse[k]?.[j] as number), 0);
            expect(product).toBeCloseTo(Number(i === j), 9);
          }),
        );
      },
    ),
    { seed },
  );
});
