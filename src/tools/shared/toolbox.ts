/** Tools by name: those of the AI SDK, of an MCP server or plain objects. Their descriptions go to the model, their results come back as data. */
import {
  canonicalJson,
  fork,
  InvalidOption,
  recorded,
  type Context,
  type Json,
  type Message,
  type ProviderTool,
  type Tool,
  type ToolResultOutput,
} from '../../core/index.ts';
import { stoppable } from '../../core/context/abort.ts';
import { checkInput, jsonSchemaOf } from './tool-schema.ts';
import { failure, isStream, toldAs, toldOf } from './told.ts';
import { lostNumber, parseToTexts } from './whole-numbers.ts';

/** What a tool is told besides its input. */
export interface ToolRun {
  readonly toolCallId: string;
  readonly messages: readonly Message[];
  readonly abortSignal: AbortSignal;
  /** The input as the model wrote it. A number that a double cannot hold is a text in the input, and stands here as it was. */
  readonly inputText: string;
}

/** A tool as the AI SDK's `tool()` makes it. One without `execute`, or that asks for approval, is handed to the caller. */
export interface RunnableTool {
  readonly description?: unknown;
  /** A Standard Schema (Zod, Valibot, ArkType), the AI SDK's `jsonSchema()`, or a JSON schema. */
  readonly inputSchema: unknown;
  readonly execute?: ((input: never, run: never) => unknown) | undefined;
  readonly toModelOutput?: ((output: never) => unknown) | undefined;
  readonly needsApproval?: unknown;
  /** Whether it only reads, so that it does no harm to run it for candidates that are then thrown away. Default false. */
  readonly readOnly?: boolean | undefined;
}

/** Tools under one name, which is what stands for them in a formula. */
export interface Toolbox {
  readonly name: string;
  readonly tools: { readonly [name: string]: RunnableTool };
}

/** Puts tools in a box. `toolbox('clock', { time: tool({ ... }) })`, or a list of tools with names of their own. */
export function toolbox(
  name: string,
  tools: { readonly [name: string]: RunnableTool } | readonly (RunnableTool & { readonly name: string })[],
): Toolbox {
  const named = Array.isArray(tools) ? Object.fromEntries(tools.map((one) => [one.name, one])) : tools;
  for (const [tool, { inputSchema }] of Object.entries(named as Toolbox['tools']))
    if ((typeof inputSchema !== 'object' && typeof inputSchema !== 'function') || inputSchema === null)
      throw new InvalidOption({ where: `toolbox ${name}`, option: tool, rule: 'must have an inputSchema' });
  return { name, tools: named as Toolbox['tools'] };
}

export function isRunnable(tool: RunnableTool | undefined): boolean {
  return typeof tool?.execute === 'function' && !tool.needsApproval;
}

/** Refuses tools with effects where several candidates are drawn for one answer: each of them would run the tools. */
export function checkEffects({ name: box, tools }: Toolbox, { candidatesOf }: Context): void {
  if (candidatesOf === undefined) return;
  const acting = Object.keys(tools).filter((name) => isRunnable(tools[name]) && tools[name]?.readOnly !== true);
  if (acting.length === 0) return;
  throw new InvalidOption({
    where: `toolbox ${box}`,
    option: acting.join(', '),
    rule: `may have effects, and ${candidatesOf} draws several candidates, each of which would run ${acting.length === 1 ? 'it' : 'them'}`,
    hint: 'Mark a tool that only reads with `readOnly: true`, put `react` around the rest, or allow it with effects="each"',
  });
}

/** The tools as a request names them. */
export function describeTools(
  { name: box, tools }: Toolbox,
  signal: AbortSignal,
): Promise<readonly (Tool | ProviderTool)[]> {
  const described = Object.entries(tools).map(async ([name, tool]): Promise<Tool | ProviderTool> => {
    if ('type' in tool && tool.type === 'provider') return { ...(tool as unknown as ProviderTool), name };
    const inputSchema = await jsonSchemaOf(tool);
    if (!inputSchema)
      throw new InvalidOption({
        where: `toolbox ${box}`,
        option: name,
        rule: 'has a schema that cannot be written as JSON schema',
        hint: 'Pass jsonSchema(...) of the AI SDK, or a JSON schema',
      });
    const { description } = tool;
    return { type: 'function', name, inputSchema, ...(typeof description === 'string' && { description }) };
  });
  return stoppable(Promise.all(described), signal); // a schema may be held back until it is needed
}

