/** The law of top-nσ: P(v | prefix, ℓ(v) ≥ max ℓ − n·σ(ℓ)), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens, type EnumerableTokensOptions } from '../../models/written/index.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { afterLast, LETTERS, lettersOf, opened, threeLetters, tokenwise, type Step } from '../shared/tokenwise.law.ts';
import { topNSigma } from './top-n-sigma.ts';

/** σ is that of the tokens that can come at all. */
const near =
  (n: number): Step =>
  (p) => {
    const logits = p.filter((x) => x > 0).map(Math.log);
    const mean = logits.reduce((a, b) => a + b) / logits.length;
    const sigma = Math.sqrt(logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / logits.length);
    return p.map((x) => (Math.log(x) >= Math.max(...logits) - n * sigma - 1e-12 ? x : 0));
  };

/** Some of its tokens never come. */
const SPARSE: EnumerableTokensOptions = {
  name: 'sparse',
  tokens: ['a', 'b', 'c'],
  next: afterLast([8, 4, 1, 0], [0, 3, 1, 2], [5, 0, 0, 1], [0, 0, 0, 1]),
  maxTokens: 3,
};

const PAIR: EnumerableTokensOptions = { name: 'pair', tokens: ['a'], next: () => [4, 1], maxTokens: 2 };

export const law: TechniqueLaw = {
  technique: 'topNSigma',
  subjects: { topNSigma: opened(topNSigma({ n: 1 })) },
  exact: [
    ...varied(
      { ...topNSigma.definition.options, model: LETTERS },
      ({ n, model }) =>
        holds(
          `n=${n}: prod p within ${n} sigma, by the last letter`,
          plus(enumerableTokens(lettersOf(model)), topNSigma({ n })),
          () => tokenwise(near(n), lettersOf(model)),
        ),
      [{ n: 1.2 }],
    ),
    ...varied(
      topNSigma.definition.options,
      ({ n }) =>
        holds(`n=${n}: prod p within ${n} sigma`, plus(threeLetters, topNSigma({ n })), () => tokenwise(near(n))),
      [0.5, 1, 2].map((n) => ({ n })),
    ),
    holds('n=1: sigma of the tokens with p > 0', plus(enumerableTokens(SPARSE), topNSigma({ n: 1 })), () =>
      tokenwise(near(1), SPARSE),
    ),
    // Of two logits one deviation is half of what lies between them; that of a sample would be more.
    holds('n=1.5 of two tokens: the likelier', plus(enumerableTokens(PAIR), topNSigma({ n: 1.5 })), () =>
      tokenwise(near(1.5), PAIR),
    ),
    same('n=99 is the base', plus(threeLetters, topNSigma({ n: 99 })), threeLetters),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the variance in place of the deviation',
    file: 'decode/top-n-sigma/top-n-sigma.ts',
    from: 'const sigma = Math.sqrt(',
    to: 'const sigma = (',
  },
];
