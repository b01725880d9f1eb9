/** The law of a router: Σ_i R(i | x) P_i(y | x). */
import { plus, questionOf, type Model, type Request } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { table, weights } from '../../testing/laws/parameters.ts';
import { mixture } from '../mixture/mixture.ts';
import { CHEAP, cheap, DEAR, dear } from '../shared/three-models.law.ts';
import { route } from './route.ts';

/** Names models by what the question is; some of its replies name none. */
const REPLIES: Distribution = { 'Model: 2': 5, 'I would say **Model 1**': 2, '2.': 1, 'Either.': 2 };
const router = (replies: Distribution): Model =>
  enumerable({
    name: 'router',
    answers: (prompt) => (questionOf(prompt).includes('1. cheap\n2. dear') ? replies : { lost: 1 }),
  });
function byLength({ prompt }: Request): number {
  return questionOf(prompt).length % 2;
}

export const law: TechniqueLaw = {
  technique: 'route',
  subjects: {
    route: {
      transform: (base) => route([base, plus(base, reRead())], { router: base }),
      answers: (prompt) =>
        questionOf(prompt).includes('Which of these models') ? { 'Model: 1': 1, 'Model: 2': 2 } : { '4': 2, '5': 1 },
      preparation: 1,
    },
    'route by a function': {
      transform: (base) => route([base, plus(base, reRead())], { pick: byLength }),
      scope: { functions: { byLength } },
    },
  },
  exact: [
    ...varied(
      {
        replies: weights(REPLIES, 'what the router says'),
        first: table(CHEAP, 'what the first model answers'),
        second: table(DEAR, 'what the second model answers'),
      },
      ({ replies, first, second }) =>
        holds(
          'sum over i of R(i|x) P_i(y|x); without a name it is the first',
          route([finite(first, 'cheap'), finite(second, 'dear')], { router: router(replies) }),
          () => {
            const out = new Map<string, number>();
            const toSecond = [...normal(replies)].reduce((sum, [said, r]) => (said.includes('2') ? sum + r : sum), 0);
            for (const [y, q] of normal(first)) add(out, y, (1 - toSecond) * q);
            for (const [y, q] of normal(second)) add(out, y, toSecond * q);
            return out;
          },
        ),
    ),
    holds('by a function of the question', route([cheap, dear], { pick: byLength }), () =>
      normal('question'.length % 2 === 0 ? CHEAP : DEAR),
    ),
    same(
      'a router that knows nothing is a mixture',
      route([cheap, dear], { router: finite({ 'Model: 1': 1, 'Model: 2': 3 }, 'die') }),
      mixture([cheap, dear], { weights: [1, 3] }),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the router counts from 0',
    file: 'search/route/route.ts',
    from: "if (typeof place === 'number') return place;",
    to: "if (typeof place === 'number') return place + 1;",
  },
];