/** A call a model asks for. */
export interface Asked {
  readonly id: string;
  readonly tool: string;
  /** As JSON text, as the model wrote it. */
  readonly input: string;
  /** What keeps it from being a call: the model is told. */
  readonly problem?: string | undefined;
}

/**
 * Runs a tool and gives back what the model is told of it. What goes wrong is told as well: a tool that is not there,
 * an input that does not fit, an error of the tool. A tool is not waited for once its run is stopped or out of time. A
 * journal keeps the result, so that a resumed run asks nothing twice.
 */
export async function runTool(
  { name: box, tools }: Toolbox,
  { id, tool: name, input, problem }: Asked,
  messages: readonly Message[],
  context: Context,
): Promise<ToolResultOutput> {
  if (problem !== undefined) return failure(problem);
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (!tool) return failure(`There is no tool "${name}". There are: ${Object.keys(tools).join(', ')}.`);
  let given: unknown;
  try {
    given = input.trim() === '' ? {} : parseToTexts(input);
  } catch {
    return failure(`The input of "${name}" is not JSON.`);
  }
  const identity = canonicalJson({ box, name, given });
  const work = async (): Promise<Json> => {
    try {
      const checked = await fitting(tool, given, lostNumber(input));
      const run: ToolRun = { toolCallId: id, messages, abortSignal: context.signal, inputText: input };
      const execute = tool.execute as (input: unknown, run: ToolRun) => unknown;
      const output = await lastOf(execute.call(tool, checked, run), context.signal);
      const toModelOutput = tool.toModelOutput as ((of: object) => unknown) | undefined;
      const said = await toModelOutput?.call(tool, { toolCallId: id, input: checked, output });
      return (said === undefined || said === null ? toldOf(output) : toldAs(said)) as unknown as Json;
    } catch (error) {
      context.signal.throwIfAborted(); // cancelled work has not failed
      return failure(error) as unknown as Json;
    }
  };
  const at = fork(context, name);
  return (await recorded(at, identity, work)) as unknown as ToolResultOutput;
}

async function fitting(tool: RunnableTool, given: unknown, lost: string | undefined): Promise<unknown> {
  try {
    return await checkInput(tool, given);
  } catch (error) {
    if (lost === undefined || !(error instanceof Error)) throw error;
    throw new Error(
      `${error.message} (${lost.slice(0, 100)} is too large to be exact as a number, and is read as a text)`,
      { cause: error },
    );
  }
}

/** A tool may tell of its progress; its last word counts. */
async function lastOf(result: unknown, signal: AbortSignal): Promise<unknown> {
  const given = await result;
  if (typeof given !== 'object' || given === null || !(Symbol.asyncIterator in given) || isStream(given)) return given;
  let last: unknown;
  for await (const one of given as AsyncIterable<unknown>) {
    signal.throwIfAborted(); // nobody waits for the next one
    last = one;
  }
  return last;
}

/** A result as a text, for models that are told in words. */
export function resultText(output: ToolResultOutput): string {
  switch (output.type) {
    case 'text':
      return output.value;
    case 'error-text':
      return `Error: ${output.value}`;
    case 'json':
      return typeof output.value === 'string' ? output.value : JSON.stringify(output.value);
    case 'error-json':
      return `Error: ${JSON.stringify(output.value)}`;
    case 'execution-denied':
      return `Error: ${output.reason ?? 'denied'}`;
    case 'content':
      return output.value.map(partText).join('\n');
  }
}

function partText(part: object): string {
  const { type, text, mediaType } = part as {
    readonly type?: unknown;
    readonly text?: unknown;
    readonly mediaType?: unknown;
  };
  if (type === 'text' && typeof text === 'string') return text;
  return typeof mediaType === 'string' ? `[a file: ${mediaType}]` : JSON.stringify(part);
}
