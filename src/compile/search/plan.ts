/** What a search will do, and what it may spend at most: said before anything is asked. */
import { InvalidOption, type Counted, type Limits } from '../../core/index.ts';
import type { Item, Task } from '../../tasks/task.ts';
import { merged, sum, worstOfArms, ZERO, type Amounts, type Arm, type LeftOut } from './arms.ts';
import type { PartTold } from '../space/auto.ts';
import type { Shares, Split } from './split.ts';
import type { Steps } from './steps.ts';

/** What is planned. Plain data. */
export interface Plan {
  readonly task: string;
  readonly metric: string;
  readonly model: string;
  readonly space: string;
  /** Compositions in the space, in decimal digits: there may be more than a number holds. */
  readonly size: string;
  /** Compositions that are tried, the base among them: the budget carries them in the worst case. */
  readonly arms: number;
  /** Compositions that may be tried: those beyond `arms` are where calls take less than they may. */
  readonly most: number;
  /** Compositions that are measured on the test for sure. */
  readonly finalists: number;
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
  /** Calls that come one after another, at most. */
  readonly steps: Steps;
  readonly perQuestion: Limits;
  readonly budget: Limits;
  /** What is in the space and what is not, and why, where nobody marked its choices. */
  readonly parts?: readonly PartTold[] | undefined;
  /** Never exceeded: the budget, or the whole search where it may take less. */
  readonly worst: Amounts;
  readonly warnings: readonly string[];
}

/** Compositions that are measured on the test, at most. */
export const FINALISTS = 4;
/** Fewer than these are measured only where the budget compares nothing otherwise. */
const LEAST_FINALISTS = 2;
/** Items of the first round, at least. */
export const FIRST = 8;
/** Items of the test, at least. */
export const LEAST_TEST = 20;
/** Of the budget, the part that is kept for the test. */
const FOR_TEST = 0.4;

export const COUNTS = ['calls', 'tokens', 'usd'] as const satisfies readonly Counted[];

export interface Affordable {
  /** All arms, those that are carried first. */
  readonly arms: readonly Arm[];
  readonly carried: number;
  readonly finalists: number;
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
 * pays for. Where it does not carry all of them, fewer finalists are sure of the test: what was never tried cannot be found. Throws
 * InvalidOption, which names the least budget that would do.
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
  const needOf = (arms: readonly Arm[], finalists: number): Amounts =>
    [before, dear(arms, dev.slice(0, first)), finalOf(arms, task, test.slice(0, least), finalists)].reduce(sum, ZERO);
  const carried = (finalists: number): readonly Arm[] =>
    together(all, (some) => isWithin(needOf(some, finalists), budget));
  let finalists = FINALISTS;
  let arms = carried(finalists);
  while (arms.length < all.length && finalists > LEAST_FINALISTS) arms = carried(--finalists);
  const fewest = Math.min(2, all.length);
  while (arms.length < fewest && finalists > 1) arms = carried(--finalists);
  if (arms.length < fewest) throw tooSmall((some) => needOf(some, 1), all, budget);
  const { [0]: unbounded } = COUNTS.filter(
    (name) => budget[name] !== undefined && needOf(all, finalists)[name] === undefined,
  );
  if (unbounded) arms = arms.slice(0, fewest);
  let tested = least;
  let final = finalOf(arms, task, test.slice(0, least), finalists);
  const isAffordable = (): boolean =>
    COUNTS.every((name) => {
      const [limit, amount] = [budget[name], final[name]];
      return limit === undefined || amount === undefined || amount <= FOR_TEST * limit;
    });
  const firstRound = sum(before, dear(arms, dev.slice(0, first)));
  while (tested < test.length) {
    final = sum(final, finalOf(arms, task, test.slice(tested, tested + 1), finalists));
    if (!isAffordable() || !isWithin(sum(firstRound, final), budget)) break;
    tested++;
  }
  const others = `the others, in an order drawn by the seed, are tried as far as`;
  const warnings =
    arms.length === all.length
      ? []
      : unbounded
        ? [
            `Nothing bounds what a call takes in ${unbounded}: ${arms.length} of ${all.length} compositions are tried first, and ${others} what calls then take shows that the budget carries them.`,
          ]
        : [
            `The budget is sure to carry ${arms.length} of ${all.length} compositions: ${others} calls take less than they may. Raise the budget to try more.`,
          ];
  const waiting = all.filter((arm) => !arms.includes(arm));
  return { arms: [...arms, ...waiting], carried: arms.length, finalists, first, test: tested, warnings };
}

/** As many of these as may be taken together: one that may not join those before it is left out, and not all that come after it. */
export function together<T>(all: readonly T[], may: (some: readonly T[]) => boolean): readonly T[] {
  if (may(all)) return all;
  const taken: T[] = [];
  for (const one of all) {
    if (may([...taken, one])) taken.push(one);
    else if (taken.length === 0) return []; // the first must be there
  }
  return taken;
}

/** The finalists on some items of the test, and the base at the cost of each. */
export function finalOf(arms: readonly Arm[], task: Task, items: readonly Item[], count: number): Amounts {
  return items
    .map((item) => {
      const alone = arms.map((arm) => worstOfArms([arm], task, item));
      return least(dearest(alone, count), sum(worstOfArms(arms, task, item), dearestOf(alone)));
    })
    .reduce(sum, ZERO);
}

/** The dearest few beside the base, and votes of the base that cost as much as the dearest of all: their draws are shared. */
function dearest(alone: readonly Amounts[], count: number): Amounts {
  const most = (name: Counted): number | undefined => {
    const all = alone.map((one) => one[name]);
    if (!all.every((one) => one !== undefined)) return undefined;
    const order = all.slice(1).toSorted((a, b) => b - a);
    return order.slice(0, count).reduce((total, one) => total + one, 0) + Math.max(0, ...all);
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

/** What a call took so far, where that is known. */
export type Rates = { readonly [name in Counted]?: number | undefined };

/** What is not bounded, as what calls took so far makes it likely. */
export function likely(need: Amounts, rates: Rates): Amounts {
  const { calls } = need;
  const of = (name: Counted): number | undefined =>
    need[name] ?? (calls === undefined || rates[name] === undefined ? undefined : calls * rates[name]);
  return { calls, tokens: of('tokens'), usd: of('usd') };
}

/** What is not bounded is not refused beforehand: the budget itself ends it. */
export function isWithin(need: Amounts, budget: Limits): boolean {
  return COUNTS.every((name) => {
    const [limit, amount] = [budget[name], need[name]];
    return limit === undefined || amount === undefined || amount <= limit * (1 + 1e-12);
  });
}
