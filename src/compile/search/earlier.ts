/** What the reports of earlier searches say of compositions that are left in this one. */
import type { Report, Tried } from '../report.ts';
import { foretold, type GradedTask } from './effects.ts';

/** What counts of a report: a whole one has more. */
export interface Searched {
  readonly plan: Pick<Report['plan'], 'task' | 'model'>;
  readonly tried: readonly Pick<Tried, 'plus' | 'grades'>[];
}

/** Differences that are estimated together at most: the work grows with their cube. */
const MOST_DIFFERENCES = 240;

/** Whether a report holds what each composition was graded by item: those of earlier versions do not. */
export const isGraded = ({ tried }: Searched): boolean => tried.some(({ grades }) => grades !== undefined);

/**
 * The expected mean grades of a search's compositions, by what they add to the base, with what other searches say of the same ones:
 * those of the same task and of the same model first, then the latest. Nothing where no other search has two of them.
 */
export function expectedOf(own: Searched, earlier: readonly Searched[]): ReadonlyMap<string, number> | undefined {
  const here = gradedTask(own);
  const kinOf = ({ kin }: GradedTask): number => kin.filter((one, i) => one === here.kin[i]).length;
  const others = earlier
    .map((one) => gradedTask(one, here))
    .filter(({ grades }) => grades.size > 1)
    .toReversed()
    .toSorted((a, b) => kinOf(b) - kinOf(a));
  let room = MOST_DIFFERENCES - (here.grades.size - 1);
  const taken = others.filter(({ grades }) => (room -= grades.size - 1) >= 0);
  return taken.length === 0 || here.grades.size < 2 ? undefined : foretold([here, ...taken])[0];
}

/** A search as a task that its compositions were graded on: of those that another one has, where that is given. */
function gradedTask({ tried, plan: { task, model } }: Searched, like?: GradedTask): GradedTask {
  const known = tried.flatMap(({ plus, grades = [] }) =>
    grades.some((grade) => grade !== null) && (like === undefined || like.grades.has(plus))
      ? [[plus, grades] as const]
      : [],
  );
  return { grades: new Map(known), kin: [task, model] };
}
