import {
  shownAs,
  annotate,
  assistant,
  attempt,
  drawOne,
  draftAt,
  fork,
  hostPart,
  InvalidOption,
  option,
  progress,
  promptFor,
  questionOf,
  saying,
  technique,
  textOf,
  withQuestion,
  type Execution,
  type ExecutionFailure,
  type Json,
  type Language,
  type Request,
} from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';
import { blocksIn, programIn, said } from '../../core/reading/index.ts';

/** The tests of the program that answers a request, in its language; nothing where it is just run. */
export type TestsFor = (request: Request) => string | undefined;

/**
 * Has a program written, runs it in the host's sandbox, and has it repaired by what happened, until it passes or `rounds`
 * are over. The answer is the message with the program in it.
 *
 *     P'(y_T) = Σ over y_0 … y_T-1 of P(y_0 | x) Π_t P(y_t+1 | x, y_0, e_0 … y_t, e_t)      e_t: what happened to y_t
 *                                                                             T: the first t that passes, at most R
 *
 * A program is what stands in fenced code blocks of its language; printed output and commands for a shell are none. With `tests` (statements that throw where the program is wrong,
 * run after it in the same place) it passes when all of them ran; without, when it runs to its end. A repair sees all
 * programs so far and what happened to each; what the tests expect it learns from their errors alone. It helps where
 * mistakes show as errors: without tests, a program that runs and answers wrongly passes.
 *
 * Cost: 1 + `rounds` calls, one after the other, and as many runs. At a budget's limit: the last program written.
 * Errors: HostMissing without a sandbox, InvalidOption for a language it does not run.
 * Source: Chen et al., "Teaching large language models to self-debug", 2023.
 */
export const selfDebug = technique({
  name: 'selfDebug',
  room: 'iterate',
  summary: 'write a program, run it, repair it by its errors',
  paper: 'Chen et al., 2023',
  options: {
    language: option.oneOf(['javascript', 'python'], { doc: 'what the program is written in', default: 'javascript' }),
    tests: option.text({ doc: 'statements run after the program, which throw where it is wrong', optional: true }),
    testsFor: option.callback<TestsFor>()({ doc: 'a function from a request to its tests', optional: true }),
    rounds: option.integer({ doc: 'repairs, at most', min: 1, default: 3 }),
    write: option.prompt(['question', 'language'], { doc: 'how the program is asked for' }),
    repair: option.prompt(['question', 'program', 'happened'], { doc: 'how a repair is asked for', bare: true }),
  },
  calls: '1 + rounds',
  rounds: '1 + rounds',
  semantics: ({ rounds }) => ({
    kind: 'exact',
    target: `P repaired up to ${rounds} times where the program fails`,
    why: 'each repair is one draw given the ones before; that a program which passes is right is a rule of thumb',
  }),
  check: ({ tests, testsFor }) =>
    tests !== undefined && testsFor ? { option: 'tests', rule: 'or `testsFor` may be given, not both' } : undefined,
  async run(base, request, context, { language, rounds, tests, testsFor, ...wording }) {
    const sandbox = hostPart(context, 'selfDebug', 'sandbox');
    if (!sandbox.languages.includes(language)) {
      const rule = `must be a language the sandbox ${sandbox.name} runs: ${sandbox.languages.join(', ')}`;
      throw new InvalidOption({ where: 'selfDebug', option: 'language', rule, value: language });
    }
    const writing = promptFor(base, 'selfDebug.write', wording.write, WRITE);
    const repairing = promptFor(base, 'selfDebug.repair', wording.repair, REPAIR);
    const question = questionOf(request.prompt);
    const given = testsFor ? testsFor(request) : tests;
    const asked = withQuestion(request.prompt, writing.say({ question, language }));
    let told = asked;
    let current = await drawOne(base, { ...request, prompt: told }, draftAt(context, 'draft'));
    for (let made = 0; ; made++) {
      const code = codeIn(writing.read(textOf(current.content)), language);
      const program = code === undefined ? undefined : { language, code: tested(code, given, language) };
      const { signal } = context;
      const execution = program && (await attempt(context, stoppable(sandbox.run(program, { signal }), signal)));
      if (program && !execution) return annotate(current, { rounds: made, passed: false }); // no time is left to run it
      const happened = execution ? whatHappened(execution, given !== undefined) : NO_PROGRAM;
      progress(context, `run ${made + 1} of ${rounds + 1}: ${happened ?? 'passed'}`);
      const facts = { rounds: made, passed: happened === undefined };
      if (happened === undefined || made === rounds) return annotate(current, facts);
      const parts = { question, program: code ?? '', happened };
      told = saying(repairing, parts, request.prompt, [...told, assistant(shownAs(current))]);
      const at = fork(context, `round/${made + 1}`);
      const repaired = await attempt(context, drawOne(base, { ...request, prompt: told }, fork(at, 'repair')));
      if (repaired === undefined) return annotate(current, facts);
      current = repaired;
    }
  },
});

/** A value that only a program gives that has come to the end of its tests: one that returns before has not passed. */
const AT_THE_END: Json = 'plusx: all tests ran';

/** The program of a reply. It stands in a fenced block: a reply without one is words. */
const codeIn = (reply: string, language: Language): string | undefined =>
  blocksIn(said(reply)).length > 0 ? programIn(reply, language) : undefined;

function tested(code: string, tests: string | undefined, language: 'javascript' | 'python'): string {
  if (tests === undefined) return code;
  const end = JSON.stringify(AT_THE_END);
  return language === 'javascript' ? `${code}\n;${tests}\n;return ${end};\n` : `${code}\n${tests}\nanswer = ${end}\n`;
}

/** What is told of a run that failed; nothing of one that passed. */
function whatHappened(execution: Execution, hasTests: boolean): string | undefined {
  if (execution.kind === 'value') return hasTests && execution.value !== AT_THE_END ? LEFT_EARLY : undefined;
  const printed = execution.output.trim();
  const message = `${execution.reason === 'thrown' ? '' : `${LIMITS[execution.reason]}: `}${execution.message}`;
  return printed === '' ? message : `${message}\nIt printed:\n${printed.slice(-MOST_PRINTED)}`;
}

const MOST_PRINTED = 2000;
const LIMITS: { readonly [reason in ExecutionFailure]: string } = {
  thrown: 'error',
  syntax: 'syntax error',
  time: 'out of time',
  memory: 'out of memory',
  output: 'too much output',
  unsupported: 'not supported here',
};
const NO_PROGRAM = 'There is no program: it must stand in a fenced code block.';
const LEFT_EARLY = 'The program returned before its tests could run: it must define what is asked for and end there.';
export const WRITE = ({ question, language }: { readonly question: string; readonly language: string }): string =>
  `${question}\n\nReply with the whole program in one fenced code block that starts with \`\`\`${language}.`;
export const REPAIR = ({ happened }: { readonly happened: string }): string =>
  `The program was run, and it failed:\n${happened}\n\nFind the cause, and reply with the whole repaired program in one fenced code block.`;
