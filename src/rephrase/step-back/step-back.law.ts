/** The law of step-back: Σ over q, a of P(q | step back from x) P(a | q) P(y | x, q, a). */
import { plus, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { reRead } from '../re-read/re-read.ts';
import { ANSWER, STEP_BACK, stepBack } from './step-back.ts';

// A more general question of two, each with two answers, and what is answered in the light of each.
const GENERAL: Distribution = { law: 2, fact: 3 };
const PRINCIPLES: Tables = {
  law: { strict: 1, loose: 3 },
  fact: { known: 2, unknown: 1 },
};
const IN_LIGHT: { readonly [general: string]: { readonly [principle: string]: Distribution } } = {
  law: { strict: { x: 5, y: 1 }, loose: { x: 1, y: 1 } },
  fact: { known: { x: 2, z: 1 }, unknown: { z: 1 } },
};
const thinker = (generals: Distribution, principled: Tables): Model =>
  enumerable({
    name: 'thinker',
    answers: {
      [STEP_BACK({ question: 'question' })]: generals,
      ...principled,
      ...Object.fromEntries(
        Object.entries(IN_LIGHT).flatMap(([general, principles]) =>
          Object.entries(principles).map(([principle, answers]) => [
            ANSWER({ question: 'question', general, principle }),
            answers,
          ]),
        ),
      ),
    },
  });

export const law: TechniqueLaw = {
  technique: 'stepBack',
  subjects: {
    stepBack: { transform: (base) => stepBack({ abstractor: reRead()(base) })(base), preparation: 2 },
  },
  exact: [
    ...varied(
      {
        generals: weights(GENERAL, 'which more general question is asked'),
        principled: weightsAfter(PRINCIPLES, 'what is answered to each'),
      },
      ({ generals, principled }) =>
        holds(
          'summed over general questions and their answers',
          plus(thinker(generals, principled), stepBack()),
          () => {
            const out = new Map<string, number>();
            for (const [general, q] of normal(generals))
              for (const [principle, a] of normal(principled[general] as Distribution))
                for (const [y, p] of normal(IN_LIGHT[general]?.[principle] as Distribution)) add(out, y, q * a * p);
            return out;
          },
        ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the principle is not put before the question',
    file: 'rephrase/step-back/step-back.ts',
    from: 'withQuestion(request.prompt, answering.say({ question, general, principle }))',
    to: 'request.prompt',
  },
];
