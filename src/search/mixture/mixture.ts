import { annotate, combiner, fork, option } from '../../core/index.ts';

/**
 * Asks one of the models, drawn by `weights`. Without weights all models are equally likely.
 *
 *     P'(y) = Σ w_i P_i(y) / Σ w_i
 *
 * Under a vote it gives diversity at no cost: a few prompts or models, with a few votes each.
 *
 * Cost: 1 call. Errors: InvalidOption when the weights do not fit the models.
 */
export const mixture = combiner({
  name: 'mixture',
  room: 'search',
  summary: 'ask one of several models, drawn by weight',
  paper: 'a mixture distribution',
  options: { weights: option.numbers({ doc: 'one weight a model', optional: true }) },
  calls: '1',
  rounds: '1',
  keepsPrompt: true,
  semantics: () => ({
    kind: 'exact',
    target: 'sum w_i P_i / sum w_i',
    why: 'one model is drawn, then one answer of it',
  }),
  check: ({ weights }, models) =>
    weights && (weights.length !== models.length || weights.some((w) => w < 0) || !weights.some((w) => w > 0))
      ? { option: 'weights', rule: `must be ${models.length} numbers of at least 0, one a model and not all 0` }
      : undefined,
  async run(models, request, context, { weights = models.map(() => 1) }, last) {
    const i = context.choice.categorical(weights);
    const model = models[i] as (typeof models)[number];
    return annotate(await last(model, request, fork(context, `model/${i}`)), { model: model.name });
  },
});
