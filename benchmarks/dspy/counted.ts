/** Stands before a model's server and counts what each side asks of it: `/NAME/v1/...` is counted under NAME. It grades as well, so that both sides are graded alike. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rootScope, type Sample } from '../../src/core/index.ts';
import type { Item, Metric } from '../../src/tasks/index.ts';

export interface Count {
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** Calls that the server refused. */
  refused: number;
}

export interface Counted {
  /** The base address under a name. */
  readonly address: (name: string) => string;
  readonly grading: string;
  readonly of: (name: string) => Count;
  close(): Promise<void>;
}

/** In front of `upstream`, such as `http://127.0.0.1:8000/v1`. Items are graded by their id. */
export async function counted(upstream: string, metric: Metric, items: ReadonlyMap<string, Item>): Promise<Counted> {
  const counts = new Map<string, Count>();
  const of = (name: string): Count => {
    const count = counts.get(name) ?? { calls: 0, inputTokens: 0, outputTokens: 0, refused: 0 };
    counts.set(name, count);
    return count;
  };
  const server = createServer((request, response) => {
    void (async () => {
      const [, name = '', ...rest] = (request.url ?? '').split('/');
      const body = await read(request);
      if (name === 'grade') {
        const { id, text } = JSON.parse(body) as { readonly id: string; readonly text: string };
        response.end(JSON.stringify({ grade: await graded(metric, items.get(id) as Item, text) }));
        return;
      }
      const reply = await fetch(`${upstream}/${rest.slice(1).join('/')}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
        body,
      });
      const text = await reply.text();
      const count = of(decodeURIComponent(name));
      count.calls++;
      if (reply.ok) {
        const { usage } = JSON.parse(text) as {
          readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number };
        };
        count.inputTokens += usage?.prompt_tokens ?? 0;
        count.outputTokens += usage?.completion_tokens ?? 0;
      } else count.refused++;
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(text);
    })().catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: (name) => `http://127.0.0.1:${port}/${encodeURIComponent(name)}/v1`,
    grading: `http://127.0.0.1:${port}/grade`,
    of,
    close: () => ended(server),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

async function graded(metric: Metric, item: Item, text: string): Promise<number> {
  const { context, close } = rootScope();
  const sample: Sample = {
    content: [{ type: 'text', text }],
    finish: { unified: 'stop', raw: undefined },
    weight: 1,
    semantics: { kind: 'heuristic', target: 'P', why: 'answered elsewhere' },
  };
  try {
    return await metric.grade(sample, item, context);
  } finally {
    close();
  }
}

const ended = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
