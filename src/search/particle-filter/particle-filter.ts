import {
  annotate,
  attempt,
  fork,
  gather,
  NoCandidates,
  option,
  progress,
  technique,
  textOf,
  type Context,
  type Model,
  type Options,
  type Request,
} from '../../core/index.ts';
import { checkDraw, DRAW, drawSteps } from '../shared/draw-step.ts';
import { scoreOne } from '../shared/scores.ts';
import { NOTHING_YET, sampleSoFar, STEP_OPTIONS, stepNeeds, type Beginning } from '../shared/steps.ts';
import { effectiveSize, logMean, weightsOf } from '../../core/tokens/weights.ts';
import { multinomial, systematic } from './particles.ts';

const OPTIONS = {
  n: option.integer({ doc: 'particles', min: 1, default: 8 }),
  score: option.scorer({ doc: 'of the text so far: process reward, function or judge(MODEL); higher is better' }),
  potential: option.oneOf(['exp', 'score'], {
    doc: 'what a text weighs: exp(score / temperature), or the score itself, which is then not below 0',
    default: 'exp',
  }),
  temperature: option.number({ doc: 'how little the score counts with exp; above 0', min: 1e-6, default: 1 }),
  steps: option.integer({ doc: 'steps filtered, at most; the last one goes to the end', min: 1, default: 16 }),
  resampling: option.oneOf(['systematic', 'multinomial'], { doc: 'how particles are drawn', default: 'systematic' }),
  threshold: option.number({ doc: 'resampled below this part of n effective particles', min: 0, max: 1, default: 0.5 }),
  draw: DRAW,
  ...STEP_OPTIONS,
};

/**
 * Grows `n` answers side by side, weighs them by the score of their beginnings, and lets the heavy ones multiply.
 *
 *     W_t = W_t−1 · ψ(y_1…t) / ψ(y_1…t−1),   y_t ~ P(next step | y_1…t−1)      P'(y) → P(y) ψ(y) / Z   as n grows
 *
 * ψ(y) = exp(s(y) / temperature), or s(y) itself. Only the scores of whole texts shape the target. The scores of beginnings
 * say where to look for it (no beginning of a good text may weigh nothing), and ψ of the empty text is 1. When fewer than
 * threshold·n particles are effective, n new ones are drawn by weight, and all weigh the same again. A text at its end keeps
 * its weight. One particle is returned, drawn by weight. Its `weight` is Ẑ, the product of the mean weights:
 * E[Ẑ] = Z = Σ P(y) ψ(y) for every n, and E[Ẑ; y] = P(y) ψ(y).
 *
 * With `steps` = 1 it is softBestOfN. It does better than a beam where the score is noisy, because nothing is thrown away
 * for good. A text whose score has no number weighs nothing. For steps, `by` and tokens see beamSearch.
 *
 * Cost: at most n·steps calls in `steps` rounds, plus what the scorer calls. Sources: Gordon, Salmond and Smith, 1993; Puri
 * et al., "A probabilistic inference approach to inference-time scaling of LLMs using particle-based Monte Carlo", 2025.
 */
