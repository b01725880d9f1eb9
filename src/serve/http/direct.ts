/**
 * Posts on Node, answered without the web's `Request` and `Response`: making those costs more than handing a request on. It takes
 * the plain ones, with a length that is allowed; all others go the way of the web.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import { tooLarge } from '../body.ts';
import { ClientLeft, presenceAt, type Arrived } from '../connection.ts';
import type { Service } from '../handler.ts';

/** Answers a request; nothing where it is none of these. */
export function direct(
  { post, mostBytes }: Pick<Service, 'post' | 'mostBytes'>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> | undefined {
  const { method, url = '', headers } = incoming;
  const route = method === 'POST' ? post(url) : undefined;
  if (!route || !(Number(headers['content-length']) <= mostBytes)) return undefined;
  return route(arrivedAt(incoming, outgoing)).then((answer) => write(answer, outgoing));
}

function arrivedAt(incoming: IncomingMessage, outgoing: ServerResponse): Arrived {
  const { headers } = incoming;
  return {
    host: headers.host ?? '',
    header(name) {
      const value = headers[name];
      return typeof value === 'string' ? value : value?.join(', ');
    },
    text: (bytes) => textOf(incoming, bytes),
    presence: () => presenceAt(outgoing),
  };
}

const utf8 = new TextDecoder();

function textOf(incoming: IncomingMessage, most: number): Promise<string> {
  return new Promise((resolve, reject) => {
    if (incoming.destroyed) return reject(new ClientLeft());
    const pieces: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= most) pieces.push(piece);
      else reject(tooLarge(most));
    });
    incoming.on('end', () => resolve(utf8.decode(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))));
    const onLeave = (): void => {
      if (!incoming.readableEnded) reject(new ClientLeft());
    };
    incoming.on('error', onLeave);
    incoming.on('close', onLeave);
  });
}

async function write({ status, headers, body }: Answer, outgoing: ServerResponse): Promise<void> {
  if (typeof body === 'string') {
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    return;
  }
  const reader = body.getReader();
  const onClose = (): void => void reader.cancel().catch(() => undefined);
  outgoing.once('close', onClose);
  outgoing.writeHead(status, headers);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || outgoing.destroyed) break;
      if (!outgoing.write(value)) await drained(outgoing);
    }
    outgoing.end();
  } catch {
    outgoing.destroy(); // the end of a stream that failed is no good end
  } finally {
    outgoing.off('close', onClose);
  }
}

/** Resolves when the reader has caught up, or is gone. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
  });
}
