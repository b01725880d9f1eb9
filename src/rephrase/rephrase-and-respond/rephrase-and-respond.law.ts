/** The law of rephrase-and-respond: Σ over r of Q(r | rephrase x) P(y | x, r). */
import { plus } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { add, normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { REPHRASE, rephraseAndRespond, RESPOND } from './rephrase-and-respond.ts';

// A question with two rephrasings, each with answers of its own.
const REPHRASINGS: Distribution = { plain: 3, odd: 1 };
const ANSWERS: { readonly [rephrased: string]: Distribution } = { plain: { x: 4, y: 1 }, odd: { x: 1, z: 2 } };
const rephraser = enumerable({
  name: 'rephraser',
  answers: {
    [REPHRASE({ question: 'question' })]: REPHRASINGS,
    ...Object.fromEntries(
      Object.entries(ANSWERS).map(([rephrased, answers]) => [RESPOND({ question: 'question', rephrased }), answers]),
    ),
  },
});

export const law: TechniqueLaw = {
  technique: 'rephraseAndRespond',
  subjects: { rephraseAndRespond: { transform: rephraseAndRespond(), preparation: 1 } },
  exact: [
    holds('summed over rephrasings, with the question in view', plus(rephraser, rephraseAndRespond()), () => {
      const out = new Map<string, number>();
      for (const [r, q] of normal(REPHRASINGS))
        for (const [y, p] of normal(ANSWERS[r] as Distribution)) add(out, y, q * p);
      return out;
    }),
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
