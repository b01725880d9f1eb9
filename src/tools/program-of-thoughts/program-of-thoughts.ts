import {
  annotate,
  attempt,
  drawOne,
  fork,
  option,
  promptFor,
  questionOf,
  saying,
  technique,
} from '../../core/index.ts';
import { answered, PROGRAM_OPTIONS, writeAndRun } from '../shared/programs.ts';

/**
 * Program of thoughts: the model writes down the computation only, and may say the answer once it is told the result.
 *
 *     P'(y | x) = Σ over programs c of P(c | x) P(y | x, c, run(c))         (conclude=1)
 *
 * With `conclude=0` the result is the answer, as with `pal`; what differs then is what the program is: no reasoning in
 * comments, but the computation with names from the question. With `conclude=1` the result is an intermediate one that
 * the model reads: for questions whose answer is not a value, such as a choice, a sentence, or a unit to be named.
 *
 * Cost: 1 + repairs + conclude calls at most, one after the other. Where no program runs the answer is `null`; a budget
 * that ends before the conclusion leaves the result. Errors: HostMissing without a sandbox, LanguageMissing.
 * Source: Chen et al., "Program of thoughts prompting", 2022.
 */
export const programOfThoughts = technique({
  name: 'programOfThoughts',
  room: 'tools',
  summary: 'write the computation as a program, run it, state the answer',
  paper: 'Chen et al., 2022',
  options: {
    ...PROGRAM_OPTIONS,
    conclude: option.integer({
      doc: 'whether the model states the answer from the result: 1, or 0',
      min: 0,
      max: 1,
      default: 0,
    }),
    answer: option.prompt(['question', 'result'], { doc: 'how the answer is asked for, with conclude=1' }),
  },
  calls: '1 + repairs + conclude',
  rounds: '1 + repairs + conclude',
  semantics: ({ conclude }) => ({
    kind: 'exact',
    target: conclude ? 'sum over programs c of P(c | x) P(y | x, c, run(c))' : 'sum over c with run(c) = y of P(c | x)',
    why: 'draws given the ones before, and the value of a program is a function of it',
  }),
  async run(base, request, context, { conclude, answer: given, ...options }) {
    const wording = { technique: 'programOfThoughts', write: WRITE, repair: REPAIR };
    const written = await writeAndRun(base, request, context, options, wording);
    const result = answered(context, 'programOfThoughts', written);
    if (!conclude || written.answer === undefined) return result;
    const concluding = promptFor(base, 'programOfThoughts.answer', given, ANSWER);
    const parts = { question: questionOf(request.prompt), result: written.answer };
    const prompt = saying(concluding, parts, request.prompt, written.said);
    const last = await attempt(context, drawOne(base, { ...request, prompt }, fork(context, 'conclude')));
    if (last === undefined) return result;
    const { program, repairs } = result.providerMetadata?.['plusx'] ?? {};
    return annotate(last, { program, repairs, result: written.answer });
  },
});

export const WRITE = {
  javascript: ({ question }: { readonly question: string }): string =>
    `${question}\n\nWrite the computation that answers this as the body of a JavaScript function. Name the variables after what the question calls them, compute nothing in your head, write no comments, and end with a return statement. Reply with one code block and nothing else.`,
  python: ({ question }: { readonly question: string }): string =>
    `${question}\n\nWrite the computation that answers this as a Python program. Name the variables after what the question calls them, compute nothing in your head, write no comments, and put the result into a variable named answer. Reply with one code block and nothing else.`,
};
export const REPAIR = ({ error }: { readonly error: string }): string =>
  `Run, the program fails:\n${error}\n\nReply with the whole program, repaired, in one code block and nothing else.`;
export const ANSWER = ({ result }: { readonly result: string }): string =>
  `Run, the program returns: ${result}\n\nWhat is the answer to the question, then? End with "Answer: " and the answer.`;
