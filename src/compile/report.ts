/** What a search found. Plain data: the same run gives the same report, to the last digit. */
import { holm, intervalOfGrades, mean, pairedDifference, type Difference, type Interval } from '../evaluate/index.ts';
import type { Picked } from './space/part.ts';
import type { Arm } from './search/arms.ts';
import { frontOf, meanGrade, pairs, type Candidate } from './search/pick.ts';
import type { Plan } from './search/plan.ts';
import { averageUsage, type Asked } from './search/trial.ts';

/** What an answer took on average. Unknown is left out. */
export interface CostPerQuestion {
  readonly calls: number;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
}

/** A model on the test items. */
export interface Measured extends CostPerQuestion {
  readonly formula: string;
  readonly accuracy: number;
  readonly ci95: Interval;
}

/** How much better a model is than another on the same items. `p` is adjusted for all rows of the front. */
export interface Versus extends Difference {
  readonly formula: string;
}

/** One composition of the front. */
export interface FrontRow extends Measured {
  /** What is added to the base. */
  readonly plus: string;
  /** Its grade on the items that it was picked by. */
  readonly dev: number;
  /** The base that votes as often as this one's price allows. */
  readonly equalCost: Measured;
  readonly versusBase: Versus;
  readonly versusEqualCost: Versus;
  /** The one that the pick's rule takes. */
  readonly picked: boolean;
}

/** What one choice was worth: its mean effect over all compositions of the first rounds. */
export interface Effect extends Difference {
  readonly choice: string;
  readonly value: string;
  /** Compositions with it and without it. */
  readonly compositions: readonly [number, number];
}

export interface Stage {
  readonly name: 'diagnosis' | 'train' | 'wording' | 'race' | 'test';
  readonly items: number;
  readonly arms: number;
  readonly calls: number;
  readonly tokens: number | undefined;
  readonly usd: number | undefined;
}

/** A composition in the race. */
export interface Tried {
  /** What it adds to the base. */
  readonly plus: string;
  /** Its mean grade on the items that it was asked. */
  readonly dev: number;
  readonly items: number;
  /** Of each of those items, in the order in which all are asked; null where it failed. Reports of earlier versions have none. */
  readonly grades?: readonly (number | null)[] | undefined;
}

export interface Report {
  readonly plan: Plan;
  readonly seed: number | string;
  /** SHA-256 of the questions, the expected answers and the name of the metric. */
  readonly data: string;
  /** What cost is counted in where two models are compared by it. */
  readonly costIn: 'usd' | 'calls';
  /** The base alone on the test. */
  readonly base: Measured;
  /** Cheapest first. */
  readonly front: readonly FrontRow[];
  /** The formula that was picked. */
  readonly picked: string;
  /** Whether what was picked is better than the base on the test, at 95% over the whole front. */
  readonly improved: boolean;
  readonly verdict: string;
  /** How much better the pick looked on the items it was picked by than it is on the test. */
  readonly selectionBias: number;
  readonly effects: readonly Effect[];
  readonly stages: readonly Stage[];
  /** Every composition that was tried. */
  readonly tried: readonly Tried[];
  /** Compositions that left the race, in order. */
  readonly dropped: readonly {
    readonly formula: string;
    readonly why: string;
    readonly after: number;
    readonly dev: number;
  }[];
  readonly warnings: readonly string[];
}

/** A model on the items that it was asked. */
export function measured(formula: string, asked: readonly Asked[]): Measured {
  const grades = asked.flatMap(({ grade }) => grade ?? []);
  return {
    formula,
    accuracy: grades.length === 0 ? Number.NaN : mean(grades),
    ci95: grades.length === 0 ? [0, 1] : intervalOfGrades(grades),
    ...averageUsage(asked),
  };
}

/** How much better b is than a. Where they have no item in common, nothing is known. */
export function versus(formula: string, a: readonly Asked[], b: readonly Asked[]): Versus {
  const both = pairs(
    a.map(({ grade }) => grade),
    b.map(({ grade }) => grade),
  );
  if (both.a.length === 0) return { formula, difference: 0, ci95: [-1, 1], p: 1 };
  return { formula, ...pairedDifference(both.a, both.b) };
}

/** The rows with `p` adjusted for all of them at once: the chance that any one of the printed verdicts is false. */
export function adjusted(rows: readonly FrontRow[]): readonly FrontRow[] {
  const own = rows.flatMap(({ formula, versusBase, versusEqualCost }) =>
    [...new Map([versusBase, versusEqualCost].map((one) => [one.formula, one])).values()]
      .filter((one) => one.formula !== formula)
      .map((one) => ({ key: `${formula} over ${one.formula}`, p: one.p })),
  );
  const all = new Map(holm(own.map(({ p }) => p)).map((p, i) => [own[i]?.key, p]));
  const of = (formula: string, one: Versus): Versus => ({ ...one, p: all.get(`${formula} over ${one.formula}`) ?? 1 });
  return rows.map((row) => ({
    ...row,
    versusBase: of(row.formula, row.versusBase),
    versusEqualCost: of(row.formula, row.versusEqualCost),
  }));
}

/** Those on the front by what the race found, at most so many, the pick among them. Cheapest first. */
export function finalistsOf(candidates: readonly Candidate[], picked: number, most: number): readonly number[] {
  const grade = (i: number): number => meanGrade(candidates[i]?.grades ?? []);
  const best = frontOf(candidates)
    .filter((i) => i !== picked)
    .toSorted((i, j) => grade(j) - grade(i));
  return [picked, ...best.slice(0, most - 1)].toSorted(
    (i, j) => (candidates[i]?.cost ?? 0) - (candidates[j]?.cost ?? 0) || i - j,
  );
}

/** What each value of each choice was worth on the items that all compositions were asked. */
export function effectsOf(
  arms: readonly Arm[],
  asked: readonly (readonly Asked[])[],
  items: number,
): readonly Effect[] {
  const choices = new Map<string, Map<string, number[]>>();
  arms.forEach(({ picks }, arm) => {
    if (!asked[arm]?.length) return;
    for (const { choice, value } of numbered(picks)) {
      const values = choices.get(choice) ?? new Map<string, number[]>();
      values.set(value, [...(values.get(value) ?? []), arm]);
      choices.set(choice, values);
    }
  });
  return [...choices].flatMap(([choice, values]) => {
    if (values.size < 2) return [];
    return [...values].flatMap(([value, having]) => {
      if (values.size === 2 && value === 'no') return []; // the other half of "yes"
      const others = [...values].flatMap(([other, of]) => (other === value ? [] : of));
      const [a, b]: [number[], number[]] = [[], []];
      for (let item = 0; item < items; item++) {
        const [one, other] = [meanOf(others, item, asked), meanOf(having, item, asked)];
        if (one === undefined || other === undefined) continue;
        a.push(one);
        b.push(other);
      }
      if (a.length < 2) return [];
      return [{ choice, value, compositions: [having.length, others.length] as const, ...pairedDifference(a, b) }];
    });
  });
}

/** Choices of one name within a composition, told apart by their number. */
function numbered(picks: readonly Picked[]): readonly Picked[] {
  const seen = new Map<string, number>();
  return picks.map(({ choice, value }) => {
    const count = (seen.get(choice) ?? 0) + 1;
    seen.set(choice, count);
    return { choice: count === 1 ? choice : `${choice} (${count})`, value };
  });
}

function meanOf(arms: readonly number[], item: number, asked: readonly (readonly Asked[])[]): number | undefined {
  const grades = arms.flatMap((arm) => asked[arm]?.[item]?.grade ?? []);
  return grades.length === 0 ? undefined : mean(grades);
}
