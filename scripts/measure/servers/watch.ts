/** A `fetch` that keeps what went over the wire, so that what plusx books can be compared with what a server wrote. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One candidate of a reply, as the server sent it. */
export interface Written {
  readonly text: string;
  /** The server's own word for the end. */
  readonly finish: string | undefined;
}

export interface Exchange {
  readonly path: string;
  readonly request: string;
  status: number;
  reply: string;
  /** Whether the caller left before the end. */
  left: boolean;
}

export interface Watch {
  readonly fetch: typeof fetch;
  /** How many exchanges there have been. */
  mark(): number;
  /** Those since a mark, once they have come to their end. */
  since(mark: number): Promise<readonly Exchange[]>;
  /** Puts exchanges into a file of their own, where a folder was named. */
  keep(name: string, exchanges: readonly Exchange[]): void;
}

const KEPT = 8;
const MOST = 6000;

export function watch(folder?: string): Watch {
  const exchanges: Exchange[] = [];
  const reading: Promise<void>[] = [];
  return {
    async fetch(input, init) {
      const url = new URL(input instanceof Request ? input.url : input);
      const one: Exchange = {
        path: url.pathname,
        request: typeof init?.body === 'string' ? init.body : '',
        status: 0,
        reply: '',
        left: false,
      };
      exchanges.push(one);
      const response = await fetch(input, init);
      one.status = response.status;
      const { body } = response;
      if (!body) return response;
      const [theirs, ours] = body.tee();
      reading.push(drain(ours, one));
      const { status, statusText, headers } = response;
      return new Response(theirs, { status, statusText, headers });
    },
    mark: () => exchanges.length,
    async since(mark) {
      await Promise.all(reading.splice(0));
      return exchanges.slice(mark);
    },
    keep(name, taken) {
      if (folder === undefined || taken.length === 0) return;
      mkdirSync(folder, { recursive: true });
      const file = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.json`);
      const kept = taken.slice(-KEPT).map(({ request, reply, ...rest }) => ({
        ...rest,
        request: request.slice(0, MOST),
        reply: reply.slice(0, MOST),
      }));
      writeFileSync(file, `${JSON.stringify({ of: taken.length, kept }, null, 1)}\n`);
    },
  };
}

async function drain(body: ReadableStream<Uint8Array<ArrayBuffer>>, one: Exchange): Promise<void> {
  try {
    for await (const text of body.pipeThrough(new TextDecoderStream())) one.reply += text;
  } catch {
    one.left = true;
  }
}

type Wire = { readonly [field: string]: unknown };
const record = (value: unknown): Wire => (typeof value === 'object' && value !== null ? (value as Wire) : {});
const list = (value: unknown): readonly Wire[] => (Array.isArray(value) ? value.map(record) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The candidates of a reply, streamed or whole. */
export function writtenIn({ request, reply, status }: Exchange): readonly Written[] {
  if (status !== 200) return [];
  const found = new Map<number, { text: string; finish: string | undefined }>();
  for (const chunk of chunksIn(reply))
    for (const choice of list(chunk['choices'])) {
      const at = typeof choice['index'] === 'number' ? choice['index'] : 0;
      const one = found.get(at) ?? { text: '', finish: undefined };
      const said = record(choice['delta'] ?? choice['message']);
      one.text += text(said['content']) || text(choice['text']);
      one.finish = text(choice['finish_reason']) || one.finish;
      found.set(at, one);
    }
  // Some servers say again what they were given to go on from; that was read and not written.
  const given = beginningIn(request);
  return [...found.values()].map((one) =>
    given !== '' && one.text.startsWith(given) ? { ...one, text: one.text.slice(given.length) } : one,
  );
}

/** The assistant's words at the end of a conversation, which a reply goes on from. */
function beginningIn(request: string): string {
  const messages = list(record(JSON.parse(request || '{}'))['messages']);
  const last = messages.at(-1);
  return last?.['role'] === 'assistant' ? text(last['content']) : '';
}

/** The value that a server reports in a reply's account, in its last chunk where it streams. */
export function reported(exchange: Exchange, field: string): number | undefined {
  const values = chunksIn(exchange.reply).map((chunk) => record(chunk['usage'])[field]);
  return values.findLast((value): value is number => typeof value === 'number');
}

function chunksIn(reply: string): readonly Wire[] {
  const bodies = reply.trimStart().startsWith('{')
    ? [reply]
    : reply
        .split('\n')
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice(5));
  return bodies.flatMap((body) => {
    try {
      return [record(JSON.parse(body))];
    } catch {
      return [];
    }
  });
}
