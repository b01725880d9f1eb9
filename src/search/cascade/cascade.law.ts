/** The law of a cascade: the mass that passes at a model is kept, the rest is drawn anew from the next one. */
import { judge, plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type P } from '../../testing/laws/closed-form.ts';
import { numberIn, scorerOf, scores, table } from '../../testing/laws/parameters.ts';
import { holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { mixture } from '../mixture/mixture.ts';
import { selfConsistency } from '../self-consistency/self-consistency.ts';
import { size } from '../shared/closed-forms.law.ts';
import { CHEAP, cheap, DEAR, dear, MIDDLE } from '../shared/three-models.law.ts';
import { cascade } from './cascade.ts';

const RANKS = scores({ a: 0.2, b: 0.9 });
const FIRST = table(CHEAP, 'what the first model answers');
const LAST = table(DEAR, 'what the last model answers');
const { threshold } = cascade.definition.options;

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
function votedThenDear(cheap: P, dear: P): P {
  const out = new Map<string, number>();
  let unsure = 1;
  for (const [y, x] of cheap) {
    const sure = x ** 3 + 3 * x ** 2 * (1 - x);
    add(out, y, sure);
    unsure -= sure;
  }
  for (const [y, x] of dear) add(out, y, unsure * x);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'cascade',
  subjects: {
    cascade: (base) => cascade([plus(base, selfConsistency({ n: 3 })), plus(base, reRead())], { threshold: 0.8 }),
    'cascade by score': (base) => cascade([base, plus(base, reRead())], { by: 'score', threshold: 5, score: size }),
    'cascade by the score of a judge': (base) =>
      cascade([base, plus(base, reRead())], { by: 'score', threshold: 5, score: judge(base) }),
    'cascade by logprob': (base) => cascade([base, plus(base, reRead())], { by: 'logprob', threshold: 0.65 }),
  },
  exact: [
    ...varied({ first: FIRST, last: LAST }, ({ first, last }) =>
      holds(
        'by share: a vote of three is believed where two agree',
        cascade([plus(finite(first), selfConsistency({ n: 3, extract: 'text' })), finite(last)], { threshold: 0.6 }),
        () => votedThenDear(normal(first), normal(last)),
      ),
    ),
    ...varied(
      { threshold, first: FIRST, second: table(MIDDLE, 'what the second model answers'), last: LAST, scores: RANKS },
      ({ threshold, first, second, last, scores }) =>
        holds(
          'by score, three models, one of them unable to say',
          cascade([finite(first), finite(second), finite(last)], { by: 'score', score: scorerOf(scores), threshold }),
          () => {
            const passes = (y: string): boolean => numberIn(scores)(y) >= threshold;
            return passing(
              [
                [normal(first), passes],
                [normal(second), passes],
              ],
              normal(last),
            );
          },
        ),
      [{ threshold: 0.9 }],
    ),
    holds(
      'by logprob: the geometric mean of a text, whatever its length',
      cascade([cheap, dear], { by: 'logprob', threshold: 0.4 }),
      // .5, .3 and, of two tokens, the root of .2
      () => passing([[normal(CHEAP), (y) => y !== 'b']], normal(DEAR)),
    ),
    same('of one model is the model', cascade([cheap]), cheap),
    same(
      'one that accepts all is its first model, one that accepts nothing its last',
      mixture([
        cascade([cheap, dear], { by: 'logprob', threshold: 0 }),
        cascade([cheap, dear], { by: 'logprob', threshold: 1.1 }),
      ]),
      mixture([cheap, dear]),
    ),
  ],
};

export const bugs: readonly Bug[] = [
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
    bug: 'all models draw at one address',
    file: 'search/cascade/cascade.ts',
    from: '`model/${i}`',
    to: '`model/0`',
  },
];
