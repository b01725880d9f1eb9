/** A comparison that ends as soon as it is decided: which items are asked next, and of which models. */
import type { Choice } from '../../core/index.ts';
import type { Item } from '../../tasks/task.ts';
import { shuffled } from '../majority.ts';
import type { ItemResult } from '../records.ts';
import { holm, mean } from '../statistics.ts';
import { confidenceSequence } from './betting.ts';
import { ALPHA, judged, pairOf, type Compared, type ComparedPair } from './comparison.ts';

/** The result of each model on an item; none of a model that was not asked any more. */
export type Asked = readonly (ItemResult | undefined)[];

export interface Plan {
  /** In the order in which they are asked. */
  readonly items: readonly Item[];
  /** The models that are still asked. */
  active(): readonly number[];
  /** How many of the items are to be asked, given what became of those that were. */
  next(done: readonly Asked[]): number;
  /** What was found when it ended. */
  pairs(models: readonly Compared[]): ComparedPair[];
}

/** It is looked at after so many items, and then after each tenth more: what is in flight meanwhile is asked side by side. */
const LOOK = 8;

/**
 * Items come in a random order, those of a group together, and each pair has a test that is told the difference of every item, or the
 * mean difference of every group. A pair whose adjusted chance is low enough is decided, and its model is not asked any more.
 */
export function sequentialPlan(models: number, items: readonly Item[], choice: Choice): Plan {
  const units = shuffled([...Map.groupBy(items, ({ id, group }) => group ?? `id ${id}`).values()], choice);
  const ends: number[] = [];
  for (const unit of units) ends.push((ends.at(-1) ?? 0) + unit.length);
  const tests = Array.from({ length: models - 1 }, () => confidenceSequence({ alpha: ALPHA }));
  let seen = 0; // units that the tests were told
  const undecided = (): number[] => {
    const chances = holm(tests.map(({ p }) => p));
    return [...tests.keys()].filter((i) => (chances[i] as number) > ALPHA);
  };
  return {
    items: units.flat(),
    active() {
      const others = undecided().map((i) => i + 1);
      return others.length === 0 ? [0] : [0, ...others];
    },
    next(done) {
      for (; seen < units.length && (ends[seen] as number) <= done.length; seen++) {
        const unit = done.slice(ends[seen - 1] ?? 0, ends[seen]);
        for (const [i, test] of tests.entries()) {
          const found = differences(unit, i + 1);
          if (found.length > 0) test.add(mean(found));
        }
      }
      if (undecided().length === 0) return done.length;
      return ends[Math.min(units.length, seen + Math.max(LOOK, Math.floor(seen / 10))) - 1] as number;
    },
    pairs([first, ...others]) {
      return judged(
        others.map((other, i) => {
          const { interval, p, mean: difference } = tests[i] as (typeof tests)[number];
          return { ...pairOf(first as Compared, other), difference, ci95: interval, p, test: 'betting' };
        }),
      );
    },
  };
}

/** Of a model and the first, on items that both answered. */
function differences(unit: readonly Asked[], model: number): number[] {
  return unit.flatMap((asked) => {
    const [a, b] = [asked[0]?.grade, asked[model]?.grade];
    return a === undefined || b === undefined ? [] : [b - a];
  });
}
