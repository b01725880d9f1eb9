/** Train, dev and test: stratified by the expected answer, and what is asked twice stays on one side. */
import { questionOf, type Choice } from '../../core/index.ts';
import type { Item } from '../../tasks/task.ts';

export interface Split {
  /** What demonstrations, wordings and the router are made of. */
  readonly train: readonly Item[];
  /** What compositions are compared on. */
  readonly dev: readonly Item[];
  /** Touched once, by the finalists. */
  readonly test: readonly Item[];
}

export interface Shares {
  readonly train: number;
  readonly dev: number;
  readonly test: number;
}

const SIDES = ['train', 'dev', 'test'] as const;

/** So many different answers are classes; with more of them the items are one class. */
const MOST_CLASSES = 12;

/**
 * Splits items by shares. Items with one question, or of one group, go together; each class of answers is shared out by itself. The order
 * within each side is random, so that any first part of it is a sample.
 */
export function splitItems(items: readonly Item[], shares: Shares, choice: Choice): Split {
  const answers = new Set(items.map(answerOf));
  const isClassed = answers.size <= MOST_CLASSES;
  const bundles = bundled(items);
  const classes = Map.groupBy(bundles, ([first]) => (isClassed && first ? answerOf(first) : ''));
  const sides: { [side in (typeof SIDES)[number]]: Item[] } = { train: [], dev: [], test: [] };
  const owed = { train: 0, dev: 0, test: 0 };
  for (const [name, of] of [...classes].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))) {
    for (const bundle of shuffled(of, choice.fork(`class/${name}`))) {
      for (const side of SIDES) owed[side] += shares[side] * bundle.length;
      const side = SIDES.toSorted((a, b) => owed[b] - owed[a])[0] as (typeof SIDES)[number];
      owed[side] -= bundle.length;
      sides[side].push(...bundle);
    }
  }
  return {
    train: shuffled(sides.train, choice.fork('train')),
    dev: shuffled(sides.dev, choice.fork('dev')),
    test: shuffled(sides.test, choice.fork('test')),
  };
}

const answerOf = ({ expected }: Item): string => JSON.stringify(expected ?? null);

/** Items that belong together, as a path from one to the next by question or group. */
function bundled(items: readonly Item[]): readonly (readonly Item[])[] {
  const leader = new Map<string, number>();
  const parent = items.map((_, i) => i);
  const rootOf = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at] = parent[parent[at] as number] as number;
    return at;
  };
  items.forEach(({ request, group }, i) => {
    const question = questionOf(request.prompt).toLowerCase().replaceAll(/\s+/g, ' ').trim();
    for (const key of [`question ${question}`, ...(group === undefined ? [] : [`group ${group}`])]) {
      const first = leader.get(key);
      if (first === undefined) leader.set(key, i);
      else parent[rootOf(i)] = rootOf(first);
    }
  });
  return [...Map.groupBy(items.keys(), rootOf).values()].map((of) => of.map((i) => items[i] as Item));
}

/** In a random order. */
export function shuffled<T>(values: readonly T[], choice: Choice): T[] {
  const order = [...values];
  for (let end = order.length; end > 1; end--) {
    const at = Math.floor((choice.fork(String(end)).seed() / 2 ** 31) * end);
    [order[at], order[end - 1]] = [order[end - 1] as T, order[at] as T];
  }
  return order;
}
