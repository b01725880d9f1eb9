/** The law of least-to-most: Σ over q, a of P(q | split x) Π_i P(a_i | x, q_1, a_1 .. q_i) P(y | x, q, a). */
import { plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import { normal, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { weights, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { addWhole, answering, answersTo, solver, takesApart } from '../shared/solver.law.ts';
import { leastToMost } from './least-to-most.ts';

const LISTS: Distribution = { '1. p?\n2. q #1?\n3. end': 3, 'end, at once': 1 };
/** P(list) P(a | p?) P(c | q a?, a) P(y | a, c), and the question as it is where there is no list. */
function inTurn(lists: Distribution, said: Tables): P {
  const [inParts, atOnce] = Object.keys(LISTS).map((list) => normal(lists).get(list) ?? 0) as [number, number];
  const out = new Map<string, number>();
  addWhole(out, '', atOnce);
  for (const [a, pa] of answersTo('p?', said))
    for (const [c, pc] of answersTo(`q ${a}? ${a}`, said)) addWhole(out, `${a} ${c}`, inParts * pa * pc);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'leastToMost',
  subjects: {
    leastToMost: { transform: leastToMost(), answers: takesApart, preparation: 4 },
    'leastToMost with a decomposer': {
      transform: (base) => leastToMost({ most: 3, decomposer: reRead()(base) })(base),
      answers: takesApart,
      preparation: 3,
    },
  },
  exact: varied(
    { lists: weights(LISTS, 'how the question is taken apart'), answers: answering('p', 'q') },
    ({ lists, answers }) =>
      holds('parts in turn, each in view of the ones before', plus(solver(lists, answers), leastToMost()), () =>
        inTurn(lists, answers),
      ),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'what is known is not in view of the next part',
    file: 'decompose/least-to-most/least-to-most.ts',
    from: 'known: shown(known)',
    to: "known: ''",
  },
  {
    bug: 'references are left unfilled',
    file: 'decompose/shared/parts.ts',
    from: 'inSentence(answers[Number(number) - 1])',
    to: 'inSentence(answers[Number(number)])',
  },
];
