/**
 * A conversation in OpenAI's form as messages of this library: the way back of `messagesOf`. What a message says beyond
 * the common vocabulary (a name, the detail of an image, fields nobody here knows) goes to the server as it came.
 */
import type { FilePart, Message, TextPart, ToolResultPart } from '../../core/index.ts';
import { list, object, text, type Wire } from '../../models/openai/protocol/index.ts';
import type { Bases } from '../bases.ts';
import { Refusal } from '../failure.ts';

type UserPart = TextPart | FilePart;
type AssistantPart = Extract<Message, { role: 'assistant' }>['content'][number];

export function readMessages(value: unknown, bases: Bases, most: number): readonly Message[] {
  const messages = list(value);
  if (!messages || messages.length === 0) throw wrong('messages', 'must be a list of at least one message');
  if (messages.length > most)
    throw wrong('messages', `must be at most ${most} messages, and there are ${messages.length}`);
  /** The names of tools by the ids of their calls: a result says only the id. */
  const called = new Map<string, string>();
  return messages.flatMap((one, i): readonly Message[] => {
    const at = `messages[${i}]`;
    const message = object(one);
    if (!message) throw wrong(at, 'must be an object');
    const { role } = message;
    switch (role) {
      case 'system':
      case 'developer':
        return systemMessages(message, at, bases);
      case 'user':
        return [userMessage(message, at, bases)];
      case 'assistant':
        return [assistantMessage(message, at, bases, called)];
      case 'tool':
        return [toolMessage(message, at, bases, called)];
      case 'function':
        throw wrong(`${at}.role`, 'cannot be "function" under a formula: send the result as a message of role "tool"');
      default:
        throw wrong(`${at}.role`, 'must be one of developer, system, user, assistant, tool');
    }
  });
}

/** A system message for each of its texts. */
function systemMessages(message: Wire, at: string, bases: Bases): readonly Message[] {
  const { content, role: _role, ...more } = message;
  const isDeveloper = message['role'] === 'developer' && bases.foreign === undefined;
  const extras = bases.handed({ ...present(more), ...(isDeveloper && { role: 'developer' }) }, firstOf(at, more));
  const whole = text(content);
  const texts = whole === undefined ? textsIn(content, `${at}.content`) : [whole];
  return texts.map((one) => ({ role: 'system', content: one, ...extras }));
}

/** Content that is a list of texts and nothing else. */
function textsIn(content: unknown, at: string): readonly string[] {
  const parts = list(content);
  if (!parts || parts.length === 0) throw wrong(at, 'must be a text or a list of parts');
  return parts.map((part, i) => {
    const fields = object(part);
    const said = fields?.['type'] === 'text' ? text(fields['text']) : undefined;
    if (said === undefined) throw wrong(`${at}[${i}]`, 'must be a part of type "text"');
    return said;
  });
}

function userMessage({ content, role: _role, ...more }: Wire, at: string, bases: Bases): Message {
  const whole = text(content);
  const parts = list(content);
  if (whole === undefined && (!parts || parts.length === 0))
    throw wrong(`${at}.content`, 'must be a text or a list of parts');
  return {
    role: 'user',
    content:
      whole === undefined
        ? (parts ?? []).map((part, i) => userPart(part, `${at}.content[${i}]`, bases))
        : [{ type: 'text', text: whole }],
    ...bases.handed(present(more), firstOf(at, more)),
  };
}

function userPart(part: unknown, at: string, bases: Bases): UserPart {
  const fields = object(part);
  switch (fields?.['type']) {
    case 'text': {
      const { type: _type, text: said, ...more } = fields;
      const whole = text(said);
      if (whole === undefined) throw wrong(`${at}.text`, 'must be a text');
      return { type: 'text', text: whole, ...bases.handed(present(more), firstOf(at, more)) };
    }
    case 'image_url':
      return imagePart(fields, at, bases);
    case 'input_audio':
      return audioPart(fields, at, bases);
    case 'file':
      return filePart(fields, at, bases);
    default:
      throw wrong(`${at}.type`, 'must be one of text, image_url, input_audio, file');
  }
}

