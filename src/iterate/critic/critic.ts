import {
  shownAs,
  annotate,
  applyScorer,
  assistant,
  attempt,
  drawOne,
  draftAt,
  fork,
  inProse,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  textOf,
  type Context,
  type Model,
  type Options,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { saysNothingToFix } from '../shared/nothing-to-fix.ts';
import { wrongEquations } from './equations.ts';

/** What a tool finds wrong with an answer, as a text for its author; `undefined`, or no text, where it finds nothing. */
export type CriticCheck = (
  sample: Sample,
  request: Request,
  context: Context,
) => string | undefined | Promise<string | undefined>;

const OPTIONS = {
  check: option.callback<CriticCheck | 'equations'>(['equations'])({
    doc: 'what checks the answer: a function that says what is wrong, or "equations", which recomputes each one',
    optional: true,
  }),
  score: option.scorer({ doc: 'what checks the answer: a score below the threshold is a finding', optional: true }),
  threshold: option.number({ doc: 'the score that is good enough', default: 1 }),
  verifier: option.model({ doc: 'what checks the answer: a model, with tools of its own', optional: true }),
  rounds: option.integer({ doc: 'corrections, at most', min: 1, default: 2 }),
  reveal: option.flag({ doc: 'whether a wrong equation is told with its right value', default: false }),
  critique: option.prompt(['question', 'draft'], { doc: 'how the verifier is asked', bare: true }),
  correct: option.prompt(['question', 'draft', 'critique'], { doc: 'how the correction is asked for', bare: true }),
};

/**
 * Drafts, checks the draft with a tool, and corrects what the tool finds, until it finds nothing or `rounds` are over.
 *
 *     P'(y_T) = Σ over y_0 … y_T-1 of P(y_0 | x) Π_t P(y_t+1 | x, y_0, c(y_0) … y_t, c(y_t))      T: the first t with c(y_t) = ∅, at most R
 *
 * for a check c that is a function: the caller's, a scorer, or `equations`, which recomputes every `a op b = c` of the
 * answer in exact fractions. A model with tools (`verifier`) sees one draft at a time: with the words NOTHING TO FIX it
 * accepts it, and anything else it says is a finding. A correction sees all drafts and findings so far. They name what is
 * wrong, and what would be right only with `reveal`. It helps as far as the check is right about the answer: an answer
 * that passes is kept whatever is wrong with it elsewhere.
 *
 * Cost: 1 + `rounds` calls, one after the other, plus what the check calls: one a round for a verifier. At a budget's
 * limit: the last correction made. Source: Gou et al., "CRITIC: large language models can self-correct with
 * tool-interactive critiquing", 2023.
 */
export const critic = technique({
  name: 'critic',
  room: 'iterate',
  summary: 'check the answer with a tool, correct what it finds',
  paper: 'Gou et al., 2023',
  options: OPTIONS,
  calls: '1 + rounds',
  rounds: '1 + rounds',
  semantics: ({ rounds }) => ({
    kind: 'exact',
    target: `P corrected up to ${rounds} times where the check finds something`,
    why: 'each correction is one draw given the ones before; that it is better is a rule of thumb',
  }),
  check: ({ check, score, verifier }) =>
    [check, score, verifier].filter((one) => one !== undefined).length === 1
      ? undefined
      : { option: 'check', rule: 'or `score` or `verifier` must be given, and only one of them' },
  async run(base, request, context, options) {
    const correcting = promptFor(base, 'critic.correct', options.correct, CORRECT);
    const question = questionOf(request.prompt);
    let current = await drawOne(base, request, draftAt(context, 'draft'));
    let said = request.prompt;
    let made = 0;
    let passed: boolean | null = null; // the last correction is not checked: nothing would come of it
    while (made < options.rounds) {
      const at = fork(context, `round/${made + 1}`);
      const found = await attempt(context, examine(current, request, fork(at, 'check'), options));
      if (found === undefined) break;
      passed = found === '';
      if (passed) break;
      progress(context, `finding ${made + 1} of ${options.rounds}: ${found}`);
      const draft = shownAs(current);
      said = saying(correcting, { question, draft, critique: found }, request.prompt, [...said, assistant(draft)]);
      const correction = await attempt(context, drawOne(base, { ...request, prompt: said }, fork(at, 'correct')));
      if (correction === undefined) break;
      current = correction;
      passed = null;
      made++;
    }
    return annotate(current, { rounds: made, passed });
  },
});

/** What is wrong with an answer; the empty text where nothing is. */
async function examine(
  sample: Sample,
  request: Request,
  at: Context,
  options: Options<typeof OPTIONS>,
): Promise<string> {
  const { check, score, threshold, verifier } = options;
  if (check === 'equations') return equationsOf(sample, options.reveal);
  if (check) return ((await check(sample, request, at)) ?? '').trim();
  if (verifier) return verdictOf(verifier, sample, request, at, options.critique);
  if (!score) return '';
  const value = await applyScorer(score, sample, request, at);
  return value >= threshold ? '' : BELOW(value, threshold);
}

function equationsOf({ content }: Sample, reveal: boolean): string {
  return wrongEquations(textOf(content))
    .map(({ equation, side, value }) => `${equation} is wrong${reveal ? `: ${side} is ${value}` : ''}.`)
    .join('\n');
}

async function verdictOf(
  verifier: Model,
  sample: Sample,
  request: Request,
  at: Context,
  wording: string | undefined,
): Promise<string> {
  const asking = promptFor(verifier, 'critic.critique', wording, CRITIQUE);
  const draft = shownAs(sample);
  const parts = { question: questionOf(request.prompt), draft };
  const prompt = saying(asking, parts, request.prompt, [...request.prompt, assistant(draft)]);
  const reply = textOf((await drawOne(verifier, { ...inProse(request), prompt }, at)).content).trim();
  return saysNothingToFix(asking.read(reply)) ? '' : reply || UNEXPLAINED;
}

const UNEXPLAINED = 'The check does not accept it, and does not say why.';
const BELOW = (value: number, threshold: number): string =>
  Number.isNaN(value)
    ? 'A check could not rate this answer.'
    : `A check rates this answer ${value}, and it must reach ${threshold}.`;
export const CRITIQUE = (): string =>
  `Check the last answer to the task above with the tools you have: look up what it states and recompute what it computes. What is wrong? Be specific and brief, and do not write a new answer. If nothing is wrong, reply with these words only: NOTHING TO FIX`;
export const CORRECT = ({ critique }: { readonly critique: string }): string =>
  `A check of your last answer found:\n${critique}\n\nAnswer the task again with this corrected, and whatever follows from it. Reply in the form the task asks for, and do not mention the check.`;
