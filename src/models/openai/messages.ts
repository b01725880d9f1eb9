/** Messages and tools in OpenAI's form. Nothing is flattened; what the protocol cannot say is an error or a warning. */
import {
  fromBase64,
  InvalidOption,
  toBase64,
  user,
  type FilePart,
  type Json,
  type Message,
  type ProviderData,
  type Tool,
  type ToolChoice,
  type ToolResultOutput,
  type Warning,
} from '../../core/index.ts';
import type { Shape } from './memory.ts';
import type { Quirks } from './quirks.ts';
import type { Wire } from './wire.ts';

/** What the parts of a request are converted with. */
export interface Dialect {
  /** The model's name, for errors. */
  readonly name: string;
  /** The key of this provider in `providerOptions`. */
  readonly provider: string;
  readonly quirks: Quirks;
  /** How far the conversation is reshaped for the server. */
  readonly shape: Shape;
  warn(warning: Warning): void;
}

export function messagesOf(prompt: readonly Message[], dialect: Dialect): Wire[] {
  return reshaped(prompt, dialect.shape.roles).flatMap((message): Wire[] => {
    const more = extras(message, dialect);
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: message.content, ...more }];
      case 'user':
        return [{ role: 'user', content: userContent(message.content, dialect), ...more }];
      case 'assistant':
        return [{ ...assistantMessage(message.content, dialect), ...more }];
      case 'tool':
        return message.content.flatMap((part) => {
          if (part.type !== 'tool-result') return refused(part.type, 'tool', dialect);
          return [
            {
              role: 'tool',
              tool_call_id: part.toolCallId,
              content: resultContent(part.output, dialect),
              ...extras(part, dialect),
              ...more,
            },
          ];
        });
    }
  });
}

/**
 * The conversation as chat templates take it. Neighbours of one role are joined where that loses nothing. The rest is
 * for servers that refused once: their templates know nothing but a system message, then a user and an assistant in turn.
 */
export function reshaped(prompt: readonly Message[], roles: Shape['roles']): readonly Message[] {
  if (roles === 'joined') return joined(prompt, JOINED);
  const told = rounds(prompt, roles).map((message, at) =>
    at === 0 && roles === 'alternating' ? message : asUser(message),
  );
  const turns = joined(told, TAKING_TURNS);
  const start = turns[0]?.role === 'system' ? 1 : 0;
  const opened = turns[start]?.role === 'user' ? turns : turns.toSpliced(start, 0, GO_ON);
  return opened.at(-1)?.role === 'assistant' ? [...opened, GO_ON] : opened;
}

const JOINED: readonly Message['role'][] = ['system', 'user'];
const GO_ON = user('Go on.');
const TAKING_TURNS: readonly Message['role'][] = ['system', 'user', 'assistant'];

/** Neighbours of these roles as one message. A message with options of its own stays by itself. */
function joined(prompt: readonly Message[], roles: readonly Message['role'][]): readonly Message[] {
  const found: Message[] = [];
  for (const message of prompt) {
    const before = found.at(-1);
    const both =
      before && !before.providerOptions && !message.providerOptions && roles.includes(message.role)
        ? joinedPair(before, message)
        : undefined;
    if (both) found[found.length - 1] = both;
    else found.push(message);
  }
  return found;
}

function joinedPair(a: Message, b: Message): Message | undefined {
  if (a.role === 'system' && b.role === 'system') return { role: 'system', content: `${a.content}\n\n${b.content}` };
  if (a.role === 'user' && b.role === 'user') return { role: 'user', content: joinedParts(a.content, b.content) };
  if (a.role === 'assistant' && b.role === 'assistant')
    return { role: 'assistant', content: joinedParts(a.content, b.content) };
  return undefined;
}

/** The parts of both, with an empty line between two texts that meet. */
function joinedParts<
  Part extends { readonly type: string; readonly text?: string; readonly providerOptions?: unknown },
>(a: readonly Part[], b: readonly Part[]): readonly Part[] {
  const [last, first] = [a.at(-1), b[0]];
  const meet = last?.type === 'text' && first?.type === 'text' && !last.providerOptions && !first.providerOptions;
  if (!meet) return [...a, ...b];
  return [...a.slice(0, -1), { ...first, text: `${last.text ?? ''}\n\n${first.text ?? ''}` }, ...b.slice(1)];
}

function asUser(message: Message): Message {
  return message.role === 'system'
    ? { ...message, role: 'user', content: [{ type: 'text', text: message.content }] }
    : message;
}

type AssistantMessage = Extract<Message, { role: 'assistant' }>;
type ToolMessage = Extract<Message, { role: 'tool' }>;

/**
 * Every call with its result behind it. A call without one, and a result without a call, are told in words; for the
 * plainest templates so is a round that a user speaks behind.
 */