/** The image is handed on as it is: no address in a message is ever looked up here. */
function imagePart({ type: _type, image_url: image, ...more }: Wire, at: string, bases: Bases): FilePart {
  const { url, ...details } = object(image) ?? {};
  const address = text(url);
  if (address === undefined || !URL.canParse(address))
    throw wrong(`${at}.image_url.url`, 'must be an address or a data: URL');
  const isData = /^data:/i.test(address);
  const exact = !isData && new URL(address).href === address;
  const isPlain = Object.keys(present(details)).length === 0 && (isData || exact);
  const extras = { ...present(more), ...(!isPlain && bases.foreign === undefined && { image_url: image }) };
  // The default, in other words.
  const { detail, ...others } = present(details);
  if (bases.foreign !== undefined && ((detail !== undefined && detail !== 'auto') || Object.keys(others).length > 0))
    bases.handed(details, `${at}.image_url.detail`);
  return {
    type: 'file',
    mediaType: isData ? mediaTypeOf(address, 'image/*') : 'image/*',
    data: isData ? { type: 'data', data: address } : { type: 'url', url: new URL(address) },
    ...bases.handed(extras, firstOf(at, more)),
  };
}

const mediaTypeOf = (dataUrl: string, otherwise: string): string =>
  /^data:([\w.+-]+\/[\w.+-]+)/i.exec(dataUrl)?.[1]?.toLowerCase() ?? otherwise;

function audioPart({ type: _type, input_audio: audio, ...more }: Wire, at: string, bases: Bases): FilePart {
  const { data, format } = object(audio) ?? {};
  const sound = text(data);
  if (sound === undefined) throw wrong(`${at}.input_audio.data`, 'must be base64');
  if (format !== 'wav' && format !== 'mp3') throw wrong(`${at}.input_audio.format`, 'must be wav or mp3');
  return {
    type: 'file',
    mediaType: format === 'wav' ? 'audio/wav' : 'audio/mpeg',
    data: { type: 'data', data: sound },
    ...bases.handed(present(more), firstOf(at, more)),
  };
}

function filePart({ type: _type, file, ...more }: Wire, at: string, bases: Bases): FilePart {
  const given = object(file) ?? {};
  const [id, name, data] = [text(given['file_id']), text(given['filename']), text(given['file_data'])];
  if (id === undefined && data === undefined) throw wrong(`${at}.file`, 'must have a file_id or file_data');
  const whole = bases.foreign === undefined ? { file } : {};
  return {
    type: 'file',
    // A server that speaks the protocol is sent the part as it came, whatever it is.
    mediaType:
      data === undefined || bases.foreign === undefined ? 'application/pdf' : mediaTypeOf(data, 'application/pdf'),
    data:
      data === undefined
        ? bases.foreign === undefined
          ? { type: 'data', data: '' }
          : noReference(at, bases.foreign)
        : { type: 'data', data: base64Of(data) },
    ...(name !== undefined && { filename: name }),
    ...bases.handed({ ...present(more), ...whole }, firstOf(at, more)),
  };
}

function noReference(at: string, model: string): never {
  throw wrong(`${at}.file.file_id`, `names a file of another server than ${model}: send its content as file_data`);
}

const base64Of = (data: string): string => data.replace(/^data:[^,]*,/i, '');

