/** What one message, or one piece of a streamed one, says: text, thoughts, other parts and tool calls, in every form servers write them. */
import { MalformedReply, type Content } from '../../../core/index.ts';
import { excerpt, list, object, objects, spoken, text, whole, type Wire } from '../wire.ts';

/** A call, or a piece of one. What was not said is `undefined`. */
export interface CallPiece {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** Raw text, never a value: numbers in it may have more digits than a double. */
  readonly input: string | undefined;
}

export interface Said {
  readonly text: string | undefined;
  readonly reasoning: string | undefined;
  /** Images and sound, as the AI SDK names them. */
  readonly files: readonly Content[];
  readonly calls: readonly CallPiece[];
  /** The types of parts that nobody here can read. */
  readonly unread: readonly string[];
  /** Whether the text is a refusal to answer, in the field or the part that the protocol has for it. */
  readonly isRefusal?: boolean | undefined;
}

/** Reads a message. Content that is neither text nor parts is an error: there is no telling what was said. */
export function saidIn(message: Wire, shown: string): Said {
  const parts = contentIn(message['content'], shown);
  const audio = object(message['audio']);
  const files = [...parts.files, ...(objects(message['images'])?.flatMap(imageIn) ?? []), ...audioIn(audio)];
  const isRefusal = spoken(parts.text) === undefined ? spoken(message['refusal']) !== undefined : parts.isRefusal;
  return {
    ...(isRefusal && { isRefusal }),
    // A field that is there and empty does not hide one that says something.
    text: spoken(parts.text) ?? spoken(message['refusal']) ?? spoken(audio?.['transcript']) ?? parts.text,
    reasoning: thoughtsIn(message) ?? parts.reasoning,
    files,
    calls: callsIn(message, shown),
    unread: parts.unread,
  };
}

type Parts = Omit<Said, 'calls'>;

function contentIn(content: unknown, shown: string): Parts {
  if (content === undefined || content === null) return nothing();
  if (typeof content === 'string') return { ...nothing(), text: content };
  if (Array.isArray(content)) return content.map((part) => partIn(part, shown)).reduce(joined, nothing());
  const one = object(content);
  if (one && typeof one['type'] === 'string') return partIn(one, shown);
  throw new MalformedReply({
    url: shown,
    why: 'content that is neither text nor a list of parts',
    body: excerpt(content),
  });
}

const nothing = (): Parts => ({ text: undefined, reasoning: undefined, files: [], unread: [] });

function joined(a: Parts, b: Parts): Parts {
  return {
    text: both(a.text, b.text),
    reasoning: both(a.reasoning, b.reasoning),
    files: [...a.files, ...b.files],
    unread: [...a.unread, ...b.unread],
    ...((a.isRefusal || b.isRefusal) && { isRefusal: true }),
  };
}

const both = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined ? b : b === undefined ? a : a + b;

function partIn(part: unknown, shown: string): Parts {
  if (typeof part === 'string') return { ...nothing(), text: part };
  const fields = object(part);
  if (!fields)
    throw new MalformedReply({ url: shown, why: 'a part of the content that is no part', body: excerpt(part) });
  const type = text(fields['type']);
  switch (type) {
    case 'text':
    case 'output_text':
    case undefined:
      if (textIn(fields['text']) !== undefined) return { ...nothing(), text: textIn(fields['text']) };
      break;
    case 'refusal':
      return { ...nothing(), isRefusal: true, text: textIn(fields['refusal']) ?? textIn(fields['text']) };
    case 'thinking':
    case 'reasoning':
    case 'reasoning_content':
    case 'reasoning.text':
    case 'reasoning.summary':
      return { ...nothing(), reasoning: reasoningOf(fields) };
    // What is hidden on purpose has no text to be read.
    case 'redacted_thinking':
    case 'reasoning.encrypted':
      return nothing();
    case 'image':
    case 'image_url':
    case 'output_image':
      return { ...nothing(), files: imageIn(fields) };
    case 'audio':
    case 'output_audio':
      return { ...nothing(), files: audioIn(object(fields['audio']) ?? fields) };
  }
  return { ...nothing(), unread: [type ?? 'nameless'] };
}