function rounds(prompt: readonly Message[], roles: Shape['roles']): readonly Message[] {
  const found: Message[] = [];
  for (let at = 0; at < prompt.length;) {
    const message = prompt[at] as Message;
    const head = message.role === 'assistant' ? message : undefined;
    if (head) at++;
    const tools: ToolMessage[] = [];
    for (let next = prompt[at]; next?.role === 'tool'; next = prompt[++at]) tools.push(next);
    if (!head && tools.length === 0) {
      found.push(message);
      at++;
    } else {
      const isSpokenBehind = at < prompt.length && prompt[at]?.role !== 'assistant';
      found.push(...round(head, tools, { inOne: roles === 'plain', isSpokenBehind }));
    }
  }
  return found;
}

/** An assistant's calls and their results. `inOne`: nothing may stand between them and what the assistant says next. */
function round(
  head: AssistantMessage | undefined,
  tools: readonly ToolMessage[],
  { inOne, isSpokenBehind }: { readonly inOne: boolean; readonly isSpokenBehind: boolean },
): Message[] {
  const open = new Set(idsOf(head));
  const fitting = new Set(tools.flatMap(({ content }) => content.filter((part) => !isStray(part, open))));
  const strays = tools.some(({ content }) => content.some((part) => !fitting.has(part)));
  const isTold = inOne && (isSpokenBehind || strays);
  const kept = new Set<string>();
  const texts: string[] = [];
  const behind = tools.flatMap((message): ToolMessage[] => {
    const content = message.content.filter((part) => {
      if (part.type !== 'tool-result') return true;
      const text = isTold || !fitting.has(part) ? resultText(part.output) : undefined;
      if (text === undefined) kept.add(part.toolCallId);
      else texts.push(`Result of ${part.toolName}: ${text}`);
      return text === undefined;
    });
    return content.length > 0 ? [{ ...message, content }] : [];
  });
  return [
    ...(head ? [inWords(head, (id) => !kept.has(id))] : []),
    ...behind,
    ...(texts.length > 0 ? [user(texts.join('\n'))] : []),
  ];
}

/** Whether a result has no call that waits for it. Each call waits for one. */
function isStray(part: ToolMessage['content'][number], open: Set<string>): boolean {
  return part.type === 'tool-result' && !open.delete(part.toolCallId);
}

/** The ids of the calls of an assistant message. */
function idsOf(message: AssistantMessage | undefined): readonly string[] {
  return (message?.content ?? []).flatMap((part) => (part.type === 'tool-call' ? [part.toolCallId] : []));
}

function inWords(message: AssistantMessage, told: (id: string) => boolean): AssistantMessage {
  if (!message.content.some((part) => part.type === 'tool-call' && told(part.toolCallId))) return message;
  const content = message.content.map((part): AssistantMessage['content'][number] =>
    part.type === 'tool-call' && told(part.toolCallId)
      ? { type: 'text', text: `[call of ${part.toolName} with ${inputText(part.input)}]` }
      : part,
  );
  return { ...message, content };
}

function resultText(output: ToolResultOutput): string | undefined {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value);
    case 'execution-denied':
      return output.reason ?? DENIED;
    case 'content': {
      const texts = output.value.map((part) =>
        'type' in part && part.type === 'text' && 'text' in part ? String(part.text) : undefined,
      );
      return texts.every((text) => text !== undefined) ? texts.join('\n') : undefined;
    }
  }
}

const DENIED = 'The user denied this call.';

/** Arguments as they were written: the raw text, where it was kept. */
const inputText = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input ?? {}));

/** Fields a caller adds to a message or part under the provider's name. */
function extras(
  { providerOptions }: { readonly providerOptions?: ProviderData | undefined },
  { provider }: Dialect,
): { readonly [field: string]: Json | undefined } {
  return providerOptions?.[provider] ?? {};
}

type UserContent = Extract<Message, { role: 'user' }>['content'];

/** One plain text is sent as a string: some servers take nothing else. */
function userContent(content: UserContent, dialect: Dialect): unknown {
  const [only] = content;
  if (content.length === 1 && only?.type === 'text' && !only.providerOptions) return only.text;
  return content.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text, ...extras(part, dialect) }
      : { ...filePart(part, dialect), ...extras(part, dialect) },
  );
}

