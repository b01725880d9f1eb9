import { option } from '../../core/index.ts';
import { greatest } from '../../core/tokens/weights.ts';
import { mapProcess } from '../shared/mapped-processes.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';
import { keepWhere } from '../shared/truncation.ts';

/**
 * Keeps next tokens whose logit lies within `n` standard deviations of the largest.
 *
 *     P'(v | prefix) ∝ p(v | prefix) · 1[ℓ(v) ≥ max ℓ − n·σ(ℓ)]      σ: over the tokens with p > 0
 *
 * Log-probabilities are logits up to a constant, which cancels here. A temperature divides both sides, so the tokens
 * kept are the same whatever temperature came before.
 *
 * Cost: 1 call. Source: Tang et al., "Top-nσ: not all logits are you need", 2024.
 */
export const topNSigma = nextTokenTechnique({
  name: 'topNSigma',
  summary: 'keep next tokens within n standard deviations of the best logit',
  paper: 'Tang et al., 2024',
  options: { n: option.number({ doc: 'standard deviations kept', min: 0, default: 1 }) },
  calls: '1',
  rounds: '1',
  semantics: ({ n }) => ({
    kind: 'exact',
    target: `prod p(v | prefix, l(v) >= max l - ${n} sigma)`,
    why: 'each token is drawn from its truncated distribution',
  }),
  make: ([base], { n }) =>
    mapProcess(base, (logprobs) => {
      const finite = logprobs.filter((logprob) => logprob > -Infinity);
      const mean = finite.reduce((sum, logprob) => sum + logprob, 0) / finite.length;
      const sigma = Math.sqrt(finite.reduce((sum, logprob) => sum + (logprob - mean) ** 2, 0) / finite.length);
      const edge = greatest(finite) - n * sigma;
      return keepWhere(logprobs, ({ logprob }) => logprob >= edge - 1e-12);
    }),
});
