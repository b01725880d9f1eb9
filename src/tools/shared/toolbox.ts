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
import { checkInput, jsonSchemaOf } from './tool-schema.ts';

/** What a tool is told besides its input. */
export interface ToolRun {
  readonly toolCallId: string;
  readonly messages: readonly Message[];
  readonly abortSignal: AbortSignal;
}

/** A tool as the AI SDK's `tool()` makes it. One without `execute`, or that asks for approval, is handed to the caller. */
export interface RunnableTool {
  readonly description?: unknown;
  /** A Standard Schema (Zod, Valibot, ArkType), the AI SDK's `jsonSchema()`, or a JSON schema. */
  readonly inputSchema: unknown;
  readonly execute?: ((input: never, run: never) => unknown) | undefined;
  readonly toModelOutput?: ((output: never) => unknown) | undefined;
  readonly needsApproval?: unknown;
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

/** The tools as a request names them. */
export function describeTools({ name: box, tools }: Toolbox): Promise<readonly (Tool | ProviderTool)[]> {
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
  return Promise.all(described);
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
 * an input that does not fit, an error of the tool. A journal keeps the result, so that a resumed run asks nothing twice.
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
    given = input.trim() === '' ? {} : JSON.parse(input);
  } catch {
    return failure(`The input of "${name}" is not JSON.`);
  }
  const identity = canonicalJson({ box, name, given });
  const work = async (): Promise<Json> => {
    try {
      const checked = await checkInput(tool, given);
      const run: ToolRun = { toolCallId: id, messages, abortSignal: context.signal };
      const execute = tool.execute as (input: unknown, run: ToolRun) => unknown;
      const output = await lastOf(execute.call(tool, checked, run));
      const told = tool.toModelOutput as ((of: object) => unknown) | undefined;
      return toJson((await told?.call(tool, { toolCallId: id, input: checked, output })) ?? plainOutput(output));
    } catch (error) {
      context.signal.throwIfAborted(); // cancelled work has not failed
      return toJson(failure(error instanceof Error ? error.message : String(error)));
    }
  };
  return (await recorded(fork(context, name), identity, work)) as unknown as ToolResultOutput;
}

/** A tool may tell of its progress; its last word counts. */
async function lastOf(result: unknown): Promise<unknown> {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return result;
  let last: unknown;
  for await (const one of result as AsyncIterable<unknown>) last = one;
  return last;
}

const plainOutput = (output: unknown): object =>
  typeof output === 'string' ? { type: 'text', value: output } : { type: 'json', value: output ?? null };
const failure = (value: string): ToolResultOutput => ({ type: 'error-text', value });
const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

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
      return JSON.stringify(output.value);
  }
}
