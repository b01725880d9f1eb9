import {
  annotate,
  attempt,
  combiner,
  drawOne,
  fork,
  InvalidOption,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  type Context,
  type Model,
  type Options,
  type Request,
} from '../../core/index.ts';
import { endOf, preferenceIn } from '../../core/reading/index.ts';
import { opinion } from '../shared/opinion.ts';

/** Says which model, by its index, should answer a request. */
export type Pick = (request: Request, context: Context) => number | Promise<number>;

const OPTIONS = {
  router: option.model({ doc: 'the model that says which one should answer', optional: true }),
  pick: option.callback<Pick>()({ doc: 'a function that says so instead: an index from 0', optional: true }),
  about: option.text({ doc: 'what each model is good at, a line each; their names if left out', optional: true }),
  route: option.prompt(['models'], { doc: 'how the router is asked' }),
};

/**
 * A router looks at the question and names one of the models, which is then asked.
 *
 *     P'(y | x) = Σ_i R(i | x) P_i(y | x)
 *
 * It is a mixture whose weights depend on the question. At its best it is right wherever one of the models is right, which no
 * single model reaches. The router is a model that is told what the others are good at, or a function, such as a trained
 * classifier. It decides before there is an answer to look at; `cascade` decides afterwards. If the router's reply names none
 * of the models, the first one is asked, with a warning. A router that knows nothing gives the mixture, which is worse than the
 * best model.
 *
 * Cost: 1 call of the router and then 1 of a model; with `pick` only the second. Errors: InvalidOption
 * where `pick` names no model. Source: Ong et al., "RouteLLM: learning to route LLMs with preference data", 2024.
 */
export const route = combiner({
  name: 'route',
  room: 'search',
  summary: 'a router names the model that answers',
  paper: 'Ong et al., 2024',
  options: OPTIONS,
  calls: '2',
  rounds: '2',
  semantics: () => ({
    kind: 'exact',
    target: 'sum R(i | x) P_i(y | x)',
    why: "one model is named, then one answer of it is drawn; that it is the right one is the router's claim",
  }),
  check: ({ router, pick, about }, models) =>
    (router === undefined) === (pick === undefined)
      ? { option: 'router', rule: 'or `pick` must be given, and not both' }
      : about !== undefined && about.trim().split('\n').length !== models.length
        ? { option: 'about', rule: `must have ${models.length} lines, one a model` }
        : undefined,
  async run(models, request, context, options) {
    const i = (await attempt(context, named(models, request, fork(context, 'router'), options))) ?? 0;
    const model = models[i];
    if (!model)
      throw new InvalidOption({
        where: 'route',
        option: 'pick',
        rule: `must give an index below ${models.length}`,
        value: i,
      });
    progress(context, `asks ${model.name}`);
    return annotate(await drawOne(model, request, fork(context, `model/${i}`)), { model: model.name });
  },
});

async function named(
  models: readonly Model[],
  request: Request,
  at: Context,
  { router, pick, about, route }: Options<typeof OPTIONS>,
): Promise<number> {
  if (!router) return (pick as Pick)(request, at);
  const lines = about?.trim().split('\n') ?? models.map(({ name }) => name);
  const asking = promptFor(router, 'route.route', route, ROUTE);
  const parts = {
    question: questionOf(request.prompt),
    models: lines.map((line, i) => `${i + 1}. ${line}`).join('\n'),
  };
  const said = asking.read(await opinion(router, request, saying(asking, parts, request.prompt), at));
  const place = preferenceIn(said, { count: models.length, by: 'number' });
  if (typeof place === 'number') return place;
  at.ledger.warn({
    code: 'no-route',
    message: `route: the reply of ${router.name} names none of ${models.length} models: the first is asked. The reply ends ${endOf(said)}. Use another \`router\`, or word \`route\` for it.`,
  });
  return 0;
}

export const ROUTE = ({ models }: { readonly models: string }): string =>
  `Do not do the task above. Which of these models should do it?\n\n${models}\n\nName the one that is most likely to get it right; of equals, the first. Reply with one line of this form: Model: NUMBER`;
