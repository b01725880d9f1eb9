/** The scorer `confidence` goes by log-probabilities, which a model is to be asked for. */
import type { Model } from '../core/index.ts';
import { noteTerms, termsOf } from '../core/tokens/terms.ts';

/** Whether a formula names a scorer that looks at log-probabilities. */
export function wantsLogprobs(formula: string): boolean {
  return /\bconfidence\b/.test(formula);
}

/** The model asked for log-probabilities each time: a scorer looks at them. */
export function withLogprobs(model: Model): Model {
  const { sample, stream } = model;
  const asking: Model = {
    ...model,
    sample: (request, context) => sample.call(model, { logprobs: true, ...request }, context),
    ...(stream && { stream: (request, context) => stream.call(model, { logprobs: true, ...request }, context) }),
  };
  const terms = termsOf(model);
  return terms ? noteTerms(asking, terms) : asking;
}