function assistantMessage(content: Extract<Message, { role: 'assistant' }>['content'], dialect: Dialect): Wire {
  const { reasoningField } = dialect.quirks;
  let text: string | undefined;
  let reasoning = '';
  const calls: Wire[] = [];
  for (const part of content) {
    if (part.type === 'text') text = (text ?? '') + part.text;
    else if (part.type === 'reasoning') reasoning += part.text;
    else if (part.type === 'tool-call') {
      const { toolCallId: id, toolName: name, input } = part;
      calls.push({ id, type: 'function', function: { name, arguments: inputText(input) }, ...extras(part, dialect) });
    } else refused(part.type, 'assistant', dialect);
  }
  if (reasoning && !reasoningField)
    dialect.warn({
      code: 'unsupported',
      message: `${dialect.name} takes no earlier reasoning back: it is left out of the messages`,
    });
  return {
    role: 'assistant',
    content: text ?? (calls.length > 0 && !dialect.shape.emptyContent ? null : ''),
    ...(reasoning && reasoningField && { [reasoningField]: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function resultContent(output: ToolResultOutput, dialect: Dialect): unknown {
  return output.type === 'content'
    ? output.value.map((part) => contentPart(part as { readonly type: string }, dialect))
    : resultText(output);
}

/** A part of a tool's result, in any of the shapes the AI SDK has had for it. */
function contentPart(part: { readonly type: string; readonly [field: string]: unknown }, dialect: Dialect): Wire {
  const { type, text, data, url, mediaType, filename } = part;
  if (type === 'text') return { type, text };
  const name = typeof filename === 'string' ? { filename } : {};
  const media = typeof mediaType === 'string' ? mediaType : 'image/*';
  if (typeof url === 'string' || url instanceof URL)
    return filePart({ type: 'file', data: { type: 'url', url: new URL(url) }, mediaType: media, ...name }, dialect);
  if (typeof data === 'string' || data instanceof Uint8Array)
    return filePart({ type: 'file', data: { type: 'data', data }, mediaType: media, ...name }, dialect);
  if (typeof data === 'object' && data !== null && 'type' in data)
    return filePart({ type: 'file', data: data as FilePart['data'], mediaType: media, ...name }, dialect);
  return refused(type, 'tool result', dialect);
}

/** Images, sound and documents by their media type. */
function filePart({ data, mediaType, filename }: FilePart, dialect: Dialect): Wire {
  const [kind] = mediaType.split('/');
  if (data.type === 'text') return { type: 'text', text: data.text };
  if (data.type === 'reference') {
    const id = data.reference[dialect.provider];
    return id === undefined ? refused('reference', 'file', dialect) : { type: 'file', file: { file_id: id } };
  }
  if (kind === 'image') {
    const url = data.type === 'url' ? data.url.href : dataUrl(data.data, imageType(mediaType, data.data));
    return { type: 'image_url', image_url: { url } };
  }
  if (data.type === 'url') return refused(`URL of a ${mediaType}`, 'file', dialect);
  const base64 = base64Of(data.data);
  if (kind === 'audio') {
    const format = /wav/.test(mediaType) ? 'wav' : /mp3|mpeg/.test(mediaType) ? 'mp3' : undefined;
    return format
      ? { type: 'input_audio', input_audio: { data: base64, format } }
      : refused(mediaType, 'file', dialect);
  }
  if (mediaType === 'application/pdf')
    return { type: 'file', file: { filename: filename ?? 'document.pdf', file_data: dataUrl(base64, mediaType) } };
  if (kind === 'text') return { type: 'text', text: new TextDecoder().decode(fromBase64(base64)) };
  return refused(mediaType, 'file', dialect);
}

const base64Of = (data: Uint8Array | string): string => (typeof data === 'string' ? data : toBase64(data));
const dataUrl = (data: Uint8Array | string, mediaType: string): string =>
  typeof data === 'string' && data.startsWith('data:') ? data : `data:${mediaType};base64,${base64Of(data)}`;

const SIGNATURES: readonly (readonly [string, string])[] = [
  ['iVBORw', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

/** The image's type from its first bytes, where the caller only knows that it is an image. */
function imageType(mediaType: string, data: Uint8Array | string): string {
  if (mediaType !== 'image/*' && mediaType !== 'image') return mediaType;
  const start = base64Of(typeof data === 'string' ? data : data.subarray(0, 12));
  return SIGNATURES.find(([signature]) => start.startsWith(signature))?.[1] ?? 'image/jpeg';
}

/** Content that cannot be sent changes the question, so it is an error and never dropped. */
function refused(what: string, where: string, { name }: Dialect): never {
  throw new InvalidOption({
    where: name,
    option: `a ${where} part`,
    rule: 'must be one the chat completions protocol can carry',
    value: what,
  });
}

export function toolOf({ name, description, inputSchema, strict, providerOptions }: Tool, dialect: Dialect): Wire {
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      parameters: inputSchema,
      ...(strict !== undefined && { strict }),
    },
    ...extras({ providerOptions }, dialect),
  };
}

export function toolChoiceOf(choice: ToolChoice): unknown {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.toolName } } : choice.type;
}
