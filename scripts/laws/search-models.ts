/** Laws of several models: one after the other until one is sure, and one that is named for the question. */
import { plus, questionOf, scorer, textOf, type Model, type Request } from '../../src/core/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import { reRead } from '../../src/rephrase/index.ts';
import { cascade, ensemble, mixture, route, selfConsistency } from '../../src/search/index.ts';
import { exact } from '../../src/testing/laws/exact.ts';
import { add, finite, normal, type LawSet, type P } from './form.ts';

const CHEAP: Distribution = { a: 5, b: 3, cc: 2 };
const DEAR: Distribution = { a: 1, b: 8, d: 1 };
const MIDDLE: Distribution = { a: 2, d: 3 };
const cheap = finite(CHEAP, 'cheap');
const middle = finite(MIDDLE, 'middle');
const dear = finite(DEAR, 'dear');
const rank = scorer('rank', ({ content }) => ({ a: 0.2, b: 0.9 })[textOf(content)] ?? Number.NaN);

/** Mass that passes is kept, the rest is drawn anew from the next model. */
function passing(stages: readonly (readonly [P, (y: string) => boolean])[], last: P): P {
  const out = new Map<string, number>();
  let left = 1;
  for (const [p, accepts] of stages) {
    let refused = 0;
    for (const [y, q] of p)
      if (accepts(y)) add(out, y, left * q);
      else refused += q;
    left *= refused;
  }
  for (const [y, q] of last) add(out, y, left * q);
  return out;
}

/** A vote of three: with two or three alike it is accepted at a share of .6, else the dear model is asked. */
function votedThenDear(): P {
  const [p, q] = [normal(CHEAP), normal(DEAR)];
  const out = new Map<string, number>();
  let unsure = 1;
  for (const [y, x] of p) {
    const sure = x ** 3 + 3 * x ** 2 * (1 - x);
    add(out, y, sure);
    unsure -= sure;
  }
  for (const [y, x] of q) add(out, y, unsure * x);
  return out;
}

/** Names models by what the question is; some of its replies name none. */
const REPLIES: Distribution = { 'Model: 2': 5, 'I would say **Model 1**': 2, '2.': 1, 'Either.': 2 };
const router = enumerable({
  name: 'router',
  answers: (prompt) => (questionOf(prompt).includes('1. cheap\n2. dear') ? REPLIES : { lost: 1 }),
});
export function byLength({ prompt }: Request): number {
  return questionOf(prompt).length % 2;
}

// The same model asked in two ways.
const ONCE: Distribution = { a: 3, b: 1 };
const TWICE: Distribution = { b: 2, c: 3 };
const reader = enumerable({
  name: 'reader',
  answers: (prompt) => (questionOf(prompt) === 'question' ? ONCE : TWICE),
});

const law = (technique: string, name: string, model: Model, expected: () => P | Promise<P>) => ({
  technique,
  law: name,
  model,
  expected,
  holds: true,
});

export const models: LawSet = {
  subjects: {
    cascade: (base) => cascade([plus(base, selfConsistency({ n: 3 })), plus(base, reRead())], { threshold: 0.8 }),
    'cascade by score': (base) =>
      cascade([base, plus(base, reRead())], {
        by: 'score',
        threshold: 5,
        score: scorer('size', ({ content }) => Number(textOf(content))),
      }),
    'cascade by logprob': (base) => cascade([base, plus(base, reRead())], { by: 'logprob', threshold: 0.65 }),
    ensemble: (base) => ensemble([base, plus(base, reRead()), base], { n: 2, weights: [1, 2.5, 0.5] }),
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
    law(
      'cascade',
      'by share: a vote of three is believed where two agree',
      cascade([plus(cheap, selfConsistency({ n: 3 })), dear], { threshold: 0.6 }),
      votedThenDear,
    ),
    law(
      'cascade',
      'by score, three models, one of them unable to say',
      cascade([cheap, middle, dear], { by: 'score', score: rank, threshold: 0.9 }),
      () =>
        passing(
          [
            [normal(CHEAP), (y) => y === 'b'],
            [normal(MIDDLE), () => false],
          ],
          normal(DEAR),
        ),
    ),
    law(
      'cascade',
      'by logprob: the geometric mean of a text, whatever its length',
      cascade([cheap, dear], { by: 'logprob', threshold: 0.4 }),
      // .5, .3 and, of two tokens, the root of .2
      () => passing([[normal(CHEAP), (y) => y !== 'b']], normal(DEAR)),
    ),
    law('route', 'sum over i of R(i|x) P_i(y|x), no name being the first', route([cheap, dear], { router }), () => {
      const out = new Map<string, number>();
      for (const [y, q] of normal(CHEAP)) add(out, y, 0.4 * q);
      for (const [y, q] of normal(DEAR)) add(out, y, 0.6 * q);
      return out;
    }),
    law('route', 'by a function of the question', route([cheap, dear], { pick: byLength }), () =>
      normal('question'.length % 2 === 0 ? CHEAP : DEAR),
    ),
    ...[
      [1, 1, 1],
      [1, 2, 1.5],
    ].map((weights) =>
      law(
        'ensemble',
        `weights ${weights.join()}: one vote each, ties to the first`,
        ensemble([cheap, middle, dear], { weights }),
        () => {
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
        },
      ),
    ),
    law('identity', 'ensemble of one, n=3 = vote_3', ensemble([cheap], { n: 3 }), () =>
      exact(plus(cheap, selfConsistency({ n: 3 }))),
    ),
    law('identity', 'cascade of one = base', cascade([cheap]), () => exact(cheap)),
    law(
      'identity',
      'a cascade that accepts all is its first model, one that accepts nothing its last',
      mixture([
        cascade([cheap, dear], { by: 'logprob', threshold: 0 }),
        cascade([cheap, dear], { by: 'logprob', threshold: 1.1 }),
      ]),
      () => exact(mixture([cheap, dear])),
    ),
    law(
      'identity',
      'a router that knows nothing is a mixture',
      route([cheap, dear], { router: finite({ 'Model: 1': 1, 'Model: 2': 3 }, 'die') }),
      () => exact(mixture([cheap, dear], { weights: [1, 3] })),
    ),
    law(
      'mixture',
      'of the same model in two wordings: each wording has its own distribution',
      mixture([reader, plus(reader, reRead())], { weights: [1, 3] }),
      () => {
        const out = new Map<string, number>();
        for (const [y, q] of normal(ONCE)) add(out, y, q / 4);
        for (const [y, q] of normal(TWICE)) add(out, y, (3 * q) / 4);
        return out;
      },
    ),
  ],
  mutants: [
    {
      bug: 'a cascade refuses what is just sure enough',
      file: 'search/cascade/cascade.ts',
      from: 'sure >= options.threshold',
      to: 'sure > options.threshold',
    },
    {
      bug: 'a cascade believes who cannot say how sure it is',
      file: 'search/cascade/cascade.ts',
      from: 'Number.isNaN(known) ? -Infinity : known',
      to: 'Number.isNaN(known) ? Infinity : known',
    },
    {
      bug: 'an ensemble believes all alike',
      file: 'search/ensemble/ensemble.ts',
      from: 'weights?.[i] ?? 1',
      to: 'weights?.[0] ?? 1',
    },
    {
      bug: 'the router counts from 0',
      file: 'search/route/route.ts',
      from: 'Number(number?.[1] ?? 0) - 1',
      to: 'Number(number?.[1] ?? 0)',
    },
  ],
};
