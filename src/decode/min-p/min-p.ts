import { option } from '../../core/index.ts';
import { greatest } from '../../core/tokens/weights.ts';
import { mapProcess } from '../shared/mapped-processes.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';
import { keepWhere } from '../shared/truncation.ts';

/**
 * Keeps next tokens at least `p` times as likely as the likeliest: many where the model is unsure, few where it is sure.
 *
 *     P'(v | prefix) ∝ p(v | prefix) · 1[p(v | prefix) ≥ p · max p(· | prefix)]
 *
 * Cost: 1 call. Source: Nguyen et al., "Turning up the heat: min-p sampling for creative and coherent LLM outputs", 2024.
 */
export const minP = nextTokenTechnique({
  name: 'minP',
  summary: 'keep next tokens not far less likely than the likeliest',
  paper: 'Nguyen et al., 2024',
  options: { p: option.number({ doc: 'least share of the likeliest token', min: 0, max: 1 }) },
  calls: '1',
  rounds: '1',
  semantics: ({ p }) => ({
    kind: 'exact',
    target: `prod p(v | prefix, p(v) >= ${p} max p)`,
    why: 'each token is drawn from its truncated distribution',
  }),
  make: ([base], { p }) =>
    mapProcess(base, (logprobs) => {
      const edge = greatest(logprobs) + Math.log(p);
      // Rounding must not drop a token that stands exactly at the edge.
      return keepWhere(logprobs, ({ logprob }) => logprob >= edge - 1e-12);
    }),
});
