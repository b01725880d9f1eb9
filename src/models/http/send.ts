/** Sends a request: no further than to the server it is meant for, and for as long as the caller waits. */
import { REDIRECTS } from '../../core/bounds.ts';
import { endpoint } from '../../core/calls/secrets.ts';
import { UpstreamError } from '../../core/index.ts';

export interface Sent {
  readonly url: string;
  /** The URL that may be shown. */
  readonly shown: string;
  readonly headers: { readonly [name: string]: string };
  /** What is posted. Without one it is a GET. */
  readonly body?: unknown;
  readonly fetch: typeof fetch;
  /** What the address is given with, for advice. */
  readonly setBy?: string | undefined;
}

/**
 * Posts JSON, or gets a document. A redirect within the server is followed, as 307 and 308 ask; any other is an error: fetch would drop the
 * body, or hand prompt and keys to another server.
 */
export async function send(call: Sent, signal: AbortSignal): Promise<Response> {
  const what =
    call.body === undefined
      ? { headers: call.headers }
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...call.headers },
          body: JSON.stringify(call.body),
        };
  let url = call.url;
  for (let hops = 0; ; hops++) {
    const response = await call.fetch(url, {
      ...what,
      signal,
      redirect: 'manual',
      ...(call.fetch === globalThis.fetch && patient()),
    });
    const isRedirect = MOVED.has(response.status) || response.type === 'opaqueredirect';
    if (!isRedirect) return response;
    response.body?.cancel().catch(() => undefined);
    const to = target(response.headers.get('location'), url);
    const repeats = call.body === undefined || sameRequest(response.status);
    if (!to || hops === REDIRECTS || !repeats || isElsewhere(to, url)) throw moved(call, response.status, to);
    url = to.href;
  }
}

const MOVED = new Set([301, 302, 303, 307, 308]);

/** Whether a redirect asks for the same request again, and not for a GET. */
const sameRequest = (status: number): boolean => status === 307 || status === 308;

const target = (location: string | null | undefined, from: string): URL | undefined =>
  typeof location === 'string' && URL.canParse(location, from) ? new URL(location, from) : undefined;

const isElsewhere = (to: URL, from: string): boolean => to.origin !== new URL(from).origin;

/** Where the same request is to be made again, within the same server; nothing where it is not. */
export function onward(status: number, location: string | undefined, from: string): string | undefined {
  const to = sameRequest(status) ? target(location, from) : undefined;
  return to && !isElsewhere(to, from) ? to.href : undefined;
}

function moved({ url, shown, setBy = '`baseURL`' }: Sent, status: number, to: URL | undefined): UpstreamError {
  const elsewhere = to && isElsewhere(to, url);
  return new UpstreamError({
    url: shown,
    status,
    body: to
      ? `it sends the request on to ${endpoint(to.href).shown}`
      : 'it sends the request on, and not to a known place',
    retryable: false,
    hint: elsewhere
      ? `Prompts and keys go to no other server by themselves: give the right address with ${setBy}`
      : `Give the right address with ${setBy}`,
  });
}

/** What fetch in Node hands a request to. */
interface Dispatcher {
  dispatch(options: object, handler: unknown): boolean;
  readonly isMockActive?: unknown;
}

/**
 * Fetch in Node gives up on a reply that takes 300 seconds, whatever the caller says. Each request may ask its
 * dispatcher for another limit; ours is none, because `timeoutMs` is the limit. Elsewhere fetch has no dispatcher.
 */
function patient(): { readonly dispatcher?: Dispatcher } {
  void globalThis.Response; // Node loads fetch, and sets its dispatcher, on first use
  const inUse = DISPATCHERS.map((key) => Reflect.get(globalThis, key) as Dispatcher | undefined).find(Boolean);
  if (!inUse) return {};
  return {
    dispatcher: {
      dispatch: (options, handler) => inUse.dispatch({ ...options, headersTimeout: 0, bodyTimeout: 0 }, handler),
      get isMockActive() {
        return inUse.isMockActive;
      },
    },
  };
}

/** Where Node keeps the dispatcher of fetch, which proxies and tests set too. */
const DISPATCHERS = [Symbol.for('undici.globalDispatcher.1')];
