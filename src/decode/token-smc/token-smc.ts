import {
  applyScorer,
  decoding,
  fork,
  InvalidOption,
  option,
  printCall,
  technique,
  type Candidate,
  type Context,
  type Decoding,
  type Request,
  type Sample,
  type Scorer,
} from '../../core/index.ts';
import { steer, type Steering } from './particles.ts';

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
