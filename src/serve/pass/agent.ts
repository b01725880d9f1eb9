/**
 * Requests to servers behind this one, over sockets that are kept open. Node's own client carries more than twice what its
 * `fetch` does, and nothing that a proxy hands on needs the rest of it.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Model } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { optionsOf } from '../../models/openai/protocol/index.ts';

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What of a reply is read, whichever client brought it. */
export type Incoming = Pick<IncomingMessage, 'statusCode' | 'headers' | 'destroy'> & AsyncIterable<Uint8Array>;

/** Idle sockets are closed before most servers close them, so that no request meets one that is just being closed. */
const IDLE_MS = 4000;
const SETTINGS = {
  keepAlive: true,
  maxSockets: Infinity,
  maxFreeSockets: 256,
  timeout: IDLE_MS,
  scheduling: 'lifo',
} as const;
const agents = { http: new HttpAgent(SETTINGS), https: new HttpsAgent(SETTINGS) };

/** Sends a request and resolves once the head of the reply is there. Aborting destroys it, at any time. */
export async function sendOut(url: string, outgoing: Outgoing): Promise<IncomingMessage> {
  try {
    return await once(url, outgoing);
  } catch (error) {
    // The server closed a socket that was kept open, just as it was used again: the request was never read.
    if (error instanceof StaleSocket && !outgoing.signal?.aborted) return once(url, outgoing, true);
    throw error;
  }
}

/** A kept socket turned out to be closed. */
class StaleSocket extends Error {}

function once(url: string, { method, headers, body, signal }: Outgoing, fresh = false): Promise<IncomingMessage> {
  const isSecure = url.startsWith('https:');
  const send = isSecure ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const request = send(url, {
      method,
      headers: {
        ...headers,
        'accept-encoding': 'identity',
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
      agent: fresh ? false : isSecure ? agents.https : agents.http,
      timeout: 0, // the limit of the agent is for idle sockets alone
    });
    request.setNoDelay(true);
    const stop = (): void => void request.destroy(signal?.reason as Error);
    signal?.addEventListener('abort', stop, { once: true });
    request.once('close', () => signal?.removeEventListener('abort', stop));
    request.once('response', resolve);
    request.once('error', (error: NodeJS.ErrnoException) => {
      const isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(signal?.aborted ? (signal.reason as Error) : isStale ? new StaleSocket(error.message) : error);
    });
    request.end(body);
  });
}

/** The same as a `fetch` that can do what the models of this library ask of one. */
export const keptFetch: typeof fetch = async (input, init = {}) => {
  const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
  const { signal, body } = init;
  const incoming = await sendOut(url, {
    method: init.method === 'POST' ? 'POST' : 'GET',
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(signal && { signal }),
    ...((typeof body === 'string' || body instanceof Uint8Array) && { body }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new TypeError('fetch failed', { cause: error });
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const status = incoming.statusCode ?? 502;
  const isEmpty = status === 204 || status === 205 || status === 304;
  return new Response(isEmpty ? null : webStream(incoming), {
    status,
    statusText: incoming.statusMessage ?? '',
    headers,
  });
};

/** The same model over sockets that are kept open; as it is where it brings a client of its own, or speaks another protocol. */
export function keptSockets(model: Model): Model {
  const options = optionsOf(model);
  return !options || options.fetch ? model : openaiCompatible({ ...options, fetch: keptFetch });
}

/** The body of a reply, read no faster than it is asked for. */
export function webStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      },
      cancel: () => void incoming.destroy(),
    },
    { highWaterMark: 0 },
  );
}
