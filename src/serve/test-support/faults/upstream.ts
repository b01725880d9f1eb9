/** A provider that fails as it is told, knows the one right answer to each question, and keeps books of what it has said. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { oneOf, type Chance } from './chance.ts';

/** How a reply of the provider fails. */
export const UPSTREAM_FAULTS = [
  '429',
  '429 with Retry-After',
  '500',
  '500 with Retry-After',
  '503',
  '503 with Retry-After',
  'reset',
  'reset in the middle',
  'stall',
  'garbage',
  'half a stream',
  'an error in a stream',
] as const;
export type UpstreamFault = (typeof UPSTREAM_FAULTS)[number];

/** What the provider knows of one question. */
export interface Book {
  /** Requests that it has read. */
  calls: number;
  /** Those that it has answered to the last byte, usage included. */
  answered: number;
}

export interface FaultyUpstream {
  readonly url: string;
  readonly books: ReadonlyMap<string, Book>;
  readonly calls: number;
  /** Tokens of all answers that went out whole. */
  readonly tokens: number;
  /** Requests that are open now. */
  readonly open: number;
  close(): Promise<void>;
}

export interface FaultyOptions {
  /** What may happen to a reply; nothing: all are good. */
  readonly fault: UpstreamFault | undefined;
  /** How often it does. */
  readonly share: number;
  readonly chance: Chance;
  readonly latencyMs?: number | undefined;
  /** Letters of an answer beyond the answer itself. */
  readonly padding?: number | undefined;
}

/** The one right answer to a question. */
export const answerTo = (question: string): string => `The answer is ${Number(question) * 3 + 1}.`;
/** What an answer to it takes. */
export const tokensOf = (question: string) => ({
  prompt_tokens: 10 + (Number(question) % 7),
  completion_tokens: 3 + (Number(question) % 5),
});
const totalOf = (question: string): number =>
  Object.values(tokensOf(question)).reduce((sum, tokens) => sum + tokens, 0);

export async function faultyUpstream(options: FaultyOptions): Promise<FaultyUpstream> {
  const { fault, share, chance, latencyMs = 1, padding = 0 } = options;
  const books = new Map<string, Book>();
  const sockets = new Set<Socket>();
  const state = { calls: 0, tokens: 0, open: 0 };
  const server = createServer({ keepAliveTimeout: 30_000 }, (incoming, response) => {
    state.open++;
    response.once('close', () => state.open--);
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const question = /Number (\d+)\?/.exec(text)?.[1] ?? '0';
      const book = books.get(question) ?? { calls: 0, answered: 0 };
      books.set(question, book);
      const fails = fault !== undefined && chance('fails', question, book.calls) < share;
      book.calls++;
      state.calls++;
      const reply: Reply = {
        response,
        question,
        embeds: incoming.url?.endsWith('/embeddings') === true,
        streams: /"stream": *true/.test(text),
        padding,
        chance,
        number: book.calls,
      };
      const done = (): void => {
        book.answered++;
        state.tokens += totalOf(question);
      };
      setTimeout(() => {
        if (response.destroyed) return;
        if (fails) fail(fault, reply);
        else answer(reply, done);
      }, latencyMs);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    books,
    get calls() {
      return state.calls;
    },
    get tokens() {
      return state.tokens;
    },
    get open() {
      return state.open;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Reply {
  readonly response: ServerResponse;
  readonly question: string;
  readonly embeds: boolean;
  readonly streams: boolean;
  readonly padding: number;
  readonly chance: Chance;
  readonly number: number;
}

const head = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'real' };

function usageOf(question: string): object {
  return { ...tokensOf(question), total_tokens: totalOf(question) };
}

function eventsOf({ question, padding }: Reply): string[] {
  const chunk = (more: object): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...more })}\n\n`;
  const choice = (delta: object, finish: string | null = null): string =>
    chunk({ choices: [{ index: 0, delta, finish_reason: finish }] });
  const words = `${'~'.repeat(padding)}${answerTo(question)}`.match(/[^]{1,2000}/g) ?? [];
  return [
    choice({ role: 'assistant', content: '' }),
    ...words.flatMap((word) => (word.match(/\S*\s*/g) ?? []).filter(Boolean).map((content) => choice({ content }))),
    choice({}, 'stop'),
    chunk({ choices: [], usage: usageOf(question) }),
    'data: [DONE]\n\n',
  ];
}

const wholeOf = ({ question, padding, embeds }: Reply): string =>
  JSON.stringify({
    ...(embeds && { data: [{ object: 'embedding', index: 0, embedding: [0.6, 0.8] }] }),
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: `${'~'.repeat(padding)}${answerTo(question)}` },
        finish_reason: 'stop',
      },
    ],
    usage: usageOf(question),
  });

function answer(reply: Reply, done: () => void): void {
  const { response, streams } = reply;
  response.once('finish', done);
  if (!streams) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(wholeOf(reply));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const events = eventsOf(reply);
  const write = (): void => {
    for (let event = events.shift(); event !== undefined; event = events.shift())
      if (!response.write(event)) return void response.once('drain', write);
    response.end();
  };
  write();
}

function fail(fault: UpstreamFault, reply: Reply): void {
  const { response, streams } = reply;
  const [, status, waits] = /^(\d+)( with Retry-After)?$/.exec(fault) ?? [];
  if (status !== undefined) {
    response.writeHead(Number(status), {
      'content-type': 'application/json',
      ...(waits !== undefined && { 'retry-after': '1' }),
    });
    response.end(JSON.stringify({ error: { message: `the provider says ${status}`, type: 'x', code: 'y' } }));
  } else if (fault === 'reset') response.socket?.resetAndDestroy();
  else if (fault === 'reset in the middle') {
    response.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
    const text = streams ? eventsOf(reply).slice(0, 3).join('') : wholeOf(reply).slice(0, 60);
    response.write(text, () => response.socket?.resetAndDestroy());
  } else if (fault === 'garbage') garbage(reply);
  else if (fault === 'half a stream') {
    response.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
    response.end(streams ? eventsOf(reply).slice(0, 3).join('') : wholeOf(reply).slice(0, 60));
  } else if (fault === 'an error in a stream') {
    response.writeHead(200, { 'content-type': streams ? 'text/event-stream' : 'application/json' });
    const error = JSON.stringify({ error: { message: 'the provider broke', code: 502 } });
    response.end(streams ? `${eventsOf(reply).slice(0, 3).join('')}data: ${error}\n\n` : error);
  }
  // A stall says nothing at all.
}

/** What is no reply, each in another way. */
function garbage({ response, question, number, chance }: Reply): void {
  const kind = oneOf(['page', 'bytes', 'no http', 'empty', 'list'], chance('garbage', question, number));
  if (kind === 'no http') {
    response.socket?.end('this is no HTTP\r\n\r\n');
    return;
  }
  response.writeHead(200, { 'content-type': kind === 'page' ? 'text/html' : 'application/json' });
  const bytes = Buffer.from(
    Array.from({ length: 50 }, (_, i) => Math.floor(chance('byte', question, number, i) * 256)),
  );
  response.end({ page: '<html>It works!</html>', bytes, empty: '', list: '[1, 2' }[kind]);
}
