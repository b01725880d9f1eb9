/** Log-probabilities over the vocabulary. */
import { greatest } from '../../core/tokens/weights.ts';

/** Moved all together, so that the probabilities sum to 1. */
export function normalized(logits: Float64Array): Float64Array {
  const top = greatest(logits);
  if (top === -Infinity) throw new RangeError('no token is left to draw');
  let sum = 0;
  for (const logit of logits) if (logit > -Infinity) sum += Math.exp(logit - top);
  const total = top + Math.log(sum);
  const logprobs = new Float64Array(logits.length);
  for (let i = 0; i < logits.length; i++) logprobs[i] = (logits[i] as number) - total;
  return logprobs;
}
