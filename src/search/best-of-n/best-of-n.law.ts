/** The law of best-of-n: P(y | s(y)) (F(s(y))^n − F(s(y)⁻)^n). */
import { judge, plus } from '../../core/index.ts';
import { selfRefine } from '../../iterate/self-refine/self-refine.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { finite, normal, numbered } from '../../testing/laws/closed-form.ts';
import { DRAFT, grade, gradeOf, refined, refiner } from '../../testing/laws/refiner.ts';
import { differs, holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { numberIn, scorerOf, scores, table, upTo } from '../../testing/laws/parameters.ts';
import { bestOf, majority, rank, RANKED, rankOf, score, SCORED, SCORES, size } from '../shared/closed-forms.law.ts';
import { mixture } from '../mixture/mixture.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { bestOfN } from './best-of-n.ts';

const base = finite(SCORED);
const short = finite({ a: 4, b: 3, c: 2 });

export const law: TechniqueLaw = {
  technique: 'bestOfN',
  subjects: {
    bestOfN: bestOfN({ n: 4, score: size }),
    'bestOfN with a judge': (model) => bestOfN({ n: 3, score: judge(model, { criteria: 'short, "good"' }) })(model),
    'bestOfN over selfRefine': (model) => plus(model, selfRefine({ rounds: 1 }), bestOfN({ n: 2, score: size })),
  },
  exact: [
    ...varied(
      { n: upTo(6, bestOfN.definition.options.n), model: table(SCORED), scores: scores(SCORES) },
      ({ n, model, scores }) =>
        holds(
          `n=${n}: P(y|s)(F^n - F-^n), ties and no score`,
          plus(finite(model), bestOfN({ n, score: scorerOf(scores) })),
          () => bestOf(normal(model), n, numberIn(scores)),
        ),
      [1, 2, 3, 4].map((n) => ({ n })),
    ),
    holds(
      'a tie goes to the first drawn',
      plus(numbered(), bestOfN({ n: 3, score: () => 1 })),
      () => new Map([['0', 1]]),
    ),
    holds(
      'n=2 over a mixture of a vote of 3 and the base',
      plus(mixture([plus(finite(RANKED), selfConsistency({ n: 3 })), finite(RANKED)]), bestOfN({ n: 2, score: rank })),
      () => {
        const [one, three] = [normal(RANKED), majority(normal(RANKED), 3)];
        return bestOf(new Map([...one].map(([y, q]) => [y, (q + (three.get(y) as number)) / 2])), 2, rankOf);
      },
    ),
    holds('n=2 over selfRefine', plus(refiner(), selfRefine({ rounds: 2 }), bestOfN({ n: 2, score: grade })), () =>
      bestOf(refined(normal(DRAFT), 2), 2, gradeOf),
    ),
    same('n=1 is the base', plus(base, bestOfN({ n: 1, score })), base),
    same(
      'n=2 after n=3 is n=6, without ties',
      plus(short, bestOfN({ n: 3, score: rank }), bestOfN({ n: 2, score: rank })),
      plus(short, bestOfN({ n: 6, score: rank })),
    ),
    same('a model plus nothing is the model', plus(base), base),
    same(
      'plus is associative, over selfRefine and under reRead',
      plus(plus(refiner(), selfRefine({ rounds: 1 })), bestOfN({ n: 2, score: grade }), reRead()),
      plus(refiner(), selfRefine({ rounds: 1 }), (model) => plus(model, bestOfN({ n: 2, score: grade }), reRead())),
    ),
    differs(
      'best-of-n and a vote do not commute',
      plus(short, bestOfN({ n: 2, score: rank }), selfConsistency({ n: 3 })),
      plus(short, selfConsistency({ n: 3 }), bestOfN({ n: 2, score: rank })),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'n-1 draws',
    file: 'search/best-of-n/best-of-n.ts',
    from: 'base.sample({ ...request, n }, context)',
    to: 'base.sample({ ...request, n: Math.max(1, n - 1) }, context)',
  },
  { bug: 'the last of equals', file: 'search/best-of-n/best-of-n.ts', from: 'a > b ||', to: 'a >= b ||' },
  {
    bug: 'a score that is no number wins',
    file: 'search/best-of-n/best-of-n.ts',
    from: '(Number.isNaN(b) && !Number.isNaN(a))',
    to: '(Number.isNaN(a) && !Number.isNaN(b))',
  },
];
