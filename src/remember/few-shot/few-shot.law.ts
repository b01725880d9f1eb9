/** The law of few-shot examples: P(y | the nearest examples, x), and the base itself where there are none. */
import { plus, textOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { upTo } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { BELIEVER, believing, isBase, remembered } from '../shared/memories.law.ts';
import { fewShot } from './few-shot.ts';

const named = { name: 'sums', list: [{ question: 'How much is 1 + 1?', answer: '2' }] };

/** Answers as the last example does, three times of four. */
const copying = (last: string): Distribution => ({ [last]: 3, else: 1 });
const copier = enumerable({
  name: 'copier',
  answers: (prompt) => copying(textOf(prompt.findLast(({ role }) => role === 'assistant')?.content ?? 'none')),
});

export const law: TechniqueLaw = {
  technique: 'fewShot',
  subjects: {
    fewShot: { transform: fewShot({ k: 2 }), host: remembered },
    'fewShot of a list': {
      transform: fewShot({ examples: named }),
      host: remembered,
      scope: { functions: { sums: named } },
    },
  },
  exact: [
    isBase('nothing remembered: the base itself', fewShot()),
    isBase('a list without examples: the base itself', fewShot({ examples: { name: 'none', list: [] } })),
    ...varied(
      { k: upTo(3, fewShot.definition.options.k), ...BELIEVER },
      ({ k, plain, noted }) =>
        holds(
          'P(y | nearest, x)',
          hosted(plus(believing('"assistant"', plain, noted), fewShot({ k })), remembered),
          () => normal(noted),
        ),
      [{ k: 1 }],
    ),
    holds('k=2: the nearest stands next to the question', hosted(plus(copier, fewShot({ k: 2 })), remembered), () =>
      normal(copying('a')),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the nearest example stands furthest from the question',
    file: 'remember/few-shot/few-shot.ts',
    from: 'found.toReversed()',
    to: 'found',
  },
];
