/**
 * Requests to servers behind this one, over sockets that are kept open. Node's own client carries more than twice what its
 * `fetch` does, and nothing that a proxy hands on needs the rest of it.
 */
import { Agent as HttpAgent, globalAgent, IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { Model } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { optionsOf } from '../../models/openai/protocol/index.ts';
import { stopOf, type Stop } from '../http/stop.ts';
import { unpacked, type Incoming } from './unpacked.ts';

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  /** Names in small letters. */
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | Uint8Array | undefined;
  readonly stop?: Pick<Stop, 'reason' | 'onStop'> | undefined;
}

/** Idle sockets are closed before most servers close them, so that no request meets one that is just being closed. */
const IDLE_MS = 4000;
const SETTINGS = {
  keepAlive: true,
  maxSockets: Infinity,
  maxFreeSockets: 256,
  timeout: IDLE_MS,
  scheduling: 'lifo',
} as const;
/** Where Node is told to go through the proxies of its environment (NODE_USE_ENV_PROXY), its own agents know of them. */
const PROXIES = {
  proxyEnv: (globalAgent as HttpAgent & { readonly options?: { readonly proxyEnv?: NodeJS.ProcessEnv } }).options
    ?.proxyEnv,
};
const agents = { http: new HttpAgent({ ...SETTINGS, ...PROXIES }), https: new HttpsAgent({ ...SETTINGS, ...PROXIES }) };
/** For a request that must not go over a socket that was kept. */
const freshAgents = { http: new HttpAgent(PROXIES), https: new HttpsAgent(PROXIES) };

/** Sends a request and resolves once the head of the reply is there. Stopping destroys it, at any time. */
export function sendOut(url: string, outgoing: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    begin(url, outgoing, false, resolve, (error) => {
      // The server closed a socket that was kept open, just as it was used again: the request was never read.
      if (error instanceof StaleSocket && outgoing.stop?.reason === undefined)
        begin(url, outgoing, true, resolve, reject);
      else reject(error);
    });
  });
}

/** Headers that are written for every request. */
const OURS = new Set(['host', 'accept-encoding', 'content-length']);

/** A kept socket turned out to be closed. */
class StaleSocket extends Error {}

function begin(
  url: string,
  { method, headers, body, stop }: Outgoing,
  fresh: boolean,
  resolve: (reply: Incoming) => void,
  reject: (error: unknown) => void,
): void {
  if (stop?.reason !== undefined) return reject(stop.reason);
  const { options, host, authorization, isSecure } = addressOf(url);
  const send = isSecure ? httpsRequest : httpRequest;
  // As a list they are written as they stand; as an object each is looked at again.
  const sent = ['host', headers['host'] ?? host];
  for (const name in headers) if (!OURS.has(name)) sent.push(name, headers[name] as string);
  if (authorization !== undefined && !('authorization' in headers)) sent.push('authorization', authorization);
  sent.push('accept-encoding', 'identity');
  if (body !== undefined) sent.push('content-length', String(Buffer.byteLength(body)));
  const request = send({
    ...options,
    method,
    headers: sent,
    agent: (fresh ? freshAgents : agents)[isSecure ? 'https' : 'http'],
  });
  let reply: IncomingMessage | undefined;
  // Once there is a reply it is the reply that ends: Node takes a request of which all has come for done with its socket, listens
  // for no error of it any more, and an error that nobody listens for ends the process.
  const stay = stop?.onStop(() => void (reply ?? request).destroy(stop.reason as Error));
  if (stay) request.on('close', stay);
  request.on('response', (incoming) => resolve(unpacked((reply = incoming))));
  const begun = performance.now();
  request.on('error', (error: NodeJS.ErrnoException) => {
    const isStale = request.reusedSocket && wasClosed(error) && performance.now() - begun < STALE_MS;
    const why = stop?.reason as Error | undefined;
    reject(why ?? (isStale ? new StaleSocket(error.message) : error));
  });
  request.end(body);
}

/** Milliseconds within which it shows that a socket had been closed before a request was sent over it. */
const STALE_MS = 1000;

/**
 * Whether the server closed the socket in good form, as it does with one that nobody uses. A server that resets one may have
 * read the request: it is not sent twice.
 */
const wasClosed = ({ code, syscall }: NodeJS.ErrnoException): boolean =>
  code === 'EPIPE' || (code === 'ECONNRESET' && syscall === undefined);

/** An address, taken apart. */
interface Address {
  readonly options: Pick<ReturnType<typeof urlToHttpOptions>, 'protocol' | 'hostname' | 'path' | 'port'> & {
    readonly servername?: string;
  };
  /** As a request names it. */
  readonly host: string;
  /** What a name and a password in the address amount to. */
  readonly authorization: string | undefined;
  readonly isSecure: boolean;
}

const MOST_KEPT = 1000;
const addresses = new Map<string, Address>();

function addressOf(url: string): Address {
  const known = addresses.get(url);
  if (known) return known;
  const parsed = new URL(url);
  const { protocol, hostname, port, path, auth } = urlToHttpOptions(parsed);
  const made: Address = {
    // Without TLS a server has no name for it, which the agent would look for in the headers of every request.
    options: {
      protocol,
      hostname,
      path,
      ...(port !== '' && { port }),
      ...(protocol === 'http:' && { servername: '' }),
    },
    host: parsed.host,
    authorization: auth ? `Basic ${Buffer.from(auth).toString('base64')}` : undefined,
    isSecure: protocol === 'https:',
  };
  if (addresses.size < MOST_KEPT) addresses.set(url, made);
  return made;
}

/** Hands each piece of a reply on as it comes, for as long as `take` says so. Its events cost less than iterating over it. */
export function eachPiece(incoming: Incoming, take: (piece: Uint8Array) => boolean): Promise<void> {
  if (!(incoming instanceof IncomingMessage)) return eachOf(incoming, take);
  return new Promise((resolve, reject) => {
    incoming.on('data', (piece: Uint8Array) => {
      try {
        if (take(piece)) return;
        resolve();
      } catch (error) {
        reject(error);
      }
      incoming.destroy();
    });
    incoming.on('end', resolve);
    incoming.on('error', reject);
    incoming.on('close', () => {
      if (!incoming.readableEnded) reject(new Error('aborted'));
    });
  });
}

async function eachOf(incoming: Incoming, take: (piece: Uint8Array) => boolean): Promise<void> {
  try {
    for await (const piece of incoming) if (!take(piece)) break;
  } catch (error) {
    incoming.destroy();
    throw error;
  }
}

/** The same as a `fetch` that can do what the models of this library ask of one. */
export const keptFetch: typeof fetch = async (input, init = {}) => {
  const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
  const { signal, body } = init;
  const incoming = await sendOut(url, {
    method: init.method === 'POST' ? 'POST' : 'GET',
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(signal && { stop: stopOf(signal) }),
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
function webStream(incoming: Incoming): ReadableStream<Uint8Array> {
  const chunks = incoming[Symbol.asyncIterator]();
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
