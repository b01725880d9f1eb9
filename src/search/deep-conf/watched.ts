import { drawOne, NoCandidates } from '../../core/index.ts';
import type { Context, Model, Request, Sample } from '../../core/index.ts';
import { tokenConfidence, type Scale } from './confidence.ts';

interface Watch {
  /** The least mean confidence of `window` tokens in a row. */
  readonly bar: number;
  readonly window: number;
  readonly scale: Scale;
  readonly count: number;
}

/** A candidate that is whole, or how many tokens there were of one that was given up. */
export type Watched =
  | { readonly kind: 'whole'; readonly sample: Sample }
  | { readonly kind: 'given up'; readonly tokens: number };

/**
 * Reads a candidate while it is written, and leaves it (which cancels the call) once a group of tokens is less sure than
 * the bar. A base that does not stream its log-probabilities writes it to the end: a warning says that nothing is saved.
 */
export async function watched(
  base: Model,
  request: Request,
  context: Context,
  { bar, window, scale, count }: Watch,
): Promise<Watched> {
  const warn = (): void =>
    context.ledger.warn({
      code: 'no-streamed-logprobs',
      message: `${base.name} streams no log-probabilities: candidates are written to the end before they are judged, and no tokens are saved.`,
    });
  if (!base.stream) {
    warn();
    return { kind: 'whole', sample: await drawOne(base, request, context) };
  }
  const values: number[] = [];
  let written = false;
  for await (const part of base.stream(request, context)) {
    if (part.type === 'finish') {
      const [sample] = part.sampled.samples;
      if (!sample) break;
      if (written && values.length === 0) warn();
      return { kind: 'whole', sample };
    }
    if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') continue;
    written = true;
    for (const token of part.tokens ?? []) {
      values.push(tokenConfidence(token, scale, count));
      const group = values.slice(-window);
      if (group.length === window && group.reduce((sum, value) => sum + value, 0) / window < bar)
        return { kind: 'given up', tokens: values.length };
    }
  }
  throw new NoCandidates({ technique: 'deepConf', why: 'the stream ended without a candidate' });
}
