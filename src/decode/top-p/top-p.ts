import { option } from '../../core/index.ts';
import { mapProcess } from '../shared/mapped-processes.ts';
import { nextTokenTechnique } from '../shared/next-token-technique.ts';
import { keepWhere } from '../shared/truncation.ts';

/**
 * Keeps the nucleus: the fewest most likely next tokens that hold at least `p` of the probability.
 *
 *     P'(v | prefix) ∝ p(v | prefix) · 1[P(tokens ranked before v) < p]
 *
 * Cost: 1 call. Source: Holtzman et al., "The curious case of neural text degeneration", 2020.
 */
export const topP = nextTokenTechnique({
  name: 'topP',
  summary: 'keep the most likely next tokens that hold a share p',
  paper: 'Holtzman et al., 2020',
  options: { p: option.number({ doc: 'share of the probability kept', min: 0, max: 1 }) },
  calls: '1',
  rounds: '1',
  semantics: ({ p }) => ({
    kind: 'exact',
    target: `prod p(v | prefix, v in the nucleus of ${p})`,
    why: 'each token is drawn from its truncated distribution',
  }),
  // The first token always stays; at 1 all do, whatever rounding makes of the sum.
  make: ([base], { p }) =>
    mapProcess(base, (logprobs) => keepWhere(logprobs, ({ rank, before }) => rank === 0 || p === 1 || before < p)),
});
