import { combiner, answerIn, classesOf, fork, gather, NoCandidates, option, progress } from '../../core/index.ts';
import { inTurns } from '../../core/context/turns.ts';
import { elected } from '../shared/elected.ts';

/**
 * Asks each of the models `n` times and keeps the answer that most of them give. A tie goes to the model named first.
 *
 *     P'(a) = Σ over draws y_ij ~ P_i in which Σ w_i [answer of y_ij = a] is largest for a
 *
 * The models may be one model in several wordings: each wording has its own mistakes, and more samples of one wording repeat
 * them. Unlike in a vote over their `mixture`, each model is asked equally often and none is left out by chance. A weight says
 * how far to believe a model: for two possible answers and independent mistakes, log(p / (1 − p)) of its accuracy p is best.
 * A model that is much worse than the others, or makes the same mistakes as another, makes the ensemble worse.
 *
 * Cost: `n` calls of each model, side by side; for two models 2n. Errors: NoCandidates when no draw comes back, InvalidOption
 * when the weights do not fit. Source: Li et al., "Making language models better reasoners with step-aware verifier"
 * (DiVeRSe), 2022.
 */
export const ensemble = combiner({
  name: 'ensemble',
  room: 'search',
  summary: 'ask several models or wordings, keep the most frequent answer',
  paper: 'Li et al., 2022 (DiVeRSe)',
  options: {
    n: option.integer({ doc: 'votes of each model', min: 1, default: 1 }),
    weights: option.numbers({ doc: 'what a vote of each model weighs; 1 if left out', optional: true }),
    extract: option.answer({ doc: 'what an answer is and how it is read', default: 'auto' }),
  },
  calls: 'models*n',
  rounds: '1',
  keepsPrompt: true,
  semantics: ({ n, weights }) => ({
    kind: 'exact',
    target: `the ${weights ? 'weighted ' : ''}majority of ${n} draws from each P_i`,
    why: 'the draws are independent and the vote is a function of them',
  }),
  check: ({ weights }, models) =>
    weights && (weights.length !== models.length || weights.some((w) => w < 0))
      ? { option: 'weights', rule: `must be ${models.length} numbers of at least 0, one a model` }
      : undefined,
  async run(models, request, context, { n, weights, extract }) {
    const heard = await gather(
      context,
      models.map((model, i) => async (inner) => {
        const { samples } = await model.sample({ ...request, n }, fork(inner, `model/${i}`));
        return samples.map((sample) => ({ sample, i }));
      }),
    );
    const votes = heard.flat();
    if (votes.length === 0) throw new NoCandidates({ technique: 'ensemble', why: 'no draw came back' });
    const samples = votes.map(({ sample }) => sample);
    const answers = classesOf(await inTurns(context, samples, (sample) => answerIn(sample, request, extract)));
    await inTurns(context, votes, ({ i }, at) =>
      progress(context, `${models[i]?.name}: ${answers[at] ?? 'no answer'}`),
    );
    return elected(
      context,
      'ensemble',
      samples,
      answers,
      votes.map(({ i }) => weights?.[i] ?? 1),
    );
  },
});
