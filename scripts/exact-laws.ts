/**
 * The closed form of every technique's distribution, written down without the technique's code, and the model it is
 * compared with. `exact.test.ts` asserts them, `laws.ts` prints them, the mutant suite runs them over broken copies.
 */
import { plus, type Model } from '../src/core/index.ts';
import { selfRefine } from '../src/iterate/index.ts';
import type { Distribution } from '../src/models/written/enumerable.ts';
import { enumerable } from '../src/models/written/enumerable.ts';
import { rephraseAndRespond, reRead, stepBack } from '../src/rephrase/index.ts';
import { ANSWER as IN_LIGHT, STEP_BACK } from '../src/rephrase/step-back/step-back.ts';
import { REPHRASE, RESPOND } from '../src/rephrase/rephrase-and-respond/rephrase-and-respond.ts';
import { DRAFT, refined, refiner } from '../src/testing/laws/refiner.ts';
import { add, normal, type ExactLaw, type LawSet } from './laws/form.ts';
import * as rooms from './laws/index.ts';

const ONCE: Distribution = { x: 1, y: 3 };
const TWICE: Distribution = { x: 2, y: 1 };
const reader = enumerable({
  name: 'reader',
  answers: { question: ONCE, 'question\nRead the question again: question': TWICE },
});
// A question with two rephrasings, each with answers of its own.
const REPHRASED: { readonly [r: string]: Distribution } = { plain: { x: 4, y: 1 }, odd: { x: 1, z: 2 } };
const rephraser = enumerable({
  answers: {
    [REPHRASE({ question: 'question' })]: { plain: 3, odd: 1 },
    ...Object.fromEntries(
      Object.entries(REPHRASED).map(([r, answers]) => [RESPOND({ question: 'question', rephrased: r }), answers]),
    ),
  },
});
// A more general question of two, each with two answers, and what is answered in the light of each.
const LIGHT: { readonly [general: string]: { readonly [principle: string]: Distribution } } = {
  law: { strict: { x: 5, y: 1 }, loose: { x: 1, y: 1 } },
  fact: { known: { x: 2, z: 1 }, unknown: { z: 1 } },
};
const GENERAL: Distribution = { law: 2, fact: 3 };
const PRINCIPLES: { readonly [general: string]: Distribution } = {
  law: { strict: 1, loose: 3 },
  fact: { known: 2, unknown: 1 },
};
const thoughtful = enumerable({
  answers: {
    [STEP_BACK({ question: 'question' })]: GENERAL,
    ...PRINCIPLES,
    ...Object.fromEntries(
      Object.entries(LIGHT).flatMap(([general, principles]) =>
        Object.entries(principles).map(([principle, answers]) => [
          IN_LIGHT({ question: 'question', general, principle }),
          answers,
        ]),
      ),
    ),
  },
});

const holds = (technique: string, law: string, model: Model, expected: ExactLaw['expected']): ExactLaw => ({
  technique,
  law,
  model,
  expected,
  holds: true,
});
export const BASICS: readonly ExactLaw[] = [
  ...[1, 2, 3].map((rounds) =>
    holds('selfRefine', `rounds=${rounds}: absorbed by the verdict`, plus(refiner(), selfRefine({ rounds })), () =>
      refined(normal(DRAFT), rounds),
    ),
  ),
  holds('selfRefine', 'rounds=2 without a verdict', plus(refiner(), selfRefine({ stop: 'never' })), () =>
    refined(normal(DRAFT), 2, false),
  ),
  holds('reRead', 'P(y | question twice)', plus(reader, reRead()), () => normal(TWICE)),
  holds('rephraseAndRespond', 'sum over r of P(r|x) P(y|x,r)', plus(rephraser, rephraseAndRespond()), () => {
    const out = new Map<string, number>();
    for (const [r, q] of normal({ plain: 3, odd: 1 }))
      for (const [y, w] of normal(REPHRASED[r] as Distribution)) add(out, y, q * w);
    return out;
  }),
  holds('stepBack', 'sum over q, a of P(q|x) P(a|q) P(y|x,q,a)', plus(thoughtful, stepBack()), () => {
    const out = new Map<string, number>();
    for (const [general, q] of normal(GENERAL))
      for (const [principle, a] of normal(PRINCIPLES[general] as Distribution))
        for (const [y, w] of normal(LIGHT[general]?.[principle] as Distribution)) add(out, y, q * a * w);
    return out;
  }),
];

/** All of them: the ones above, then those of each room. */
export const EXACT_LAWS: readonly ExactLaw[] = [
  ...BASICS,
  ...Object.values(rooms as { readonly [room: string]: LawSet }).flatMap(({ exact: laws }) => laws),
];
