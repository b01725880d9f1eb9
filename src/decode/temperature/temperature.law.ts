/** The law of temperature: P(v | prefix)^(1/t) / Z(prefix), token by token. */
import { plus } from '../../core/index.ts';
import { differs, holds, same, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { normal } from '../../testing/laws/closed-form.ts';
import {
  opened,
  threeLetters,
  tokenwise,
  TWO_LETTERS,
  twoLetters,
  unchanged,
  type Step,
} from '../shared/tokenwise.law.ts';
import { temperature } from './temperature.ts';

export const power =
  (alpha: number): Step =>
  (p) =>
    p.map((x) => x ** alpha);

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
    holds('t=0.5: prod p^2, by the last letter', plus(twoLetters, temperature({ t: 0.5 })), () =>
      tokenwise(power(2), TWO_LETTERS),
    ),
    ...[0.5, 2].map((t) =>
      holds(`t=${t}: prod p^${1 / t}`, plus(threeLetters, temperature({ t })), () => tokenwise(power(1 / t))),
    ),
    holds('t=0: the likeliest token', plus(threeLetters, temperature({ t: 0 })), () =>
      tokenwise((p) => p.map((x) => Number(x === Math.max(...p)))),
    ),
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
