/** Log-probabilities: over the vocabulary, or of the texts that are written side by side. */

/** As weights, of which the largest is 1; all are 0 where nothing is possible. */
export function weightsOf(logprobs: readonly number[] | Float64Array): number[] {
  const top = greatest(logprobs);
  const weights: number[] = [];
  for (const logprob of logprobs) weights.push(logprob === -Infinity ? 0 : Math.exp(logprob - top));
  return weights;
}

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

export function greatest(values: readonly number[] | Float64Array): number {
  let top = -Infinity;
  for (const value of values) if (value > top) top = value;
  return top;
}
