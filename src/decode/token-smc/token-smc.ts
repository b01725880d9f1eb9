import {
  applyScorer,
  decoding,
  fork,
  InvalidOption,
  NoCandidates,
  option,
  printCall,
  stopSequenceAt,
  technique,
  type Candidate,
  type Context,
  type Decoding,
  type Process,
  type Request,
  type Sample,
  type Scorer,
} from '../../core/index.ts';
import { effectiveSize, logMean, weightsOf } from '../../core/tokens/weights.ts';

const options = {
  n: option.integer({ doc: 'particles', min: 1, default: 8 }),
  potential: option.scorer({ doc: 'function of the text so far: 0 rules it out, more is better' }),
  resample: option.number({
    doc: 'resample when fewer than this share count; 0 never',
    min: 0,
    max: 1,
    default: 0.5,
  }),
};

/**
 * Writes `n` texts side by side, each weighed by a potential of what is written so far, and lets those that fall behind
 * make room for copies of the others: sequential Monte Carlo over tokens.
 *
 *     w ← w · φ(y₁…y_t) / φ(y₁…y_{t−1}),   P'(y) → P(y) φ(y) / Z as n grows,   E[mean of w at the end] = Z exactly
 *
 * Once (Σw)²/Σw² of the unfinished texts falls below `resample` of their number, they are drawn anew by weight and all
 * get the mean of the weights; finished texts keep their own. One text is drawn by weight; `normaliser` on the sample is
 * the estimate of Z. φ of a beginning only guides, except that 0 rules out all that begins so. It is asked after every
 * token, so it may call no model. A score of any sign goes in as φ = e^score.
 *
 * Cost: 1 call; the tokens of `n` texts. Errors: InvalidOption for a potential below 0, no number, or with calls of its
 * own; NoCandidates where all weights are 0. Sources: Lew et al., "Sequential Monte Carlo steering of large language
 * models using probabilistic programs", 2023; Loula et al., "Syntactic and semantic control of large language models via
 * sequential Monte Carlo", 2025.
 */
export const tokenSmc = technique({
  name: 'tokenSmc',
  room: 'decode',
  summary: 'write several texts side by side, resampled by a potential',
  paper: 'Lew et al., 2023; Loula et al., 2025',
  options,
  calls: '1',
  rounds: '1',
  needs: () => ['next'],
  semantics: () => ({
    kind: 'asymptotic',
    target: 'P(y) potential(y) / Z',
    why: 'weighted particles are exact as their number grows, and their mean weight is Z on average at any number',
  }),
  async run(base, request, context, given) {
    const { n, potential, resample } = given;
    const phi = potentialOf(potential, request, context);
    const identity = `${base.name} + ${printCall('tokenSmc', options, given)}`;
    const work = (io: Decoding): Promise<Candidate> => steer(io, request, { n, resample, phi });
    return decoding({ open: [{ model: base, request }], identity, texts: n, work }, request, context);
  },
});

/** A text that is being written. */
interface Particle {
  readonly state: Process;
  readonly text: string;
  /** The log-probability of the text under the base. */
  readonly logprob: number;
  readonly finish?: Candidate['finish'];
}
/** A particle with its weight and the potential of its text so far, both as logarithms; a weight of -Infinity is out. */
interface Weighed extends Particle {
  readonly weight: number;
  readonly phi: number;
}
interface Steering {
  readonly n: number;
  readonly resample: number;
  readonly phi: (particle: Particle, key: string) => Promise<number>;
}

