/** The body of a responses request as that of a chat: both say the same, and one of them is read. */
import { boolean, list, object, text, whole, type Wire } from '../../models/openai/protocol/index.ts';
import { Refusal } from '../failure.ts';

/** Fields of what only a server with a memory of its answers can keep, or with tools of its own. */
const REFUSED: {
  readonly [field: string]: { readonly instead: string; readonly isDefault?: (value: unknown) => boolean };
} = {
  previous_response_id: {
    instead: 'Send the whole conversation as `input`, or serve with `--store FILE --keep-texts`',
  },
  conversation: { instead: 'Send the whole conversation as `input`' },
  prompt: { instead: 'Send the text of the prompt as `instructions` or `input`' },
  background: { instead: 'Wait for the answer, or stream it', isDefault: (value) => value === false },
  store: {
    instead: 'Leave it out or send false, or serve with `--store FILE --keep-texts`',
    isDefault: (value) => value === false,
  },
  truncation: { instead: 'Send a shorter conversation', isDefault: (value) => value === 'disabled' },
  context_management: {
    instead: 'Send a shorter conversation',
    isDefault: (value) => Array.isArray(value) && value.length === 0,
  },
  max_tool_calls: { instead: 'Leave it out: only the tools of the client are called, and by the client' },
};

const READ = new Set([
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'text',
  'reasoning',
  'max_output_tokens',
  'top_logprobs',
  'include',
  'stream_options',
]);

/** The same request to the chat endpoint. Fields that nobody here knows go along. */
export function chatBodyOf(body: Wire): Wire {
  const chat: Wire = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null || value === undefined || READ.has(name)) continue;
    const refused = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    if (!refused) chat[name] = value;
    else if (refused.isDefault?.(value) !== true)
      throw new Refusal(`\`${name}\` cannot be kept here. ${refused.instead}.`, {
        param: name,
        code: 'unsupported_parameter',
      });
  }
  const reasoning = part(body, 'reasoning');
  for (const name of Object.keys(reasoning))
    if (name !== 'effort' && reasoning[name] !== null)
      throw wrong(`reasoning.${name}`, 'cannot be kept here: leave it out');
  const format = part(body, 'text');
  const include = list(body['include']) ?? [];
  const other = include.find((one) => one !== LOGPROBS && one !== 'reasoning.encrypted_content');
  if (other !== undefined) throw wrong('include', `cannot hold ${JSON.stringify(other)} here: leave it out`);
  const wantsLogprobs = include.includes(LOGPROBS);
  const tools = toolsOf(body['tools']);
  return {
    ...chat,
    messages: [...instructionsOf(body['instructions']), ...messagesOf(body['input'])],
    ...(tools && { tools }),
    ...(body['tool_choice'] !== undefined && { tool_choice: choiceOf(body['tool_choice']) }),
    ...(reasoning['effort'] !== undefined && { reasoning_effort: reasoning['effort'] }),
    ...(format['format'] !== undefined && { response_format: formatOf(format['format']) }),
    ...(format['verbosity'] !== undefined && { verbosity: format['verbosity'] }),
    ...(body['max_output_tokens'] !== undefined && { max_completion_tokens: body['max_output_tokens'] }),
    ...(wantsLogprobs && { logprobs: true, top_logprobs: whole(body['top_logprobs']) ?? 0 }),
  };
}

const LOGPROBS = 'message.output_text.logprobs';

function part(body: Wire, name: string): Wire {
  const value = body[name];
  if (value === undefined || value === null) return {};
  const found = object(value);
  if (!found) throw wrong(name, 'must be an object');
  return found;
}

function instructionsOf(value: unknown): Wire[] {
  if (value === undefined || value === null) return [];
  const said = text(value);
  if (said === undefined) throw wrong('instructions', 'must be a text');
  return [{ role: 'system', content: said }];
}

