import { annotate, fork, option, progress, promptFor, technique, withQuestion } from '../../core/index.ts';
import { put } from '../../core/technique/put.ts';
import { askedIn, type Asked } from '../shared/parts.ts';

/**
 * Has a plan made before the question is answered by it. `apart` makes two draws of it, so that another model may plan
 * and the answer keeps the form that is asked for; otherwise plan and answer are one draw, as in the paper.
 *
 *     P'(y | x) = Σ over p of Q(p | plan x) P(y | x, p)           Q: the planner, the base itself if left out
 *
 * It helps against steps that are left out, and does nothing against steps that are misunderstood or miscalculated.
 *
 * Cost: 2 calls, one after the other, or 1. Source: Wang et al., "Plan-and-solve prompting", 2023.
 */
export const planAndSolve = technique({
  name: 'planAndSolve',
  room: 'decompose',
  summary: 'make a plan, then carry it out',
  paper: 'Wang et al., 2023',
  options: {
    apart: option.flag({ doc: 'whether the plan is a draw of its own', default: true }),
    planner: option.model({ doc: 'the model that plans; the base itself if left out', optional: true }),
    plan: option.prompt(['question', 'asked'], { doc: 'how the plan is asked for' }),
    solve: option.prompt(['question', 'plan'], { doc: 'how the question is put with the plan' }),
    together: option.prompt(['question', 'asked'], { doc: 'how both are asked for in one draw' }),
  },
  calls: '1 + apart',
  rounds: '1 + apart',
  semantics: ({ apart }) => ({
    kind: 'exact',
    target: apart ? 'sum over p of Q(p | x) P(y | x, p)' : 'P(p, y | x, plan first)',
    why: 'one draw a step; that a plan helps is a rule of thumb',
  }),
  check: ({ apart, planner }) =>
    planner && !apart ? { option: 'planner', rule: 'goes with apart=true, and only with it' } : undefined,
  each: ({ apart }) => apart,
  async asks(base, request, context, { apart, planner = base, ...wording }) {
    const asked = askedIn(request);
    if (!apart) {
      const both = promptFor(base, 'planAndSolve.together', wording.together, TOGETHER);
      return { request: { ...request, prompt: withQuestion(request.prompt, both.say(asked)) } };
    }
    const planning = promptFor(planner, 'planAndSolve.plan', wording.plan, PLAN);
    const solving = promptFor(base, 'planAndSolve.solve', wording.solve, SOLVE);
    const { text: plan } = await put(planner, request, fork(context, 'plan'), planning, asked);
    progress(context, `plan: ${plan}`);
    const prompt = withQuestion(request.prompt, solving.say({ ...asked, plan }));
    return { request: { ...request, prompt }, finish: (sample) => annotate(sample, { plan }) };
  },
});

type SolveParts = Asked & { readonly plan: string };

export const PLAN = ({ question }: Asked): string =>
  `${question}\n\nDo not answer yet. First understand the task, pick out what matters in it, and make a plan to solve it step by step. Reply with the plan only.`;
export const SOLVE = ({ question, plan }: SolveParts): string =>
  `${question}\n\nPlan:\n${plan}\n\nCarry out the plan step by step, then answer.`;
export const TOGETHER = ({ question }: Asked): string =>
  `${question}\n\nFirst understand the task and make a plan for it. Then carry out the plan step by step, and answer.`;
