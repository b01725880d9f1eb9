/** The law of contrastive decoding: p(v) / a(v) · 1[p(v) ≥ plausible · max p] / Z(prefix), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens, type EnumerableTokensOptions } from '../../models/written/index.ts';
import { differs, holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import {
  afterLast,
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

const AMATEUR_OF_TWO: EnumerableTokensOptions = {
  ...TWO_LETTERS,
  name: 'amateur',
  next: afterLast([3, 1, 1], [1, 2, 1], [1, 2, 0.5]),
};
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
    holds(
      'prod p / a over the plausible, by the last letter',
      plus(twoLetters, contrastiveDecoding({ amateur: enumerableTokens(AMATEUR_OF_TWO), plausible: 0.3 })),
      () => tokenwise(contrasted(AMATEUR_OF_TWO, 0.3), TWO_LETTERS),
    ),
    ...[0, 0.3, 1].map((plausible) =>
      holds(
        `plausible=${plausible}: prod p / a over the plausible`,
        plus(threeLetters, contrastiveDecoding({ amateur, plausible })),
        () => tokenwise(contrasted(AMATEUR, plausible)),
      ),
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
