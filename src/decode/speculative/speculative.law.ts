/** The law of speculative decoding: P itself, whatever the draft. */
import { plus, type Model, type Process } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { upTo, weightsAfter } from '../../testing/laws/parameters.ts';
import { afterLast, LETTERS, lettersOf, opened, tokenwise, TWO_LETTERS, unchanged } from '../shared/tokenwise.law.ts';
import { temperature } from '../temperature/temperature.ts';
import { speculative } from './speculative.ts';

export const base = enumerableTokens({ ...TWO_LETTERS, maxTokens: 3 });
/** Never writes one a after another, as the base mostly does. */
export const draft = enumerableTokens({
  ...TWO_LETTERS,
  name: 'draft',
  next: afterLast([3, 1, 1], [0, 2, 1], [1, 2, 0.5]),
  maxTokens: 3,
});
const LETTERS_OF_DRAFT = weightsAfter(
  { nothing: { a: 3, b: 1, end: 1 }, a: { a: 1, b: 2, end: 1 }, b: { a: 1, b: 2, end: 0.5 } },
  'the same for the draft',
);
const cold = plus(base, temperature({ t: 0.5 }));

/** The model with one more token, which has no text and that nobody can write. */
function withControlToken(model: Model, weight: number): Model {
  const also = (state: Process): Process => ({
    ...state,
    vocabulary: [...state.vocabulary, ''],
    next: async () => Float64Array.from([...(await state.next()), Math.log(weight)]),
    async push(token) {
      if (token === state.vocabulary.length) throw new RangeError('a control token adds nothing to a text');
      return also(await state.push(token));
    },
  });
  return { ...model, open: async (request, context) => also((await model.open?.(request, context)) as Process) };
}

export const law: TechniqueLaw = {
  technique: 'speculative',
  subjects: {
    speculative: opened((model) => speculative({ draft: temperature({ t: 2 })(model), ahead: 2 })(model)),
  },
  exact: [
    ...varied(
      { ahead: upTo(4, speculative.definition.options.ahead), model: LETTERS, draft: LETTERS_OF_DRAFT },
      ({ ahead, model, draft }) =>
        holds(
          `ahead=${ahead}: P of two letters`,
          plus(
            enumerableTokens(lettersOf(model)),
            speculative({ draft: enumerableTokens(lettersOf(draft, 'draft')), ahead }),
          ),
          () => tokenwise(unchanged, lettersOf(model)),
        ),
      [{ ahead: 2 }],
    ),
    ...[1, 2, 3, 5].map((ahead) => same(`ahead=${ahead}: P`, plus(base, speculative({ draft, ahead })), base)),
    same('P where the base is transformed itself', plus(cold, speculative({ draft, ahead: 2 })), cold),
    same(
      'P where the draft proposes a token that nobody can write',
      plus(withControlToken(base, 0), speculative({ draft: withControlToken(draft, 0.5), ahead: 2 })),
      base,
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a draft is kept as if it were the base',
    file: 'decode/speculative/speculative.ts',
    from: 'categorical([1 - keep, keep])',
    to: 'categorical([(1 - keep) / 2, (1 + keep) / 2])',
  },
];
