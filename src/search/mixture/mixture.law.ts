/** The law of a mixture: Σ w_i P_i(y) / Σ w_i. */
import { plus, questionOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { table } from '../../testing/laws/parameters.ts';
import { RANKED, SCORED } from '../shared/closed-forms.law.ts';
import { mixture } from './mixture.ts';

const SHARP: Distribution = { a: 8, b: 1.5, c: 0.5 };
// What the same model says to a question, and to one that it reads twice.
const ONCE: Distribution = { a: 3, b: 1 };
const TWICE: Distribution = { b: 2, c: 3 };
const reader = enumerable({
  name: 'reader',
  answers: (prompt) => (questionOf(prompt) === 'question' ? ONCE : TWICE),
});

function mixed(parts: readonly (readonly [weight: number, Distribution])[]): P {
  const total = parts.reduce((sum, [weight]) => sum + weight, 0);
  const out = new Map<string, number>();
  for (const [weight, answers] of parts) for (const [y, q] of normal(answers)) add(out, y, (weight * q) / total);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'mixture',
  subjects: { mixture: (model) => mixture([model, plus(model, reRead())], { weights: [1, 2.5] }) },
  exact: [
    ...varied(
      {
        weights: mixture.definition.options.weights,
        first: table(SCORED, 'what the first model answers'),
        second: table(RANKED, 'what the second model answers'),
        third: table(SHARP, 'what the third model answers'),
      },
      ({ weights, first, second, third }) =>
        holds('of three models', mixture([finite(first), finite(second), finite(third)], { weights }), () =>
          mixed([first, second, third].map((answers, i) => [weights[i] ?? 0, answers])),
        ),
      [{ weights: [1, 2.5, 0.5] }],
    ),
    holds(
      'of the same model in two wordings: each wording has its own distribution',
      mixture([reader, plus(reader, reRead())], { weights: [1, 3] }),
      () =>
        mixed([
          [1, ONCE],
          [3, TWICE],
        ]),
    ),
    same('of one model is the model', mixture([finite(SCORED)]), finite(SCORED)),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'weights of a mixture are left out',
    file: 'search/mixture/mixture.ts',
    from: 'context.choice.categorical(weights)',
    to: 'context.choice.categorical(weights.map(() => 1))',
  },
];
