/** The server on a port, on Node. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { InvalidOption } from '../core/index.ts';
import type { ServeOptions } from './config.ts';
import { isLoopback } from './connection.ts';
import { direct } from './http/direct.ts';
import { errorBody, Refusal } from './failure.ts';
import { service, type Service } from './handler.ts';

export interface ListenOptions extends ServeOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 8080; 0 takes any that is free. */
  readonly port?: number | undefined;
  /** Milliseconds in which a client must have sent the head of its request. Default 10,000. */
  readonly headMs?: number | undefined;
  /** Milliseconds in which it must have sent all of it. Default 60,000. */
  readonly requestMs?: number | undefined;
}

export interface Listening {
  /** The base URL for clients, `/v1` included. */
  readonly url: string;
  readonly port: number;
  /**
   * Answers from now on as `options` say; requests that run end as they began. The host and the port stay. Throws InvalidOption
   * where that would let in anybody, and then all stays.
   */
  reload(options: ServeOptions): void;
  /** Takes no new request, lets those that run finish, and cuts them after `drainMs` (default 30,000). */
  close(drainMs?: number): Promise<void>;
}

export async function listen(options: ListenOptions): Promise<Listening> {
  const { host = '127.0.0.1', port = 8080, headMs = 10_000, requestMs = 60_000 } = options;
  checkHost(host, options);
  let current = service(options);
  /** Those of earlier configurations that still have requests. */
  const earlier = new Set<Service>();
  const answer = getRequestListener((request, env) => current.handle(request, env));
  const server = createServer(
    {
      headersTimeout: headMs,
      requestTimeout: requestMs,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(5000, headMs / 2, requestMs / 2),
    },
    (incoming, outgoing) => void (direct(current, incoming, outgoing) ?? answer(incoming, outgoing)),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (socket.writable) socket.end(noRequest(error.code));
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(notOpened(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}/v1`,
    port: address.port,
    reload(next) {
      checkHost(host, next);
      for (const one of earlier) if (one.isIdle()) earlier.delete(one);
      earlier.add(current);
      current = service(next);
    },
    close: (drainMs = 30_000) => closed(server, [...earlier, current], drainMs),
  };
}

/** Nobody but this machine is answered without a key. */
function checkHost(host: string, { keys, open, mountsOnly }: ServeOptions): void {
  if (keys || open || mountsOnly || isLoopback(host.includes(':') ? `[${host}]` : host)) return;
  throw new InvalidOption({
    where: 'serve',
    option: 'host',
    rule: 'must be this machine where there are no keys',
    value: host,
    hint: 'Add a key with `plusx keys add`, or listen on 127.0.0.1',
  });
}

/** Why a server cannot listen where it should. */
function notOpened(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const refused = (option: 'host' | 'port', rule: string, hint: string): InvalidOption =>
    new InvalidOption({ where: 'serve', option, rule, value: option === 'port' ? port : host, hint });
  if (error.code === 'EADDRINUSE')
    return refused(
      'port',
      'must be free',
      'Another program listens there: name another port, or 0 for any that is free',
    );
  if (error.code === 'EACCES')
    return refused('port', 'must be one that this user may open', 'Name one above 1023, or 0 for any that is free');
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return refused('host', 'must be an address of this machine', 'Listen on 127.0.0.1, or on 0.0.0.0 for all of them');
  return error;
}

/** What a client hears whose request is no HTTP, or does not come to an end. */
function noRequest(code: string | undefined): string {
  const [status, refusal] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [
          '408 Request Timeout',
          new Refusal('The request did not come to an end in time.', { status: 408, code: 'request_timeout' }),
        ]
      : code === 'HPE_HEADER_OVERFLOW'
        ? [
            '431 Request Header Fields Too Large',
            new Refusal('The headers are too large.', { status: 431, code: 'headers_too_large' }),
          ]
        : ['400 Bad Request', new Refusal('This is not a request.', { code: 'bad_request' })];
  const body = JSON.stringify(errorBody(refusal));
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

/** Milliseconds that an answer which is cut has to get out. */
const LAST_WORDS_MS = 500;

async function closed(server: Server, services: readonly Service[], drainMs: number): Promise<void> {
  for (const { drain } of services) drain();
  const timers: NodeJS.Timeout[] = [];
  const end = (): void => {
    for (const { cut } of services) cut();
    timers.push(setTimeout(() => server.closeAllConnections(), LAST_WORDS_MS));
  };
  if (drainMs > 0) timers.push(setTimeout(end, drainMs));
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    if (drainMs > 0) server.closeIdleConnections();
    else server.closeAllConnections();
  });
  for (const timer of timers) clearTimeout(timer);
}
