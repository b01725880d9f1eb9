import {
  answerIn,
  applyScorer,
  attempt,
  classesOf,
  fork,
  gather,
  meanLogprob,
  NoCandidates,
  option,
  technique,
  type Context,
  type Model,
  type Options,
  type Request,
  type Sample,
  type Scorer,
  type Warning,
} from '../../core/index.ts';
import { inTurns } from '../../core/context/turns.ts';
import { drawUntil, reportVote } from '../shared/votes/draw-until.ts';
import { elected } from '../shared/elected.ts';
import { agreedIn, AHEAD, settled } from '../shared/votes/stop-rules.ts';

const OPTIONS = {
  n: option.integer({ doc: 'votes, at most', min: 1, default: 5 }),
  extract: option.answer({ doc: 'what an answer is and how it is read', default: 'auto' }),
  weights: option.oneOf(['none', 'logprob', 'score'], { doc: 'what a vote weighs', default: 'none' }),
  score: option.scorer({ doc: 'what a vote weighs with weights="score"; below 0 counts 0', optional: true }),
  stop: option.oneOf(['fixed', 'adaptive', 'window'], { doc: 'when enough votes are in', default: 'fixed' }),
  threshold: option.number({ doc: 'certainty at which adaptive stops', min: 0.5, max: 1, default: 0.95 }),
  window: option.integer({ doc: 'votes that must agree for window to stop', min: 2, default: 5 }),
  ahead: AHEAD,
};

/**
 * Draws `n` candidates and keeps the answer that most of them give. A tie goes to the answer seen first.
 *
 *     P'(a) = Σ over multisets of n answers in which a leads      → the mode of P as n grows
 *
 * A candidate without an answer abstains. If all abstain, the first candidate is returned, with a warning. One vote and two
 * votes are the base itself. More votes are not always better: over mixed questions accuracy can fall.
 *
 * `weights="logprob"` weighs a vote by exp(mean token log-probability): the length-normalized probability of Wang et al.
 * (eq. 1), and the response confidence of CISC (Taubenfeld et al., 2025) before its softmax.
 *
 * `stop="adaptive"` ends after the first vote at which P(Beta(v1+1, v2+1) > ½) ≥ threshold, where v1 and v2 count the two
 * largest classes, whatever the votes weigh; votes without an answer are a class too (Aggarwal & Madaan, 2023).
 * `stop="window"` ends when all votes in a window agree (Li et al., 2024).
 *
 * Cost: `n` calls in 1 round. A stop rule may need fewer; it draws in waves, each as large as it is sure to need. `ahead`
 * starts so many more in each wave, for fewer rounds, and cancels those that turn out not to be needed. Errors: NoCandidates
 * when no draw comes back. Source: Wang et al., "Self-consistency improves chain of thought reasoning in language models",
 * 2022.
 */
export const selfConsistency = technique({
  name: 'selfConsistency',
  room: 'search',
  summary: 'draw n candidates, keep the most frequent answer',
  paper: 'Wang et al., 2022',
  options: OPTIONS,
  needs: ({ weights }) => (weights === 'logprob' ? ['logprobs'] : []),
  calls: 'n',
  rounds: 'stop === "fixed" ? 1 : ceil(n / (1 + ahead))',
  keepsPrompt: true,
  semantics: ({ n, stop, weights }) => ({
    kind: 'exact',
    target: `the ${weights === 'none' ? '' : 'weighted '}majority of ${stop === 'fixed' ? n : `up to ${n}`} draws from P`,
    why: 'the draws are independent and the vote is a function of them',
  }),
  check: ({ weights, score }) =>
    (weights === 'score') === (score !== undefined)
      ? undefined
      : { option: 'score', rule: 'goes with weights="score", and only with it' },
  async run(base, request, context, options) {
    const { n, extract, weights, stop } = options;
    if (n === 2 && weights === 'none') context.ledger.warn(VOTE_OF_TWO);
    const asked = weights === 'logprob' ? { ...request, logprobs: request.logprobs ?? true } : request;
    const samples = await draw(base, asked, context, options);
    if (!samples[0]) throw new NoCandidates({ technique: 'selfConsistency', why: 'no draw came back' });
    const answers = classesOf(await inTurns(context, samples, (sample) => answerIn(sample, request, extract)));
    if (stop === 'fixed') await inTurns(context, answers, (answer, i) => reportVote(context, answer, i, n));
    return elected(context, 'selfConsistency', samples, answers, await weigh(samples, request, context, options));
  },
});

type Settings = Options<typeof OPTIONS>;

/** The draws that vote. Draw i has the same address whatever the stop rule is. */
async function draw(
  base: Model,
  request: Request,
  context: Context,
  { n, stop, extract, threshold, window, ahead }: Settings,
): Promise<readonly Sample[]> {
  if (stop === 'fixed') return (await base.sample({ ...request, n }, context)).samples;
  return drawUntil(base, request, context, {
    n,
    extract,
    ahead,
    rule: stop === 'adaptive' ? settled(threshold) : agreedIn(window),
  });
}

async function weigh(
  samples: readonly Sample[],
  request: Request,
  context: Context,
  { weights, score }: Settings,
): Promise<readonly number[]> {
  if (weights === 'none') return samples.map(() => 1);
  if (weights === 'logprob') {
    const means = samples.map(meanLogprob);
    if (means.every((value) => value !== undefined)) return means.map(Math.exp);
    context.ledger.warn(NO_LOGPROB);
    return samples.map(() => 1);
  }
  const tasks = samples.map((sample, i) => async (inner: Context) => {
    const work = applyScorer(score as Scorer, sample, request, fork(inner, `score/${i}`));
    return [i, await attempt(inner, work)] as const;
  });
  const scores = new Map(await gather(context, tasks));
  const isSilent = samples.every((_, i) => scores.get(i) === undefined);
  return samples.map((_, i) => (isSilent ? 1 : Math.max(0, scores.get(i) || 0)));
}

const VOTE_OF_TWO: Warning = {
  code: 'vote-of-two',
  message: 'selfConsistency(n=2): the second vote never outvotes the first. Use n=1 or n=3.',
};
const NO_LOGPROB: Warning = {
  code: 'no-logprob',
  message: 'selfConsistency: a candidate came without log-probability, so all votes weigh the same.',
};
