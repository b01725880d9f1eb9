import type { Candidate, Decoding, Process, Request } from '../core/index.ts';

/** Log-probabilities over the vocabulary, as weights of which the largest is 1. */
export function weightsOf(logprobs: Float64Array): number[] {
  const top = logprobs.reduce((a, b) => Math.max(a, b), -Infinity);
  return Array.from(logprobs, (logprob) => Math.exp(logprob - top));
}

/** The same up to their sum, which becomes 1. */
export function normalized(logits: Float64Array): Float64Array {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  if (top === -Infinity) throw new RangeError('no token is left to draw');
  const total = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return logits.map((logit) => logit - total);
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
    const at = firstOf(text, stopSequences);
    if (at !== -1) {
      text = text.slice(0, at);
      return done('stop', 'stop-sequence');
    }
  }
}

/** Where the first of the stop sequences begins, or -1. */
export function firstOf(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at !== -1);
  return found.length > 0 ? Math.min(...found) : -1;
}
