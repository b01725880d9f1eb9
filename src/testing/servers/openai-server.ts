/**
 * An OpenAI-compatible server on the loopback interface, for tests: it answers by the seed it is sent, misbehaves as
 * told, and keeps a record of every request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServedAnswer } from './answers.ts';
import {
  completionOf,
  refusalOf,
  streamEvents,
  type Knobs,
  type RecordedRequest,
  type RequestBody,
} from './replies.ts';

export type { ServerAnswer, ServerDistribution } from './answers.ts';

/** How one request goes wrong. A number is that status. */
export type Failure =
  | number
  /** The connection breaks before, or in the middle of, the answer. */
  | 'reset'
  | 'reset-midway'
  /** No answer, ever. */
  | 'hang'
  /** Status 200 and something that is not JSON. */
  | 'malformed'
  /** Status 200 and an error object, as some gateways send it. */
  | 'error-in-200'
  | {
      readonly status: number;
      /** The `Retry-After` header: seconds, or a date. */
      readonly retryAfter?: number | string | undefined;
      readonly body?: string | undefined;
    };

export interface OpenAIServerOptions extends Knobs {
  /** What is answered: always this (a distribution is drawn from), or a function of the request. Default: `ok`. */
  readonly answers?: ServedAnswer | ((request: RecordedRequest) => ServedAnswer | Promise<ServedAnswer>) | undefined;
  /** Milliseconds before the first byte of an answer. */
  readonly latencyMs?: number | ((index: number) => number) | undefined;
  /** Milliseconds between two events of a stream. */
  readonly chunkMs?: number | undefined;
  /** What happens to each request in order of arrival; `null`, and any request past the end, is answered. */
  readonly failures?:
    | readonly (Failure | null)[]
    | ((index: number, request: RecordedRequest) => Failure | null | undefined)
    | undefined;
  /** The only key let in. A wrong one is repeated in the error, as some servers do. */
  readonly apiKey?: string | undefined;
  /** Ids listed at `/v1/models`. */
  readonly models?: readonly string[] | undefined;
}

export interface OpenAIServer {
  /** The base URL, `/v1` included. */
  readonly url: string;
  /** POST requests in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** Most requests ever open at one time. */
  readonly highWaterMark: number;
  /** Waits until no request is open. */
  idle(): Promise<void>;
  /** Forgets the record, not the place in the schedule of failures. */
  forget(): void;
  /** Stops at once, open connections included. */
  close(): Promise<void>;
}

export async function openaiServer(options: OpenAIServerOptions = {}): Promise<OpenAIServer> {
  const requests: RecordedRequest[] = [];
  const waiting = new Set<() => void>();
  let arrivals = 0;
  let open = 0;
  let highWaterMark = 0;
  let closed = false;

  const settle = (): void => {
    open--;
    if (open === 0) for (const wake of waiting) wake();
  };

  const post = async (path: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const index = arrivals++;
    open++;
    highWaterMark = Math.max(highWaterMark, open);
    let record: RecordedRequest | undefined;
    response.once('close', () => {
      if (record?.state === 'open') record.state = response.writableFinished ? 'completed' : 'aborted';
      settle();
    });
    const body = await read(incoming);
    record = { index, method: 'POST', path, headers: incoming.headers, body, state: 'open', status: undefined };
    requests.push(record);
    const { latencyMs = 0, failures = [] } = options;
    await pause(typeof latencyMs === 'function' ? latencyMs(index) : latencyMs, response);
    if (response.destroyed) return;
    const failure = typeof failures === 'function' ? failures(index, record) : failures[index];
    if (failure !== null && failure !== undefined) return fail(failure, record, response);
    await answer(record, response, options);
  };

  const server = createServer((incoming, response) => {
    const path = (incoming.url ?? '').split('?')[0] as string;
    const { apiKey, models = ['test-model'] } = options;
    if (apiKey !== undefined && incoming.headers.authorization !== `Bearer ${apiKey}`) {
      const sent = incoming.headers.authorization ?? 'nothing';
      return send(response, 401, {
        error: { message: `Incorrect API key provided: ${sent}`, code: 'invalid_api_key' },
      });
    }
    if (incoming.method === 'GET' && path === '/v1/models')
      return send(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
    if (incoming.method === 'POST' && (path === '/v1/chat/completions' || path === '/v1/completions')) {
      post(path, incoming, response).catch((error: unknown) => {
        if (!response.headersSent) send(response, 500, { error: { message: String(error) } });
        else response.destroy();
      });
      return;
    }
    send(response, 404, { error: { message: `No route ${incoming.method} ${path}` } });
  });
  const idle = (): Promise<void> =>
    open === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get highWaterMark() {
      return highWaterMark;
    },
    idle,
    forget() {
      requests.length = 0;
      highWaterMark = open;
    },
    close() {
      if (closed) return Promise.resolve();
      closed = true;
      const done = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return done.then(idle);
    },
  };
}

async function answer(record: RecordedRequest, response: ServerResponse, options: OpenAIServerOptions): Promise<void> {
  const { body } = record;
  const refusal = refusalOf(record, options);
  if (refusal) {
    record.status = refusal.status;
    return send(response, refusal.status, { error: { message: refusal.message, type: 'invalid_request_error' } });
  }
  const { answers = 'ok' } = options;
  const said = typeof answers === 'function' ? await answers(record) : answers;
  record.status = 200;
  if (!body.stream) return send(response, 200, completionOf(record, said, options));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of streamEvents(record, said, options)) {
    if (response.destroyed) return;
    response.write(`data: ${event}\n\n`);
    if (options.chunkMs) await pause(options.chunkMs, response);
  }
  response.end();
}

function fail(failure: Failure, record: RecordedRequest, response: ServerResponse): void {
  if (failure === 'hang') return;
  record.state = 'failed';
  if (failure === 'reset') response.socket?.resetAndDestroy();
  else if (failure === 'reset-midway') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"choices":[', () => response.socket?.resetAndDestroy());
  } else if (failure === 'malformed') response.writeHead(200).end('<html>It works!</html>');
  else if (failure === 'error-in-200')
    send(response, 200, { error: { code: 502, message: 'the provider behind this one failed' } });
  else {
    const { status, retryAfter, body } =
      typeof failure === 'number' ? { status: failure } : { retryAfter: undefined, ...failure };
    record.status = status;
    if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body ?? JSON.stringify({ error: { message: `scheduled failure ${status}` } }));
  }
}

async function read(incoming: IncomingMessage): Promise<RequestBody> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as RequestBody;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** Waits, but no longer than the client does. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.once('close', done);
  });
}