export const particleFilter = technique({
  name: 'particleFilter',
  room: 'search',
  summary: 'grow n answers step by step, the promising ones multiply',
  paper: 'Gordon et al., 1993; Puri et al., 2025',
  options: OPTIONS,
  needs: stepNeeds,
  calls: 'n * steps',
  rounds: 'steps',
  semantics: ({ potential, temperature, by }) => ({
    kind: by === 'prefix' ? 'asymptotic' : 'heuristic',
    target: `P(y) ${potential === 'exp' ? `exp(s(y) / ${temperature})` : 's(y)'} / Z`,
    why:
      by === 'prefix'
        ? 'sequential Monte Carlo is properly weighted for every n and exact as n grows'
        : 'the rest of a text asked for in words is not drawn from P given its beginning',
  }),
  check: checkDraw,
  branches: ({ n: count, score }) => [{ count, score }],
  async run(base, request, context, options) {
    const { n, steps, threshold, resampling } = options;
    let particles: readonly Particle[] = Array.from({ length: n }, () => ({ ...NOTHING_YET, psi: 0, weight: 0 }));
    let logZ = 0;
    for (let step = 1; step <= steps && particles.some(isLive); step++) {
      const at = fork(context, `step/${step}`);
      if (step > 1 && effectiveSize(particles.map(weightOf)) < threshold * n - 1e-9) {
        const weights = weightsOf(particles.map(weightOf));
        logZ += logMean(particles.map(weightOf));
        const draw = resampling === 'systematic' ? systematic : multinomial;
        const drawn = draw(fork(at, 'resample').choice, weights);
        particles = drawn.map((i) => ({ ...(particles[i] as Particle), weight: 0 }));
      }
      const work = extend(base, request, at, particles, { ...options, last: step === steps });
      const next = step === 1 ? await work : await attempt(at, work);
      if (!next) break;
      particles = next;
      const size = effectiveSize(particles.map(weightOf));
      progress(context, `step ${step} of at most ${steps}: ${size.toFixed(1)} of ${n} particles effective`);
      if (context.ledger.exhausted !== undefined) break;
    }
    logZ += logMean(particles.map(weightOf));
    const weights = weightsOf(particles.map(weightOf));
    const known = weights.some((weight) => weight > 0);
    if (!known) context.ledger.warn(NO_WEIGHT);
    const { choice } = fork(context, 'pick');
    const picked = particles[choice.categorical(known ? weights : weights.map(() => 1))];
    if (!picked?.whole) throw new NoCandidates({ technique: 'particleFilter', why: 'no draw came back' });
    const weight = Math.min(Number.MAX_VALUE, Math.exp(logZ));
    return annotate({ ...picked.whole, weight }, { particles: particles.length, logNormalizer: known ? logZ : null });
  },
});

/** A beginning with the logarithms of its potential and of its weight. */
interface Particle extends Beginning {
  readonly psi: number;
  readonly weight: number;
}

const weightOf = ({ weight }: Particle): number => weight;
/** A particle that weighs nothing always will, so it does not go on. */
const isLive = ({ done, weight }: Particle): boolean => !done && weight > -Infinity;

/** One step of every particle that is not at its end. A budget may leave fewer particles than there were. */
async function extend(
  base: Model,
  request: Request,
  at: Context,
  particles: readonly Particle[],
  { last, ...options }: Options<typeof OPTIONS> & { readonly last: boolean },
): Promise<readonly Particle[]> {
  const settings = { ...options, technique: 'particleFilter', ...(last && { draw: 'whole' as const }) };
  const live = new Map(particles.filter(isLive).map((particle, i) => [particle, i]));
  return gather(
    at,
    particles.map((particle, i) => async (inner: Context) => {
      const place = live.get(particle);
      if (place === undefined) return particle;
      const [next] = await drawSteps(base, request, fork(inner, `particle/${i}`), particle, 1, settings);
      if (!next?.whole) throw new NoCandidates({ technique: 'particleFilter', why: 'no draw came back' });
      const after = last ? { ...next, text: textOf(next.whole.content), done: true } : next;
      const score = await scoreOne(options.score, sampleSoFar(after), request, inner, place);
      const psi = logPotential(score, options);
      return { ...after, psi, weight: particle.weight + psi - particle.psi };
    }),
    { each: { models: [base], request, score: options.score } },
  );
}

function logPotential(score: number, { potential, temperature }: Options<typeof OPTIONS>): number {
  if (Number.isNaN(score)) return -Infinity;
  return potential === 'score' ? Math.log(Math.max(0, score)) : Math.min(1e300, score / temperature);
}

const NO_WEIGHT = {
  code: 'no-weight',
  message: 'particleFilter: no particle weighs anything, so one is picked at random. Raise `n`, or soften the score.',
};
