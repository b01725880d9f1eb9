/** What a comparison is, and how it is made of the results of each model. */
import type { LimitName, Usage, Warning } from '../../core/index.ts';
import { groupsOf, summarize, type Evaluation } from '../eval.ts';
import type { ItemResult } from '../records.ts';
import { holm, mean, type Groups, type Interval } from '../statistics.ts';
import { comparePaired, type PairedTest } from './paired.ts';

/** One of the models that are compared, with what an answer of it took. */
export interface Compared extends Pick<
  Evaluation,
  | 'formula'
  | 'accuracy'
  | 'ci95'
  | 'groups'
  | 'samplesPerItem'
  | 'tokensPerItem'
  | 'usdPerItem'
  | 'failed'
  | 'asked'
  | 'results'
> {
  /** The run that it was measured in, where it was before. */
  readonly run?: string | undefined;
  /** Mean time of an answer, where `records` asked for it. */
  readonly msPerItem: number | undefined;
}

/** A model beside the first of the list. */
export interface ComparedPair {
  /** The formula, or the run, of the reference: the first of the models. */
  readonly a: string;
  readonly b: string;
  /** Items that both answered. */
  readonly items: number;
  /** Mean grade of b - mean grade of a, over these items. */
  readonly difference: number;
  readonly ci95: Interval;
  /** How often a difference as large as this is seen where there is none. */
  readonly p: number;
  /** The same, with all comparisons of the run taken into account (Holm). */
  readonly adjusted: number;
  /** Which is better, where that is certain at 5% over all comparisons of the run. */
  readonly better: 'a' | 'b' | undefined;
  readonly test: PairedTest;
  /** Ids of items on which b has the higher grade, and the lower. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

export interface Comparison {
  readonly task: string;
  /** The models at the bottom. */
  readonly model: string;
  readonly metric: string;
  readonly run: string | undefined;
  readonly seed: number | string;
  readonly repeats: number;
  readonly until: 'all' | 'decided';
  /** Items asked, of all `total`. */
  readonly asked: number;
  readonly total: number;
  readonly models: readonly Compared[];
  readonly pairs: readonly ComparedPair[];
  /** As if each model were alone. */
  readonly usage: Usage;
  /** What the run was charged: a draw that several models make counts once. */
  readonly spending: Usage;
  readonly exhausted: LimitName | undefined;
  readonly warnings: readonly Warning[];
}

/** With a share of false verdicts of this size. */
export const ALPHA = 0.05;

/**
 * What was measured before, compared: each with the first, over the items that both have. `plusx compare --runs` does this with runs of a
 * store, and with files of results.
 */
export function compareResults(
  measured: readonly {
    readonly run?: string | undefined;
    readonly formula: string;
    readonly results: readonly ItemResult[];
  }[],
  { seed = 0 }: { readonly seed?: number | string } = {},
): Pick<Comparison, 'models' | 'pairs'> {
  const models = measured.map(({ run, formula, results }) => ({ ...describeModel(formula, results, 1), run }));
  return { models, pairs: pairsOf(models, seed) };
}

export function describeModel(formula: string, results: readonly ItemResult[], repeats: number): Compared {
  const times = results.flatMap(({ replies }) => replies.flatMap(({ ms }) => ms ?? []));
  return { formula, ...summarize(results, repeats), msPerItem: times.length === 0 ? undefined : mean(times) };
}

/** Each model beside the first, by a test of the whole run. */
export function pairsOf([first, ...others]: readonly Compared[], seed: number | string): ComparedPair[] {
  if (!first) return [];
  return judged(
    others.map((other) => {
      const pair = pairOf(first, other);
      const { a, b, groups } = pair.grades;
      return { ...pair, ...(a.length === 0 ? NOTHING_KNOWN : comparePaired(a, b, { groups, seed })) };
    }),
  );
}

/** Of two models that have no item in common. */
const NOTHING_KNOWN = { difference: Number.NaN, ci95: [-1, 1], p: 1, test: 'student' } as const;

type Unjudged = Omit<ComparedPair, 'adjusted' | 'better'>;

/** With the chances of all comparisons taken into account. */
export function judged(pairs: readonly Unjudged[]): ComparedPair[] {
  const adjusted = holm(pairs.map(({ p }) => p));
  return pairs.map(({ a, b, items, difference, ci95, p, test, gained, lost }, i) => {
    const chance = adjusted[i] as number;
    const better = chance > ALPHA ? undefined : difference > 0 ? 'b' : 'a';
    return { a, b, items, difference, ci95, p, adjusted: chance, better, test, gained, lost };
  });
}

interface Grades {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly groups: Groups | undefined;
}

/** Two models on the items that both answered, in the order of the first. */
export function pairOf(
  first: Compared,
  other: Compared,
): Pick<ComparedPair, 'a' | 'b' | 'items' | 'gained' | 'lost'> & { readonly grades: Grades } {
  const graded = new Map(other.results.flatMap(({ id, grade }) => (grade === undefined ? [] : [[id, grade] as const])));
  const both = first.results.flatMap(({ id, grade, group }) => {
    const theirs = graded.get(id);
    return grade === undefined || theirs === undefined ? [] : [{ id, group, a: grade, b: theirs }];
  });
  return {
    a: first.run ?? first.formula,
    b: other.run ?? other.formula,
    items: both.length,
    gained: both.filter(({ a, b }) => b > a).map(({ id }) => id),
    lost: both.filter(({ a, b }) => b < a).map(({ id }) => id),
    grades: { a: both.map(({ a }) => a), b: both.map(({ b }) => b), groups: groupsOf(both) },
  };
}
