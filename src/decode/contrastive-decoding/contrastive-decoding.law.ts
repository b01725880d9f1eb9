/** The law of contrastive decoding: p(v) / a(v) · 1[p(v) ≥ plausible · max p] / Z(prefix), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens, type EnumerableTokensOptions } from '../../models/written/index.ts';
import { differs, holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { weightsAfter } from '../../testing/laws/parameters.ts';
import {
  LETTERS,
  lettersOf,
  opened,
  share,
  THREE_LETTERS,
  threeLetters,
  tokenwise,
  TWO_LETTERS,
  twoLetters,
  type Step,
} from '../shared/tokenwise.law.ts';
import { temperature } from '../temperature/temperature.ts';
import { contrastiveDecoding } from './contrastive-decoding.ts';

const { plausible } = contrastiveDecoding.definition.options;
const LETTERS_OF_AMATEUR = weightsAfter(
  { nothing: { a: 3, b: 1, end: 1 }, a: { a: 1, b: 2, end: 1 }, b: { a: 1, b: 2, end: 0.5 } },
  'the same for the amateur',
);
/** Never writes a b. */
const BLIND: EnumerableTokensOptions = { ...TWO_LETTERS, name: 'amateur', next: () => [2, 0, 1] };
const AMATEUR: EnumerableTokensOptions = {
  ...THREE_LETTERS,
  name: 'amateur',
  next: (prefix) => [3, 1, 2 + prefix.length, 1],
};
export const amateur = enumerableTokens(AMATEUR);

const contrasted =
  ({ next }: EnumerableTokensOptions, plausible: number): Step =>
  (p, prefix) => {
    const a = share(next(prefix, []));
    return p.map((x, v) => (x >= plausible * Math.max(...p) ? x / Math.max(a[v] as number, 1e-12) : 0));
  };

export const law: TechniqueLaw = {
  technique: 'contrastiveDecoding',
  subjects: {
    contrastiveDecoding: opened((base) =>
      contrastiveDecoding({ amateur: temperature({ t: 2 })(base), plausible: 0 })(base),
    ),
  },
  exact: [
    ...varied(
      { plausible, model: LETTERS, amateur: LETTERS_OF_AMATEUR },
      ({ plausible, model, amateur }) =>
        holds(
          'prod p / a over the plausible, by the last letter',
          plus(
            enumerableTokens(lettersOf(model)),
            contrastiveDecoding({ amateur: enumerableTokens(lettersOf(amateur, 'amateur')), plausible }),
          ),
          () => tokenwise(contrasted(lettersOf(amateur), plausible), lettersOf(model)),
        ),
      [{ plausible: 0.3 }],
    ),
    ...varied(
      { plausible },
      ({ plausible }) =>
        holds(
          `plausible=${plausible}: prod p / a over the plausible`,
          plus(threeLetters, contrastiveDecoding({ amateur, plausible })),
          () => tokenwise(contrasted(AMATEUR, plausible)),
        ),
      [0, 0.3, 1].map((plausible) => ({ plausible })),
    ),
    holds(
      'what the amateur rules out counts as 1e-12',
      plus(twoLetters, contrastiveDecoding({ amateur: enumerableTokens(BLIND), plausible: 0 })),
      () => tokenwise(contrasted(BLIND, 0), TWO_LETTERS),
    ),
    differs('is not the base', plus(threeLetters, contrastiveDecoding({ amateur, plausible: 0.3 })), threeLetters),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'what is plausible is drawn as the base would',
    file: 'decode/contrastive-decoding/contrastive-decoding.ts',
    from: 'l - Math.max(a[v] as number, LEAST_SUBTRACTED)',
    to: 'l + 0 * Math.max(a[v] as number, LEAST_SUBTRACTED)',
  },
];
