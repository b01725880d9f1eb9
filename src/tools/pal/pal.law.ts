/** The law of program-aided answers: Σ over the programs c with run(c) = y of P(c | x). */
import { plus } from '../../core/index.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { upTo } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { PROGRAMMER, programs, table, valued } from '../shared/programs.law.ts';
import { speaker, withAnswer } from '../shared/turns.law.ts';
import { pal } from './pal.ts';

export const law: TechniqueLaw = {
  technique: 'pal',
  subjects: { pal: { transform: pal({ repairs: 2 }), answers: (prompt) => programs(prompt), host: table } },
  exact: varied(
    { repairs: upTo(3, pal.definition.options.repairs), ...PROGRAMMER },
    ({ repairs, first, repaired }) =>
      holds(
        `repairs=${repairs}: sum over programs by value`,
        hosted(
          plus(
            speaker((prompt) => programs(prompt, first, repaired)),
            pal({ repairs }),
          ),
          table,
        ),
        () => valued(repairs, first, repaired),
        withAnswer,
      ),
    [0, 1, 2].map((repairs) => ({ repairs })),
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
