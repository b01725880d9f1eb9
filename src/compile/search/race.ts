/**
 * A race of compositions over the same items. After each round of items an arm is dropped where a confidence sequence, which holds
 * however often it is looked at, shows another one to be better and no dearer. Where the budget does not carry all that are left, the
 * half with the better grades goes on, and the others are told as left, not as worse.
 */
import { confidenceSequence } from '../../evaluate/index.ts';
import { meanGrade } from './pick.ts';

/** What became of one arm on one item. */
export interface Graded {
  /** Nothing where it failed. */
  readonly grade: number | undefined;
  /** What it took as if alone, in whatever is counted. */
  readonly cost: number;
}

export interface RaceOptions {
  /** Arms, by their number. Arm 0 is the base, which stays. */
  readonly arms: number;
  /** Those that begin. Default: all. */
  readonly starts?: readonly number[] | undefined;
  /** Further arms that what is left carries through the first `to` items. Asked after each such heat, until there are none. */
  readonly enter?: ((entered: readonly number[], to: number) => readonly number[]) | undefined;
  /** Items, by their number, in the order in which they are asked. */
  readonly items: number;
  /** Items of the first round. Each further round doubles what has been asked. */
  readonly first: number;
  /** How often the best arm may be dropped at all. */
  readonly alpha: number;
  /** How many of some items, counted from `from`, the budget affords for these arms. */
  readonly affords: (arms: readonly number[], from: number, to: number) => number;
  /** Asks arms on items `from` to `to`; in the order of `arms`, each in the order of the items. Nothing where the budget cut it short. */
  readonly ask: (
    arms: readonly number[],
    from: number,
    to: number,
  ) => Promise<readonly (readonly Graded[])[] | undefined>;
  readonly onRound?: ((round: Round, number: number) => unknown) | undefined;
}

export interface Round {
  readonly from: number;
  readonly to: number;
  readonly arms: readonly number[];
  readonly dropped: readonly Dropped[];
}

export interface Dropped {
  readonly arm: number;
  /** `worse`: shown to be. `budget`: it was among the lower half when not all could go on. */
  readonly why: 'worse' | 'budget';
  /** The arm that is shown to be better. */
  readonly than?: number | undefined;
}

export interface Race {
  /** Those that were asked to the end. */
  readonly left: readonly number[];
  /** By arm: what it has of each item that it was asked. */
  readonly graded: readonly (readonly Graded[])[];
  readonly rounds: readonly Round[];
  /** Items that those left were asked. */
  readonly asked: number;
}

export async function race(options: RaceOptions): Promise<Race> {
  const { arms, starts, items, first, alpha, affords, enter, ask, onRound } = options;
  const graded: Graded[][] = Array.from({ length: arms }, () => []);
  const rounds: Round[] = [];
  let left: readonly number[] = starts ?? Array.from({ length: arms }, (_, i) => i);
  let entered = left.length;
  let asked = 0;
  const heat = async (of: readonly number[], from: number, to: number): Promise<boolean> => {
    const found = await ask(of, from, to);
    of.forEach((arm, i) => (graded[arm] as Graded[]).push(...(found?.[i] ?? [])));
    return found !== undefined;
  };
  const over = async (round: Round): Promise<void> => {
    rounds.push(round);
    await onRound?.(round, rounds.length);
  };
  while (asked < items && left.length > 1) {
    const wanted = Math.min(items, Math.max(first, asked * 2));
    const dropped: Dropped[] = [];
    while (graded[0]?.length && left.length > 2 && affords(left, asked, wanted) < wanted - asked) {
      const { kept, lost } = halved(left, graded);
      dropped.push(...lost.map((arm) => ({ arm, why: 'budget' as const })));
      left = kept;
    }
    const to = asked + Math.min(wanted - asked, affords(left, asked, wanted));
    if (to === asked) {
      if (dropped.length > 0) await over({ from: asked, to, arms: left, dropped });
      break;
    }
    if (!(await heat(left, asked, to))) break;
    for (let more = asked === 0 ? enter?.(left, to) : []; more?.length; more = enter?.(left, to)) {
      if (!(await heat(more, 0, to))) break;
      left = [...left, ...more];
    }
    entered = Math.max(entered, left.length);
    const runners = left;
    const worse = worseArms(left, graded, alpha / Math.max(1, entered - 1));
    left = left.filter((arm) => !worse.some((one) => one.arm === arm));
    await over({ from: asked, to, arms: runners, dropped: [...dropped, ...worse] });
    asked = to;
  }
  return { left, graded, rounds, asked };
}

/** The better half, the base among it. */
function halved(
  left: readonly number[],
  graded: readonly (readonly Graded[])[],
): { readonly kept: number[]; readonly lost: number[] } {
  const means = new Map(left.map((arm) => [arm, gradeOf(graded[arm] as readonly Graded[])]));
  const order = left
    .filter((arm) => arm !== 0)
    .toSorted((a, b) => (means.get(b) as number) - (means.get(a) as number) || costOf(graded[a]) - costOf(graded[b]));
  const kept = new Set([0, ...order.slice(0, Math.max(1, Math.floor(order.length / 2)))]);
  return { kept: left.filter((arm) => kept.has(arm)), lost: left.filter((arm) => !kept.has(arm)) };
}

const gradeOf = (of: readonly Graded[]): number => meanGrade(of.map(({ grade }) => grade));
export const costOf = (of: readonly Graded[] = []): number =>
  of.length === 0 ? 0 : of.reduce((sum, { cost }) => sum + cost, 0) / of.length;

/** Arms that another one is shown to be better than, at no higher cost. */
function worseArms(left: readonly number[], graded: readonly (readonly Graded[])[], alpha: number): Dropped[] {
  const order = left.toSorted(
    (a, b) => gradeOf(graded[b] as readonly Graded[]) - gradeOf(graded[a] as readonly Graded[]),
  );
  return left.flatMap((arm) => {
    if (arm === 0) return [];
    const mine = graded[arm] as readonly Graded[];
    // Only one that looks better can be shown to be.
    const than = order
      .slice(0, order.indexOf(arm))
      .find(
        (other) =>
          costOf(graded[other]) <= costOf(mine) * 1.01 && isBetter(graded[other] as readonly Graded[], mine, alpha),
      );
    return than === undefined ? [] : [{ arm, why: 'worse' as const, than }];
  });
}

function isBetter(a: readonly Graded[], b: readonly Graded[], alpha: number): boolean {
  const test = confidenceSequence({ alpha });
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [one, other] = [a[i]?.grade, b[i]?.grade];
    if (one !== undefined && other !== undefined) test.add(one - other);
  }
  return test.verdict === 'above';
}
