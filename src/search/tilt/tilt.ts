import { annotate, fork, NoCandidates, option, technique, type Choice } from '../../core/index.ts';
import { walk } from '../shared/metropolis-hastings.ts';
import { scoredOf } from '../shared/scores.ts';

/**
 * Tilts the base towards a reward: the distribution that a base trained on the reward with a KL penalty would have.
 *
 *     P'(y) → P(y) e^(r(y)/τ) / Z  as steps grow
 *
 * `mh` walks through the draws and moves from y to z with probability min(1, e^((r(z)−r(y))/τ)). After t steps it is P K^t
 * exactly, and K is in detailed balance with the target. `sir` makes as many draws and picks one by e^(r/τ), as `softBestOfN`
 * does. Tilts multiply and commute in the limit, and a tilt by a constant reward is the base itself. A score that is not a
 * number weighs nothing. With a proxy reward, τ says how far to trust it; the number of draws does not.
 *
 * Cost: `steps + 1` calls in 1 round, plus the calls of the scorer. Errors: NoCandidates when no draw comes back. Sources:
 * Metropolis et al., 1953; Rubin, 1988; the target: Korbak et al., "RL with KL penalties is better viewed as Bayesian
 * inference", 2022.
 */
export const tilt = technique({
  name: 'tilt',
  room: 'search',
  summary: 'tilt the distribution towards a reward',
  paper: 'Korbak et al., 2022',
  options: {
    score: option.scorer({ doc: 'the reward r: function, verifier, reward or judge(MODEL)' }),
    temperature: option.number({ doc: 'how little the reward counts; above 0', min: 1e-6, default: 1 }),
    steps: option.integer({ doc: 'proposals', min: 0, default: 8 }),
    method: option.oneOf(['mh', 'sir'], { doc: 'a chain, or importance resampling', default: 'mh' }),
  },
  calls: 'steps + 1',
  rounds: '1',
  semantics: ({ temperature, steps, method }) => ({
    kind: 'asymptotic',
    target: `P(y) exp(r(y) / ${temperature}) / Z`,
    why:
      method === 'mh'
        ? `a Markov chain in detailed balance with it, ${steps} steps from P`
        : 'importance resampling is exact as draws grow',
  }),
  async run(base, request, context, { score, temperature, steps, method }) {
    const { samples } = await base.sample({ ...request, n: steps + 1 }, context);
    const scored = await scoredOf(score, samples, request, context, steps + 1);
    const tolls = scored.map(({ value }) => (Number.isNaN(value) ? -Infinity : value / temperature));
    const at = method === 'mh' ? walk(tolls, context) : resampled(tolls, fork(context, 'pick').choice);
    const end = scored[at];
    if (!end) throw new NoCandidates({ technique: 'tilt', why: 'no draw came back' });
    const reward = Number.isFinite(end.value) ? end.value : null;
    return annotate(end.sample, { candidates: scored.length, draw: at, score: reward });
  },
});

/** One index by e^toll, relative to the largest, so that none is too large. If no toll is finite, all are equally likely. */
function resampled(tolls: readonly number[], choice: Choice): number {
  if (tolls.length < 2) return tolls.length - 1;
  const top = Math.max(...tolls);
  return choice.categorical(tolls.map((toll) => (top === -Infinity ? 1 : Math.exp(toll - top))));
}