/** Writes until every particle is finished or out, and draws one of them. */
async function steer(io: Decoding, request: Request, { n, resample, phi }: Steering): Promise<Candidate> {
  const nothing: Weighed = { state: io.processes[0] as Process, text: '', logprob: 0, weight: 0, phi: 0 };
  const start = io.left() < 1 ? { ...nothing, finish: LENGTH } : nothing;
  let particles: readonly Weighed[] = Array.from({ length: n }, () => start);
  for (let step = 0; particles.some(({ finish, weight }) => !finish && weight > -Infinity); step++) {
    io.signal.throwIfAborted();
    const last = step + 1 >= io.maxTokens || io.left() < 2;
    const advance = async (one: Weighed, i: number): Promise<Weighed> => {
      if (one.finish || one.weight === -Infinity) return one;
      const next = await write(one, io, request, `token/${step}/${i}`, last);
      const own = Math.log(await phi(next, `potential/${step}/${i}`));
      return { ...next, phi: own, weight: one.weight + own - one.phi };
    };
    particles = renewed(await Promise.all(particles.map(advance)), io, step, resample);
  }
  const logs = particles.map(({ weight }) => weight);
  const weights = weightsOf(logs);
  if (weights.every((weight) => weight === 0))
    throw new NoCandidates({ technique: 'tokenSmc', why: 'every text got the potential 0. Raise `n`' });
  const picked = particles[n > 1 ? io.choice.fork('pick').categorical(weights) : 0] as Weighed;
  const { text, logprob, finish = STOP } = picked;
  const candidate = { content: [{ type: 'text' as const, text }], finish, logprob };
  const normaliser = Math.exp(logMean(logs));
  return { ...candidate, providerMetadata: { plusx: { particles: n, normaliser, share: effectiveSize(logs) / n } } };
}

/** One more token. */
async function write(one: Weighed, io: Decoding, request: Request, key: string, last: boolean): Promise<Particle> {
  const { state, text, logprob } = one;
  const next = await state.next();
  const token = io.choice.fork(key).categorical(weightsOf(next));
  const total = logprob + (next[token] as number);
  if (token === state.end) return { state, text, logprob: total, finish: STOP };
  const written = text + state.vocabulary[token];
  const cut = stopSequenceAt(written, request.stopSequences ?? []);
  if (cut !== -1)
    return { state, text: written.slice(0, cut), logprob: total, finish: { unified: 'stop', raw: 'stop-sequence' } };
  const pushed = await state.push(token);
  return {
    state: pushed,
    text: written,
    logprob: total,
    ...(last && { finish: LENGTH }),
  };
}

/** The unfinished particles drawn anew by weight, where too few of them count; all get the mean weight then. */
function renewed(particles: readonly Weighed[], io: Decoding, step: number, resample: number): readonly Weighed[] {
  const live = particles.filter(({ finish }) => !finish);
  const logs = live.map(({ weight }) => weight);
  if (effectiveSize(logs) >= resample * live.length * (1 - 1e-12)) return particles;
  const [mean, weights] = [logMean(logs), weightsOf(logs)];
  const draw = (one: Weighed, i: number): Weighed => {
    if (one.finish) return one;
    return { ...(live[io.choice.fork(`resample/${step}/${i}`).categorical(weights)] as Weighed), weight: mean };
  };
  return mean === -Infinity ? particles : particles.map(draw);
}

/** The potential of a text so far; asked of whole texts with the finish they have. */
function potentialOf(potential: Scorer, request: Request, context: Context): Steering['phi'] {
  const invalid = (rule: string, value?: unknown): InvalidOption =>
    new InvalidOption({ where: 'tokenSmc', option: 'potential', rule, value });
  // A call in here would wait for the budget that the texts hold until they are finished.
  const beforeCall = (): Promise<never> =>
    Promise.reject(invalid('is asked after every token and must not call a model'));
  return async ({ text, logprob, finish = UNFINISHED }, key) => {
    const content = [{ type: 'text' as const, text }];
    const sample: Sample = { content, finish, logprob, weight: 1, semantics: SO_FAR };
    const value = await applyScorer(potential, sample, request, { ...fork(context, key), beforeCall });
    if (!(value >= 0 && value < Infinity)) throw invalid('must give a number of at least 0', value);
    return value;
  };
}

const UNFINISHED: Candidate['finish'] = { unified: 'other', raw: 'unfinished' };
const SO_FAR: Sample['semantics'] = { kind: 'exact', target: 'P', why: 'the text so far, drawn token by token' };
const STOP: Candidate['finish'] = { unified: 'stop', raw: 'end' };
const LENGTH: Candidate['finish'] = { unified: 'length', raw: 'length' };