function messagesOf(input: unknown): Wire[] {
  const said = text(input);
  if (said !== undefined) return [{ role: 'user', content: said }];
  const items = list(input);
  if (!items || items.length === 0) throw wrong('input', 'must be a text or a list of items');
  const messages: Wire[] = [];
  let thoughts: string | undefined;
  for (const [i, one] of items.entries()) {
    const at = `input[${i}]`;
    const item = object(one);
    if (!item) throw wrong(at, 'must be an object');
    const type = item['type'] ?? 'message';
    const last = messages.at(-1);
    if (type === 'message') {
      const message = messageOf(item, at);
      messages.push(message['role'] === 'assistant' ? withThoughts(message, thoughts) : message);
      thoughts = undefined;
    } else if (type === 'function_call') {
      const call = callOf(item, at);
      // Calls of one turn stand in one message, behind what was said in it.
      if (last?.['role'] === 'assistant')
        last['tool_calls'] = [...((last['tool_calls'] as Wire[] | undefined) ?? []), call];
      else messages.push(withThoughts({ role: 'assistant', content: null, tool_calls: [call] }, thoughts));
      thoughts = undefined;
    } else if (type === 'function_call_output') {
      const id = text(item['call_id']);
      if (id === undefined) throw wrong(`${at}.call_id`, 'must be the id of the call');
      messages.push({ role: 'tool', tool_call_id: id, content: contentOf(item['output'], `${at}.output`) });
    } else if (type === 'reasoning') thoughts = thoughtsIn(item);
    else throw wrong(`${at}.type`, 'must be one of message, function_call, function_call_output, reasoning');
  }
  return messages;
}

const withThoughts = (message: Wire, thoughts: string | undefined): Wire =>
  thoughts === undefined || thoughts === '' ? message : { ...message, reasoning_content: thoughts };

function thoughtsIn(item: Wire): string {
  return [...(list(item['content']) ?? []), ...(list(item['summary']) ?? [])]
    .map((one) => text(object(one)?.['text']) ?? '')
    .join('');
}

function messageOf({ role, content }: Wire, at: string): Wire {
  if (role !== 'user' && role !== 'system' && role !== 'developer' && role !== 'assistant')
    throw wrong(`${at}.role`, 'must be one of user, assistant, system, developer');
  return { role, content: contentOf(content, `${at}.content`) };
}

function contentOf(content: unknown, at: string): unknown {
  if (typeof content === 'string') return content;
  const parts = list(content);
  if (!parts) throw wrong(at, 'must be a text or a list of parts');
  return parts.map((one, i) => partOf(object(one) ?? {}, `${at}[${i}]`));
}

function partOf(fields: Wire, at: string): Wire {
  const { type, image_url: url, detail, file_id: id, filename, file_data: data } = fields;
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: fields['text'] };
    case 'refusal':
      return { type: 'refusal', refusal: fields['refusal'] };
    case 'input_image':
      if (typeof url !== 'string') throw wrong(`${at}.image_url`, 'must be an address or a data: URL');
      return { type: 'image_url', image_url: { url, ...(typeof detail === 'string' && { detail }) } };
    case 'input_file':
      return {
        type: 'file',
        file: {
          ...(typeof id === 'string' && { file_id: id }),
          ...(typeof filename === 'string' && { filename }),
          ...(typeof data === 'string' && { file_data: data }),
        },
      };
    default:
      throw wrong(`${at}.type`, 'must be one of input_text, output_text, refusal, input_image, input_file');
  }
}

function callOf({ call_id: id, name, arguments: input }: Wire, at: string): Wire {
  if (typeof id !== 'string') throw wrong(`${at}.call_id`, 'must be a text');
  if (typeof name !== 'string') throw wrong(`${at}.name`, 'must be a text');
  if (typeof input !== 'string') throw wrong(`${at}.arguments`, 'must be a text of JSON');
  return { id, type: 'function', function: { name, arguments: input } };
}

function toolsOf(value: unknown): Wire[] | undefined {
  if (value === undefined || value === null) return undefined;
  const tools = list(value);
  if (!tools) throw wrong('tools', 'must be a list');
  return tools.map((one, i) => {
    const { type, name, description, parameters, strict } = object(one) ?? {};
    if (type !== 'function')
      throw wrong(`tools[${i}].type`, 'must be "function" here: a server runs its own tools without techniques alone');
    return {
      type: 'function',
      function: {
        name,
        ...(typeof description === 'string' && { description }),
        ...(object(parameters) && { parameters }),
        ...(boolean(strict) !== undefined && { strict }),
      },
    };
  });
}

function choiceOf(value: unknown): unknown {
  const choice = object(value);
  return choice?.['type'] === 'function' ? { type: 'function', function: { name: choice['name'] } } : value;
}

function formatOf(value: unknown): unknown {
  const format = object(value);
  if (format?.['type'] !== 'json_schema') return value;
  const { type, ...schema } = format;
  return { type, json_schema: schema };
}

const wrong = (param: string, rule: string): Refusal =>
  new Refusal(`\`${param}\` ${rule}.`, { param, code: 'invalid_value' });
