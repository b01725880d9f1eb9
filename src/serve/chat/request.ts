/** The body of a chat request, read for a model with techniques. */
import type { Limits, Request, ResponseFormat, Tool, ToolChoice } from '../../core/index.ts';
import { boolean, finite, list, object, text, whole, type Wire } from '../../models/openai/protocol/index.ts';
import type { Bases } from '../bases.ts';
import type { ServeLimits } from '../../config/serve.ts';
import { Refusal } from '../failure.ts';
import { CHAT_FIELDS } from './fields.ts';
import { readMessages } from './messages.ts';

/** What a chat request asks for. */
export interface Asked {
  readonly request: Request;
  readonly n: number;
  readonly seed: number | undefined;
  /** How many alternatives of each token are told; nothing where no log-probabilities are. */
  readonly logprobs: number | undefined;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly own: OwnFields;
}

/** The field `plusx`: what only this server knows. */
export interface OwnFields {
  /** Whether what techniques are doing is streamed, as reasoning. */
  readonly progress: boolean;
  readonly limits: Limits;
}

export function readChat(body: Wire, bases: Bases, limits: ServeLimits): Asked {
  const handed = handedFields(body, bases);
  const stream = flag(body, 'stream') ?? false;
  const options = maybeObject(body, 'stream_options') ?? {};
  if (options['include_obfuscation'] === true)
    throw wrong('stream_options.include_obfuscation', 'cannot be true under a formula: leave it out');
  const n = counted(body, 'n', { least: 1, most: limits.n }) ?? 1;
  const logprobs = readLogprobs(body);
  const toolChoice = readToolChoice(body, bases);
  const request: Request = {
    prompt: readMessages(body['messages'], bases, limits.messages),
    maxOutputTokens: counted(body, 'max_completion_tokens', { least: 1 }) ?? counted(body, 'max_tokens', { least: 1 }),
    temperature: number(body, 'temperature', 0, 2),
    topP: number(body, 'top_p', 0, 1),
    presencePenalty: number(body, 'presence_penalty', -2, 2),
    frequencyPenalty: number(body, 'frequency_penalty', -2, 2),
    stopSequences: readStop(body),
    responseFormat: readFormat(body),
    tools: readTools(body, bases),
    toolChoice: toolChoice.choice,
    reasoning: word(body, 'reasoning_effort'),
    logprobs: logprobs === undefined ? undefined : logprobs === 0 ? true : logprobs,
    ...bases.handed({ ...handed, ...toolChoice.handed }, Object.keys({ ...handed, ...toolChoice.handed })[0] ?? ''),
  };
  refuseReplaced(request, bases);
  refuseUndone(request, bases);
  return {
    request,
    n,
    seed: integer(body, 'seed'),
    logprobs,
    stream,
    includeUsage: options['include_usage'] === true,
    own: readOwn(body),
  };
}

/** Fields that go to the base models as they are. Throws where one is refused. */
function handedFields(body: Wire, bases: Bases): Wire {
  const handed: Wire = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined) continue;
    const { fate, isDefault, instead } = (Object.hasOwn(CHAT_FIELDS, name) && CHAT_FIELDS[name]) || UNKNOWN;
    if (fate === 'read' || fate === 'computed' || isDefault?.(value)) continue;
    if (fate === 'refused')
      throw new Refusal(`\`${name}\` cannot be kept by a model with techniques. ${instead}.`, {
        param: name,
        code: 'unsupported_parameter',
      });
    if (fate === 'hint' && bases.foreign !== undefined) continue;
    handed[name] = value;
  }
  return handed;
}

const UNKNOWN: (typeof CHAT_FIELDS)[string] = { fate: 'handed' };

/** Techniques that use tools ask with their own, and not with those of a request. */
function refuseReplaced({ tools, responseFormat }: Request, { ownTools }: Bases): void {
  const param = tools?.length ? 'tools' : responseFormat ? 'response_format' : undefined;
  if (ownTools === undefined || param === undefined) return;
  throw new Refusal(`${ownTools} asks in its own way, and cannot keep \`${param}\`. Leave one of the two out.`, {
    param,
    code: 'unsupported_parameter',
  });
}

/** What a base model is known to leave undone is refused before anything is paid for. */
function refuseUndone(request: Request, bases: Bases): void {
  const [undone] = bases.leftUndone(request);
  if (!undone) return;
  throw new Refusal(`${undone.message}. Leave it out, or name a model that takes it.`, {
    code: 'unsupported_parameter',
    param: PARAMS.find(([pattern]) => pattern.test(undone.message))?.[1] ?? null,
  });
}

/** The fields of the protocol by the words of warnings. */
const PARAMS: readonly (readonly [RegExp, string])[] = [
  [/tool/i, 'tools'],
  [/responseFormat|JSON schema/, 'response_format'],
  [/presencePenalty/, 'presence_penalty'],
  [/frequencyPenalty/, 'frequency_penalty'],
  [/reasoning/, 'reasoning_effort'],
  [/logprobs/, 'logprobs'],
  [/files/, 'messages'],
  [/topK/, 'top_k'],
];

function readLogprobs(body: Wire): number | undefined {
  const wanted = flag(body, 'logprobs') ?? false;
  const top = counted(body, 'top_logprobs', { least: 0, most: 20 });
  if (!wanted && top !== undefined && top > 0) throw wrong('top_logprobs', 'goes with `logprobs: true`');
  return wanted ? (top ?? 0) : undefined;
}

function readStop(body: Wire): readonly string[] | undefined {
  const { stop } = body;
  if (stop === undefined || stop === null) return undefined;
  const stops = typeof stop === 'string' ? [stop] : list(stop);
  if (!stops?.every((one) => typeof one === 'string') || stops.length > 64)
    throw wrong('stop', 'must be a text or a list of texts');
  return stops;
}

