/** The law of a program of thoughts: Σ over programs c of P(c | x) P(y | x, c, run(c)). */
import { plus } from '../../core/index.ts';
import { add, normal, type P } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { concluding, programs, table, valued } from '../shared/programs.law.ts';
import { isUnanswered, speaker, withAnswer } from '../shared/turns.law.ts';
import { programOfThoughts } from './program-of-thoughts.ts';

/** What is concluded from each value; without one there is no conclusion. */
function concluded(values: P): P {
  const out = new Map<string, number>();
  for (const [value, q] of values)
    if (isUnanswered(value)) add(out, value, q);
    else for (const [text, p] of normal(concluding(value))) add(out, text, q * p);
  return out;
}

export const law: TechniqueLaw = {
  technique: 'programOfThoughts',
  subjects: {
    programOfThoughts: {
      transform: programOfThoughts({ repairs: 1, conclude: 1 }),
      answers: programs,
      host: table,
    },
  },
  exact: [
    holds(
      'conclude=0: sum over programs by value',
      hosted(plus(speaker(programs), programOfThoughts({ repairs: 1, conclude: 0 })), table),
      () => valued(1),
      withAnswer,
    ),
    holds(
      'conclude=1: sum over c of P(c) P(y | c, run(c))',
      hosted(plus(speaker(programs), programOfThoughts({ repairs: 1, conclude: 1 })), table),
      () => concluded(valued(1)),
      withAnswer,
    ),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'nothing is concluded from a result',
    file: 'tools/program-of-thoughts/program-of-thoughts.ts',
    from: 'if (!conclude || written',
    to: 'if (conclude || written',
  },
];
