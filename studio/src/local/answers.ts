/** The playground without a server: the same runs, on the models that are written down or embedded, wherever this is. */
import { techniques } from '../../../src/catalog.ts';
import { wantsLogprobs, withLogprobs } from '../../../src/config/logprobs.ts';
import { parse, type FormulaScope, type Model } from '../../../src/core/index.ts';
import { check } from '../../../src/studio/play/check.ts';
import { derive, nextTokens } from '../../../src/studio/play/derive.ts';
import { factsOf } from '../../../src/studio/play/facts.ts';
import type { Derived, Facts } from '../../../src/studio/play/protocol.ts';
import { play, requestOf, type Running } from '../../../src/studio/play/run.ts';
import { itemsOf, modelsWith, scorers, tasks, WRITTEN } from './offered.ts';
import type { Ask } from './protocol.ts';

/** Answers as a server would, one value after the other. Throws the library's errors. */
export function answers(weights: Uint8Array): (ask: Ask, signal: AbortSignal) => AsyncGenerator<unknown, void, void> {
  const models = modelsWith(weights);
  const names = Object.keys(models);
  const scopeWith = (model: (name: string) => Model | undefined): FormulaScope => ({
    techniques,
    scorers,
    model,
    modelNames: names,
  });
  const known = (name: string): Model | undefined => (Object.hasOwn(models, name) ? models[name] : undefined);
  const running = (signal: AbortSignal): Running => ({
    async compose(formula) {
      const asking = (name: string): Model | undefined => {
        const model = known(name);
        return model && name !== WRITTEN && wantsLogprobs(formula) ? withLogprobs(model) : model;
      };
      return parse(formula, scopeWith(asking));
    },
    isFinite(formula) {
      const named = new Set<string>();
      parse(
        formula,
        scopeWith((name) => (named.add(name), known(name))),
      );
      return [...named].every((name) => name === WRITTEN);
    },
    signal,
    now: () => performance.now(),
  });
  return async function* (ask, signal) {
    switch (ask.kind) {
      case 'facts':
        yield {
          techniques: techniques.map(factsOf),
          models: names,
          scorers: Object.keys(scorers),
          tasks,
        } satisfies Facts;
        return;
      case 'items':
        yield itemsOf(ask.task);
        return;
      case 'check':
        yield await check(ask.formula, requestOf(ask), running(signal));
        return;
      case 'run':
        yield* play(ask.asked, running(signal));
        return;
      case 'derive': {
        const { derived } = await derive(ask.asked, ask.index, running(signal));
        // There is no store, so the trace is kept nowhere.
        yield { ...derived, trace: undefined } satisfies Derived;
        return;
      }
      case 'next':
        yield await nextTokens(ask.asked, ask.text, ask.position, running(signal));
    }
  };
}
