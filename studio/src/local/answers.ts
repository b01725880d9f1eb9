/** The playground without a server: the same runs, on the embedded model, wherever this is. */
import { techniques } from '../../../src/catalog.ts';
import { parse } from '../../../src/core/index.ts';
import { tiny } from '../../../src/models/tiny/index.ts';
import { check } from '../../../src/studio/play/check.ts';
import { derive, nextTokens } from '../../../src/studio/play/derive.ts';
import { factsOf } from '../../../src/studio/play/facts.ts';
import type { Derived, Facts, TaskItem } from '../../../src/studio/play/protocol.ts';
import { play, requestOf, type Running } from '../../../src/studio/play/run.ts';
import type { Ask } from './protocol.ts';

const NAME = 'plusx:tiny';

/** Answers as a server would, one value after the other. Throws the library's errors. */
export function answers(weights: Uint8Array): (ask: Ask, signal: AbortSignal) => AsyncGenerator<unknown, void, void> {
  const model = tiny({ weights, foreign: 'warn' });
  const running = (signal: AbortSignal): Running => ({
    compose: async (formula) =>
      parse(formula, { techniques, model: (name) => (name === NAME ? model : undefined), modelNames: [NAME] }),
    isFinite: () => false,
    signal,
    now: () => performance.now(),
  });
  return async function* (ask, signal) {
    switch (ask.kind) {
      case 'facts':
        yield { techniques: techniques.map(factsOf), models: [NAME], scorers: [], tasks: [] } satisfies Facts;
        return;
      case 'items':
        // Tasks are files of the server's.
        yield [] satisfies readonly TaskItem[];
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
