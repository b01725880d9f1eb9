/** The law of rejection: P(y) (1 − F(t⁻)^n) / (1 − F(t⁻)) above the threshold, best-of-n below it. */
import { judge, plus } from '../../core/index.ts';
import { finite, normal, sideBySide, type P } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { numberIn, scorerOf, scores, table, upTo } from '../../testing/laws/parameters.ts';
import { bestOfN } from '../best-of-n/best-of-n.ts';
import { bestOf, rank, RANKED, score, SCORED, scoreOf, SCORES, size } from '../shared/closed-forms.law.ts';
import { rejection } from './rejection.ts';

/** Accepted at the first of n draws that scores t or more; with none, the best of what was drawn. */
function accepted(p: P, n: number, t: number, scoreOf: (y: string) => number): P {
  const good = (y: string): boolean => scoreOf(y) >= t;
  const a = [...p].reduce((sum, [y, q]) => (good(y) ? sum + q : sum), 0);
  const best = bestOf(p, n, scoreOf);
  return new Map([...p].map(([y, q]) => [y, good(y) ? (q / a) * (1 - (1 - a) ** n) : (best.get(y) as number)]));
}

const base = finite(SCORED);

export const law: TechniqueLaw = {
  technique: 'rejection',
  subjects: {
    rejection: rejection({ n: 6, score: size, threshold: 5 }),
    'rejection with a judge': (base) => rejection({ n: 3, score: judge(base), threshold: 5 })(base),
    'rejection, three in flight': rejection({ n: 6, score: size, threshold: 5, parallel: 3 }),
  },
  exact: [
    ...varied(
      {
        n: upTo(6, rejection.definition.options.n),
        threshold: rejection.definition.options.threshold,
        model: table(SCORED),
        scores: scores(SCORES),
      },
      ({ n, threshold, model, scores }) =>
        holds(
          `n=${n} threshold=${threshold}`,
          plus(finite(model), rejection({ n, threshold, score: scorerOf(scores) })),
          () => accepted(normal(model), n, threshold, numberIn(scores)),
        ),
      [
        { n: 1, threshold: 2 },
        { n: 3, threshold: 2 },
        { n: 4, threshold: 1 },
        { n: 3, threshold: 9 },
      ],
    ),
    holds('n=3, two in flight', plus(sideBySide(base), rejection({ n: 3, threshold: 2, parallel: 2, score })), () =>
      accepted(normal(SCORED), 3, 2, scoreOf),
    ),
    same(
      'where all is accepted it is the base',
      plus(finite(RANKED), rejection({ score: rank, threshold: 0 })),
      finite(RANKED),
    ),
    same(
      'where nothing is accepted it is best-of-n',
      plus(base, rejection({ n: 3, threshold: 99, score })),
      plus(base, bestOfN({ n: 3, score })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'rejection refuses a score that is just enough',
    file: 'search/rejection/rejection.ts',
    from: '?? -Infinity) >= threshold',
    to: '?? -Infinity) > threshold',
  },
];
