import { expect, it, onTestFinished } from 'vitest';
import { withStandby } from '../../config/standby/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { listen } from '../listen.ts';
import { EVENTS, said } from '../test-support/odd-upstream.ts';
import { rawUpstream } from '../test-support/raw-upstream.ts';

const OTHER = EVENTS.join('').replaceAll(/Grü|ße/g, 'other ');

/** Streams from a server that sends these pieces; another one stands by. */
async function streamed(pieces: readonly string[]): Promise<{ readonly by: string | null; readonly text: string }> {
  const behind = async (name: string, all: readonly string[]) => {
    const upstream = await rawUpstream(async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const piece of all) {
        response.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    });
    onTestFinished(() => upstream.close());
    return openaiCompatible({ model: name, name, baseURL: upstream.url, retry: { attempts: 1 } });
  };
  const [first, other] = [await behind('first', pieces), await behind('other', [OTHER])];
  const server = await listen({ port: 0, models: { m: withStandby(first, { fallback: [{ model: other }] }) } });
  onTestFinished(() => server.close(0));
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
  });
  return { by: response.headers.get('x-plusx-fallback'), text: await response.text() };
}

const full = 'data: {"error":{"message":"full","code":503}}\n\n';

it.each<[string, readonly string[]]>([
  ['an error', [full]],
  ['an error behind comments', [': processing\n\n', ': processing\n\n', full]],
  ['an error, letter by letter', full.split('')],
  ['an error with carriage returns', [full.replaceAll('\n', '\r\n')]],
  ['an event of errors', ['event: error\ndata: {"message":"full"}\n\n']],
  ['a line of errors', ['error: {"message":"full"}\n\n']],
  ['a choice that failed', ['data: {"choices":[{"index":0,"delta":{},"error":{"code":502,"message":"gone"}}]}\n\n']],
])('a stream that begins with %s comes from the server that stands by', async (_what, pieces) => {
  const { by, text } = await streamed(pieces);
  expect([by, said(text)]).toEqual(['other', 'other other ']);
  expect(text).not.toContain('full');
});

it.each<[string, readonly string[], string]>([
  ['nothing that fails', EVENTS, 'Grüße'],
  ['a word before an error', [EVENTS[0] as string, full], 'Grü'],
  ['an error that is the client’s own', ['data: {"error":{"message":"too long","code":400}}\n\n'], ''],
  ['nothing at all', [], ''],
])('one with %s stays where it is', async (_what, pieces, words) => {
  const { by, text } = await streamed(pieces);
  expect([by, said(text)]).toEqual([null, words]);
});
