/** The law of program-aided answers: Σ over the programs c with run(c) = y of P(c | x). */
import { plus } from '../../core/index.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { holds, type Bug, type TechniqueLaw } from '../../testing/laws/technique-law.ts';
import { programs, table, valued } from '../shared/programs.law.ts';
import { speaker, withAnswer } from '../shared/turns.law.ts';
import { pal } from './pal.ts';

export const law: TechniqueLaw = {
  technique: 'pal',
  subjects: { pal: { transform: pal({ repairs: 2 }), answers: programs, host: table } },
  exact: [0, 1, 2].map((repairs) =>
    holds(
      `repairs=${repairs}: sum over programs by value`,
      hosted(plus(speaker(programs), pal({ repairs })), table),
      () => valued(repairs),
      withAnswer,
    ),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the error of a program is its answer',
    file: 'tools/shared/programs.ts',
    from: "if (execution.kind === 'error') return undefined;",
    to: "if (execution.kind === 'error') return execution.message;",
  },
  {
    bug: 'one repair fewer than allowed',
    file: 'tools/shared/programs.ts',
    from: 'made === repairs',
    to: 'made + 1 >= repairs',
  },
];
