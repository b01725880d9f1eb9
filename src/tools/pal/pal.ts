import { technique } from '../../core/index.ts';
import { answered, PROGRAM_OPTIONS, writeAndRun } from '../shared/programs.ts';

/**
 * Program-aided language model: the model reasons by writing a program, and the answer is what the program returns.
 *
 *     P'(y | x) = Σ over programs c with run(c) = y of P(c | x)
 *
 * Understanding the question is the model's part, computing is the machine's: the gain grows with the size of the
 * numbers. It hurts where a question has no program, and where a program with a slip gives a wrong answer with full
 * certainty. With `repairs` an error is put back to the model; where no program runs the answer is `null`.
 *
 * Cost: 1 + repairs calls at most, one after the other, and a run in the sandbox each. Errors: HostMissing without a
 * sandbox, LanguageMissing where it has no such language.
 * Source: Gao, Madaan et al., "PAL: program-aided language models", 2022.
 */
export const pal = technique({
  name: 'pal',
  room: 'tools',
  summary: 'reason by writing a program; what it returns is the answer',
  paper: 'Gao, Madaan et al., 2022',
  options: PROGRAM_OPTIONS,
  calls: '1 + repairs',
  rounds: '1 + repairs',
  semantics: ({ repairs }) => ({
    kind: 'exact',
    target: `sum over programs c with run(c) = y of P(c | x)${repairs > 0 ? `, up to ${repairs} repairs` : ''}`,
    why: 'one draw of a program, and the value of a program is a function of it',
  }),
  async run(base, request, context, options) {
    const wording = { technique: 'pal', write: WRITE, repair: REPAIR };
    return answered(context, 'pal', await writeAndRun(base, request, context, options, wording));
  },
});

export const WRITE = {
  javascript: ({ question }: { readonly question: string }): string =>
    `${question}\n\nAnswer by writing the body of a JavaScript function that returns the answer. Reason in the program: one step a line, each with a variable that says what it is and a comment that says why. Leave all computing to the program, and end it with a return statement. Reply with one code block and nothing else.`,
  python: ({ question }: { readonly question: string }): string =>
    `${question}\n\nAnswer by writing a Python program. Reason in the program: one step a line, each with a variable that says what it is and a comment that says why. Leave all computing to the program, and put the answer into a variable named answer at its end. Reply with one code block and nothing else.`,
};
export const REPAIR = ({ error }: { readonly error: string }): string =>
  `Run, the program fails:\n${error}\n\nReply with the whole program, repaired, in one code block and nothing else.`;
