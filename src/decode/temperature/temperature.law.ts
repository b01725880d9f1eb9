/** The law of temperature: P(v | prefix)^(1/t) / Z(prefix), token by token. */
import { plus } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { differs, holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { normal } from '../../testing/laws/closed-form.ts';
import { LETTERS, lettersOf, opened, threeLetters, tokenwise, unchanged, type Step } from '../shared/tokenwise.law.ts';
import { temperature } from './temperature.ts';

export const power =
  (alpha: number): Step =>
  (p) =>
    p.map((x) => x ** alpha);

/** All that are likeliest, alike. */
const likeliest: Step = (p) => p.map((x) => Number(x === Math.max(...p)));

/** The power of whole texts, which also weighs how much probability lies behind a token. */
export const poweredTexts = normal(Object.fromEntries([...tokenwise(unchanged)].map(([text, p]) => [text, p ** 2])));

export const law: TechniqueLaw = {
  technique: 'temperature',
  subjects: {
    temperature: opened(temperature({ t: 0.5 })),
    'temperature above 1': opened(temperature({ t: 2 })),
    'temperature 0': opened(temperature({ t: 0 })),
  },
  exact: [
    ...varied(
      { ...temperature.definition.options, model: LETTERS },
      ({ t, model }) =>
        holds(
          `t=${t}: prod p^${1 / t}, by the last letter`,
          plus(enumerableTokens(lettersOf(model)), temperature({ t })),
          () => tokenwise(t === 0 ? likeliest : power(1 / t), lettersOf(model)),
        ),
      [{ t: 0.5 }],
    ),
    ...varied(
      temperature.definition.options,
      ({ t }) =>
        holds(`t=${t}: prod p^${1 / t}`, plus(threeLetters, temperature({ t })), () =>
          tokenwise(t === 0 ? likeliest : power(1 / t)),
        ),
      [0.5, 2].map((t) => ({ t })),
    ),
    holds('t=0: the likeliest token', plus(threeLetters, temperature({ t: 0 })), () => tokenwise(likeliest)),
    holds('t=0.5 twice: prod p^4', plus(threeLetters, temperature({ t: 0.5 }), temperature({ t: 0.5 })), () =>
      tokenwise(power(4)),
    ),
    same('t=1 is the base', plus(threeLetters, temperature({ t: 1 })), threeLetters),
    {
      ...holds('t=0.5 is not P^2 of whole texts', plus(threeLetters, temperature({ t: 0.5 })), () => poweredTexts),
      holds: false,
    },
    differs('t=2 is not the base', plus(threeLetters, temperature({ t: 2 })), threeLetters),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the temperature multiplies',
    file: 'decode/temperature/temperature.ts',
    from: ': logprob / t)',
    to: ': logprob * t)',
  },
];
