import { InvalidOption, notePossible, possibleOf, type Process } from '../../core/index.ts';
import { normalized } from './decode.ts';

/** A log-probability that is subtracted is taken to be at least this: what one model rules out has no infinite weight. */
export const FLOOR = Math.log(1e-12);

/** One process of two that are pushed in step, with logits computed from the log-probabilities of both. */
export function combine(
  a: Process,
  b: Process,
  logits: (a: Float64Array, b: Float64Array) => Float64Array,
  where: { readonly where: string; readonly option: string },
): Process {
  const { vocabulary, end } = a;
  const same = vocabulary === b.vocabulary || vocabulary.every((token, i) => token === b.vocabulary[i]);
  if (!same || vocabulary.length !== b.vocabulary.length || end !== b.end)
    throw new InvalidOption({ ...where, rule: 'must be a model with the vocabulary of the base' });
  const step = (left: Process, right: Process): Process => {
    const both: Process = {
      vocabulary,
      end,
      inputTokens: left.inputTokens,
      next: async () => normalized(logits(...(await Promise.all([left.next(), right.next()])))),
      push: async (token) => step(...(await Promise.all([left.push(token), right.push(token)]))),
    };
    return notePossible(both, possibleOf(left));
  };
  return step(a, b);
}
