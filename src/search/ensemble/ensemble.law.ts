/** The law of an ensemble: one vote of each model, and the answer with the most weight is kept. */
import { plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { table } from '../../testing/laws/parameters.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { CHEAP, cheap, DEAR, MIDDLE } from '../shared/three-models.law.ts';
import { ensemble } from './ensemble.ts';

/** Every answer of each of the three models. A tie goes to the model named first. */
function heaviest(weights: readonly number[], models: readonly [Distribution, Distribution, Distribution]): P {
  const [first, second, third] = models;
  const out = new Map<string, number>();
  for (const [x, p] of normal(first))
    for (const [y, q] of normal(second))
      for (const [z, r] of normal(third)) {
        const said = [x, y, z];
        const weight = (one: string): number =>
          said.reduce((sum, other, i) => sum + (other === one ? (weights[i] as number) : 0), 0);
        const most = Math.max(...said.map(weight));
        add(out, said.find((one) => weight(one) === most) as string, p * q * r);
      }
  return out;
}

export const law: TechniqueLaw = {
  technique: 'ensemble',
  subjects: { ensemble: (base) => ensemble([base, plus(base, reRead()), base], { n: 2, weights: [1, 2.5, 0.5] }) },
  exact: [
    ...varied(
      {
        weights: ensemble.definition.options.weights,
        first: table(CHEAP, 'what the first model answers'),
        second: table(MIDDLE, 'what the second model answers'),
        third: table(DEAR, 'what the third model answers'),
      },
      ({ weights, first, second, third }) =>
        holds(
          `weights ${weights.join()}: one vote each, ties to the first`,
          ensemble([finite(first, 'first'), finite(second, 'second'), finite(third, 'third')], { weights }),
          () => heaviest(weights, [first, second, third]),
        ),
      [{ weights: [1, 1, 1] }, { weights: [1, 2, 1.5] }],
    ),
    same('of one model, n=3 is a vote of 3', ensemble([cheap], { n: 3 }), plus(cheap, selfConsistency({ n: 3 }))),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'an ensemble believes all alike',
    file: 'search/ensemble/ensemble.ts',
    from: 'weights?.[i] ?? 1',
    to: 'weights?.[0] ?? 1',
  },
];
