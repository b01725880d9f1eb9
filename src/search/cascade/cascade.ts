import {
  annotate,
  applyScorer,
  attempt,
  combiner,
  drawOne,
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
 * Asks the models in turn, cheap ones first, and stops at the first answer that is sure enough; the last one is believed.
 *
 *     P'(y) = Σ_i Π_{j<i} P(c_j < t) · P_i(y, c_i ≥ t),     c of the last model counting as enough
 *
 * Confidence is the share of the vote that a model's answer won (of `selfConsistency` and its like, by `share`: Yue et
 * al.), the geometric mean of its tokens' probabilities (`logprob`), or a scorer's (`score`: FrugalGPT). An answer without
 * the confidence asked for is not accepted, with a warning. It saves where the cheap model is right and knows it; where
 * its errors are confident it keeps them, and every escalation costs the cheap answer as well.
 *
 * Cost, of two models: 2 calls, one after the other, and 1 where the cheap one is accepted; a model that votes takes as
 * many as votes. At a budget's limit: the last answer there is. Errors: NoCandidates where the first model gives none.
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
      const at = fork(context, `model/${i}`);
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

/** How sure a model is of its answer. What cannot be said is below every threshold. */
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
