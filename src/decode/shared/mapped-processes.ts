/** Next-token processes computed from others: from one, or from two that are pushed in step. */
import { InvalidOption, notePossible, possibleOf, type Process } from '../../core/index.ts';
import { normalized } from './logprobs.ts';

/** The process whose every distribution is changed by `change`, a function from log-probabilities to log-probabilities. */
export function mapProcess(state: Process, change: (logprobs: Float64Array) => Float64Array): Process {
  const { vocabulary, end, inputTokens } = state;
  const process: Process = {
    vocabulary,
    end,
    inputTokens,
    next: async () => change(await state.next()),
    push: async (token) => mapProcess(await state.push(token), change),
  };
  return notePossible(process, possibleOf(state));
}

/** A log-probability that is subtracted is taken to be at least this: what one model rules out has no infinite weight. */
export const LEAST_SUBTRACTED = Math.log(1e-12);

/**
 * One process of two, with logits computed from the log-probabilities of both.
 * @param named the technique and its option that the second process comes from, for the error where their vocabularies differ
 */
export function mapBoth(
  a: Process,
  b: Process,
  logits: (a: Float64Array, b: Float64Array) => Float64Array,
  named: { readonly where: string; readonly option: string },
): Process {
  const { vocabulary, end } = a;
  const same = vocabulary === b.vocabulary || vocabulary.every((token, i) => token === b.vocabulary[i]);
  if (!same || vocabulary.length !== b.vocabulary.length || end !== b.end)
    throw new InvalidOption({ ...named, rule: 'must be a model with the vocabulary of the base' });
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
