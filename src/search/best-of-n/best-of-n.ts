import { annotate, NoCandidates, option, technique } from '../../core/index.ts';
import { scoredOf, type Scored } from '../shared/scores.ts';

/**
 * Draws `n` candidates and keeps the best-scored one. A tie goes to the first drawn.
 *
 *     P'(y) = P(y | s(y)) · (F(s(y))^n − F(s(y)⁻)^n)      F: the distribution function of the score under P
 *
 * so KL(P' ‖ P) ≤ log n − (n−1)/n. With a verifier that accepts a draw with probability p, it is right with probability
 * 1 − (1−p)^n. With a proxy reward more candidates also find the errors of the reward, and the true quality falls again (Gao
 * et al., 2022).
 *
 * Cost: `n` calls in 1 round, plus the calls of the scorer. Errors: NoCandidates when no candidate is left.
 * Source: Cobbe et al., "Training verifiers to solve math word problems", 2021.
 */
export const bestOfN = technique({
  name: 'bestOfN',
  room: 'search',
  summary: 'draw n candidates, keep the best-scored',
  paper: 'Cobbe et al., 2021',
  options: {
    n: option.integer({ doc: 'candidates drawn', min: 1, default: 4 }),
    score: option.scorer({ doc: 'function, verifier, reward or judge(MODEL): higher is better' }),
  },
  calls: 'n',
  rounds: '1',
  keepsPrompt: true,
  semantics: ({ n }) => ({
    kind: 'exact',
    target: `P(y | s(y)) (F(s(y))^${n} - F(s(y)-)^${n})`,
    why: 'the maximum of n independent draws',
  }),
  async run(base, request, context, { n, score }) {
    const { samples } = await base.sample({ ...request, n }, context);
    const scored = await scoredOf(score, samples, request, context, n);
    const best = scored.reduce<Scored | undefined>(
      (top, next) => (top && !beats(next.value, top.value) ? top : next),
      undefined,
    );
    if (!best) throw new NoCandidates({ technique: 'bestOfN', why: 'no draw came back' });
    return annotate(best.sample, { candidates: scored.length, score: Number.isFinite(best.value) ? best.value : null });
  },
});

/** A score that is not a number loses to every number. */
const beats = (a: number, b: number): boolean => a > b || (Number.isNaN(b) && !Number.isNaN(a));
