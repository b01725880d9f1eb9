import { option } from '../../core/index.ts';
import { greatest } from '../../core/tokens/weights.ts';
import { normalized } from '../shared/logprobs.ts';
import { mapProcess } from '../shared/mapped-processes.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';

/**
 * Sharpens (t < 1) or flattens (t > 1) each next-token distribution; t = 0 leaves its most likely tokens.
 *
 *     P'(v | prefix) ∝ p(v | prefix)^(1/t)
 *
 * This is a power of each token, not of the text: the text's own power also weighs how much probability lies behind a
 * token. Temperatures multiply: t = a, then t = b, is t = a·b.
 *
 * Cost: 1 call. Source: Ackley et al., "A learning algorithm for Boltzmann machines", 1985.
 */
export const temperature = nextTokenTechnique({
  name: 'temperature',
  summary: 'sharpen or flatten each next-token distribution',
  paper: 'Ackley et al., 1985',
  options: { t: option.number({ doc: 'temperature: below 1 is sharper, 0 is greedy', min: 0 }) },
  calls: '1',
  rounds: '1',
  semantics: ({ t }) => ({
    kind: 'exact',
    target: t === 0 ? 'argmax p(v | prefix), token by token' : `prod p(v | prefix)^(1/${t}) / Z(prefix)`,
    why: 'each token is drawn from its tempered distribution',
  }),
  make: ([base], { t }) => mapProcess(base, (logprobs) => temper(logprobs, t)),
});

function temper(logprobs: Float64Array, t: number): Float64Array {
  const top = greatest(logprobs);
  return normalized(logprobs.map((logprob) => (t === 0 ? (logprob === top ? 0 : -Infinity) : logprob / t)));
}
