/** The law of top-k: P(v | prefix, v among the k likeliest), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { upTo } from '../../testing/laws/parameters.ts';
import { LETTERS, lettersOf, opened, threeLetters, TIED, tokenwise, type Step } from '../shared/tokenwise.law.ts';
import { temperature } from '../temperature/temperature.ts';
import { topK } from './top-k.ts';

/** The k likeliest; of equals at the edge, the first. */
const likeliest =
  (k: number): Step =>
  (p) =>
    p.map((x, i) => (p.filter((y, j) => y > x || (y === x && j < i)).length < k ? x : 0));

export const law: TechniqueLaw = {
  technique: 'topK',
  subjects: { topK: opened(topK({ k: 2 })) },
  exact: [
    ...varied(
      { k: upTo(3, topK.definition.options.k), model: LETTERS },
      ({ k, model }) =>
        holds(
          `k=${k}: prod p over the ${k} likeliest, by the last letter`,
          plus(enumerableTokens(lettersOf(model)), topK({ k })),
          () => tokenwise(likeliest(k), lettersOf(model)),
        ),
      [{ k: 2 }],
    ),
    ...varied(
      { k: upTo(4, topK.definition.options.k) },
      ({ k }) =>
        holds(`k=${k}: prod p over the ${k} likeliest`, plus(threeLetters, topK({ k })), () => tokenwise(likeliest(k))),
      [1, 2, 3].map((k) => ({ k })),
    ),
    holds('k=2 of four that are equally likely: the first two', plus(enumerableTokens(TIED), topK({ k: 2 })), () =>
      tokenwise(likeliest(2), TIED),
    ),
    same('k of all tokens is the base', plus(threeLetters, topK({ k: 4 })), threeLetters),
    same(
      'k=1 after any temperature is k=1',
      plus(threeLetters, temperature({ t: 3 }), topK({ k: 1 })),
      plus(threeLetters, topK({ k: 1 })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  { bug: 'one token more than k', file: 'decode/top-k/top-k.ts', from: 'rank < k', to: 'rank <= k' },
];
