/** The law of a program of thoughts: Σ over programs c of P(c | x) P(y | x, c, run(c)). */
import { plus } from '../../core/index.ts';
import { add, normal, type P } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { upTo } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { concluding, PROGRAMMER, programs, table, valued } from '../shared/programs.law.ts';
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
      answers: (prompt) => programs(prompt),
      host: table,
    },
  },
  exact: [
    { conclude: 0, law: 'conclude=0: sum over programs by value', ends: (values: P): P => values },
    { conclude: 1, law: 'conclude=1: sum over c of P(c) P(y | c, run(c))', ends: concluded },
  ].flatMap(({ conclude, law, ends }) =>
    varied(
      { repairs: upTo(3, programOfThoughts.definition.options.repairs), ...PROGRAMMER },
      ({ repairs, first, repaired }) =>
        holds(
          law,
          hosted(
            plus(
              speaker((prompt) => programs(prompt, first, repaired)),
              programOfThoughts({ repairs, conclude }),
            ),
            table,
          ),
          () => ends(valued(repairs, first, repaired)),
          withAnswer,
        ),
      [{ repairs: 1 }],
    ),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'nothing is concluded from a result',
    file: 'tools/program-of-thoughts/program-of-thoughts.ts',
    from: 'if (!conclude || written',
    to: 'if (conclude || written',
  },
];
