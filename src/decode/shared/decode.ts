import { stopSequenceAt, type Candidate, type Decoding, type Process, type Request } from '../../core/index.ts';

/** Log-probabilities over the vocabulary, as weights of which the largest is 1. */
export function weightsOf(logprobs: Float64Array): number[] {
  const top = greatest(logprobs);
  const weights: number[] = [];
  for (const logprob of logprobs) weights.push(logprob === -Infinity ? 0 : Math.exp(logprob - top));
  return weights;
}

/** The same up to their sum, which becomes 1. */
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

function greatest(values: Float64Array): number {
  let top = -Infinity;
  for (const value of values) if (value > top) top = value;
  return top;
}

/**
 * Writes one text, drawing each token from the process with a random source of its own position. Stops at the end
 * token, before a stop sequence, at `maxOutputTokens`, or when the budget has no token left.
 */
export async function decode(
  opened: Process,
  { choice, signal, maxTokens, left }: Pick<Decoding, 'choice' | 'signal' | 'maxTokens' | 'left'>,
  { stopSequences = [], logprobs }: Pick<Request, 'stopSequences' | 'logprobs'>,
): Promise<Candidate> {
  let state = opened;
  let text = '';
  let total = 0;
  const tokens: { token: string; logprob: number }[] = [];
  const done = (unified: 'stop' | 'length', raw: string): Candidate => ({
    content: [{ type: 'text', text }],
    finish: { unified, raw },
    logprob: total,
    ...(logprobs !== undefined && logprobs !== false && { tokens }),
  });
  for (let position = 0; ; position++) {
    if (position >= maxTokens || left() < 1) return done('length', 'length');
    signal.throwIfAborted();
    const next = await state.next();
    const token = choice.fork(`token/${position}`).categorical(weightsOf(next));
    const logprob = next[token] as number;
    total += logprob;
    tokens.push({ token: state.vocabulary[token] as string, logprob });
    if (token === state.end) return done('stop', 'end');
    text += state.vocabulary[token];
    state = await state.push(token);
    const at = stopSequenceAt(text, stopSequences);
    if (at !== -1) {
      text = text.slice(0, at);
      return done('stop', 'stop-sequence');
    }
  }
}
