/** A model and its tools take turns: the loop that `react` and `calculator` share, and the two ways to speak of a call. */
import {
  annotate,
  attempt,
  drawOne,
  fork,
  progress,
  together,
  type Content,
  type Context,
  type Json,
  type Message,
  type Model,
  type Request,
  type Sample,
  type ToolResultOutput,
  type ToolResultPart,
} from '../../core/index.ts';
import { resultText, type Asked } from './toolbox.ts';
import { parseToWrite } from './whole-numbers.ts';

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
  /** Whether a call is the caller's to make: then the reply is the answer, with those calls and no others. */
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
    const ours = calls.filter((call) => !isOutside(call));
    if (calls.length === 0 || ours.length < calls.length || isAskedToApprove(current))
      return annotate(handedOut(current, ours, context), { steps: made });
    if (made === steps) break;
    const at = fork(context, `step/${made + 1}`);
    const { prompt } = asked;
    const running = calls.map((call, i) => (inner: Context) => run(call, prompt, fork(inner, `tool/${i}`)));
    const results = await attempt(context, together(at, running));
    if (results === undefined) break;
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

/**
 * A reply that is the caller's to go on with. Calls of tools that only we can run are left out, not run: the model asks
 * for them again once it knows what the caller's tools said.
 */
function handedOut(sample: Sample, ours: readonly Asked[], context: Context): Sample {
  if (ours.length === 0) return sample;
  context.ledger.warn({
    code: 'calls-left-out',
    message: `The model called ${ours.map(({ tool }) => tool).join(', ')} beside tools of the caller, which come first. What it called here is not run, and is left out of the answer.`,
  });
  const isOurs = (part: Content): boolean =>
    part.type === 'tool-call' && ours.some(({ id, tool }) => id === part.toolCallId && tool === part.toolName);
  return { ...sample, content: sample.content.filter((part) => !isOurs(part)) };
}

/** A provider that runs a tool itself may ask first; only the caller can answer. */
function isAskedToApprove({ content }: Sample): boolean {
  return content.some(({ type }) => type === 'tool-approval-request');
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
    { role: 'assistant', content: content.flatMap((part) => saidAgain(part, content)) },
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

/**
 * A part of a reply as a part of the conversation; what the provider says of it goes back to the provider. A call that
 * the provider ran goes back with its result, or not at all: half of the two would be refused.
 */
function saidAgain(part: Content, all: readonly Content[]): Said[] {
  const more = part.providerMetadata && { providerOptions: part.providerMetadata };
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [{ type: part.type, text: part.text, ...more }];
    case 'tool-call': {
      const { toolCallId, toolName, input, providerExecuted } = part;
      if (providerExecuted && resultOf(toolCallId, all) === undefined) return [];
      const said = { type: part.type, toolCallId, toolName, input: parsed(input), ...more };
      return [providerExecuted ? { ...said, providerExecuted } : said];
    }
    case 'tool-result': {
      const { toolCallId, toolName, result, isError } = part as unknown as Result;
      const isAsked = all.some(
        (call) => call.type === 'tool-call' && call.providerExecuted && call.toolCallId === toolCallId,
      );
      if (!isAsked || resultOf(toolCallId, all) !== part) return [];
      const output: ToolResultOutput =
        typeof result === 'string'
          ? { type: isError === true ? 'error-text' : 'text', value: result }
          : { type: isError === true ? 'error-json' : 'json', value: result };
      return [{ type: part.type, toolCallId, toolName, output, ...more } satisfies ToolResultPart];
    }
    case 'file':
    case 'reasoning-file':
    case 'custom': {
      const { providerMetadata: _metadata, ...rest } = part;
      return [{ ...rest, ...more } as unknown as Said];
    }
    // Where a text comes from is said beside it, and no provider takes it back; what asks for approval has been handed out.
    case 'source':
    case 'tool-approval-request':
      return [];
  }
}

/** What a provider says of a tool that it ran. While it runs, it may say so several times. */
interface Result {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly result: Json;
  readonly isError?: unknown;
  readonly preliminary?: unknown;
}

function resultOf(id: string, all: readonly Content[]): Content | undefined {
  return all.findLast((part) => {
    if (part.type !== 'tool-result') return false;
    const { toolCallId, preliminary } = part as unknown as Result;
    return toolCallId === id && preliminary !== true;
  });
}

function parsed(input: string): unknown {
  try {
    return parseToWrite(input || '{}');
  } catch {
    return {}; // the model is told that its input was no JSON
  }
}
