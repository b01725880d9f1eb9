/** An upstream that sends exactly the bytes it is told to, and keeps the bytes it was sent. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RawRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Resolves when the connection of this request closes. */
  readonly closed: Promise<void>;
}

export interface RawUpstream {
  readonly url: string;
  readonly requests: readonly RawRequest[];
  close(): Promise<void>;
}

export async function rawUpstream(
  answer: (request: RawRequest, response: ServerResponse) => void | Promise<void>,
): Promise<RawUpstream> {
  const requests: RawRequest[] = [];
  const server = createServer((incoming, response) => {
    const pieces: Buffer[] = [];
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    response.once('close', resolve);
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const request = { path: incoming.url ?? '', headers: incoming.headers, text, closed };
      requests.push(request);
      void answer(request, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Answers with one JSON text. */
export function answering(text: string, status = 200, headers: { readonly [name: string]: string } = {}) {
  return (_request: RawRequest, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}
