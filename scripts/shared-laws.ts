/** The techniques the shared laws are run over: each alone, in each of its ways, and some inside others. */
import type { Transform } from '../src/core/index.ts';
import { selfRefine } from '../src/iterate/index.ts';
import { rephraseAndRespond, reRead, stepBack } from '../src/rephrase/index.ts';

export const SUBJECTS: { readonly [name: string]: Transform } = {
  selfRefine: selfRefine({ rounds: 2 }),
  'selfRefine with a critic': (base) => selfRefine({ rounds: 2, critic: reRead()(base), stop: 'never' })(base),
  reRead: reRead(),
  rephraseAndRespond: rephraseAndRespond(),
  stepBack: (base) => stepBack({ abstractor: reRead()(base) })(base),
};

/** How many calls of a subject may end before there is anything to answer with. */
export const PREPARATION: { readonly [name: string]: number } = { rephraseAndRespond: 1, stepBack: 2 };
