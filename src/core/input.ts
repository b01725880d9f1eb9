/** What a caller may ask with: a text, messages as the AI SDK has them, or a whole request. */
import { InvalidOption } from './errors.ts';
import { user, type FileData, type Message } from './message.ts';
import type { Request } from './sample.ts';

/** A message whose content may be a text, as in the AI SDK and in OpenAI's protocol. An `image` is a file. */
export interface InputMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly object[];
}

export type InputRequest = Omit<Request, 'prompt'> & { readonly prompt: string | readonly InputMessage[] };

export type Input = string | readonly InputMessage[] | InputRequest;

/** The request that an input is. A text is the message of a user. Errors: InvalidOption for what is no message, with its place. */
export function toRequest(input: Input): Request {
  if (typeof input === 'string' || isList(input)) return { prompt: promptOf(input) };
  if (typeof input !== 'object' || input === null || !('prompt' in input))
    throw new InvalidOption({
      where: 'request',
      option: 'prompt',
      rule: 'is missing: ask(model, "a question"), ask(model, [{ role, content }]) or ask(model, { prompt })',
    });
  return { ...input, prompt: promptOf(input.prompt) };
}

const isList = (input: Input): input is readonly InputMessage[] => Array.isArray(input);

function promptOf(given: string | readonly InputMessage[]): readonly Message[] {
  if (typeof given === 'string') return [user(given)];
  if (!Array.isArray(given))
    throw new InvalidOption({
      where: 'request',
      option: 'prompt',
      rule: 'must be a text or a list of messages',
      value: given,
    });
  return given.map(messageOf);
}

const ROLES = ['system', 'user', 'assistant', 'tool'];

function messageOf(given: InputMessage, i: number): Message {
  const { role, content } = Object(given) as Partial<InputMessage>;
  const refuse = (field: string, rule: string, value: unknown): never => {
    throw new InvalidOption({ where: 'request', option: `prompt[${i}]${field}`, rule, value });
  };
  if (role === undefined || !ROLES.includes(role))
    return refuse('.role', `must be one of ${ROLES.join(', ')}`, role ?? given);
  if (typeof content === 'string') {
    if (role === 'system') return given as Message;
    if (role === 'tool') return refuse('.content', 'must be a list of results of tools', content);
    return { ...given, role, content: [{ type: 'text', text: content }] };
  }
  if (role === 'system') return refuse('.content', 'must be a text', content);
  if (!Array.isArray(content)) return refuse('.content', 'must be a text or a list of parts', content);
  const parts = content.map((part: unknown, k) =>
    typeof part === 'object' && part !== null && 'type' in part
      ? partOf(part, (field, rule, value) => refuse(`.content[${k}]${field}`, rule, value))
      : refuse(`.content[${k}]`, 'must be a part with a type, such as { type: "text", text }', part),
  );
  return parts.every((part, k) => part === content[k]) ? (given as Message) : ({ ...given, content: parts } as Message);
}

interface LoosePart {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly image?: unknown;
  readonly data?: unknown;
  readonly mediaType?: unknown;
}

/** Files as the AI SDK's callers give them, in the form in which its models take them. */
function partOf(part: object, refuse: (field: string, rule: string, value: unknown) => never): object {
  const { type, image, data, mediaType, ...rest } = part as LoosePart;
  if (type === 'text' || type === 'reasoning') {
    if (typeof rest.text !== 'string') refuse('.text', 'must be a text', rest.text);
    return part;
  }
  if (type !== 'file' && type !== 'image') return part;
  const media = mediaType ?? (type === 'image' ? 'image/*' : undefined);
  if (typeof media !== 'string') refuse('.mediaType', 'must be a text, such as image/png', media);
  const given = type === 'image' ? image : data;
  const file = fileOf(given);
  if (typeof file !== 'object' || file === null || !('type' in file))
    refuse('', 'must hold its bytes or its address', given);
  return type === 'file' && file === data ? part : { ...rest, type: 'file', mediaType: media, data: file };
}

function fileOf(data: unknown): unknown {
  if (data instanceof URL) return { type: 'url', url: data } satisfies FileData;
  if (typeof data === 'string' && /^(?:https?|data):/i.test(data) && URL.canParse(data))
    return { type: 'url', url: new URL(data) } satisfies FileData;
  if (data instanceof ArrayBuffer) return { type: 'data', data: new Uint8Array(data) } satisfies FileData;
  return typeof data === 'string' || data instanceof Uint8Array ? { type: 'data', data } : data;
}
