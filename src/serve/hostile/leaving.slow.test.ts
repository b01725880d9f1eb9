/** A client that leaves: how long until every call upstream that was made for it is cancelled. */
import { connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openaiCompatible } from '../../models/openai/index.ts';
import { withStandby } from '../../config/standby/index.ts';
import { listen } from '../listen.ts';
import { rawUpstream } from '../test-support/raw-upstream.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

const ROUNDS = 15;
/** Milliseconds within which nothing is asked of anybody any more. The median of the rounds: some meet a busy machine. */
const MOST_MS = 50;

/** An upstream that begins a stream and does not end it, or says nothing at all. */
async function serve() {
  const arrived: ((value: undefined) => void)[] = [];
  const upstream = await rawUpstream(({ text }, response) => {
    if (/"stream":true/.test(text)) {
      const chunk = {
        id: '1',
        choices: [{ index: 0, delta: { role: 'assistant', content: 'The ' }, finish_reason: null }],
      };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }
    arrived.shift()?.(undefined);
  });
  const of = (name: string) =>
    openaiCompatible({ model: 'real', name, baseURL: upstream.url, quirks: { n: false }, retry: { attempts: 1 } });
  const late = withStandby(of('a'), { hedge: { with: [of('b'), of('c')], afterMs: 1 } });
  const falling = withStandby(of('d'), { fallback: [{ model: of('e') }] });
  const server = await listen({ port: 0, models: { m: of('m'), late, falling } });
  open.push(upstream, { close: () => server.close(0) });
  /** Resolves once so many requests have arrived. */
  const coming = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => new Promise<undefined>((resolve) => arrived.push(resolve))));
  return { upstream, server, coming };
}

it.each([
  ['m', false, 1],
  ['m', true, 1],
  ['m + selfConsistency(n=5)', false, 5],
  ['m + selfConsistency(n=5)', true, 5],
  ['m + reRead', true, 1],
  ['fusion(m, m, m)', false, 3],
  ['late', false, 3],
  ['falling', false, 1],
  ['falling', true, 1],
] as const)('%s, stream: %s: every call upstream is cancelled, %i of them', async (model, stream, calls) => {
  const { upstream, server, coming } = await serve();
  const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'x' }], plusx: { progress: true } });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const all = coming(calls);
    const socket = connect(server.port, '127.0.0.1').on('error', () => {});
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await all;
    const left = performance.now();
    socket.destroy();
    await Promise.all(upstream.requests.slice(-calls).map(({ closed }) => closed));
    times.push(performance.now() - left);
  }
  expect(upstream.requests).toHaveLength(ROUNDS * calls); // nothing was asked after it had left
  expect(times.toSorted((a, b) => a - b)[ROUNDS >> 1]).toBeLessThan(MOST_MS);
});
