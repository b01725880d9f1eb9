import {
  inWords,
  shownAs,
  annotate,
  assistant,
  attempt,
  drawOne,
  draftAt,
  fork,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  textOf,
  type Context,
  type Model,
  type Request,
} from '../../core/index.ts';
import { saysNothingToFix } from '../shared/nothing-to-fix.ts';

/**
 * Drafts, criticizes the draft, revises it, and so on for `rounds` rounds; the last revision is the answer.
 *
 *     P'(y_t+1) = Σ over y_0, f_0 … y_t, f_t of P(y_0 | x) Π_i P(f_i | x, y_i) P(y_i+1 | x, y_0, f_0 … y_i, f_i)
 *
 * With `stop="verdict"` a critique that finds nothing to fix ends it. It helps where faults are easier to see than to
 * avoid (style, code, constraints) and hardly at all on mathematics. A revision sees all drafts and critiques so far,
 * and a critique the last draft alone. A tool call in a draft is put to the critic as text.
 *
 * Cost: 1 + 2·rounds calls, one after the other, or fewer with a verdict. At a budget's limit: the last revision made.
 * Source: Madaan et al., "Self-Refine: iterative refinement with self-feedback", 2023.
 */
export const selfRefine = technique({
  name: 'selfRefine',
  room: 'iterate',
  summary: 'draft, criticize, revise',
  paper: 'Madaan et al., 2023',
  options: {
    rounds: option.integer({ doc: 'revisions, at most', min: 1, default: 2 }),
    stop: option.oneOf(['verdict', 'never'], { doc: 'whether a critique may end it', default: 'verdict' }),
    critic: option.model({ doc: 'the model that criticizes; the base itself if left out', optional: true }),
    critique: option.prompt(['question', 'draft'], { doc: 'how the critique is asked for', bare: true }),
    revise: option.prompt(['question', 'draft', 'critique'], { doc: 'how the revision is asked for', bare: true }),
  },
  calls: '1 + 2*rounds',
  rounds: '1 + 2*rounds',
  semantics: ({ rounds }) => ({
    kind: 'exact',
    target: `P(y_${rounds} | x, y_0, f_0, ...) summed over drafts and critiques`,
    why: 'each step is one draw given the ones before; that a revision is better is a rule of thumb',
  }),
  async run(base, request, context, { rounds, stop, critic = base, ...wording }) {
    const asking = promptFor(critic, 'selfRefine.critique', wording.critique, CRITIQUE);
    const revising = promptFor(base, 'selfRefine.revise', wording.revise, REVISE);
    const question = questionOf(request.prompt);
    let current = await drawOne(base, request, draftAt(context, 'draft'));
    let conversation = request;
    let made = 0;
    while (made < rounds) {
      const at = fork(context, `round/${made + 1}`);
      const draft = shownAs(current);
      const said = [...request.prompt, assistant(draft)];
      const asked = { ...request, prompt: saying(asking, { question, draft }, request.prompt, said) };
      const critique = await attempt(context, criticize(critic, asked, at));
      if (critique === undefined) break;
      progress(context, `critique ${made + 1} of ${rounds}: ${critique}`);
      if (stop === 'verdict' && saysNothingToFix(asking.read(critique))) break;
      const heard = [...conversation.prompt, assistant(draft)];
      conversation = {
        ...conversation,
        prompt: saying(revising, { question, draft, critique }, request.prompt, heard),
      };
      const revision = await attempt(context, drawOne(base, conversation, fork(at, 'revise')));
      if (revision === undefined) break;
      current = revision;
      made++;
    }
    return annotate(current, { rounds: made });
  },
});

async function criticize(critic: Model, request: Request, at: Context): Promise<string> {
  const { content } = await drawOne(critic, inWords(request), fork(at, 'critique'));
  return textOf(content).trim();
}

export const CRITIQUE = (): string =>
  `Criticize your last answer to the task above: what is wrong, missing or unclear, and how to fix it? Be specific and brief, and do not write a new answer. If there is nothing worth fixing, reply with these words only: NOTHING TO FIX`;
export const REVISE = ({ critique }: { readonly critique: string }): string =>
  `Critique of your last answer:\n${critique}\n\nAnswer the task again with this fixed. Reply in the form the task asks for, and do not mention the critique.`;
