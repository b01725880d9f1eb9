import {
  annotate,
  attempt,
  classesOf,
  combiner,
  draftAt,
  drawOne,
  fork,
  NoCandidates,
  option,
  progress,
  type Model,
  type Sample,
} from '../../core/index.ts';
import { answerIn } from '../../core/reading/extract.ts';
import { asksOn, electedBy, type Panel } from './panel.ts';
import { seenOf, type Seen } from './seen.ts';

/** A panel by the name that it has in formulas. */
export interface Router extends Panel {
  readonly name: string;
}

/** A router with what its members add to their base. */
export interface MadeRouter extends Router {
  readonly members: readonly string[];
}

const OPTIONS = { router: option.resource<Router>()({ doc: 'who is asked when, and whose answer stands' }) };

/**
 * Asks the first model; believes it where its answer is likely enough to be right, by what is seen of it; else asks the next one, and the
 * next, until no further vote could change who leads.
 *
 *     P'(a) = P₁(a, c ≥ t) + P₁(·, c < t) · P(a leads the vote)      c: the calibrated chance that the first answer is right
 *
 * Cost: 1 call of each model that is asked. At a budget's limit: the answer that leads. Found by `compile`.
 */
export const panel = combiner({
  name: 'panel',
  room: 'search',
  summary: 'ask on only where the first answer may be wrong, and let the answers vote',
  paper: 'Chen et al., 2023 (FrugalGPT)',
  options: OPTIONS,
  calls: 'models',
  rounds: 'models',
  keepsPrompt: true,
  semantics: () => ({
    kind: 'exact',
    target: 'the first answer where it is likely enough, else the vote of those that are asked',
    why: 'each model is drawn from once, and who is asked is a function of the answers before',
  }),
  check: ({ router }, models) =>
    router.weights.length === models.length
      ? undefined
      : { option: 'router', rule: `is made for ${router.weights.length} models, got ${models.length}` },
  async run(models, request, context, { router }) {
    const samples: Sample[] = [];
    let seen: readonly Seen[] = [];
    while (asksOn(router, seen)) {
      const i = samples.length;
      const model = models[i] as Model;
      const drawn = drawOne(model, request, (i === 0 ? draftAt : fork)(context, `model/${i}`));
      const sample = i === 0 ? await drawn : await attempt(context, drawn);
      if (!sample) break;
      samples.push(sample);
      const classes = classesOf(samples.map((one) => answerIn(one, request, 'auto')));
      seen = samples.map((one, j) => ({ ...seenOf(one, request), answer: classes[j] ?? null }));
      progress(context, `${model.name}: ${seen.at(-1)?.answer ?? 'no answer'}`);
    }
    const elected = electedBy(router, seen);
    const taken = samples[elected];
    if (!taken) throw new NoCandidates({ technique: 'panel', why: 'the first model gave none' });
    return annotate(taken, { model: (models[elected] as Model).name, asked: samples.length });
  },
});
