import {
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
  saying,
  shownAs,
  technique,
  textOf,
  withQuestion,
  type Context,
  type Model,
  type Options,
  type Parts,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { askedIn, type Asked } from '../../decompose/shared/parts.ts';
import { endOf, verdictIn } from '../../core/reading/index.ts';

const OPTIONS = {
  trials: option.integer({ doc: 'attempts, at most', min: 1, default: 3 }),
  evaluate: option.scorer({ doc: 'what an attempt is worth; without it the base judges itself', optional: true }),
  threshold: option.number({ doc: 'worth at which an attempt will do', default: 1 }),
  memory: option.integer({ doc: 'reflections that are kept in view, the latest', min: 1, default: 3 }),
  judge: option.prompt(['question', 'draft'], { doc: 'how the base is asked whether its answer is right', bare: true }),
  reflect: option.prompt(['question', 'draft', 'score'], { doc: 'how a reflection is asked for', bare: true }),
  retry: option.prompt(['reflections'], {
    doc: 'how the question is put again, beside {question} {draft} {reflection}',
  }),
};

/**
 * Tries, has the attempt evaluated, says in words what went wrong, and tries again with these reflections in view, until
 * an attempt reaches `threshold`. The answer is the attempt worth most; of equals, the latest.
 *
 *     P'(y) = Σ over y_t, r_t of Π_t P(y_t | x, r_1 .. r_t-1) P(r_t | reflect on x, y_t, s_t) [y is the best of y_1 .. y_T]
 *
 * with s_t = S(x, y_t), and T the first t with s_t ≥ threshold, or `trials`.
 *
 * The evaluator decides everything. Without one the base says yes or no to its own answer (1 or 0). It never sees the
 * gold answer unless you hand it over: a verifier made from the gold answer measures an oracle, not this technique. It
 * helps where failing is noticed (tests, rules, tools) and hurts where a right answer is talked out of.
 *
 * Cost: 3·trials − 1 calls at most, one after the other; with an evaluator 2·trials − 1 and what it calls. At a budget's
 * limit: the best attempt so far. Source: Shinn et al., "Reflexion: language agents with verbal reinforcement learning", 2023.
 */
export const reflexion = technique({
  name: 'reflexion',
  room: 'recipes',
  summary: 'try, evaluate, reflect in words, try again',
  paper: 'Shinn et al., 2023',
  options: OPTIONS,
  calls: '3*trials - 1',
  rounds: '3*trials - 1',
  semantics: ({ trials }) => ({
    kind: 'heuristic',
    target: `the attempt worth most of up to ${trials}, each given reflections on the ones before`,
    why: 'that the evaluator is right and a reflection helps are rules of thumb',
  }),
  async run(base, request, context, options) {
    const { trials, threshold, memory, ...wording } = options;
    const reflecting = promptFor<ReflectParts>(base, 'reflexion.reflect', wording.reflect, REFLECT);
    const retrying = promptFor<RetryParts>(base, 'reflexion.retry', wording.retry, RETRY);
    const asked = { ...askedIn(request) };
    const reflections: string[] = [];
    let draft = '';
    let best: { readonly sample: Sample; readonly score: number } | undefined;
    for (let trial = 1; trial <= trials; trial++) {
      const at = (trial === 1 ? draftAt : fork)(context, `attempt/${trial}`);
      const kept = reflections.slice(-memory).map((one) => `- ${one}`);
      const prompt =
        kept.length === 0
          ? request.prompt
          : withQuestion(
              request.prompt,
              retrying.say({ ...asked, reflections: kept.join('\n'), draft, reflection: reflections.at(-1) ?? '' }),
            );
      const draw = drawOne(base, { ...request, prompt }, draftAt(at, 'answer'));
      const sample = best ? await attempt(context, draw) : await draw;
      if (!sample) break;
      best ??= { sample, score: -Infinity };
      const score = await attempt(context, evaluate(base, sample, request, at, options));
      if (score === undefined) break;
      progress(context, `attempt ${trial} of ${trials}: ${score}`);
      if (score >= best.score) best = { sample, score };
      if (score >= threshold || trial === trials) break;
      draft = shownAs(sample);
      const said = saying(reflecting, { ...asked, draft, score: String(score) }, request.prompt, [
        ...request.prompt,
        assistant(draft),
      ]);
      const thought = await attempt(context, drawOne(base, { ...inProse(request), prompt: said }, fork(at, 'reflect')));
      if (!thought) break;
      reflections.push(reflecting.read(textOf(thought.content)).trim());
      progress(context, `reflection ${trial}: ${reflections.at(-1)}`);
    }
    const { sample, score } = best as NonNullable<typeof best>;
    return annotate(sample, { score: Number.isFinite(score) ? score : null, reflections });
  },
});

async function evaluate(
  base: Model,
  sample: Sample,
  request: Request,
  at: Context,
  { evaluate: scorer, judge }: Options<typeof OPTIONS>,
): Promise<number> {
  if (scorer) {
    const score = await applyScorer(scorer, sample, request, fork(at, 'evaluate'));
    return Number.isNaN(score) ? -Infinity : score;
  }
  const judging = promptFor<JudgeParts>(base, 'reflexion.judge', judge, JUDGE);
  const draft = shownAs(sample);
  const said = saying(judging, { ...askedIn(request), draft }, request.prompt, [...request.prompt, assistant(draft)]);
  const { content } = await drawOne(base, { ...inProse(request), prompt: said }, fork(at, 'evaluate'));
  const reply = judging.read(textOf(content));
  const verdict = verdictIn(reply);
  if (verdict === undefined) at.ledger.warn(noVerdict(reply));
  return verdict ? 1 : 0;
}

type JudgeParts = Parts & Asked & { readonly draft: string };
type ReflectParts = JudgeParts & { readonly score: string };
type RetryParts = JudgeParts & { readonly reflections: string; readonly reflection: string };

const noVerdict = (reply: string) => ({
  code: 'no-verdict',
  message: `reflexion: the base said neither yes nor no to its own answer, which counts as no: its reply ends ${endOf(reply)}`,
});

export const JUDGE = (): string =>
  `Is your last answer right and complete? Check it carefully, then end with one word on a line of its own: yes or no.`;
export const REFLECT = ({ score }: { readonly score: string }): string =>
  `Your last answer is not good enough yet (it was rated ${score}). Say in a few sentences what went wrong and what to do differently next time. Do not answer again yet.`;
export const RETRY = ({ question, reflections }: Pick<RetryParts, 'question' | 'reflections'>): string =>
  `${question}\n\nLessons from earlier attempts at this:\n${reflections}`;
