/** What a server sent, taken for what it is, whatever the server calls it. */
import { REFUSAL_BYTES } from '../../core/bounds.ts';
import { MalformedReply } from '../../core/index.ts';
import { looksLikeEvents, notOfTheProtocol, parseJson, quoted } from '../../models/http/index.ts';
import { list, object, type Wire } from '../../models/openai/protocol/index.ts';
import { refusalOf } from '../failure.ts';
import { statusOfEvent } from './pass-events.ts';
import type { Incoming } from './unpacked.ts';

/** The letters of the longest field that an event begins with. */
const TELLING = 6;

/** Whether a reply is a stream of events, by how it begins, and the reply as if nobody had looked at it. */
export async function lookedAt(incoming: Incoming): Promise<{ readonly isEvents: boolean; readonly whole: Incoming }> {
  const { start, whole } = await peeked(incoming, (text) => text.trimStart().length >= TELLING || text.includes(':'));
  return { isEvents: looksLikeEvents(start), whole };
}

/** The status of the error that a stream begins with, where it begins with one. Comments are no beginning. */
export async function failedAtOnce(
  incoming: Incoming,
): Promise<{ readonly status: number | undefined; readonly whole: Incoming }> {
  let status: number | undefined;
  const { whole } = await peeked(incoming, (text) => {
    const first = text.split(/(?<=\r?\n\r?\n|\r\r)/).find((block) => /^(?:data|error):/m.test(block));
    if (first === undefined || !/(?:\r?\n\r?\n|\r\r)$/.test(first)) return text.length > REFUSAL_BYTES;
    status = statusOfEvent(first);
    return true;
  });
  return { status, whole };
}

/** The start of a reply, as much as is `enough`, and the reply as if nobody had read any of it. */
async function peeked(
  incoming: Incoming,
  enough: (start: string) => boolean,
): Promise<{ readonly start: string; readonly whole: Incoming }> {
  const pieces = incoming[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  const decoder = new TextDecoder();
  let start = '';
  while (!enough(start)) {
    const { done, value } = await pieces.next();
    if (done) break;
    seen.push(value);
    start += decoder.decode(value, { stream: true });
  }
  const whole: Incoming = {
    statusCode: incoming.statusCode,
    headers: incoming.headers,
    destroy: (error) => incoming.destroy(error),
    async *[Symbol.asyncIterator]() {
      try {
        yield* seen;
        for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
      } finally {
        incoming.destroy();
      }
    },
  };
  return { start, whole };
}

/** The list that a reply of an endpoint has to have. A response may have failed, and says so itself. */
const LISTS: { readonly [path: string]: string } = {
  '/chat/completions': 'choices',
  '/completions': 'choices',
  '/embeddings': 'data',
};

/** An object of JSON; nothing where a text is none. */
export function objectIn(text: string): Wire | undefined {
  try {
    return object(parseJson(text));
  } catch {
    return undefined;
  }
}

/** Throws, in the words of the server, where a reply is none of the protocol. */
export function checkReply(
  reply: Wire | undefined,
  text: string,
  { path, secrets }: { readonly path: string; readonly secrets: readonly string[] },
): asserts reply is Wire {
  const asked = { shown: path, secrets };
  if (!reply) throw refusalOf(notOfTheProtocol(asked, 'an object of JSON', text));
  const field = LISTS[path];
  if (field !== undefined && !list(reply[field]))
    throw refusalOf(new MalformedReply({ url: path, why: `no list of ${field}`, body: quoted(secrets, text) }));
}
