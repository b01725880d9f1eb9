/** The law of min-p: P(v | prefix, p(v) ≥ p · max p), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { LETTERS, lettersOf, opened, threeLetters, tokenwise, type Step } from '../shared/tokenwise.law.ts';
import { minP } from './min-p.ts';

const likely =
  (least: number): Step =>
  (p) =>
    p.map((x) => (x >= least * Math.max(...p) - 1e-12 ? x : 0));

export const law: TechniqueLaw = {
  technique: 'minP',
  subjects: { minP: opened(minP({ p: 0.5 })) },
  exact: [
    ...varied(
      { ...minP.definition.options, model: LETTERS },
      ({ p, model }) =>
        holds(
          `p=${p}: prod p over the likely, by the last letter`,
          plus(enumerableTokens(lettersOf(model)), minP({ p })),
          () => tokenwise(likely(p), lettersOf(model)),
        ),
      [{ p: 0.5 }],
    ),
    ...varied(
      minP.definition.options,
      ({ p }) => holds(`p=${p}: prod p over the likely`, plus(threeLetters, minP({ p })), () => tokenwise(likely(p))),
      [0.2, 0.5].map((p) => ({ p })),
    ),
    holds('p=1: the likeliest token', plus(threeLetters, minP({ p: 1 })), () =>
      tokenwise((p) => p.map((x) => Number(x === Math.max(...p)))),
    ),
    same('p=0 is the base', plus(threeLetters, minP({ p: 0 })), threeLetters),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the edge does not move with the likeliest token',
    file: 'decode/min-p/min-p.ts',
    from: 'greatest(logprobs) + Math.log(p)',
    to: 'Math.log(p)',
  },
];
