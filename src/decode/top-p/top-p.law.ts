/** The law of top-p: P(v | prefix, v in the nucleus of p), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { holds, same, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { opened, threeLetters, TIED, tokenwise, type Step } from '../shared/tokenwise.law.ts';
import { topP } from './top-p.ts';

/** The likeliest tokens, each while those before it do not yet hold the share. */
export const nucleus =
  (share: number): Step =>
  (p) =>
    p.map((x, i) => (p.reduce((sum, y, j) => (y > x || (y === x && j < i) ? sum + y : sum), 0) < share ? x : 0));

export const law: TechniqueLaw = {
  technique: 'topP',
  subjects: { topP: opened(topP({ p: 0.6 })) },
  exact: [
    ...[0.3, 0.6, 0.9].map((p) =>
      holds(`p=${p}: prod p over the nucleus`, plus(threeLetters, topP({ p })), () => tokenwise(nucleus(p))),
    ),
    holds('p=0: the likeliest token', plus(threeLetters, topP({ p: 0 })), () => tokenwise(nucleus(1e-9))),
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
