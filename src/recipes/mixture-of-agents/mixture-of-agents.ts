import {
  annotate,
  attempt,
  combiner,
  drawOne,
  fork,
  gather,
  inProse,
  option,
  progress,
  promptFor,
  withQuestion,
  type Parts,
  type Sample,
} from '../../core/index.ts';
import { askedIn, type Asked } from '../../decompose/shared/parts.ts';
import { anonymous } from '../shared/anonymous.ts';

/**
 * Layers of models: all models answer, then all answer again with the answers of the layer before in view, and so on; an
 * aggregator writes the answer from those of the last layer.
 *
 *     P'(y) = Σ Π_i P_i(y_1i | x) Π_l>1 Π_i P_i(y_li | x, y_l-1) A(y | x, y_L)
 *
 * It helps where models improve on each other's answers, even on worse ones, and costs the most of all ways to ask
 * several models. Repeating one model as several proposers works less well than different ones.
 *
 * Cost: layers·models + 1 calls in layers + 1 rounds. Proposals are prose, the aggregator answers in the form that is asked
 * for. A proposal that is lost is left out. At a budget's limit: the first proposal of the last layer there is.
 * Source: Wang et al., "Mixture-of-agents enhances large language model capabilities", 2024.
 */
export const mixtureOfAgents = combiner({
  name: 'mixtureOfAgents',
  room: 'recipes',
  summary: 'layers of models that see the answers of the layer before, then an aggregator',
  paper: 'Wang et al., 2024',
  options: {
    layers: option.integer({ doc: 'layers of proposers', min: 1, default: 2 }),
    aggregator: option.model({ doc: 'the model that writes the answer; the first if left out', optional: true }),
    aggregate: option.prompt(['candidates'], {
      doc: 'how a model is shown the layer before, beside {question} {context}',
    }),
  },
  calls: 'layers*models + 1',
  rounds: 'layers + 1',
  semantics: ({ layers }) => ({
    kind: 'exact',
    target: `sum over ${layers} layers of proposals of A(y | x, the last layer)`,
    why: 'one draw a model and layer; that answers get better from layer to layer is a rule of thumb',
  }),
  async run(models, request, context, { layers, aggregator, aggregate }, last) {
    const by = aggregator ?? (models[0] as (typeof models)[number]);
    const asked = { ...askedIn(request) };
    let proposals: readonly Sample[] = [];
    const shownTo = (model: typeof by) => {
      if (proposals.length === 0) return request.prompt;
      const showing = promptFor<AggregateParts>(model, 'mixtureOfAgents.aggregate', aggregate, AGGREGATE);
      return withQuestion(request.prompt, showing.say({ ...asked, candidates: anonymous(proposals) }));
    };
    for (let layer = 1; layer <= layers; layer++) {
      const at = fork(context, `layer/${layer}`);
      const tasks = models.map(
        (model, i) => (inner: typeof at) =>
          drawOne(model, { ...inProse(request), prompt: shownTo(model) }, fork(inner, `model/${i}`)),
      );
      const work = gather(at, tasks);
      const made = layer === 1 ? await work : await attempt(context, work);
      if (!made) break;
      proposals = made;
      progress(context, `layer ${layer} of ${layers}: ${made.length} proposals`);
    }
    const whole = await attempt(context, last(by, { ...request, prompt: shownTo(by) }, fork(context, 'aggregate')));
    return annotate(whole ?? (proposals[0] as Sample), { proposals: proposals.length });
  },
});

type AggregateParts = Parts & Asked & { readonly candidates: string };

export const AGGREGATE = ({ question, candidates }: AggregateParts): string =>
  `${question}\n\nThese answers to the above were given by others. Some may be biased or wrong.\n\n${candidates}\n\nDo not copy them: weigh them, correct what is wrong, and write one answer to the question that is better than any of them, in the form it asks for.`;
