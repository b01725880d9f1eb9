/** The law of rephrase-and-respond: Σ over r of Q(r | rephrase x) P(y | x, r). */
import { plus, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { REPHRASE, rephraseAndRespond, RESPOND } from './rephrase-and-respond.ts';

// A question with two rephrasings, each with answers of its own.
const REPHRASINGS: Distribution = { plain: 3, odd: 1 };
const ANSWERS: Tables = { plain: { x: 4, y: 1 }, odd: { x: 1, z: 2 } };
const rephraser = (rephrasings: Distribution, answers: Tables): Model =>
  enumerable({
    name: 'rephraser',
    answers: {
      [REPHRASE({ question: 'question' })]: rephrasings,
      ...Object.fromEntries(
        Object.entries(answers).map(([rephrased, said]) => [RESPOND({ question: 'question', rephrased }), said]),
      ),
    },
  });

export const law: TechniqueLaw = {
  technique: 'rephraseAndRespond',
  subjects: { rephraseAndRespond: { transform: rephraseAndRespond(), preparation: 1 } },
  exact: [
    ...varied(
      {
        rephrasings: weights(REPHRASINGS, 'how the question is rephrased'),
        answers: weightsAfter(ANSWERS, 'what is answered to each'),
      },
      ({ rephrasings, answers }) =>
        holds(
          'summed over rephrasings, with the question in view',
          plus(rephraser(rephrasings, answers), rephraseAndRespond()),
          () => {
            const out = new Map<string, number>();
            for (const [r, q] of normal(rephrasings))
              for (const [y, p] of normal(answers[r] as Distribution)) add(out, y, q * p);
            return out;
          },
        ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the rephrased question is answered alone',
    file: 'rephrase/rephrase-and-respond/rephrase-and-respond.ts',
    from: 'respond.say({ question, rephrased })',
    to: 'rephrased',
  },
];
