/** The law of top-p: P(v | prefix, v in the nucleus of p), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { LETTERS, lettersOf, opened, threeLetters, TIED, tokenwise, type Step } from '../shared/tokenwise.law.ts';
import { topP } from './top-p.ts';

/** The likeliest tokens, each while those before it do not yet hold the share: the first in any case. */
export const nucleus =
  (share: number): Step =>
  (p) =>
    p.map((x, i) =>
      p.reduce((sum, y, j) => (y > x || (y === x && j < i) ? sum + y : sum), 0) < (share || 1e-9) ? x : 0,
    );

export const law: TechniqueLaw = {
  technique: 'topP',
  subjects: { topP: opened(topP({ p: 0.6 })) },
  exact: [
    ...varied(
      { ...topP.definition.options, model: LETTERS },
      ({ p, model }) =>
        holds(
          `p=${p}: prod p over the nucleus, by the last letter`,
          plus(enumerableTokens(lettersOf(model)), topP({ p })),
          () => tokenwise(nucleus(p), lettersOf(model)),
        ),
      [{ p: 0.7 }],
    ),
    ...varied(
      topP.definition.options,
      ({ p }) => holds(`p=${p}: prod p over the nucleus`, plus(threeLetters, topP({ p })), () => tokenwise(nucleus(p))),
      [0.3, 0.6, 0.9].map((p) => ({ p })),
    ),
    holds('p=0: the likeliest token', plus(threeLetters, topP({ p: 0 })), () => tokenwise(nucleus(0))),
    holds(
      'p=0.5 of four that are equally likely: the first two, which hold it',
      plus(enumerableTokens(TIED), topP({ p: 0.5 })),
      () => tokenwise(nucleus(0.5), TIED),
    ),
    same('p=1 is the base', plus(threeLetters, topP({ p: 1 })), threeLetters),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the token that fills the nucleus is left out',
    file: 'decode/top-p/top-p.ts',
    from: '({ rank, before }) => rank === 0 || p === 1 || before < p',
    to: '({ rank, before, logprob }) => rank === 0 || p === 1 || before + Math.exp(logprob) < p',
  },
];
