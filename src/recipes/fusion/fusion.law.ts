/** The law of fusion: every answer of the panel, every order, and what the judge makes of what it sees. */
import { questionOf, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { add, finite, normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { answersIn, ONE, TWO } from '../shared/panel.law.ts';
import { inForm } from '../shared/replies.law.ts';
import { fusion } from './fusion.ts';

/** A judge that leans towards what it sees first. */
const LEANING: Tables = {
  'a a': { 'Best: A': 1 },
  'a c': { 'Best: A': 3, 'Best: B': 1 },
  'c a': { 'Best: A': 1, 'Best: B': 1 },
  'b a': { 'Best: A': 2, 'Best: B': 3 },
  'a b': { 'Best: A': 1, 'I cannot say.': 1 },
  'b c': { 'Best: B': 1 },
  'c b': { 'Best: A': 5, 'Best: B': 1 },
};
/** What it writes, which depends on both answers and on their order. */
const written = (pair: string): Distribution => ({ u: pair.charCodeAt(0) - 90, v: pair.charCodeAt(2) - 95 });
const judging = (leaning: Tables): Model =>
  enumerable({
    name: 'judge',
    answers: (prompt) => {
      const asked = questionOf(prompt);
      return asked.includes('Best: A') ? (leaning[answersIn(asked)] ?? { lost: 1 }) : written(answersIn(asked));
    },
  });

/** What a judge gives for two answers in an order. */
type Judged = (first: string, second: string) => readonly (readonly [answer: string, p: number])[];

/** Both answers in both orders. */
function fused(one: Distribution, two: Distribution, judged: Judged): P {
  const out = new Map<string, number>();
  for (const [y, p] of normal(one))
    for (const [z, q] of normal(two))
      for (const [first, second] of [
        [y, z],
        [z, y],
      ] as const)
        for (const [answer, r] of judged(first, second)) add(out, answer, (p * q * r) / 2);
  return out;
}

/** The answer under the letter; without a letter, that of the first model. */
const picked =
  (leaning: Tables): Judged =>
  (first, second) =>
    [...normal(leaning[`${first} ${second}`] as Distribution)].map(([reply, r]) => {
      const answer = { 'Best: A': first, 'Best: B': second }[reply];
      return [answer ?? 'b', r]; // the judge only gives up on a b that stands second, and b is the first model's
    });

const PANEL = { one: weights(ONE, 'what the first model answers'), two: weights(TWO, 'what the second model answers') };

export const law: TechniqueLaw = {
  technique: 'fusion',
  subjects: {
    fusion: (base) => fusion([base, reRead()(base), base]),
    'fusion that picks': {
      transform: (base) => fusion([base, reRead()(base), base], { mode: 'pick', judge: reRead()(base) }),
      answers: inForm,
    },
    'fusion with a quorum that everybody meets': (base) =>
      fusion([base, reRead()(base), base], { quorum: 2, graceMs: 60_000 }),
  },
  exact: [
    ...varied(
      { ...PANEL, leaning: weightsAfter(LEANING, 'what the judge says to two answers') },
      ({ one, two, leaning }) =>
        holds(
          'mode="pick": the answer under the letter',
          fusion([finite(one), finite(two)], { mode: 'pick', judge: judging(leaning) }),
          () => fused(one, two, picked(leaning)),
        ),
    ),
    ...varied(PANEL, ({ one, two }) =>
      holds(
        'mode="auto": an answer written from both',
        fusion([finite(one), finite(two)], { judge: judging(LEANING) }),
        () => fused(one, two, (first, second) => [...normal(written(`${first} ${second}`))]),
      ),
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the judge sees the models in their order',
    file: 'recipes/fusion/fusion.ts',
    from: 'shuffled(panel,',
    to: '[...panel]; void (shuffled,',
  },
  {
    bug: 'the letter is read in the order of the models',
    file: 'recipes/fusion/fusion.ts',
    from: "order[typeof at === 'number' ? at : order.indexOf(first)]",
    to: "panel[typeof at === 'number' ? at : 0]",
  },
];
