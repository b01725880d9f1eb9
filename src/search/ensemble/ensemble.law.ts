/** The law of an ensemble: one vote of each model, and the answer with the most weight is kept. */
import { plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, normal, type P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { CHEAP, cheap, DEAR, dear, MIDDLE, middle } from '../shared/three-models.law.ts';
import { ensemble } from './ensemble.ts';

/** Every answer of each of the three models. A tie goes to the model named first. */
function heaviest(weights: readonly number[]): P {
  const out = new Map<string, number>();
  for (const [x, p] of normal(CHEAP))
    for (const [y, q] of normal(MIDDLE))
      for (const [z, r] of normal(DEAR)) {
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
    ...[
      [1, 1, 1],
      [1, 2, 1.5],
    ].map((weights) =>
      holds(
        `weights ${weights.join()}: one vote each, ties to the first`,
        ensemble([cheap, middle, dear], { weights }),
        () => heaviest(weights),
      ),
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