function readFormat(body: Wire): ResponseFormat | undefined {
  const format = maybeObject(body, 'response_format');
  if (!format) return undefined;
  switch (format['type']) {
    case 'text':
      return undefined;
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const given = object(format['json_schema']);
      const name = text(given?.['name']);
      if (!given || name === undefined) throw wrong('response_format.json_schema.name', 'must be a text');
      const description = text(given['description']);
      return {
        type: 'json',
        name,
        schema: object(given['schema']) ?? {},
        strict: boolean(given['strict']) ?? false,
        ...(description !== undefined && { description }),
      };
    }
    default:
      throw wrong('response_format.type', 'must be one of text, json_object, json_schema');
  }
}

function readTools(body: Wire, bases: Bases): readonly Tool[] | undefined {
  const { tools } = body;
  if (tools === undefined || tools === null) return undefined;
  const given = list(tools);
  if (!given || given.length > 1024) throw wrong('tools', 'must be a list of at most 1024 tools');
  if (given.length === 0) return undefined;
  return given.map((one, i): Tool => {
    const at = `tools[${i}]`;
    const tool = object(one) ?? {};
    const { type, function: named, ...more } = tool;
    if (type !== 'function')
      throw wrong(`${at}.type`, 'must be "function" under a formula, or name the model without techniques');
    const { name, description, parameters, strict, ...others } = object(named) ?? {};
    const called = text(name);
    if (called === undefined) throw wrong(`${at}.function.name`, 'must be a text');
    // What the common form does not say goes along as it came.
    const isWhole = Object.keys(others).length === 0 && object(parameters) !== undefined;
    const extras = { ...more, ...(!isWhole && bases.foreign === undefined && { function: named }) };
    const told = text(description);
    const kept = boolean(strict);
    return {
      type: 'function',
      name: called,
      inputSchema: object(parameters) ?? { type: 'object', properties: {} },
      ...(told !== undefined && { description: told }),
      ...(kept !== undefined && { strict: kept }),
      ...bases.handed(extras, at),
    };
  });
}

interface Choice {
  readonly choice: ToolChoice | undefined;
  /** A choice that has no common form, for servers that have one. */
  readonly handed: Wire;
}

function readToolChoice(body: Wire, bases: Bases): Choice {
  const value = body['tool_choice'];
  if (value === undefined || value === null) return { choice: undefined, handed: {} };
  if (value === 'auto' || value === 'none' || value === 'required') return { choice: { type: value }, handed: {} };
  const given = object(value);
  const name = given?.['type'] === 'function' ? text(object(given['function'])?.['name']) : undefined;
  if (name !== undefined) return { choice: { type: 'tool', toolName: name }, handed: {} };
  if (given?.['type'] === 'allowed_tools' && bases.foreign === undefined)
    return { choice: undefined, handed: { tool_choice: value } };
  throw wrong('tool_choice', 'must be auto, none, required, or a function by name');
}

function readOwn(body: Wire): OwnFields {
  const own = maybeObject(body, 'plusx') ?? {};
  const known = ['progress', 'deadline_ms', 'budget'];
  const other = Object.keys(own).find((name) => !known.includes(name));
  if (other !== undefined) throw wrong(`plusx.${other}`, `is not known: \`plusx\` has ${known.join(', ')}`);
  const budget = maybeObject(own, 'budget', 'plusx.budget') ?? {};
  const limits: { calls?: number; tokens?: number; usd?: number; ms?: number } = {};
  for (const [name, value] of Object.entries(budget)) {
    if (name !== 'calls' && name !== 'tokens' && name !== 'usd')
      throw wrong(`plusx.budget.${name}`, 'is not known: a budget has calls, tokens, usd');
    const most = finite(value);
    if (most === undefined || most < 0) throw wrong(`plusx.budget.${name}`, 'must be a number of at least 0');
    limits[name] = most;
  }
  if (own['deadline_ms'] !== undefined) {
    const ms = finite(own['deadline_ms']);
    if (ms === undefined || ms <= 0) throw wrong('plusx.deadline_ms', 'must be a number above 0');
    limits.ms = ms;
  }
  return { progress: flag(own, 'progress', 'plusx.progress') ?? false, limits };
}

function maybeObject(body: Wire, name: string, param = name): Wire | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const found = object(value);
  if (!found) throw wrong(param, 'must be an object');
  return found;
}

function flag(body: Wire, name: string, param = name): boolean | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw wrong(param, 'must be true or false');
  return value;
}

function number(body: Wire, name: string, least: number, most: number): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const found = finite(value);
  if (found === undefined || found < least || found > most)
    throw wrong(name, `must be a number from ${least} to ${most}`);
  return found;
}

function counted(
  body: Wire,
  name: string,
  { least, most = Number.MAX_SAFE_INTEGER }: { readonly least: number; readonly most?: number },
): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  const found = whole(value);
  if (found === undefined || found < least || found > most)
    throw wrong(
      name,
      most === Number.MAX_SAFE_INTEGER
        ? `must be an integer of at least ${least}`
        : `must be an integer from ${least} to ${most}`,
    );
  return found;
}

function integer(body: Wire, name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (!Number.isSafeInteger(value)) throw wrong(name, 'must be an integer that a double holds exactly');
  return value as number;
}

function word(body: Wire, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value.length > 64) throw wrong(name, 'must be a word');
  return value;
}

const wrong = (param: string, rule: string): Refusal =>
  new Refusal(`\`${param}\` ${rule}.`, { param, code: 'invalid_value' });
