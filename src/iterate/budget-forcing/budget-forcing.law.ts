/** The law of budget forcing: Σ over y_0 … y_T-1 of P(y_0 | x) Π_t P(y_t+1 | x, y_t "Wait"), T the first t with enough tokens. */
import { plus, textOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { budgetForcing } from './budget-forcing.ts';

// A text that is written on: after each piece, what may come next. Characters are its tokens.
const PIECES: Distribution = { ab: 4, abcdef: 1, a: 3 };
const LONGER: { readonly [prefix: string]: Distribution } = {
  'ab\nWait': { 'ab\nWait!': 3, 'ab\nWait, no': 1 },
  'a\nWait': { 'a\nWait': 1, 'a\nWait for it': 1 },
  'a\nWait\nWait': { 'a\nWait\nWait?': 1, 'a\nWait\nWait a bit': 2 },
  'ab\nWait!\nWait': { 'ab\nWait!\nWait now': 1, 'ab\nWait!\nWait...': 5 },
};
const ALL: Distribution = Object.fromEntries([PIECES, ...Object.values(LONGER)].flatMap(Object.entries<number>));
/** y ← y where it is long enough, else what begins with y and "Wait", so many times at most. */
function forced(all: Distribution, minTokens: number, waits: number): P {
  const out = new Map<string, number>();
  const visit = (y: string, tokens: number, waited: number, p: number): void => {
    if (tokens >= minTokens || waited === waits) return add(out, y, p);
    const prefix = `${y}\nWait`;
    const next = Object.fromEntries(Object.entries(all).filter(([z]) => z.startsWith(prefix)));
    for (const [z, q] of normal(next)) visit(z, tokens + z.length - prefix.length, waited + 1, p * q);
  };
  for (const [y, p] of normal(all)) visit(y, y.length, 0, p);
  return out;
}

// A model that takes turns: what it says next is made of all that it has said.
const OPENING: Distribution = { a: 2, bcd: 1, ef: 1 };
const turnAfter = (said: readonly string[]): Distribution => ({ g: 1, [said.join('')]: 2 });
function talker(opening: Distribution): Model {
  const { continueFrom: _, ...chat } = enumerable({
    name: 'talker',
    answers(prompt) {
      const said = prompt.filter(({ role }) => role === 'assistant').map(({ content }) => textOf(content));
      return said.length === 0 ? opening : turnAfter(said);
    },
  });
  return { ...chat, can: { ...chat.can, continueFrom: false } };
}
/** The last of as many turns as it takes. */
function talked(opening: Distribution, minTokens: number, waits: number): P {
  const out = new Map<string, number>();
  const visit = (said: readonly string[], p: number): void => {
    const last = said.at(-1) as string;
    if (said.join('').length >= minTokens || said.length > waits) return add(out, last, p);
    for (const [y, q] of normal(turnAfter(said))) visit([...said, y], p * q);
  };
  for (const [y, p] of normal(opening)) visit([y], p);
  return out;
}

const { options } = budgetForcing.definition;

export const law: TechniqueLaw = {
  technique: 'budgetForcing',
  subjects: { budgetForcing: budgetForcing({ minTokens: 3, waits: 3 }) },
  exact: [
    ...varied(
      { minTokens: upTo(4, options.minTokens), waits: upTo(2, options.waits), model: weights(ALL) },
      ({ minTokens, waits, model }) =>
        holds(
          `minTokens=${minTokens}, waits=${waits}: what is too short is written on after "Wait"`,
          plus(enumerable({ name: 'thinker', answers: () => model }), budgetForcing({ minTokens, waits })),
          () => forced(model, minTokens, waits),
        ),
      [
        { minTokens: 3, waits: 1 },
        { minTokens: 3, waits: 2 },
        { minTokens: 4, waits: 2 },
      ],
    ),
    ...varied(
      { minTokens: upTo(12, options.minTokens), waits: upTo(4, options.waits), opening: weights(OPENING) },
      ({ minTokens, waits, opening }) =>
        holds(
          `minTokens=${minTokens}, waits=${waits}: a model that cannot write on is told to in turns`,
          plus(talker(opening), budgetForcing({ minTokens, waits })),
          () => talked(opening, minTokens, waits),
        ),
      [{ minTokens: 6, waits: 3 }],
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'what was written before counts again',
    file: 'iterate/budget-forcing/budget-forcing.ts',
    from: 'tokens += tokensOf(longer,',
    to: 'tokens += tokens + tokensOf(longer,',
  },
  {
    bug: 'just enough is not enough',
    file: 'iterate/budget-forcing/budget-forcing.ts',
    from: 'tokens >= minTokens ||',
    to: 'tokens > minTokens ||',
  },
  {
    bug: 'a turn forgets the earlier ones',
    file: 'iterate/budget-forcing/budget-forcing.ts',
    from: '[...said, assistant(draft)]',
    to: '[...request.prompt, assistant(draft)]',
  },
];
