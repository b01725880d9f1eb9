/** Programs written by a model and run in the host's sandbox: what `pal` and `programOfThoughts` share. */
import {
  inProse,
  assistant,
  attempt,
  canonicalJson,
  drawOne,
  fork,
  hostPart,
  LanguageMissing,
  LANGUAGES,
  option,
  progress,
  promptFor,
  questionOf,
  recorded,
  saying,
  textOf,
  withQuestion,
  type Context,
  type Execution,
  type Json,
  type Language,
  type Message,
  type Model,
  type Options,
  type Request,
  type Sample,
} from '../../core/index.ts';
import { programIn } from '../../core/reading/index.ts';

export const PROGRAM_OPTIONS = {
  language: option.oneOf(LANGUAGES, { doc: 'what the program is written in', default: 'javascript' }),
  repairs: option.integer({ doc: 'times an error is put back to the model, at most', min: 0, default: 0 }),
  write: option.prompt(['question'], { doc: 'how the program is asked for' }),
  repair: option.prompt(['question', 'program', 'error'], { doc: 'how an error is put back', bare: true }),
};

/** A program that ran, or the last one that did not. */
export interface Written {
  readonly sample: Sample;
  readonly code: string;
  readonly repairs: number;
  /** Its value as an answer; nothing where no program gave one. */
  readonly answer: string | undefined;
  /** The conversation up to the program. */
  readonly said: readonly Message[];
}

interface Wording {
  readonly technique: string;
  readonly write: { readonly [language in Language]: (parts: { readonly question: string }) => string };
  readonly repair: (parts: { readonly error: string }) => string;
}

/** Has a program written and runs it; an error goes back to the model as often as `repairs` allows. */
export async function writeAndRun(
  base: Model,
  request: Request,
  context: Context,
  { language, repairs, ...given }: Options<typeof PROGRAM_OPTIONS>,
  { technique, write, repair }: Wording,
): Promise<Written> {
  const sandbox = hostPart(context, technique, 'sandbox');
  if (!sandbox.languages.includes(language)) throw new LanguageMissing({ sandbox: sandbox.name, language });
  const writing = promptFor(base, `${technique}.write`, given.write, write[language]);
  const repairing = promptFor(base, `${technique}.repair`, given.repair, repair);
  const open = inProse(request); // a program is prose
  const question = questionOf(request.prompt);
  let prompt = withQuestion(request.prompt, writing.say({ question }));
  let sample = await drawOne(base, { ...open, prompt }, fork(context, 'attempt/1'));
  for (let made = 0; ; made++) {
    const program = writing.read(textOf(sample.content));
    const code = programIn(program, language) ?? '';
    const run = fork(fork(context, `attempt/${made + 1}`), 'run');
    const work = recorded<Json>(run, canonicalJson({ technique, language, code }), async () => {
      const ended = await sandbox.run({ language, code }, { signal: context.signal });
      return { ...ended };
    });
    const ended = (await attempt(context, work)) as Execution | undefined;
    if (!ended) return { sample, code, repairs: made, answer: undefined, said: [...prompt, assistant(program)] }; // no time is left to run it
    const answer = answerOf(ended);
    const said = [...prompt, assistant(program)];
    const error = errorOf(ended);
    progress(context, answer === undefined ? `program ${made + 1}: ${error}` : `the program's value: ${answer}`);
    const written: Written = { sample, code, repairs: made, answer, said };
    if (answer !== undefined || made === repairs) return written;
    prompt = saying(repairing, { question, program, error }, request.prompt, said);
    const next = await attempt(context, drawOne(base, { ...open, prompt }, fork(context, `attempt/${made + 2}`)));
    if (next === undefined) return written;
    sample = next;
  }
}

/** Numbers to 15 digits, which leaves out what floating point made up; anything but a plain value as JSON. */
function answerOf(execution: Execution): string | undefined {
  if (execution.kind === 'error') return undefined;
  const { value } = execution;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return String(Number(value.toPrecision(15)));
  return typeof value === 'string' ? value.trim() || undefined : canonicalJson(value);
}

function errorOf(execution: Execution): string {
  return execution.kind === 'error' ? execution.message : 'The program ran and gave no value.';
}

/** The answer as a sample, with the program it came from; without one it is the program itself, and no answer. */
export function answered(context: Context, technique: string, { sample, answer, code, repairs }: Written): Sample {
  const { logprob: _logprob, tokens: _tokens, written: _written, ...rest } = sample; // they were the program's
  if (answer === undefined)
    context.ledger.warn({
      code: 'no-program-ran',
      message: `${technique}: no program ran to a value, so there is no answer. Raise \`repairs\`, or see the trace.`,
    });
  return {
    ...rest,
    ...(answer !== undefined && { content: [{ type: 'text', text: answer }] }),
    answer: answer ?? null,
    providerMetadata: {
      ...sample.providerMetadata,
      plusx: { ...sample.providerMetadata?.['plusx'], program: code, repairs },
    },
  };
}
