/** The law of a mixture of agents: a chain of pairs of proposals, and the answer that is written from the last. */
import { questionOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { upTo, weights } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { answersIn, ONE, TWO } from '../shared/panel.law.ts';
import { mixtureOfAgents } from './mixture-of-agents.ts';

/** What an agent answers with a pair of proposals in view. */
const given = (name: string, pair: string): Distribution => ({
  a: pair.charCodeAt(0) - 90,
  c: pair.charCodeAt(2) - 90,
  [name]: 2,
});
const agent = (name: string, first: Distribution): Model =>
  enumerable({
    name,
    answers: (prompt) => {
      const pair = answersIn(questionOf(prompt));
      return pair === '' ? first : given(name, pair);
    },
  });

/** Pairs of proposals from layer to layer; the first agent writes the answer. */
function layered(layers: number, one: Distribution, two: Distribution): P {
  let pairs = new Map<string, number>();
  for (const [y, p] of normal(one)) for (const [z, q] of normal(two)) add(pairs, `${y} ${z}`, p * q);
  for (let layer = 1; layer < layers; layer++) {
    const next = new Map<string, number>();
    for (const [pair, r] of pairs)
      for (const [y, p] of normal(given('m', pair)))
        for (const [z, q] of normal(given('n', pair))) add(next, `${y} ${z}`, r * p * q);
    pairs = next;
  }
  const out = new Map<string, number>();
  for (const [pair, r] of pairs) for (const [y, p] of normal(given('m', pair))) add(out, y, r * p);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'mixtureOfAgents',
  subjects: {
    mixtureOfAgents: (base) => mixtureOfAgents([base, reRead()(base)], { aggregator: reRead()(base) }),
  },
  exact: varied(
    {
      layers: upTo(3, mixtureOfAgents.definition.options.layers),
      one: weights(ONE, 'what the first agent proposes'),
      two: weights(TWO, 'what the second agent proposes'),
    },
    ({ layers, one, two }) =>
      holds(`layers=${layers}`, mixtureOfAgents([agent('m', one), agent('n', two)], { layers }), () =>
        layered(layers, one, two),
      ),
    [1, 2].map((layers) => ({ layers })),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'only the first proposal of a layer is shown',
    file: 'recipes/mixture-of-agents/mixture-of-agents.ts',
    from: 'proposals = made;',
    to: 'proposals = made.slice(0, 1);',
  },
  {
    bug: 'the models of a layer draw at one address',
    file: 'recipes/mixture-of-agents/mixture-of-agents.ts',
    from: 'fork(inner, `model/${i}`)',
    to: 'fork(inner, `model/0`)',
  },
];
