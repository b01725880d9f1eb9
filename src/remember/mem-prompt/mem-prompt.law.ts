/** The law of memory prompts: P(y | x, the nearest notes), and the base itself where there are none. */
import { plus, type Model, type Note } from '../../core/index.ts';
import { normal } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { BELIEVER, believing, isBase, NOTES, nothing, PLAIN, remembered, untold } from '../shared/memories.law.ts';
import { memoryOf } from '../shared/memory-of.ts';
import { memPrompt } from './mem-prompt.ts';

/** Asks in the name of a user. */
function asked(model: Model, user: string): Model {
  const providerOptions = { plusx: { user } };
  return { ...model, sample: (request, context) => model.sample({ ...request, providerOptions }, context) };
}

export const law: TechniqueLaw = {
  technique: 'memPrompt',
  subjects: {
    memPrompt: { transform: memPrompt({ k: 2 }), host: remembered },
    'memPrompt, nothing remembered': { transform: memPrompt(), host: nothing },
    'memPrompt with corrections': { transform: memPrompt({ corrections: 2 }), host: remembered },
  },
  exact: [
    isBase('nothing remembered: the base itself', memPrompt({ k: 3 })),
    isBase('nothing similar enough: the base itself', memPrompt({ similarity: 1 }), () => ({
      memory: memoryOf([NOTES[0] as Note]),
    })),
    isBase("notes of a user, asked in nobody's name: the base itself", memPrompt(), () => ({
      memory: memoryOf(NOTES, { namespace: 'mia@default' }),
    })),
    holds("another's notes: the base itself", asked(hosted(plus(untold, memPrompt()), remembered), 'leo'), () =>
      normal(PLAIN),
    ),
    ...varied(BELIEVER, ({ plain, noted }) =>
      holds(
        'P(y | x, the nearest note)',
        hosted(plus(believing('the question is about a', plain, noted), memPrompt()), remembered),
        () => normal(noted),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'what is remembered is not put before the question',
    file: 'remember/mem-prompt/mem-prompt.ts',
    from: 'notes.length === 0',
    to: 'notes.length >= 0',
  },
  {
    bug: "one user's notes are another's",
    file: 'remember/shared/namespace.ts',
    from: "user === undefined ? '' : `${user}@`",
    to: "''",
  },
  {
    bug: 'the furthest note is found',
    file: 'core/host/retrieval.ts',
    from: 'b.score - a.score',
    to: 'a.score - b.score',
  },
];
