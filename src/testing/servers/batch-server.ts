/** A provider's batch endpoint on the loopback interface, in OpenAI's protocol, before a loopback server that answers its lines. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from './openai-server.ts';

export interface BatchServerOptions extends OpenAIServerOptions {
  /** Looks at a batch before it is done. Default 1. */
  readonly looks?: number | undefined;
  /** Batches of other people: made before all others, and after each of ours. Default none. */
  readonly others?: { readonly before?: number; readonly afterEach?: number } | undefined;
  /** What becomes of line `index` of batch `batch` instead of an answer: it expires, or fails with this status. */
  readonly fate?: ((index: number, batch: number) => 'expired' | number | undefined) | undefined;
}

export interface BatchServer {
  /** The base URL, `/v1` included. */
  readonly url: string;
  /** Of each batch: its lines. */
  readonly batches: readonly { readonly id: string; readonly lines: number }[];
  /** What was asked of the server behind it, line by line. */
  readonly server: OpenAIServer;
  close(): Promise<void>;
}

interface Batch {
  readonly id: string;
  readonly file: string;
  readonly lines: number;
  readonly at: number;
  looks: number;
  /** Its lines are answered once, however many look at it. */
  done?: Promise<void>;
}

interface Row {
  readonly custom_id: string;
  readonly body: unknown;
}

export async function batchServer(options: BatchServerOptions = {}): Promise<BatchServer> {
  const server = await openaiServer(options);
  const files = new Map<string, string>();
  const batches: Batch[] = [];
  const all: Batch[] = []; // those of other people too, the newest first
  const { looks = 1, fate = () => undefined, others: { before = 0, afterEach = 0 } = {} } = options;
  let now = 1_790_000_000;
  const ofOthers = (count: number): void => {
    for (let i = 0; i < count; i++)
      all.unshift({ id: `other-${all.length}`, file: 'theirs', lines: 1, at: now++, looks });
  };
  ofOthers(before);

  const shown = ({ id, file, ...batch }: Batch): object => ({
    id,
    object: 'batch',
    endpoint: '/v1/chat/completions',
    input_file_id: file,
    status: batch.looks >= looks ? 'completed' : 'in_progress',
    created_at: batch.at,
    request_counts: { total: batch.lines, completed: batch.looks >= looks ? batch.lines : 0, failed: 0 },
    ...(batch.looks >= looks && { output_file_id: `out-${id}`, error_file_id: `errors-${id}` }),
  });
  const done = async (batch: Batch): Promise<void> => {
    const [out, errors]: [string[], string[]] = [[], []];
    const number = batches.indexOf(batch);
    for (const [index, row] of rowsOf(files.get(batch.file) ?? '').entries()) {
      const { custom_id, body } = row;
      const ending = fate(index, number);
      if (ending === 'expired')
        errors.push(
          JSON.stringify({ custom_id, response: null, error: { code: 'batch_expired', message: 'expired' } }),
        );
      else if (typeof ending === 'number')
        errors.push(
          JSON.stringify({ custom_id, response: { status_code: ending, body: { error: { message: 'refused' } } } }),
        );
      else {
        const reply = await fetch(`${server.url}/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${options.apiKey ?? 'none'}` },
          body: JSON.stringify(body),
        });
        out.push(
          JSON.stringify({ custom_id, response: { status_code: reply.status, body: await reply.json() }, error: null }),
        );
      }
    }
    files.set(`out-${batch.id}`, out.join('\n'));
    files.set(`errors-${batch.id}`, errors.join('\n'));
  };
  const routes: readonly [
    RegExp,
    (body: string, id: string, query: URLSearchParams) => object | string | Promise<object>,
  ][] = [
    [
      /^POST \/v1\/files$/,
      (body) => {
        const id = `file-${files.size}`;
        files.set(id, body);
        return { id, object: 'file', purpose: 'batch', created_at: now++ };
      },
    ],
    [
      /^POST \/v1\/batches$/,
      (body) => {
        const { input_file_id: file } = JSON.parse(body) as { readonly input_file_id: string };
        const batch = {
          id: `batch-${batches.length}`,
          file,
          lines: rowsOf(files.get(file) ?? '').length,
          at: now++,
          looks: 0,
        };
        batches.push(batch);
        all.unshift(batch);
        ofOthers(afterEach);
        return shown(batch);
      },
    ],
    [
      /^GET \/v1\/batches$/,
      (_, __, query) => {
        const from = all.findIndex(({ id }) => id === query.get('after')) + 1;
        const page = all.slice(from, from + Number(query.get('limit') ?? 20));
        return { object: 'list', data: page.map(shown), has_more: from + page.length < all.length };
      },
    ],
    [
      /^GET \/v1\/batches\/([\w-]+)$/,
      async (_, id) => {
        const batch = batches.find((one) => one.id === id) as Batch;
        if (++batch.looks >= looks) await (batch.done ??= done(batch));
        return shown(batch);
      },
    ],
    [/^GET \/v1\/files\/([\w-]+)\/content$/, (_, id) => files.get(id) ?? ''],
  ];
  const front = createServer((incoming, response) => {
    void (async () => {
      const [path, query] = (incoming.url ?? '').split('?');
      const asked = `${incoming.method} ${path}`;
      if (options.apiKey !== undefined && incoming.headers.authorization !== `Bearer ${options.apiKey}`)
        return send(response, 401, { error: { message: 'no key' } });
      const body = await read(incoming);
      for (const [route, answer] of routes) {
        const [match, id = ''] = route.exec(asked) ?? [];
        if (match !== undefined) return send(response, 200, await answer(body, id, new URLSearchParams(query)));
      }
      send(response, 404, { error: { message: `No route ${asked}` } });
    })();
  });
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}/v1`,
    batches,
    server,
    async close() {
      front.closeAllConnections();
      await new Promise<void>((resolve) => void front.close(() => resolve()));
      await server.close();
    },
  };
}

/** The lines of an uploaded file, also as it lies in a form. */
const rowsOf = (file: string): readonly Row[] =>
  file.split(/\r?\n/).flatMap((line) => (line.startsWith('{"custom_id"') ? [JSON.parse(line) as Row] : []));

async function read(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

function send(response: ServerResponse, status: number, body: object | string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
