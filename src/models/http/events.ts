/**
 * Event streams as servers really send them: what is said, without signs of life; errors in every form; and replies that
 * are no stream of events at all, such as JSON lines, one JSON document, or a page for people.
 */
import { EVENT_LENGTH, STREAM_BYTES } from '../../core/bounds.ts';
import { MalformedReply } from '../../core/index.ts';
import { notOfTheProtocol, quoted, refuseError, UNKNOWN_STATUS, upstream, type Asked } from './failures.ts';
import type { Incoming } from './incoming.ts';
import { nested, parseJson } from './json.ts';
import { linesOf } from './lines.ts';
import { statusIn } from './words.ts';

/** Waits for the first event, so that a stream that fails before it may be tried again. */
export async function openEvents(call: Asked, incoming: Incoming): Promise<AsyncIterable<string>> {
  const events = eventsOf(call, incoming);
  const first = await events.next();
  if (!first.done) refuseError(call, objectIn(first.value));
  return (async function* () {
    try {
      if (first.done) return;
      yield first.value;
      yield* events;
    } finally {
      await events.return(undefined);
    }
  })();
}

/** The data of each event of a stream, as it comes. An event that is an error is thrown, in the server's words. */
export async function* eventsOf(call: Asked, { response, alive }: Incoming): AsyncGenerator<string> {
  const lines = linesOf(response.body, {
    line: EVENT_LENGTH,
    all: STREAM_BYTES,
    tooLong: (start) => tooLong(call, start),
    alive,
  });
  try {
    // Empty lines may come first, as signs of life.
    let first = await lines.next();
    while (!first.done && first.value.trim() === '') first = await lines.next();
    if (first.done) return;
    const start = first.value;
    const rest = put(start, lines);
    if (/^\s*[{[]/.test(start)) yield* documentsOf(call, rest);
    else if (/^\s*</.test(start)) throw notOfTheProtocol(call, 'a stream', await beginning(rest));
    else yield* fieldsOf(call, rest);
  } finally {
    await lines.return(undefined);
  }
}

/** Whether a whole text is a stream of events. */
export const looksLikeEvents = (text: string): boolean => /^\s*(?:data|event|id|retry|error)?:/.test(text);

const SIGN_OF_LIFE =
  /^[^\p{L}\p{N}]*(?:null|ping|pong|(?:keep|still)[-_ ]?alive|heart[-_ ]?beat|processing)?[^\p{L}\p{N}]*$/iu;
/** Letters of the longest sign of life. */
const LONGEST_SIGN = 64;
const DONE = /^"?\[DONE\]"?$/i;

/** Reads lines of fields: `data:`, `event:`, and the `error:` of some servers. */
async function* fieldsOf(call: Asked, lines: AsyncIterable<string>): AsyncGenerator<string> {
  let data: string[] = [];
  let chars = 0;
  let kind = '';
  let stray = '';
  let said = false;
  for await (const line of lines) {
    if (line === '') {
      const event = data.join('\n').trim();
      const named = kind;
      [data, chars, kind] = [[], 0, ''];
      if (/error/i.test(named)) throw errorIn(call, event);
      if (DONE.test(event)) yield '[DONE]';
      else if (!isSignOfLife(named, event)) yield shallow(call, event);
      else continue;
      said = true;
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      chars += value.length;
      if (chars > EVENT_LENGTH) throw tooLong(call, data[0] ?? '');
      data.push(value);
    } else if (field === 'event') kind = value.trim();
    else if (field === 'error') throw errorIn(call, value.trim());
    else if (!PLAIN_FIELD.has(field) && stray.length < 1000) stray += `${line} `;
  }
  if (!said && stray !== '') throw notOfTheProtocol(call, 'a stream of events', stray);
}

/** Fields that say nothing here, a comment among them. */
const PLAIN_FIELD = new Set(['', 'id', 'retry']);

const isSignOfLife = (kind: string, event: string): boolean =>
  [event, ...(kind === '' ? [] : [kind])].some((text) => text.length <= LONGEST_SIGN && SIGN_OF_LIFE.test(text));

function errorIn(call: Asked, data: string): Error {
  return upstream(call, statusIn(objectIn(data)) ?? UNKNOWN_STATUS, data);
}

/** Reads JSON lines, or one document over several lines. A list is its items. */
async function* documentsOf(call: Asked, lines: AsyncIterable<string>): AsyncGenerator<string> {
  const document: string[] = [];
  let chars = 0;
  let oneALine: boolean | undefined;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    oneALine ??= isWhole(line);
    if (oneALine) {
      // Some servers send fields after all, once they have begun.
      const event = line.replace(/^data: ?/, '').trim();
      if (DONE.test(event)) yield '[DONE]';
      else if (!isSignOfLife('', event)) yield* itemsOf(call, event);
      continue;
    }
    chars += line.length;
    if (chars > EVENT_LENGTH) throw tooLong(call, document[0] ?? '');
    document.push(line);
  }
  if (document.length > 0) yield* itemsOf(call, document.join('\n'));
}

function isWhole(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

function* itemsOf(call: Asked, text: string): Generator<string> {
  const event = shallow(call, text);
  if (!/^\s*\[/.test(event)) return void (yield event);
  const list: unknown = isWhole(event) ? parseJson(event) : undefined;
  if (!Array.isArray(list)) throw notOfTheProtocol(call, 'JSON', text);
  for (const item of list) yield JSON.stringify(item);
}

/** The event, if programs can go down into it. */
function shallow({ shown, secrets }: Asked, event: string): string {
  if (!nested(event)) return event;
  const why = 'lists and objects too deep inside one another';
  throw new MalformedReply({ url: shown, why, body: quoted(secrets, event) });
}

function objectIn(data: string): unknown {
  try {
    return parseJson(data);
  } catch {
    return undefined;
  }
}

async function* put(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}

/** Enough of a page to tell what it is. */
async function beginning(lines: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length > 8192) break;
  }
  return text;
}

function tooLong({ shown, secrets }: Asked, start: string): MalformedReply {
  const why = `a stream or a line of it that is too long to be read`;
  return new MalformedReply({ url: shown, why, body: quoted(secrets, start) });
}
