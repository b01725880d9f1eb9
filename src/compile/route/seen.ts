/** What is seen of an answer before anybody knows whether it is right. */
import { extractAnswer, meanLogprob, textOf, type Request, type Sample } from '../../core/index.ts';

export interface Seen {
  /** Equal answers are equal texts here; `null` where there is none. */
  readonly answer: string | null;
  /** Letters of the whole reply. */
  readonly length: number;
  /** The share of the vote that it won, where one was held. */
  readonly share?: number | undefined;
  /** The geometric mean of the probabilities of its tokens, where they are known. */
  readonly confidence?: number | undefined;
}

/** What is seen of a sample. */
export function seenOf(sample: Sample, request: Request): Seen {
  const share = sample.providerMetadata?.['plusx']?.['share'];
  const logprob = meanLogprob(sample);
  return {
    answer: extractAnswer(sample, request),
    length: textOf(sample.content).length,
    ...(typeof share === 'number' && { share }),
    ...(logprob !== undefined && { confidence: Math.exp(logprob) }),
  };
}

/** The features of an answer that a gate weighs, each about as large as the others. */
export function featuresOf({ length, share, confidence }: Seen): readonly number[] {
  return [Math.log1p(length), share ?? 0, confidence ?? 0];
}
