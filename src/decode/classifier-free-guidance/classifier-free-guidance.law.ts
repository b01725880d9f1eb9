/** The law of classifier-free guidance: p(v) (p(v | x) / p(v))^scale / Z(prefix), token by token. */
import { plus, questionOf } from '../../core/index.ts';
import { enumerableTokens, type EnumerableTokensOptions } from '../../models/written/index.ts';
import { differs, holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { weightsAfter } from '../../testing/laws/parameters.ts';
import { LETTERS, lettersOf, opened, share, THREE_LETTERS, tokenwise, type Step } from '../shared/tokenwise.law.ts';
import { classifierFreeGuidance } from './classifier-free-guidance.ts';

const unasked = (prefix: readonly number[]): readonly number[] => [3, 1, 2 + prefix.length, 1];
const ASKED: EnumerableTokensOptions = {
  ...THREE_LETTERS,
  name: 'asked',
  next: (prefix, prompt) => (questionOf(prompt) === '' ? unasked(prefix) : THREE_LETTERS.next(prefix, prompt)),
};
/** Says other things where it is asked nothing. */
export const asked = enumerableTokens(ASKED);

/** Never writes a b where it is asked nothing. */
const blind = enumerableTokens({
  ...ASKED,
  next: (prefix, prompt) => (questionOf(prompt) === '' ? [2, 0, 1, 1] : THREE_LETTERS.next(prefix, prompt)),
});

const LETTERS_UNASKED = weightsAfter(
  { nothing: { a: 3, b: 1, end: 1 }, a: { a: 1, b: 2, end: 1 }, b: { a: 1, b: 2, end: 0.5 } },
  'the same where nothing is asked',
);

export const guided =
  (scale: number): Step =>
  (p, prefix) => {
    const free = share(unasked(prefix));
    return p.map((x, v) => (free[v] as number) * (x / (free[v] as number)) ** scale);
  };

export const law: TechniqueLaw = {
  technique: 'classifierFreeGuidance',
  subjects: { classifierFreeGuidance: opened(classifierFreeGuidance({ scale: 1.5, without: 'Anything' })) },
  exact: [
    ...varied(
      { scale: classifierFreeGuidance.definition.options.scale, model: LETTERS, free: LETTERS_UNASKED },
      ({ scale, model, free }) => {
        const [told, untold] = [lettersOf(model), lettersOf(free)];
        const both = enumerableTokens({
          ...told,
          next: (prefix, prompt) => (questionOf(prompt) === '' ? untold : told).next(prefix, prompt),
        });
        return holds(
          `scale=${scale}: prod p (p(v | x) / p)^${scale}, by the last letter`,
          plus(both, classifierFreeGuidance({ scale })),
          () =>
            tokenwise((p, prefix) => {
              const unasked = share(untold.next(prefix, [])).map((x) => Math.max(x, 1e-12));
              return p.map((x, v) => (unasked[v] as number) * (x / (unasked[v] as number)) ** scale);
            }, told),
        );
      },
      [{ scale: 1.5 }],
    ),
    ...varied(
      { scale: classifierFreeGuidance.definition.options.scale },
      ({ scale }) =>
        holds(`scale=${scale}: prod p (p(v | x) / p)^${scale}`, plus(asked, classifierFreeGuidance({ scale })), () =>
          tokenwise(guided(scale)),
        ),
      [0, 0.5, 1, 1.5, 3].map((scale) => ({ scale })),
    ),
    holds(
      'what is never said without the prompt counts as 1e-12',
      plus(blind, classifierFreeGuidance({ scale: 2 })),
      () => tokenwise((p) => p.map((x, v) => (v === 1 ? x ** 2 / 1e-12 : (x ** 2 / ([2, 0, 1, 1][v] as number)) * 4))),
    ),
    same('scale=1 is the base', plus(asked, classifierFreeGuidance({ scale: 1 })), asked),
    differs('scale=1.5 is not the base', plus(asked, classifierFreeGuidance({ scale: 1.5 })), asked),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the guidance counts from the prompt, not from what is said without it',
    file: 'decode/classifier-free-guidance/classifier-free-guidance.ts',
    from: 'free + (scale === 0',
    to: 'l + (scale === 0',
  },
];
