/** A model that takes no more than so much for one answer. */
import {
  BudgetExceeded,
  NoCandidates,
  scope,
  type Context,
  type Ledger,
  type Limits,
  type Model,
} from '../../core/index.ts';

/** The same model within limits of its own: at a limit it gives its best answer so far, or none. Its name stays. */
export function limited(model: Model, limits: Limits): Model {
  return {
    ...model,
    async sample(request, outer) {
      const { context, close } = scope(quietly(outer), { limits });
      try {
        return await model.sample(request, context);
      } catch (error) {
        throw failureOf(error, model, limits);
      } finally {
        close();
      }
    },
    ...(model.stream && {
      async *stream(request, outer) {
        const { context, close } = scope(quietly(outer), { limits });
        try {
          if (model.stream) yield* model.stream(request, context);
        } catch (error) {
          throw failureOf(error, model, limits);
        } finally {
          close();
        }
      },
    }),
  };
}

/** One answer that is at its limit does not end the run around it. */
function quietly(outer: Context): Context {
  const { ledger } = outer;
  const quiet: Ledger = {
    get usage() {
      return ledger.usage;
    },
    get spending() {
      return ledger.spending;
    },
    get warnings() {
      return ledger.warnings;
    },
    get withdrawn() {
      return ledger.withdrawn;
    },
    get exhausted() {
      return ledger.exhausted;
    },
    add: ledger.add,
    warn: ledger.warn,
    withdraw: ledger.withdraw,
    exhaust() {},
  };
  return { ...outer, ledger: quiet };
}

function failureOf(error: unknown, model: Model, limits: Limits): unknown {
  if (!(error instanceof BudgetExceeded) || error.allowed !== limits[error.limit]) return error;
  return new NoCandidates({
    technique: model.name,
    why: `there is no answer within ${error.limit}=${error.allowed} a question`,
  });
}
