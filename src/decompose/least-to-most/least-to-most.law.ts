/** The law of least-to-most: Σ over q, a of P(q | split x) Π_i P(a_i | x, q_1, a_1 .. q_i) P(y | x, q, a). */
import { plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/re-read/re-read.ts';
import type { Distribution, P } from '../../testing/laws/closed-form.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { addWhole, answersTo, solver, takesApart } from '../shared/solver.law.ts';
import { leastToMost } from './least-to-most.ts';

const LISTS: Distribution = { '1. p?\n2. q #1?\n3. end': 3, 'end, at once': 1 };
/** P(list) P(a | p?) P(c | q a?, a) P(y | a, c), and the question as it is where there is no list. */
function inTurn(): P {
  const out = new Map<string, number>();
  addWhole(out, '', 1 / 4);
  for (const [a, pa] of answersTo('p?'))
    for (const [c, pc] of answersTo(`q ${a}? ${a}`)) addWhole(out, `${a} ${c}`, (3 / 4) * pa * pc);
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
  exact: [holds('parts in turn, each in view of the ones before', plus(solver(LISTS), leastToMost()), inTurn)],
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
