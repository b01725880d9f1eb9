/** The connection that a request came over: who is at the other end, and whether still. */
import { Refusal } from './failure.ts';
import { Stopping, type Stop } from './http/stop.ts';

/** What of a request its headers say. */
export interface IncomingHttp {
  /** The host that the client believes to talk to. */
  readonly host: string;
  header(name: string): string | undefined;
}

/** A request, whichever server took it in. */
export interface Arrived extends IncomingHttp {
  /** The body. Throws Refusal where it is longer than that many bytes. */
  text(bytes: number): Promise<string>;
  /** Watches from now on whether the client stays. */
  presence(): Presence;
}

/** The reason when the client has left. */
export class ClientLeft extends Refusal {
  constructor() {
    super('The client left before the answer was there.', { status: 499, code: 'client_left' });
  }
}

/** Stops when the client leaves. `done` must be called once the answer is out. */
export interface Presence extends Stop {
  leave(): void;
  done(): void;
}

/** What Node's server gives of a reply. */
export interface NodeReply {
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** Whether something is what Node's server gives beside a request. Elsewhere there is nothing of the kind. */
export const isNode = (env: unknown): env is { readonly outgoing: NodeReply } =>
  typeof env === 'object' &&
  env !== null &&
  'outgoing' in env &&
  typeof env.outgoing === 'object' &&
  env.outgoing !== null &&
  'writableFinished' in env.outgoing;

/** Whether the client stays is seen at the socket: the signal of a `Request` costs a third of what a request may cost. */
export function presenceAt(outgoing: NodeReply): Presence {
  const presence = new Watching(() => void outgoing.off('close', onClose));
  const onClose = (): void => {
    if (!outgoing.writableFinished) presence.leave();
  };
  if (outgoing.destroyed) onClose();
  else outgoing.on('close', onClose);
  return presence;
}

export function presenceOf(signal: AbortSignal): Presence {
  const presence = new Watching(() => signal.removeEventListener('abort', presence.leave));
  if (signal.aborted) presence.leave();
  else signal.addEventListener('abort', presence.leave, { once: true });
  return presence;
}

class Watching extends Stopping implements Presence {
  readonly done: () => void;
  constructor(done: () => void) {
    super();
    this.done = done;
  }
  readonly leave = (): void => this.stop(new ClientLeft());
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Whether a host, as in a URL or a `Host` header, is this machine. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * Without keys anything on this machine may ask, and a web page in a browser on it must not: neither by its own name for
 * this address, nor from its own origin.
 */
export function checkLocal({ host, header }: IncomingHttp): void {
  const origin = header('origin');
  if (isLoopback(host) && (origin === undefined || isLocalOrigin(origin))) return;
  throw new Refusal(
    'Without keys only programs on this machine are served. Add a key with `plusx keys add`, and send it as `Authorization: Bearer KEY`.',
    { status: 403, code: 'local_only' },
  );
}

const isLocalOrigin = (origin: string): boolean => URL.canParse(origin) && isLoopback(new URL(origin).host);
