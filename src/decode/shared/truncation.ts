import { normalized } from './logprobs.ts';

interface RankedToken {
  readonly logprob: number;
  /** How many tokens come before this one, by probability and then by place in the vocabulary. */
  readonly rank: number;
  /** The probability of those. */
  readonly before: number;
}

/** The distribution given that the token is one of those kept. A token of probability 0 is never kept. */
export function keepWhere(logprobs: Float64Array, keeps: (token: RankedToken) => boolean): Float64Array {
  const order = Array.from(logprobs, (_, i) => i).toSorted(
    (a, b) => (logprobs[b] as number) - (logprobs[a] as number) || a - b,
  );
  const kept = new Float64Array(logprobs.length).fill(-Infinity);
  let before = 0;
  for (const [rank, token] of order.entries()) {
    const logprob = logprobs[token] as number;
    if (logprob === -Infinity) break;
    if (keeps({ logprob, rank, before })) kept[token] = logprob;
    before += Math.exp(logprob);
  }
  return normalized(kept);
}
