/** A model and its tools take turns: the loop that `react` and `calculator` share, and the two ways to speak of a call. */
import {
  annotate,
  attempt,
  drawOne,
  fork,
  progress,
  type Content,
  type Context,
  type Json,
  type Message,
  type Model,
  type Request,
  type Sample,
  type ToolResultOutput,
} from '../../core/index.ts';
import { resultText, type Asked } from './toolbox.ts';

/** How a model asks for a call and is told what came of it. */
export interface Dialect {
  /** The calls a reply asks for, in order; none is the answer. */
  readonly callsOf: (sample: Sample) => readonly Asked[];
  /** What is added to the conversation once they are run. */
  readonly heard: (sample: Sample, calls: readonly Asked[], results: readonly ToolResultOutput[]) => readonly Message[];
  /** The request with which an answer is asked for when no more calls may be made. */
  readonly last: (request: Request) => Request;
}

export interface Turns {
  /** Rounds of calls, at most. */
  readonly steps: number;
  readonly dialect: Dialect;
  readonly run: (call: Asked, messages: readonly Message[], context: Context) => Promise<ToolResultOutput>;
  /** Whether a call is the caller's to make: then the reply is the answer, calls and all. */
  readonly isOutside?: (call: Asked) => boolean;
}

/** Draws, runs the calls of the draw together, and so on until a draw asks for none. */
export async function converse(
  base: Model,
  request: Request,
  context: Context,
  { steps, dialect, run, isOutside = () => false }: Turns,
): Promise<Sample> {
  let asked = request;
  let made = 0;
  let current = await drawOne(base, asked, fork(context, 'step/1'));
  for (;;) {
    const calls = dialect.callsOf(current);
    if (calls.length === 0 || calls.some(isOutside)) return annotate(current, { steps: made });
    if (made === steps) break;
    const at = fork(context, `step/${made + 1}`);
    const { prompt } = asked;
    const results = await Promise.all(calls.map((call, i) => run(call, prompt, fork(at, `tool/${i}`))));
    calls.forEach(({ tool, input }, i) =>
      progress(context, `${tool} ${input}: ${resultText(results[i] as ToolResultOutput)}`),
    );
    asked = { ...asked, prompt: [...prompt, ...dialect.heard(current, calls, results)] };
    made++;
    const closing = made === steps ? dialect.last(asked) : asked;
    const next = await attempt(context, drawOne(base, closing, fork(context, `step/${made + 1}`)));
    if (next === undefined) break;
    current = next;
  }
  context.ledger.warn({
    code: 'no-answer',
    message: `No answer after ${made} rounds of calls: what was said last is returned. Raise \`steps\`, or the budget.`,
  });
  return annotate({ ...withoutCalls(current), answer: null }, { steps: made });
}

/** A call that has been run, or that nobody will run, is no answer. */
function withoutCalls(sample: Sample): Sample {
  return { ...sample, content: sample.content.filter(({ type }) => type !== 'tool-call') };
}

/** Calls as parts of a message, as chat models make them. */
export const IN_PARTS: Dialect = {
  callsOf: ({ content }) =>
    content.flatMap((part) =>
      part.type === 'tool-call' && !part.providerExecuted
        ? [{ id: part.toolCallId, tool: part.toolName, input: part.input }]
        : [],
    ),
  heard: ({ content }, calls, results) => [
    { role: 'assistant', content: content.flatMap(saidAgain) },
    {
      role: 'tool',
      content: calls.map(({ id, tool }, i) => ({
        type: 'tool-result',
        toolCallId: id,
        toolName: tool,
        output: results[i] as ToolResultOutput,
      })),
    },
  ],
  last: (request) => ({ ...request, toolChoice: { type: 'none' } }),
};

type Said = Extract<Message, { role: 'assistant' }>['content'][number];

/** A part of a reply as a part of the conversation; what the provider says of it goes back to the provider. */
function saidAgain(part: Content): Said[] {
  const more = part.providerMetadata && { providerOptions: part.providerMetadata };
  if (part.type === 'text' || part.type === 'reasoning') return [{ type: part.type, text: part.text, ...more }];
  if (part.type !== 'tool-call') return [];
  const { toolCallId, toolName, input } = part;
  return [{ type: 'tool-call', toolCallId, toolName, input: parsed(input), ...more }];
}

function parsed(input: string): Json {
  try {
    return JSON.parse(input || '{}') as Json;
  } catch {
    return {}; // the model is told that its input was no JSON
  }
}
