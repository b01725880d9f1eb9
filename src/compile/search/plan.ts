/** What a search will do, and what it may spend at most: said before anything is asked. */
import { InvalidOption, type Counted, type Limits } from '../../core/index.ts';
import type { Item, Task } from '../../tasks/task.ts';
import { merged, sum, worstOfArms, ZERO, type Amounts, type Arm, type LeftOut } from './arms.ts';
import type { PartTold } from '../space/auto.ts';
import type { Shares, Split } from './split.ts';

/** What is planned. Plain data. */
export interface Plan {
  readonly task: string;
  readonly metric: string;
  readonly model: string;
  readonly space: string;
  /** Compositions in the space, in decimal digits: there may be more than a number holds. */
  readonly size: string;
  /** Compositions that are tried, the base among them. */
  readonly arms: number;
  /** Compositions that are not tried, and why. */
  readonly leftOut: readonly LeftOut[];
  readonly items: { readonly train: number; readonly dev: number; readonly test: number };
  /** Items of the first round, which all arms are asked. */
  readonly first: number;
  /** One question put to all arms, at most: what several of them draw is drawn once. */
  readonly perItem: Amounts;
  /** One question put to all arms, if each drew for itself. */
  readonly unpooled: Amounts;
  /** One question of the test, put to the finalists. */
  readonly perTest: Amounts;
  readonly perQuestion: Limits;
  readonly budget: Limits;
  /** What is in the space and what is not, and why, where nobody marked its choices. */
  readonly parts?: readonly PartTold[] | undefined;
  /** Never exceeded: the budget, or the whole search where it may take less. */
  readonly worst: Amounts;
  readonly warnings: readonly string[];
}

/** Compositions that are measured on the test. */
export const FINALISTS = 4;
/** Items of the first round, at least. */
export const FIRST = 8;
/** Items of the test, at least. */
export const LEAST_TEST = 20;
/** Of the budget, the part that is kept for the test. */
const FOR_TEST = 0.4;

export const COUNTS = ['calls', 'tokens', 'usd'] as const satisfies readonly Counted[];

export interface Affordable {
  readonly arms: readonly Arm[];
  readonly first: number;
  readonly test: number;
  readonly warnings: readonly string[];
}

/** How the items are shared out: a part is for training only where something is made of it. */
export function sharesFor(trains: boolean): Shares {
  return trains ? { train: 0.3, dev: 0.3, test: 0.4 } : { train: 0, dev: 0.5, test: 0.5 };
}

/**
 * As many arms as the budget carries through the first round and the test, in their order, and as many items of the test as its share
 * pays for. Throws InvalidOption, which names the least budget that would do.
 */
export function affordable(
  all: readonly Arm[],
  task: Task,
  { dev, test }: Split,
  budget: Limits,
  before: Amounts,
): Affordable {
  const first = Math.min(FIRST, dev.length);
  const least = Math.min(LEAST_TEST, test.length);
  const dear = (arms: readonly Arm[], items: readonly Item[]): Amounts =>
    items.map((item) => worstOfArms(arms, task, item)).reduce(sum, ZERO);
  const needOf = (arms: readonly Arm[]): Amounts =>
    [before, dear(arms, dev.slice(0, first)), finalOf(arms, task, test.slice(0, least))].reduce(sum, ZERO);
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isWithin(needOf(all.slice(0, middle)), budget)) low = middle;
    else high = middle - 1;
  }
  if (low < Math.min(2, all.length)) throw tooSmall(needOf, all, budget);
  const arms = all.slice(0, low);
  let tested = least;
  let final = finalOf(arms, task, test.slice(0, least));
  const isAffordable = (): boolean =>
    COUNTS.every((name) => {
      const [limit, amount] = [budget[name], final[name]];
      return limit === undefined || amount === undefined || amount <= FOR_TEST * limit;
    });
  while (tested < test.length) {
    final = sum(final, finalOf(arms, task, test.slice(tested, tested + 1)));
    if (!isAffordable()) break;
    tested++;
  }
  const warnings =
    low < all.length
      ? [
          `The budget carries ${low} of ${all.length} compositions: the others, drawn by the seed, are not tried. Raise the budget to try more.`,
        ]
      : [];
  return { arms, first, test: tested, warnings };
}

/** The finalists on some items of the test, and the base at the cost of each. */
export function finalOf(arms: readonly Arm[], task: Task, items: readonly Item[]): Amounts {
  return items
    .map((item) => {
      const alone = arms.map((arm) => worstOfArms([arm], task, item));
      return least(finalists(alone), sum(worstOfArms(arms, task, item), dearestOf(alone)));
    })
    .reduce(sum, ZERO);
}

/** The dearest few, and votes of the base that cost as much as the dearest of them: their draws are shared. */
function finalists(alone: readonly Amounts[]): Amounts {
  const most = (name: Counted): number | undefined => {
    const all = alone.map((one) => one[name]);
    if (!all.every((one) => one !== undefined)) return undefined;
    const order = all.toSorted((a, b) => b - a);
    return order.slice(0, FINALISTS).reduce((total, one) => total + one, 0) + (order[0] ?? 0);
  };
  return { calls: most('calls'), tokens: most('tokens'), usd: most('usd') };
}

const dearestOf = (alone: readonly Amounts[]): Amounts => alone.reduce((a, b) => merged(a, b, Math.max));

function tooSmall(needOf: (arms: readonly Arm[]) => Amounts, all: readonly Arm[], budget: Limits): InvalidOption {
  const [base, ...others] = all;
  const needs = others.map((arm) => needOf(base ? [base, arm] : [arm]));
  const cheapest = (name: Counted): number | undefined => {
    const known = needs.map((need) => need[name]).filter((one) => one !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  };
  const named = COUNTS.filter((name) => budget[name] !== undefined);
  const wanted = named.flatMap((name) => {
    const amount = cheapest(name);
    return amount === undefined
      ? []
      : [`${name}=${name === 'usd' ? Number(amount.toPrecision(3)) : Math.ceil(amount)}`];
  });
  return new InvalidOption({
    where: 'compile',
    option: 'budget',
    rule: `of ${named.map((name) => `${name}=${budget[name]}`).join(',')} compares nothing: the base and one composition need ${wanted.join(',')}, for ${FIRST} items and ${LEAST_TEST} of the test`,
    hint: 'Raise the budget, or take cheaper compositions into the space',
  });
}

const least = (a: Amounts, b: Amounts): Amounts => merged(a, b, Math.min);

/** What is not bounded is not refused beforehand: the budget itself ends it. */
export function isWithin(need: Amounts, budget: Limits): boolean {
  return COUNTS.every((name) => {
    const [limit, amount] = [budget[name], need[name]];
    return limit === undefined || amount === undefined || amount <= limit * (1 + 1e-12);
  });
}
