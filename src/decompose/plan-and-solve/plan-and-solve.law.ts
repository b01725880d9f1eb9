/** The law of plan-and-solve: Σ over p of Q(p | plan x) P(y | x, p). */
import { plus, questionOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { planAndSolve, TOGETHER } from './plan-and-solve.ts';

const PLANS: Distribution = { short: 2, long: 3 };
const BY_PLAN: { readonly [plan: string]: Distribution } = { short: { x: 4, y: 1 }, long: { x: 1, y: 2, z: 1 } };
const AT_ONCE: Distribution = { 'short, so x': 1, 'long, so z': 2 };
const planner = enumerable({
  name: 'planner',
  answers(prompt) {
    const asked = questionOf(prompt);
    if (asked.endsWith('Reply with the plan only.')) return PLANS;
    if (asked === TOGETHER({ question: 'question', context: '', asked: 'question' })) return AT_ONCE;
    const plan = /Plan:\n(.*)\n/.exec(asked)?.[1];
    return plan === undefined ? { lost: 1 } : (BY_PLAN[plan] ?? { lost: 1 });
  },
});
function planned(): P {
  const out = new Map<string, number>();
  for (const [plan, p] of normal(PLANS)) for (const [y, w] of normal(BY_PLAN[plan] as Distribution)) add(out, y, p * w);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'planAndSolve',
  subjects: {
    planAndSolve: { transform: planAndSolve(), preparation: 1 },
    'planAndSolve in one': planAndSolve({ apart: false }),
  },
  exact: [
    holds('summed over plans', plus(planner, planAndSolve()), planned),
    holds('apart=false: plan and answer are one draw', plus(planner, planAndSolve({ apart: false })), () =>
      normal(AT_ONCE),
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
