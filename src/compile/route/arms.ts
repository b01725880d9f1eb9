/** Panels of the compositions that a race has left, as arms of their own: what they are worth is read off answers that are there. */
import type { Limits, Model } from '../../core/index.ts';
import { poolOf, type Arm } from '../search/arms.ts';
import { limited } from '../search/limited.ts';
import { meanGrade } from '../search/pick.ts';
import type { Asked } from '../search/trial.ts';
import { panel, type Router } from './panel-model.ts';
import { bestPanel, type Column } from './propose.ts';

export interface Runner {
  readonly arm: Arm;
  readonly asked: readonly Asked[];
  readonly cost: number;
}

/** A panel as an arm, with grades of items that it was not chosen by. */
export interface PanelRunner {
  readonly arm: Arm;
  readonly grades: readonly number[];
  readonly cost: number;
  readonly router: Router;
  /** Those that it asks, in order. */
  readonly members: readonly Arm[];
}

/** What panels may cost a question, as a multiple of the base. */
const TIMES = [2, 3, 5];

/**
 * The best panel at each of a few costs, at most as dear as the dearest composition, or as three answers of the base. Compositions that share their draws are one member: on a
 * question of its own each would draw for itself, which the answers that are there do not show.
 */
export function panelsOf(runners: readonly Runner[], perQuestion: Limits): readonly PanelRunner[] {
  const pools = Map.groupBy(runners, ({ arm }) => poolOf(arm.model));
  const members = [...pools.values()].map((of) => of.reduce((a, b) => (gradeOf(b) > gradeOf(a) ? b : a)));
  const [base] = runners;
  if (members.length < 2 || !base) return [];
  const columns = members.map(({ asked, cost }): Column => ({
    seen: asked.map(({ seen }) => seen),
    grades: asked.map(({ grade }) => grade ?? 0),
    cost,
  }));
  const dearest = Math.max(...runners.map(({ cost }) => cost), 3 * base.cost);
  const found = new Map<string, PanelRunner>();
  for (const times of TIMES) {
    const best = times * base.cost > dearest + 1e-9 ? undefined : bestPanel(columns, { most: times * base.cost });
    if (!best) continue;
    const asked = best.order.map((i) => (members[i] as Runner).arm);
    const router: Router = { name: `within${times}`, ...best.panel };
    const model = panelModel(asked, router, perQuestion);
    const arm: Arm = {
      model,
      base: base.arm.model,
      text: '',
      picks: [],
      techniques: 1 + asked.reduce((sum, one) => sum + one.techniques, 0),
      made: () => model,
    };
    found.set(JSON.stringify([best.order, best.panel]), {
      arm,
      grades: best.unseen,
      cost: best.unseenCost,
      router,
      members: asked,
    });
  }
  return [...found.values()];
}

/** The model of a panel, within what a question may take. */
export function panelModel(members: readonly Arm[], router: Router, perQuestion: Limits): Model {
  const whole = panel(
    members.map(({ model }) => model),
    { router },
  );
  return Object.values(perQuestion).some((amount) => amount !== undefined) ? limited(whole, perQuestion) : whole;
}

const gradeOf = ({ asked }: Runner): number => meanGrade(asked.map(({ grade }) => grade));
