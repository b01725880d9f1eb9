import { annotate, combiner, draftAt, fork, option, progress, type Model, type Sample } from '../../core/index.ts';
import { isAmong, isFailureKind, kindOf, type FailureKind } from './failures.ts';

/**
 * Asks the first model, and where it fails in a way that another is listed for, that one. What failed and who answered is told by a
 * warning. Once a model has begun to write, its failure is the answer's: what was said cannot be taken back.
 *
 *     P'(y) = Σ_i Π_{j<i} P(model j fails) · P_i(y)
 *
 * Cost: the calls of the first model that answers, and of those that failed before it.
 */
export const fallback = combiner({
  name: 'fallback',
  room: 'recipes',
  summary: 'ask another model where one fails',
  paper: 'the practice of gateways',
  options: {
    on: option.texts({ doc: 'for each model but the first, the failures after which it is asked: "429 5xx timeout"' }),
  },
  calls: 'models',
  rounds: 'models',
  keepsPrompt: true,
  semantics: () => ({
    kind: 'exact',
    target: 'the first P_i that does not fail',
    why: 'each model is drawn from at most once, and whether it fails is no matter of what it says',
  }),
  check: ({ on }, models) =>
    on.length !== models.length - 1
      ? { option: 'on', rule: `must have ${models.length - 1} entries, one for each model but the first` }
      : kindsIn(on).every((kinds) => kinds.length > 0 && kinds.every(isFailureKind))
        ? undefined
        : {
            option: 'on',
            rule: 'must be kinds of failures: statuses, 4xx, 5xx, timeout, unreachable, malformed, no-answer',
          },
  async run(models, request, context, { on }, last) {
    const kinds = kindsIn(on);
    let at = 0;
    for (;;) {
      const model = models[at] as Model;
      const state = { begun: false };
      try {
        const sample: Sample = await last(
          noting(model, state),
          request,
          (at === 0 ? draftAt : fork)(context, `model/${at}`),
        );
        return at === 0 ? sample : annotate(sample, { model: model.name });
      } catch (error) {
        const next = state.begun || context.signal.aborted ? undefined : nextAfter(kinds, at, kindOf(error));
        if (next === undefined) throw error;
        const to = (models[next] as Model).name;
        const why = kindOf(error);
        context.ledger.warn({
          code: 'fell-back',
          message: `${model.name} failed (${why}), and ${to} was asked instead.`,
        });
        progress(context, `${model.name} failed (${why}): ${to} is asked`);
        at = next;
      }
    }
  },
});

const kindsIn = (on: readonly string[]): readonly FailureKind[][] => on.map((one) => one.split(' ') as FailureKind[]);

/** The place of the model that is asked after one has failed; nothing where there is none for that. `kinds[i]` are those of model i + 1. */
export function nextAfter(
  kinds: readonly (readonly FailureKind[])[],
  at: number,
  failure: FailureKind | undefined,
): number | undefined {
  const next = kinds.findIndex((one, i) => i >= at && isAmong(one, failure));
  return next === -1 ? undefined : next + 1;
}

/** The same model, which says when it begins to write. */
function noting(model: Model, state: { begun: boolean }): Model {
  const { stream } = model;
  if (!stream) return model;
  return {
    ...model,
    async *stream(request, context) {
      for await (const part of stream.call(model, request, context)) {
        state.begun ||=
          part.type === 'text-delta' || part.type === 'reasoning-delta' || part.type === 'tool-input-start';
        yield part;
      }
    },
  };
}
