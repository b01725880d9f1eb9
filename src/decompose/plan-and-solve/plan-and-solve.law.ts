/** The law of plan-and-solve: Σ over p of Q(p | plan x) P(y | x, p). */
import { plus, questionOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { planAndSolve, TOGETHER } from './plan-and-solve.ts';

const PLANS: Distribution = { short: 2, long: 3 };
const BY_PLAN: Tables = { short: { x: 4, y: 1 }, long: { x: 1, y: 2, z: 1 } };
const AT_ONCE: Distribution = { 'short, so x': 1, 'long, so z': 2 };
const planner = (plans: Distribution, byPlan: Tables, atOnce: Distribution): Model =>
  enumerable({
    name: 'planner',
    answers(prompt) {
      const asked = questionOf(prompt);
      if (asked.endsWith('Reply with the plan only.')) return plans;
      if (asked === TOGETHER({ question: 'question', context: '', asked: 'question' })) return atOnce;
      const plan = /Plan:\n(.*)\n/.exec(asked)?.[1];
      return plan === undefined ? { lost: 1 } : (byPlan[plan] ?? { lost: 1 });
    },
  });
function planned(plans: Distribution, byPlan: Tables): P {
  const out = new Map<string, number>();
  for (const [plan, p] of normal(plans)) for (const [y, w] of normal(byPlan[plan] as Distribution)) add(out, y, p * w);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'planAndSolve',
  subjects: {
    planAndSolve: { transform: planAndSolve(), preparation: 1 },
    'planAndSolve in one': planAndSolve({ apart: false }),
  },
  exact: [
    ...varied(
      {
        plans: weights(PLANS, 'what is planned'),
        answers: weightsAfter(BY_PLAN, 'what is answered by each plan'),
      },
      ({ plans, answers }) =>
        holds('summed over plans', plus(planner(plans, answers, AT_ONCE), planAndSolve()), () =>
          planned(plans, answers),
        ),
    ),
    ...varied({ atOnce: weights(AT_ONCE, 'what is planned and answered in one') }, ({ atOnce }) =>
      holds(
        'apart=false: plan and answer are one draw',
        plus(planner(PLANS, BY_PLAN, atOnce), planAndSolve({ apart: false })),
        () => normal(atOnce),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the plan is forgotten',
    file: 'decompose/plan-and-solve/plan-and-solve.ts',
    from: 'solving.say({ ...asked, plan })',
    to: "solving.say({ ...asked, plan: '' })",
  },
];