function assistantMessage(
  { content, role: _role, tool_calls: calls, refusal, ...more }: Wire,
  at: string,
  bases: Bases,
  called: Map<string, string>,
): Message {
  if (more['function_call'] !== undefined && more['function_call'] !== null)
    throw wrong(`${at}.function_call`, 'cannot be sent under a formula: send the call as one of `tool_calls`');
  const parts: AssistantPart[] = [];
  const said = text(content);
  const listed = list(content);
  const isRefusal = text(refusal) !== undefined;
  if (said !== undefined) parts.push({ type: 'text', text: said });
  else if (listed) parts.push(...listed.map((part, i) => assistantPart(part, `${at}.content[${i}]`)));
  else if (content !== undefined && content !== null) throw wrong(`${at}.content`, 'must be a text or a list of parts');
  if (isRefusal && said === undefined) parts.push({ type: 'text', text: text(refusal) ?? '' });
  if (calls !== undefined && calls !== null) parts.push(...callsIn(calls, `${at}.tool_calls`, called));
  if (parts.length === 0) parts.push({ type: 'text', text: '' });
  const fields = present(more);
  // Thoughts of an earlier turn go back to a server as they came from it; other models have a part for them.
  const thoughts = bases.foreign === undefined ? undefined : thoughtsOf(fields);
  if (thoughts !== undefined) parts.unshift({ type: 'reasoning', text: thoughts });
  const rest = thoughts === undefined ? fields : without(fields, THOUGHTS);
  const shown = isRefusal && bases.foreign === undefined ? { content: content ?? null, refusal } : {};
  return { role: 'assistant', content: parts, ...bases.handed({ ...rest, ...shown }, firstOf(at, rest)) };
}

const THOUGHTS = ['reasoning_content', 'reasoning'];

const thoughtsOf = (fields: Wire): string | undefined =>
  THOUGHTS.map((name) => text(fields[name])).find((one) => one !== undefined);

const without = (fields: Wire, names: readonly string[]): Wire =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

function assistantPart(part: unknown, at: string): AssistantPart {
  const fields = object(part) ?? {};
  const said =
    fields['type'] === 'text'
      ? text(fields['text'])
      : fields['type'] === 'refusal'
        ? text(fields['refusal'])
        : undefined;
  if (said === undefined) throw wrong(at, 'must be a part of type "text" or "refusal"');
  return { type: 'text', text: said };
}

function callsIn(value: unknown, at: string, called: Map<string, string>): AssistantPart[] {
  const calls = list(value);
  if (!calls) throw wrong(at, 'must be a list of calls');
  return calls.map((one, i) => {
    const call = object(one) ?? {};
    if (call['type'] === 'custom')
      throw wrong(`${at}[${i}].type`, 'cannot be "custom" under a formula: use tools of type "function"');
    const named = object(call['function']);
    const [id, name, input] = [text(call['id']), text(named?.['name']), text(named?.['arguments'])];
    if (id === undefined) throw wrong(`${at}[${i}].id`, 'must be a text');
    if (name === undefined) throw wrong(`${at}[${i}].function.name`, 'must be a text');
    if (input === undefined) throw wrong(`${at}[${i}].function.arguments`, 'must be a text of JSON');
    called.set(id, name);
    return { type: 'tool-call', toolCallId: id, toolName: name, input };
  });
}

function toolMessage(
  { content, role: _role, tool_call_id: id, ...more }: Wire,
  at: string,
  bases: Bases,
  called: ReadonlyMap<string, string>,
): Message {
  const toolCallId = text(id);
  if (toolCallId === undefined) throw wrong(`${at}.tool_call_id`, 'must be the id of the call');
  const said = text(content);
  const result: ToolResultPart = {
    type: 'tool-result',
    toolCallId,
    toolName: called.get(toolCallId) ?? text(more['name']) ?? 'tool',
    output:
      said === undefined
        ? { type: 'content', value: textsIn(content, `${at}.content`).map((one) => ({ type: 'text', text: one })) }
        : { type: 'text', value: said },
  };
  return { role: 'tool', content: [result], ...bases.handed(present(more), firstOf(at, more)) };
}

/** Fields that say something: `null` is as good as left out. */
const present = (fields: Wire): Wire =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

const firstOf = (at: string, fields: Wire): string => {
  const [name] = Object.keys(present(fields));
  return name === undefined ? at : `${at}.${name}`;
};

const wrong = (param: string, rule: string): Refusal =>
  new Refusal(`\`${param}\` ${rule}.`, { param, code: 'invalid_value' });
