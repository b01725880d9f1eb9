/** The validating mock of OpenAI's own client tests, as the judge of what is sent to an upstream. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as asked, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { answersAt, freePort } from '../../models/test-support/ports.ts';
import type { Gate } from './serving.ts';

/** A request that was judged. */
export interface Verdict {
  readonly path: string;
  readonly body: string;
  /** What is wrong with it; nothing where it is as the description says. */
  readonly wrong: readonly string[];
}

export interface Judge {
  readonly verdicts: readonly Verdict[];
  forget(): void;
  /** The mock's own base URL, which answers with examples of the description. */
  readonly url: string;
  /** Hands on to an upstream what it finds right. What it finds wrong it refuses. */
  gate(upstream: string): Promise<Gate>;
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const STEADY = require.resolve('@stdy/cli/steady.js');

/** Starts the mock on the published description, which is packed. */
export async function judge(packed: Buffer): Promise<Judge> {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-judge-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, gunzipSync(packed));
  const port = await freePort();
  const child = spawn(process.execPath, [STEADY, '--quiet', '--host', '127.0.0.1', '--port', String(port), file], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await answersAt(`${url}/_x-steady/health`);
  const verdicts: Verdict[] = [];
  return {
    verdicts,
    url,
    forget: () => void (verdicts.length = 0),
    gate: (upstream) => gateTo(upstream, url, verdicts),
    async close() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function gateTo(upstream: string, mock: string, verdicts: Verdict[]): Promise<Gate> {
  const server = createServer((incoming, response) => {
    judged(incoming, response, upstream, mock, verdicts).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function judged(
  incoming: IncomingMessage,
  response: ServerResponse,
  upstream: string,
  mock: string,
  verdicts: Verdict[],
): Promise<void> {
  const path = (incoming.url ?? '').replace(/^\/v1/, '');
  const { method = 'POST', headers } = incoming;
  const body = await text(incoming);
  const answer = await fetch(`${mock}${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: headers.authorization ?? '' },
    body,
  });
  const said = await answer.text();
  const wrong = answer.ok ? [] : wrongIn(said);
  verdicts.push({ path, body, wrong });
  if (!answer.ok) {
    const error = { message: wrong.join('; '), type: 'invalid_request_error', param: null, code: null };
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    return;
  }
  const onward = asked(`${upstream}${path}`, { method, headers }, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(response);
    reply.on('error', () => response.destroy());
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  onward.end(body);
}

function wrongIn(said: string): string[] {
  const { steady } = JSON.parse(said) as { steady?: { errors?: { path: string; message: string }[] } };
  return (steady?.errors ?? []).map(({ path, message }) => `${path}: ${message}`);
}
