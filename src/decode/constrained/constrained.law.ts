/** The law of constrained decoding: P(v | prefix, some text of the set starts with prefix v), token by token. */
import { option, plus, type Model } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { holds, type Bug, type ExactLaw, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import {
  opened,
  THREE_LETTERS,
  threeLetters,
  tokenwise,
  TWO_LETTERS,
  twoLetters,
  written,
  type Step,
} from '../shared/tokenwise.law.ts';
import { constrained } from './constrained.ts';

/** What leads to a text of the set, and the end behind one. */
const leading =
  (set: readonly string[], tokens: readonly string[]): Step =>
  (p, prefix) => {
    const text = written(prefix, tokens);
    const fits = (token: number): boolean =>
      token === tokens.length ? set.includes(text) : set.some((one) => one.startsWith(text + tokens[token]));
    return p.map((x, v) => (fits(v) ? x : 0));
  };

/** All texts of three letters, up to three of them. */
const TEXTS = [...tokenwise((p) => p.map(() => 1)).keys()];
export const REGEXES = ['a(b|c)?c?', '(ab|ba|cc)a?', '[^c]{1,3}', 'a?b?c?', '(a|b)c|c(a|ab)?'];
export const matching = (regex: string): readonly string[] =>
  TEXTS.filter((text) => new RegExp(`^(?:${regex})$`).test(text));

export const CHOICES = ['ab', 'a', 'cca', 'b'];

const ofTwo = (regex: string, set: readonly string[]): ExactLaw =>
  holds(
    `/${regex}/: prod p over what leads to an end, by the last letter`,
    plus(twoLetters, constrained({ regex })),
    () => tokenwise(leading(set, TWO_LETTERS.tokens), TWO_LETTERS),
  );
const ofThree = (law: string, model: Model, set: readonly string[]): ExactLaw =>
  holds(law, model, () => tokenwise(leading(set, THREE_LETTERS.tokens)));

export const law: TechniqueLaw = {
  technique: 'constrained',
  subjects: {
    constrained: opened(constrained({ choices: '4|22' })),
    'constrained to a regular expression': opened(constrained({ regex: '[25]{1,2}' })),
    'constrained to JSON': opened(constrained({ json: '{"enum":[5,22]}' })),
  },
  exact: [
    ofTwo('ab?|bb', ['a', 'ab', 'bb']),
    // No token writes c, so b is the way to no text at all.
    ofTwo('a(c|b)|bc+', ['ab']),
    ...varied(
      { regex: option.oneOf(REGEXES, { doc: 'what the text must match' }) },
      ({ regex }) =>
        ofThree(
          `/${regex}/: prod p over what leads to an end`,
          plus(threeLetters, constrained({ regex })),
          matching(regex),
        ),
      REGEXES.map((regex) => ({ regex })),
    ),
    ofThree(
      'choices: prod p over what leads to one',
      plus(threeLetters, constrained({ choices: CHOICES.join('|') })),
      CHOICES,
    ),
    // No token writes q, so y is no way on.
    holds(
      'what the tokens cannot end is not begun',
      plus(
        enumerableTokens({ tokens: ['x', 'y'], next: () => [1, 100, 1], maxTokens: 9 }),
        constrained({ regex: 'x(yy?q|x)' }),
      ),
      () => new Map([['xx', 1]]),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a text may end before it is whole',
    file: 'decode/constrained/constrained.ts',
    from: 'if (at.whole) kept[end]',
    to: 'kept[end]',
  },
  {
    bug: 'a token is kept although it leads to no end',
    file: 'decode/constrained/constrained.ts',
    from: 'ahead.reach(to, push(token)) < left',
    to: 'ahead.reach(to, push(token)) <= Infinity',
  },
];
