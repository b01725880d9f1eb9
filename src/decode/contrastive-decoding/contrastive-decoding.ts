import { option } from '../../core/index.ts';
import { greatest } from '../../core/tokens/weights.ts';
import { LEAST_SUBTRACTED, mapBoth } from '../shared/mapped-processes.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';

/**
 * Weighs each token by how much likelier the base finds it than a weaker model does, among those the base finds plausible.
 *
 *     P'(v | prefix) ∝ p(v | prefix) / a(v | prefix) · 1[p(v | prefix) ≥ plausible · max p(· | prefix)]
 *
 * `a` is the amateur, taken to be at least 1e-12. The paper searches for the best text under this score; here it is drawn.
 *
 * Cost: 1 call that reads and writes with both models: twice the tokens. Errors: InvalidOption where the amateur has
 * other tokens. Source: Li et al., "Contrastive decoding: open-ended text generation as optimization", 2022.
 */
export const contrastiveDecoding = nextTokenTechnique({
  name: 'contrastiveDecoding',
  summary: 'prefer tokens that a weaker model finds less likely',
  paper: 'Li et al., 2022',
  options: {
    amateur: option.model({ doc: 'a weaker model with the same vocabulary' }),
    plausible: option.number({ doc: 'least share of the likeliest token', min: 0, max: 1, default: 0.1 }),
  },
  calls: '1',
  rounds: '1',
  check: ({ amateur }) =>
    amateur.can.next ? undefined : { option: 'amateur', rule: 'must be a model that can be opened token by token' },
  semantics: ({ plausible }) => ({
    kind: 'exact',
    target: `prod p(v) / a(v) 1[p(v) >= ${plausible} max p] / Z(prefix)`,
    why: 'each token is drawn from the contrasted distribution',
  }),
  reads: (base, request, { amateur }) => [
    { model: base, request },
    { model: amateur, request },
  ],
  make: ([base, amateur], { plausible }) => {
    const contrast = (p: Float64Array, a: Float64Array): Float64Array => {
      const edge = greatest(p) + Math.log(plausible) - 1e-12;
      return p.map((l, v) => (l > -Infinity && l >= edge ? l - Math.max(a[v] as number, LEAST_SUBTRACTED) : -Infinity));
    };
    return mapBoth(base, amateur as typeof base, contrast, { where: 'contrastiveDecoding', option: 'amateur' });
  },
});
