import { annotate, fork, NoCandidates, option, technique } from '../../core/index.ts';
import { scoredOf } from '../shared/scores.ts';

/**
 * Draws `n` candidates and picks one of them with probability proportional to exp(score / temperature).
 *
 *     P'(y) → P(y) e^(s(y)/τ) / Z as n grows: the base tilted towards the score, at a distance that τ sets
 *
 * This is sampling importance resampling. It lies between the base (τ → ∞) and best-of-n (τ → 0). Unlike best-of-n it does
 * not follow the errors of a proxy further with every candidate. A score that is not a number weighs nothing.
 *
 * Cost: `n` calls in 1 round, plus the calls of the scorer. Sources: Rubin, "Using the SIR algorithm to simulate posterior
 * distributions", 1988; Verdun et al., "Soft best-of-n sampling for model alignment", 2025.
 */
export const softBestOfN = technique({
  name: 'softBestOfN',
  room: 'search',
  summary: 'draw n candidates, pick one by exp(score / temperature)',
  paper: 'Rubin, 1988; Verdun et al., 2025',
  options: {
    n: option.integer({ doc: 'candidates drawn', min: 1, default: 8 }),
    score: option.scorer({ doc: 'function, verifier, reward or judge(MODEL): higher is better' }),
    temperature: option.number({ doc: 'how little the score counts; above 0', min: 1e-6, default: 1 }),
  },
  calls: 'n',
  rounds: '1',
  keepsPrompt: true,
  semantics: ({ temperature }) => ({
    kind: 'asymptotic',
    target: `P(y) exp(s(y) / ${temperature}) / Z`,
    why: 'importance resampling is exact as n grows',
  }),
  async run(base, request, context, { n, score, temperature }) {
    const { samples } = await base.sample({ ...request, n }, context);
    const scored = await scoredOf(score, samples, request, context, n);
    const top = Math.max(...scored.map(({ value }) => (Number.isNaN(value) ? -Infinity : value)));
    // Relative to the top, so that no score is too large. If no score is a number, all candidates weigh the same.
    const weights = scored.map(({ value }) =>
      top === -Infinity ? 1 : Number.isNaN(value) ? 0 : Math.exp((value - top) / temperature),
    );
    const picked = scored[scored.length > 1 ? fork(context, 'pick').choice.categorical(weights) : 0];
    if (!picked) throw new NoCandidates({ technique: 'softBestOfN', why: 'no draw came back' });
    return annotate(picked.sample, {
      candidates: scored.length,
      score: Number.isFinite(picked.value) ? picked.value : null,
    });
  },
});