/** A text, or an object that holds it as `value` or `text`. */
function textIn(value: unknown): string | undefined {
  return text(value) ?? text(object(value)?.['value']) ?? text(object(value)?.['text']);
}

/** Lists and parts of a thought stand at most this deep in one another. */
const MOST_DEPTH = 4;

function reasoningOf(part: Wire, depth = 0): string | undefined {
  return ['thinking', 'reasoning', 'reasoning_content', 'text', 'summary', 'content']
    .map((field) => thought(part[field], depth))
    .find(Boolean);
}

/** A thought: a text, or a list of texts and of parts that hold one. */
function thought(value: unknown, depth = 0): string | undefined {
  const one = textIn(value);
  if (one !== undefined) return spoken(one);
  if (depth === MOST_DEPTH) return undefined;
  const parts = list(value) ?? [];
  return spoken(parts.map((part) => text(part) ?? reasoningOf(object(part) ?? {}, depth + 1) ?? '').join(''));
}

/** Where servers put what the model thought: the first field that says something. */
const THOUGHTS = ['reasoning_content', 'reasoning', 'reasoning_details', 'thinking', 'thinking_blocks'];

function thoughtsIn(message: Wire): string | undefined {
  return THOUGHTS.map((field) => thought(message[field])).find(Boolean);
}

/** An image given in full. One at an address is named by it. */
function imageIn(part: Wire): Content[] {
  const url = textIn(part['image_url']) ?? text(object(part['image_url'])?.['url']) ?? text(part['url']);
  const data = text(part['b64_json']) ?? text(part['data']) ?? text(object(part['source'])?.['data']);
  if (url?.startsWith('data:')) {
    const [, type = 'image/png', encoded = ''] = /^data:([^;,]*)[^,]*,(.*)$/s.exec(url) ?? [];
    return [file(type, { type: 'data', data: encoded })];
  }
  const type = text(part['media_type']) ?? text(part['mime_type']) ?? 'image/png';
  if (url !== undefined && URL.canParse(url)) return [file(type, { type: 'url', url: new URL(url) })];
  return data === undefined ? [] : [file(type, { type: 'data', data })];
}

function audioIn(audio: Wire | undefined): Content[] {
  const data = text(audio?.['data']);
  return data === undefined ? [] : [file(`audio/${text(audio?.['format']) ?? 'wav'}`, { type: 'data', data })];
}

const file = (mediaType: string, data: object): Content =>
  Object.assign({ type: 'file' as const }, { mediaType, data });

function callsIn(message: Wire, shown: string): CallPiece[] {
  const calls = objects(message['tool_calls']) ?? [];
  const old = object(message['function_call']); // what calls were before there could be several
  return [...calls, ...(old ? [{ function: old }] : [])].map((call) => {
    const named = object(call['function']) ?? call;
    return {
      index: whole(call['index']),
      id: spoken(call['id']),
      name: spoken(named['name']),
      input: inputIn(named['arguments'], shown),
    };
  });
}

/** Arguments as text. Some servers send the object itself: it is written out, unless its numbers have lost digits by then. */
function inputIn(input: unknown, shown: string): string | undefined {
  if (input === undefined || input === null || typeof input === 'string') return input ?? undefined;
  const isExact =
    typeof input === 'object' && numbersIn(input).every((one) => !Number.isInteger(one) || Number.isSafeInteger(one));
  const written = isExact ? json(input) : undefined;
  if (written !== undefined) return written;
  const why =
    typeof input === 'object' && !isExact
      ? 'a tool call whose arguments are an object with a number too large to be exact'
      : 'a tool call whose arguments are neither text nor an object';
  throw new MalformedReply({ url: shown, why, body: excerpt(input) });
}

/** JSON of a value; nothing where it is nested too deeply to be written. */
function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function numbersIn(value: unknown): number[] {
  const found: number[] = [];
  // A list and not recursion: a server chooses how deep it nests.
  for (const left = [value]; left.length > 0;) {
    const one = left.pop();
    if (typeof one === 'number') found.push(one);
    else if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) left.push(inner);
  }
  return found;
}
