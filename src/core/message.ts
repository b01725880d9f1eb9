/**
 * Messages, content parts, tool calls and finish reasons in the AI SDK's vocabulary (specification v4), as structural
 * types: values made by the AI SDK fit without conversion, and the core depends on no package.
 */

export type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Free-form data of a provider, by provider name. Passed through unmodified. */
export type ProviderData = { readonly [provider: string]: { readonly [key: string]: Json | undefined } };

interface WithProviderOptions {
  readonly providerOptions?: ProviderData | undefined;
}
interface WithProviderMetadata {
  readonly providerMetadata?: ProviderData | undefined;
}

export type FileData =
  | { readonly type: 'data'; readonly data: Uint8Array | string }
  | { readonly type: 'url'; readonly url: URL }
  | { readonly type: 'reference'; readonly reference: { readonly [provider: string]: string } }
  | { readonly type: 'text'; readonly text: string };

export interface TextPart extends WithProviderOptions {
  readonly type: 'text';
  readonly text: string;
}
export interface FilePart extends WithProviderOptions {
  readonly type: 'file';
  readonly filename?: string | undefined;
  readonly data: FileData;
  readonly mediaType: string;
}
export interface ReasoningPart extends WithProviderOptions {
  readonly type: 'reasoning';
  readonly text: string;
}
export interface ToolCallPart extends WithProviderOptions {
  readonly type: 'tool-call';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: unknown;
  readonly providerExecuted?: boolean | undefined;
}
export interface ToolResultPart extends WithProviderOptions {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  readonly toolName: string;
  readonly output: ToolResultOutput;
}
export type ToolResultOutput =
  | ({ readonly type: 'text' | 'error-text'; readonly value: string } & WithProviderOptions)
  | ({ readonly type: 'json' | 'error-json'; readonly value: Json } & WithProviderOptions)
  | ({ readonly type: 'execution-denied'; readonly reason?: string | undefined } & WithProviderOptions)
  | { readonly type: 'content'; readonly value: readonly object[] };
/** A part this library has no business with: it is handed on as it came. */
export interface OpaquePart extends WithProviderOptions {
  readonly type: 'custom' | 'reasoning-file' | 'tool-approval-response';
}

export type Message = WithProviderOptions &
  (
    | { readonly role: 'system'; readonly content: string }
    | { readonly role: 'user'; readonly content: ReadonlyArray<TextPart | FilePart> }
    | {
        readonly role: 'assistant';
        readonly content: ReadonlyArray<
          TextPart | FilePart | ReasoningPart | ToolCallPart | ToolResultPart | OpaquePart
        >;
      }
    | { readonly role: 'tool'; readonly content: ReadonlyArray<ToolResultPart | OpaquePart> }
  );

/** What a model writes. Tool inputs are JSON text here, as in the AI SDK. */
export type Content =
  | ({ readonly type: 'text'; readonly text: string } & WithProviderMetadata)
  | ({ readonly type: 'reasoning'; readonly text: string } & WithProviderMetadata)
  | ({
      readonly type: 'tool-call';
      readonly toolCallId: string;
      readonly toolName: string;
      readonly input: string;
      readonly providerExecuted?: boolean | undefined;
      readonly dynamic?: boolean | undefined;
    } & WithProviderMetadata)
  | ({
      readonly type: 'file' | 'reasoning-file' | 'source' | 'custom' | 'tool-result' | 'tool-approval-request';
    } & WithProviderMetadata);

export interface Tool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string | undefined;
  readonly inputSchema: { readonly [key: string]: unknown };
  readonly strict?: boolean | undefined;
  readonly providerOptions?: ProviderData | undefined;
}
/** A tool the provider runs by itself. */
export interface ProviderTool {
  readonly type: 'provider';
  readonly id: `${string}.${string}`;
  readonly name: string;
  readonly args: { readonly [key: string]: unknown };
}
export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly toolName: string };

export type ResponseFormat =
  | { readonly type: 'text' }
  | {
      readonly type: 'json';
      readonly schema?: { readonly [key: string]: unknown } | undefined;
      readonly name?: string | undefined;
      readonly description?: string | undefined;
      /** Whether the schema is to be kept to the letter. Default: as the model is set. */
      readonly strict?: boolean | undefined;
    };

export interface FinishReason {
  readonly unified: 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'interrupted' | 'other';
  /** The provider's own word for it. */
  readonly raw: string | undefined;
}

/** Whether a stop sequence ended a text; `undefined` where the back end does not say it from the end of the text itself. */
export function metStopSequence({ unified, raw }: FinishReason): boolean | undefined {
  if (unified !== 'stop') return false;
  if (raw !== undefined && AT_SEQUENCE.has(raw)) return true;
  return raw !== undefined && AT_END.has(raw) ? false : undefined;
}
/** Where the first of the stop sequences begins, or -1; none is looked for before `from`. */
export function stopSequenceAt(text: string, stops: readonly string[], from = 0): number {
  const found = stops.map((stop) => text.indexOf(stop, from)).filter((at) => at !== -1);
  return found.length > 0 ? Math.min(...found) : -1;
}

const AT_SEQUENCE = new Set(['stop-sequence', 'stop_sequence']);
const AT_END = new Set(['end', 'end_turn', 'eos_token']);

/** A user message of one text. */
export function user(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] };
}

/** A system message. */
export function system(text: string): Message {
  return { role: 'system', content: text };
}

/** An assistant message of one text. */
export function assistant(text: string): Message {
  return { role: 'assistant', content: [{ type: 'text', text }] };
}

/** The text of a message or of a model's output: its text parts joined, everything else left out. */
export function textOf(content: string | ReadonlyArray<{ readonly type: string; readonly text?: unknown }>): string {
  if (typeof content === 'string') return content;
  if (content.length === 1 && content[0]?.type === 'text') return String(content[0].text);
  return content.map((part) => (part.type === 'text' ? String(part.text) : '')).join('');
}

/** The text of the last user message: what is being asked. Empty if there is none. */
export function questionOf(prompt: readonly Message[]): string {
  const last = prompt.findLast((message) => message.role === 'user');
  return last ? textOf(last.content) : '';
}

/** The same conversation with another text as the last question. Its images and other files stay. */
export function withQuestion(prompt: readonly Message[], text: string): readonly Message[] {
  const at = prompt.findLastIndex((message) => message.role === 'user');
  return prompt.map((message, i) =>
    i === at && message.role === 'user'
      ? { ...message, content: [{ type: 'text', text }, ...message.content.filter((part) => part.type !== 'text')] }
      : message,
  );
}

/** A draft or a candidate as a text. Calls stand as text: a call without its result would break a conversation. */
export function shownAs({ content }: { readonly content: readonly Content[] }): string {
  return content.map(shown).filter(Boolean).join('\n') || '(nothing)';
}

function shown(part: Content): string {
  if (part.type === 'text') return part.text;
  return part.type === 'tool-call' ? `[call of ${part.toolName} with ${part.input}]` : '';
}
