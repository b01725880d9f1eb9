/** The connection that a request came over: who is at the other end, and whether still. */
import { Refusal } from './failure.ts';

/** What of a request its headers say. */
export interface IncomingHttp {
  /** The host that the client believes to talk to. */
  readonly host: string;
  header(name: string): string | undefined;
}

/** What Node's server gives beside a request. Elsewhere there is nothing of the kind. */
interface NodeConnection {
  readonly outgoing: {
    readonly writableFinished: boolean;
    once(event: 'close', listener: () => void): unknown;
    off(event: 'close', listener: () => void): unknown;
  };
}

const isNode = (env: unknown): env is NodeConnection =>
  typeof env === 'object' &&
  env !== null &&
  'outgoing' in env &&
  typeof env.outgoing === 'object' &&
  env.outgoing !== null &&
  'writableFinished' in env.outgoing;

/** The reason of the signal when the client has left. */
export class ClientLeft extends Refusal {
  constructor() {
    super('The client left before the answer was there.', { status: 499, code: 'client_left' });
  }
}

/** Aborts when the client leaves. `done` must be called once the answer is out. */
export interface Presence {
  readonly signal: AbortSignal;
  leave(): void;
  done(): void;
}

/**
 * Listens on the socket where there is one: the signal of a `Request` costs a third of what a request may cost, because it
 * has to be made first.
 */
export function presenceOf(request: Request, env: unknown): Presence {
  const controller = new AbortController();
  const leave = (): void => controller.abort(new ClientLeft());
  if (isNode(env)) {
    const { outgoing } = env;
    const onClose = (): void => {
      if (!outgoing.writableFinished) leave();
    };
    outgoing.once('close', onClose);
    return { signal: controller.signal, leave, done: () => void outgoing.off('close', onClose) };
  }
  const { signal } = request;
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  return { signal: controller.signal, leave, done: () => signal.removeEventListener('abort', leave) };
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
