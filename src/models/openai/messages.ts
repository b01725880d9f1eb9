/** Messages and tools in OpenAI's form. Nothing is flattened; what the protocol cannot say is an error or a warning. */
import {
  fromBase64,
  InvalidOption,
  toBase64,
  type FilePart,
  type Json,
  type Message,
  type ProviderData,
  type Tool,
  type ToolChoice,
  type ToolResultOutput,
  type Warning,
} from '../../core/index.ts';
import type { Quirks } from './quirks.ts';

export type Wire = { [field: string]: unknown };

/** What the parts of a request are converted with. */
export interface Dialect {
  /** The model's name, for errors. */
  readonly name: string;
  /** The key of this provider in `providerOptions`. */
  readonly provider: string;
  readonly quirks: Quirks;
  warn(warning: Warning): void;
}

export function messagesOf(prompt: readonly Message[], dialect: Dialect): Wire[] {
  return prompt.flatMap((message): Wire[] => {
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
      const text = typeof input === 'string' ? input : JSON.stringify(input ?? {});
      calls.push({ id, type: 'function', function: { name, arguments: text }, ...extras(part, dialect) });
    } else refused(part.type, 'assistant', dialect);
  }
  if (reasoning && !reasoningField)
    dialect.warn({
      code: 'unsupported',
      message: `${dialect.name} takes no earlier reasoning back: it is left out of the messages`,
    });
  return {
    role: 'assistant',
    content: text ?? (calls.length > 0 ? null : ''),
    ...(reasoning && reasoningField && { [reasoningField]: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

function resultContent(output: ToolResultOutput, dialect: Dialect): unknown {
  switch (output.type) {
    case 'text':
    case 'error-text':
      return output.value;
    case 'json':
    case 'error-json':
      return JSON.stringify(output.value);
    case 'execution-denied':
      return output.reason ?? 'The user denied this call.';
    case 'content':
      return output.value.map((part) => contentPart(part as { readonly type: string }, dialect));
  }
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
