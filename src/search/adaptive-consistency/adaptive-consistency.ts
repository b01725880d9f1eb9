import { answerIn, classesOf, NoCandidates, option, technique } from '../../core/index.ts';
import { inTurns } from '../../core/context/turns.ts';
import { drawUntil } from '../shared/votes/draw-until.ts';
import { elected } from '../shared/elected.ts';
import { AHEAD, settled } from '../shared/votes/stop-rules.ts';

/**
 * Votes until the lead can hardly be lost.
 *
 *     P'(a) = P(a leads when the rule stops),  stop at the first vote with P(Beta(v1+1, v2+1) > ½) ≥ threshold
 *
 * v1 and v2 count the two largest classes; votes without an answer are a class too. One to four votes that agree are .75,
 * .875, .9375 and .96875 sure, so four of them end it at .95. Where most questions are easy, it gives what a vote of `n`
 * gives with a fraction of the draws. It is `selfConsistency(stop="adaptive")` under the name of its paper.
 *
 * Cost: `n` calls at most, in waves, each as large as the rule is sure to need: four in the first one at .95. `ahead` starts so
 * many more in each wave, for fewer rounds, and cancels those that turn out not to be needed. Errors: NoCandidates when no
 * draw comes back. Source: Aggarwal and Madaan, "Let's sample step by step: Adaptive-Consistency for efficient reasoning and
 * coding with LLMs", 2023.
 */
export const adaptiveConsistency = technique({
  name: 'adaptiveConsistency',
  room: 'search',
  summary: 'vote until the lead can hardly be lost',
  paper: 'Aggarwal & Madaan, 2023',
  options: {
    n: option.integer({ doc: 'votes, at most', min: 1, default: 40 }),
    threshold: option.number({ doc: 'certainty at which it stops', min: 0.5, max: 1, default: 0.95 }),
    extract: option.answer({ doc: 'what an answer is and how it is read', default: 'auto' }),
    ahead: AHEAD,
  },
  calls: 'n',
  rounds: 'ceil(n / (1 + ahead))',
  keepsPrompt: true,
  semantics: ({ n, threshold }) => ({
    kind: 'exact',
    target: `the majority of up to ${n} draws from P, stopped at P(Beta(v1+1, v2+1) > 1/2) >= ${threshold}`,
    why: 'the draws are independent, and when to stop and what leads are functions of them',
  }),
  async run(base, request, context, { n, threshold, extract, ahead }) {
    const samples = await drawUntil(base, request, context, {
      n,
      extract,
      ahead,
      rule: settled(threshold),
    });
    if (!samples[0]) throw new NoCandidates({ technique: 'adaptiveConsistency', why: 'no draw came back' });
    const answers = classesOf(await inTurns(context, samples, (sample) => answerIn(sample, request, extract)));
    return elected(context, 'adaptiveConsistency', samples, answers);
  },
});
