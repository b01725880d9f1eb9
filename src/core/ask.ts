/** The front door: one question to a model, with everything a run may need given once. */
import { CONTEXT_OPTIONS, rootScope, type ContextOptions, type Scope } from './context/context.ts';
import { checkNames } from './formula/nearest.ts';
import { toRequest, type Input } from './input.ts';
import { textOf } from './message.ts';
import { checkModel, type Model, type StreamPart } from './model.ts';
import { REQUEST_FIELDS, type Sample, type Sampled } from './sample.ts';
import { streamOf } from './stream.ts';
import type { Span } from './context/trace.ts';

/** The answer to a question, with what it took. */
export interface Answer extends Sampled {
  /** Text of the first sample. */
  readonly text: string;
  readonly sample: Sample;
  /** The tree of calls, where `trace: true` asked for it. */
  readonly trace: Span | undefined;
}

/** Asks a model. Same `seed` (default 0), same answer. Throws BudgetExceeded only if the budget allows no answer at all. */
export async function ask(model: Model, input: Input, options: ContextOptions = {}): Promise<Answer> {
  checkModel('ask', model);
  const { context, close } = open('ask', input, options);
  try {
    const sampled = await model.sample(toRequest(input), context);
    const [sample] = sampled.samples as [Sample];
    return {
      ...sampled,
      sample,
      text: textOf(sample.content),
      trace: finished(context.span, context.clock.now(), sampled),
    };
  } finally {
    close();
  }
}

/** Asks a model and yields the answer as it comes about. Leaving the loop cancels what is in flight. */
export async function* stream(model: Model, input: Input, options: ContextOptions = {}): AsyncGenerator<StreamPart> {
  checkModel('stream', model);
  const { context, close } = open('stream', input, options);
  try {
    for await (const part of streamOf(model, toRequest(input), context)) {
      if (part.type === 'finish') finished(context.span, context.clock.now(), part.sampled);
      yield part;
    }
  } finally {
    close();
  }
}

/** What is misspelt is refused: a limit or a length that nobody reads would be none. */
function open(where: string, input: Input, options: ContextOptions): Scope {
  checkNames(where, options, CONTEXT_OPTIONS);
  if (typeof input === 'object' && !Array.isArray(input)) checkNames('request', input, REQUEST_FIELDS);
  return rootScope(options);
}

function finished(span: Span | undefined, end: number, { usage }: Sampled): Span | undefined {
  if (!span) return undefined;
  span.end = end;
  span.status = 'ok';
  span.usage = usage;
  return span;
}
