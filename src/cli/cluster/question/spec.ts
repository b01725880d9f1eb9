/** What workers are told of a question whose branches they do: the words of its command line, and the model that they come to. */
import { encodeJson, type Limits, type Model, type Request } from '../../../core/index.ts';
import { compose, type Composed } from '../../compose/compose.ts';
import type { RunOptions } from '../../compose/options.ts';
import { toRequest, type QuestionOptions } from '../../compose/request.ts';
import { UsageError } from '../../failure.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { given, OF_MODELS, OF_REQUESTS } from '../options.ts';
import type { Unit } from '../units.ts';

/** The options that change what comes of a question. */
const SHARED = ['model', 'plus', ...OF_MODELS, ...OF_REQUESTS, 'user'] as const satisfies readonly (keyof Options)[];

/** The only unit of such a run, and what its branches are branches of. */
export const QUESTION: Unit = { item: '', line: 0, parts: [0] };

type Options = RunOptions & QuestionOptions;
type Shared = Pick<Options, (typeof SHARED)[number]>;

export interface QuestionSpec {
  readonly verb: 'ask';
  readonly question: string;
  readonly options: Shared;
  /** The formula, as the coordinator reads these words. */
  readonly name: string;
  readonly seed: number | string;
  readonly budget: Limits;
}

export function questionSpecOf(question: string, model: Model, options: Options): string {
  const { seed = 0, budget: { ms: _, ...budget } = {} } = options;
  const spec: QuestionSpec = {
    verb: 'ask',
    question,
    options: given(options, SHARED),
    name: model.name,
    seed,
    budget,
  };
  return encodeJson(spec);
}

/** The question as this machine has it. Throws where its model is not that of the coordinator. */
export async function openQuestion(
  { question, options, name }: QuestionSpec,
  terminal: Terminal,
): Promise<Pick<Composed, 'model'> & { readonly request: Request }> {
  const { model } = await compose(options, terminal);
  if (model.name !== name)
    throw new UsageError(`Here the model is ${model.name}, and the run is of ${name}: name it with --model.`);
  return { model, request: toRequest(question, options) };
}
