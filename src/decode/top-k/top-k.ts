import { option } from '../../core/index.ts';
import { mapProcess } from '../shared/mapped-processes.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';
import { keepWhere } from '../shared/truncation.ts';

/**
 * Keeps the k most likely next tokens; of tokens equally likely at the edge, the first in the vocabulary.
 *
 *     P'(v | prefix) ∝ p(v | prefix) · 1[rank(v) ≤ k]
 *
 * Cost: 1 call. Source: Fan et al., "Hierarchical neural story generation", 2018.
 */
export const topK = nextTokenTechnique({
  name: 'topK',
  summary: 'keep the k most likely next tokens',
  paper: 'Fan et al., 2018',
  options: { k: option.integer({ doc: 'tokens kept', min: 1 }) },
  calls: '1',
  rounds: '1',
  semantics: ({ k }) => ({
    kind: 'exact',
    target: `prod p(v | prefix, v among the top ${k})`,
    why: 'each token is drawn from its truncated distribution',
  }),
  make: ([base], { k }) => mapProcess(base, (logprobs) => keepWhere(logprobs, ({ rank }) => rank < k)),
});
