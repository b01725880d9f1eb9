/** How sure a model was while it wrote, from the log-probabilities of its tokens. Higher is surer. */
import { meanLogprob, type Sample, type TokenLogprob } from '../../core/index.ts';

/**
 * `alternatives`: −mean log p of the likeliest tokens at a place, which is large where one of them has almost all the
 * probability. `own`: log p of the token that was written, for back ends that give no alternatives.
 */
export type Scale = 'alternatives' | 'own';

export const MEASURES = ['lowest', 'bottom', 'tail', 'mean'] as const;

interface Grouping {
  /** Tokens in a group. */
  readonly window: number;
  readonly measure: (typeof MEASURES)[number];
}

// No token counts as less likely than this, so that one certain place does not decide the mean of its group.
const LEAST = Math.log(1e-10);
/** As sure as a text can be by its alternatives. */
export const MOST = -LEAST;
/** `bottom` is the mean of this share of the groups: the least sure ones. */
const BOTTOM = 0.1;

/** One token's confidence when `count` alternatives were asked for. Alternatives that are not given count as impossible. */
export function tokenConfidence({ logprob, alternatives }: TokenLogprob, scale: Scale, count: number): number {
  if (scale === 'own') return Math.max(LEAST, logprob);
  if (!alternatives) return Number.NaN;
  const told = alternatives.reduce((sum, one) => sum + Math.max(LEAST, one.logprob), 0);
  return -(told + LEAST * Math.max(0, count - alternatives.length)) / Math.max(count, alternatives.length);
}

/** The scale on which all samples can be compared; none if one of them has no log-probabilities. */
export function scaleOf(samples: readonly Sample[], count: number): Scale | undefined {
  const rich = ({ tokens }: Sample): boolean => !!tokens?.length && tokens.every(({ alternatives }) => alternatives);
  if (count > 0 && samples.every(rich)) return 'alternatives';
  return samples.every((sample) => meanLogprob(sample) !== undefined) ? 'own' : undefined;
}

/** The confidence of each token; for a text whose tokens are not given, the mean of all of them. */
export function confidences(sample: Sample, scale: Scale, count: number): readonly number[] {
  return sample.tokens?.length
    ? sample.tokens.map((token) => tokenConfidence(token, scale, count))
    : [meanLogprob(sample) ?? Number.NaN];
}

/** The confidence of a text, from its groups: every run of `window` tokens, or the whole of a shorter text. */
export function overall(values: readonly number[], { window, measure }: Grouping): number {
  if (measure === 'mean') return mean(values);
  if (measure === 'tail') return mean(values.slice(-window));
  const groups = means(values, window).toSorted((a, b) => a - b);
  return mean(groups.slice(0, measure === 'lowest' ? 1 : Math.max(1, Math.ceil(groups.length * BOTTOM))));
}

function means(values: readonly number[], window: number): number[] {
  if (values.length <= window) return [mean(values)];
  return values.slice(window - 1).map((_, i) => mean(values.slice(i, i + window)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
