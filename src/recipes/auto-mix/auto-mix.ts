import {
  annotate,
  attempt,
  combiner,
  drawOne,
  draftAt,
  fork,
  inProse,
  option,
  progress,
  promptFor,
  shownAs,
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

const share = (doc: string, value: number) => option.number({ doc, min: 0, max: 1, default: value });
const OPTIONS = {
  k: option.integer({ doc: 'verifications of an answer', min: 1, default: 4 }),
  decide: option.oneOf(['threshold', 'posterior'], { doc: 'what an answer has to reach', default: 'threshold' }),
  threshold: share('share of yes that keeps an answer, with decide="threshold"', 0.5),
  prior: share('how often the smaller model is right, with decide="posterior"', 0.6),
  yesWhenRight: share('how often it says yes to a right answer', 0.8),
  yesWhenWrong: share('how often it says yes to a wrong one', 0.4),
  largerRight: share('how often the larger model is right', 0.8),
  price: share('what a call of the larger model costs, in units of a right answer', 0.1),
  verify: option.prompt(['draft'], { doc: 'how a verification is asked for, beside {question} {context} {asked}' }),
};

/**
 * Asks the smallest model first. It verifies its own answer `k` times with the question's context in view; the answer is
 * kept where enough of the verdicts are yes, and the next larger model is asked where they are not.
 *
 *     P'(y) = P_s(y) P(V ≥ θ | y) + Σ_z P_s(z) P(V < θ | z) P_l(y)             V: share of yes among k verdicts
 *
 * `decide="posterior"` escalates where the posterior π that the answer is right, given the verdicts, is below
 * `largerRight` − `price`: π = ρ a^v (1−a)^(k−v) / (that + (1−ρ) b^v (1−b)^(k−v)), the one-step case of the paper's
 * POMDP, with an observation model that is given here and learnt there. It helps where verifying is easier than
 * answering; a model that approves of all it says never escalates.
 *
 * Cost: for two models 1 + k calls in 2 rounds, and 1 more where it escalates. A reply that is neither yes nor no does not
 * count; if no reply counts, it escalates. At a budget's limit: the answer at hand.
 * Source: Madaan, Aggarwal et al., "AutoMix: automatically mixing language models", 2023.
 */
export const autoMix = combiner({
  name: 'autoMix',
  room: 'recipes',
  summary: 'a small model answers and checks itself, a larger one is asked where it doubts',
  paper: 'Madaan et al., 2023',
  options: OPTIONS,
  calls: '(models - 1)*(1 + k) + 1',
  rounds: '2*(models - 1) + 1',
  semantics: ({ k }) => ({
    kind: 'exact',
    target: `P_s(y) P(kept | y) + P(not kept) P_l(y), kept by ${k} verdicts`,
    why: 'draws and a function of them; that the verdicts are right is a rule of thumb',
  }),
  check: ({ decide, yesWhenRight: a, yesWhenWrong: b }) =>
    decide === 'posterior' && !(a > b)
      ? { option: 'yesWhenRight', rule: 'must be larger than yesWhenWrong: else a yes tells nothing' }
      : undefined,
  async run(models, request, context, options, last) {
    let held: Sample | undefined;
    for (const [i, model] of models.entries()) {
      const at = (i === 0 ? draftAt : fork)(context, `model/${i}`);
      const isLast = i === models.length - 1;
      const draw = isLast
        ? last(model, request, draftAt(at, 'answer'))
        : drawOne(model, request, draftAt(at, 'answer'));
      const sample: Sample | undefined = held ? await attempt(context, draw) : await draw;
      if (!sample) break;
      if (isLast) return annotate(sample, { model: model.name, escalations: i });
      held = annotate(sample, { model: model.name, escalations: i });
      const verdicts = await attempt(context, verify(model, sample, request, at, options));
      if (!verdicts) break;
      const { yes, count } = verdicts;
      held = annotate(held, { yes, verdicts: count });
      progress(context, `${model.name}: ${yes} of ${count} verdicts are yes`);
      if (isKept(yes, count, options)) break;
    }
    return held as Sample;
  },
});

interface Verdicts {
  readonly yes: number;
  readonly count: number;
}

async function verify(
  model: Model,
  sample: Sample,
  request: Request,
  at: Context,
  { k, verify: given }: Options<typeof OPTIONS>,
): Promise<Verdicts> {
  const verifying = promptFor<VerifyParts>(model, 'autoMix.verify', given, VERIFY);
  const said = verifying.say({ ...askedIn(request), draft: shownAs(sample) });
  const asked = { ...inProse(request), prompt: withQuestion(request.prompt, said), n: k };
  const { samples } = await model.sample(asked, fork(at, 'verify'));
  const replies = samples.map(({ content }) => verifying.read(textOf(content)));
  const verdicts = replies.map(verdictIn);
  const readable = verdicts.filter((verdict) => verdict !== undefined);
  if (readable.length === 0)
    at.ledger.warn({
      code: 'no-verdict',
      message: `autoMix: ${model.name} said neither yes nor no to its own answer: its reply ends ${endOf(replies.at(-1) ?? '')}`,
    });
  return { yes: readable.filter(Boolean).length, count: readable.length };
}

/** Whether the verdicts are good enough to keep the answer. */
function isKept(yes: number, count: number, options: Options<typeof OPTIONS>): boolean {
  const { decide, threshold, prior, yesWhenRight: a, yesWhenWrong: b, largerRight, price } = options;
  if (count === 0) return false;
  if (decide === 'threshold') return yes / count >= threshold;
  const right = prior * a ** yes * (1 - a) ** (count - yes);
  const wrong = (1 - prior) * b ** yes * (1 - b) ** (count - yes);
  // With certain observations that contradict each other nothing is known, and the larger model decides.
  return right + wrong > 0 && right / (right + wrong) >= largerRight - price;
}

type VerifyParts = Parts & Asked & { readonly draft: string };

export const VERIFY = ({ question, draft }: VerifyParts): string =>
  `${question}\n\nProposed answer:\n${draft}\n\nIs the proposed answer right, going by all that is said above? Think it over, then end with one word on a line of its own: yes or no.`;
