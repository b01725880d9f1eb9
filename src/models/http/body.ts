/** Bodies of replies: read within bounds, decompressed ones too, and taken for what they are. */
import { REFUSAL_BYTES, REPLY_BYTES } from '../../core/bounds.ts';
import { MalformedReply } from '../../core/index.ts';
import { eventsOf, looksLikeEvents } from './events.ts';
import { notOfTheProtocol, quoted, refuseError, type Asked } from './failures.ts';
import { parseJson } from './json.ts';
import type { Incoming } from './incoming.ts';

/** A whole reply: JSON as asked for, or the events of a server that streams whatever it is asked. */
export type Whole =
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'events'; readonly events: AsyncIterable<string> };

/** Reads a whole reply. */
export async function readWhole(call: Asked, { response }: Incoming): Promise<Whole> {
  const text = await readText(call, response);
  if (!looksLikeEvents(text)) return { kind: 'json', body: bodyOf(call, text) };
  const again: Incoming = { response: new Response(text), alive() {} };
  return { kind: 'events', events: eventsOf(call, again) };
}

/** Reads a reply as JSON. */
export async function readJson(call: Asked, { response }: Incoming): Promise<unknown> {
  return bodyOf(call, await readText(call, response));
}

function bodyOf(call: Asked, text: string): unknown {
  let body: unknown;
  try {
    body = parseJson(text);
  } catch (error) {
    if (text.trim() === '' || !/^\s*[{[]/.test(text)) throw notOfTheProtocol(call, 'JSON', text);
    const why = error instanceof SyntaxError && /deep/.test(error.message) ? error.message : 'not JSON';
    throw new MalformedReply({ url: call.shown, why, body: quoted(call.secrets, text) });
  }
  refuseError(call, body);
  return body;
}

/** The text of a reply of at most `REPLY_BYTES`. */
export async function readText({ shown, secrets }: Asked, response: Response): Promise<string> {
  const { text, whole } = await start(response, REPLY_BYTES);
  if (whole) return text;
  throw new MalformedReply({ url: shown, why: `more than ${REPLY_BYTES} bytes`, body: quoted(secrets, text) });
}

/** The text of the reply to a refused request, or its beginning. A connection that breaks off leaves what there is. */
export async function readRefusal(response: Response): Promise<string> {
  const { text } = await start(response, REFUSAL_BYTES, 'keep');
  return text.trim() === '' ? response.statusText : text;
}

/** The first `most` bytes of a body as text, and whether that is all of it. The rest is not read. */
async function start(
  response: Response,
  most: number,
  broken: 'keep' | 'throw' = 'throw',
): Promise<{ readonly text: string; readonly whole: boolean }> {
  if (!response.body) return { text: '', whole: true };
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let left = most;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(decoder.decode(value.subarray(0, left), { stream: true }));
      left -= value.length;
      if (left < 0) return { text: pieces.join(''), whole: false };
    }
  } catch (error) {
    if (broken === 'throw') throw error;
  } finally {
    reader.cancel().catch(() => undefined);
  }
  pieces.push(decoder.decode());
  return { text: pieces.join(''), whole: true };
}
