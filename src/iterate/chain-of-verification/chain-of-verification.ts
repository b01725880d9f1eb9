import {
  shownAs,
  annotate,
  assistant,
  attempt,
  drawOne,
  draftAt,
  fork,
  gather,
  inProse,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  textOf,
  type Warning,
} from '../../core/index.ts';
import { itemsIn } from '../../core/reading/index.ts';
import { put } from '../../core/technique/put.ts';

/**
 * Drafts, plans questions that check the draft, answers each of them on its own without the draft in view, and answers
 * again with what was found (the factored variant).
 *
 *     P'(y | x) = Σ over d, c, a of P(d | x) P(c | x, d) Π_i V(a_i | c_i) P(y | x, d, c, a)       V: the verifier
 *
 * It helps where a long answer holds facts that are known when asked for one by one (lists, biographies), and hurts
 * where the checks are answered no better than the draft was: a wrong finding corrects what was right. A plan without a
 * numbered question checks nothing: the draft is the answer, and a warning says so.
 *
 * Cost: 3 + `questions` calls in 4 rounds. At a budget's limit: the draft, or the answer by the checks that were made.
 * Source: Dhuliawala et al., "Chain-of-verification reduces hallucination in large language models", 2023.
 */
export const chainOfVerification = technique({
  name: 'chainOfVerification',
  room: 'iterate',
  summary: 'draft, check facts by questions asked apart, answer again',
  paper: 'Dhuliawala et al., 2023',
  options: {
    questions: option.integer({ doc: 'checks, at most', min: 1, default: 4 }),
    verifier: option.model({ doc: 'the model that answers the checks; the base itself if left out', optional: true }),
    plan: option.prompt(['question', 'draft', 'most'], { doc: 'how the checks are asked for', bare: true }),
    verify: option.prompt(['check'], { doc: 'how a check is put to the verifier' }),
    revise: option.prompt(['question', 'draft', 'findings'], { doc: 'how the answer is asked for in the end' }),
  },
  calls: '3 + questions',
  rounds: '4',
  semantics: ({ questions }) => ({
    kind: 'exact',
    target: `sum over d, c, a of P(d | x) P(c | x, d) V(a_1 | c_1) ... V(a_${questions} | c_${questions}) P(y | x, d, c, a)`,
    why: 'each step is one draw given those it sees; that the findings are right is a rule of thumb',
  }),
  async run(base, request, context, { questions, verifier = base, ...wording }) {
    const planning = promptFor(base, 'chainOfVerification.plan', wording.plan, PLAN);
    const asking = promptFor(verifier, 'chainOfVerification.verify', wording.verify, VERIFY);
    const revising = promptFor(base, 'chainOfVerification.revise', wording.revise, REVISE);
    const question = questionOf(request.prompt);
    const first = await drawOne(base, request, draftAt(context, 'draft'));
    const draft = shownAs(first);
    const heard = [...request.prompt, assistant(draft)];
    const parts = { question, draft, most: String(questions) };
    const asked = { ...inProse(request), prompt: saying(planning, parts, request.prompt, heard) };
    const plan = await attempt(context, drawOne(base, asked, fork(context, 'plan')));
    if (plan === undefined) return annotate(first, { checks: 0 });
    const checks = itemsIn(planning.read(textOf(plan.content))).slice(0, questions);
    if (checks.length === 0) {
      context.ledger.warn(NO_QUESTION);
      return annotate(first, { checks: 0 });
    }
    const tasks = checks.map((check, i) => async (inner: typeof context) => {
      const { text: found } = await put(verifier, request, fork(inner, `check/${i}`), asking, { check });
      progress(context, `check ${i + 1} of ${checks.length}: ${check} ${found}`);
      return `Q: ${check}\nA: ${found}`;
    });
    const findings = await attempt(context, gather(context, tasks));
    if (findings === undefined) return annotate(first, { checks: 0 });
    const told = { question, draft, findings: findings.join('\n') };
    const revised = { ...request, prompt: saying(revising, told, request.prompt, heard) };
    const answer = await attempt(context, drawOne(base, revised, fork(context, 'revise')));
    return annotate(answer ?? first, { checks: findings.length });
  },
});

const NO_QUESTION: Warning = {
  code: 'no-verification-question',
  message: 'chainOfVerification: the plan has no numbered question, so nothing is checked and the draft is returned.',
};

export const PLAN = ({ most }: { readonly most: string }): string =>
  `Which questions would check the facts in your last answer? Write at most ${most}, the most doubtful facts first, as a numbered list: "1. ", then the question, one a line and nothing else. Each must make sense on its own, to somebody who has seen neither the task nor your answer.`;
export const VERIFY = ({ check }: { readonly check: string }): string =>
  `Answer briefly, and say so if you do not know.\n\n${check}`;
export const REVISE = ({ findings }: { readonly findings: string }): string =>
  `Facts in your last answer were looked up independently:\n${findings}\n\nAnswer the task again and correct what disagrees with this. Reply in the form the task asks for, and do not mention the checks.`;
