import {
  annotate,
  applyScorer,
  attempt,
  combiner,
  drawOne,
  draftAt,
  fork,
  meanLogprob,
  NoCandidates,
  option,
  progress,
  type Context,
  type Options,
  type Request,
  type Sample,
  type Scorer,
} from '../../core/index.ts';

const OPTIONS = {
  threshold: option.number({ doc: 'confidence at which an answer is accepted', default: 0.7 }),
  by: option.oneOf(['share', 'logprob', 'score'], { doc: 'what confidence is', default: 'share' }),
  score: option.scorer({ doc: 'confidence with by="score", a cheap model\'s judge for one', optional: true }),
};

/**
 * Asks the models in turn, cheap ones first, and stops at the first answer that is sure enough. The last model is believed.
 *
 *     P'(y) = Σ_i Π_{j<i} P(c_j < t) · P_i(y, c_i ≥ t),     c of the last model counting as enough
 *
 * Confidence is one of three things. `by="share"`: the share of the vote that the answer won, for a model that votes, such as
 * one with `selfConsistency` (Yue et al.). `by="logprob"`: the geometric mean of the probabilities of its tokens.
 * `by="score"`: what a scorer says (FrugalGPT). An answer without the confidence asked for is not accepted, with a warning. A
 * cascade saves calls where the cheap model is right and knows it. It keeps the confident errors of the cheap model, and when
 * it asks the dear one it has paid for the cheap answer too.
 *
 * Cost, for two models: 1 call if the cheap answer is accepted, else 2, one after the other. A model that votes makes as many
 * calls as votes. At a budget's limit: the last answer there is. Errors: NoCandidates if the first model gives none.
 * Sources: Yue et al., "Large language model cascades with mixture of thoughts representations", 2023; Chen et al.,
 * "FrugalGPT", 2023.
 */
export const cascade = combiner({
  name: 'cascade',
  room: 'search',
  summary: 'ask cheap models first, dear ones where they are unsure',
  paper: 'Yue et al., 2023; Chen et al., 2023 (FrugalGPT)',
  options: OPTIONS,
  calls: 'models',
  rounds: 'models',
  keepsPrompt: true,
  semantics: ({ threshold, by }) => ({
    kind: 'exact',
    target: `the first P_i whose answer has a ${by} of ${threshold} or more, else the last`,
    why: 'each model is drawn from once, and who is asked is a function of the answers before',
  }),
  check: ({ by, score }) =>
    (by === 'score') === (score !== undefined)
      ? undefined
      : { option: 'score', rule: 'goes with by="score", and only with it' },
  async run(models, request, context, options) {
    const asked = options.by === 'logprob' ? { ...request, logprobs: request.logprobs ?? true } : request;
    let last: Sample | undefined;
    for (const [i, model] of models.entries()) {
      const at = (i === 0 ? draftAt : fork)(context, `model/${i}`);
      const drawn = drawOne(model, asked, at);
      const sample = last ? await attempt(context, drawn) : await drawn;
      if (!sample) break;
      const end = i === models.length - 1;
      const sure = end ? undefined : await confidence(sample, request, at, options);
      const accepted = sure === undefined || sure >= options.threshold;
      progress(
        context,
        `${model.name}: ${end ? 'the last' : `${options.by} ${sure}, ${accepted ? 'accepted' : 'not enough'}`}`,
      );
      last = annotate(sample, { model: model.name, level: i, confidence: Number.isFinite(sure) ? sure : null });
      if (accepted) break;
    }
    if (!last) throw new NoCandidates({ technique: 'cascade', why: 'the first model gave none' });
    return last;
  },
});

/** How sure a model is of its answer. If that is not known, it is below every threshold. */
async function confidence(
  sample: Sample,
  request: Request,
  at: Context,
  { by, score }: Options<typeof OPTIONS>,
): Promise<number> {
  const mean = by === 'logprob' ? meanLogprob(sample) : undefined;
  const share = sample.providerMetadata?.['plusx']?.['share'];
  const known =
    by === 'score'
      ? await attempt(at, applyScorer(score as Scorer, sample, request, fork(at, 'score')))
      : by === 'logprob'
        ? mean === undefined
          ? undefined
          : Math.exp(mean)
        : share === null
          ? 0 // a vote in which none had an answer
          : share;
  if (typeof known === 'number') return Number.isNaN(known) ? -Infinity : known;
  if (by !== 'score')
    at.ledger.warn({
      code: 'no-confidence',
      message: `cascade: an answer came without ${by === 'share' ? 'the share of a vote: put `selfConsistency` on the model' : 'log-probability: use by="share" or a scorer'}. The next model is asked.`,
    });
  return -Infinity;
}
