import { describe, expect, it } from 'vitest';
import { behindOurs, BOTH_WAYS, EVENTS, REPLY, said, type Answering } from '../test-support/odd-upstream.ts';

const sending =
  (pieces: readonly string[], headers: { readonly [name: string]: string } = {}): Answering =>
  async (_, response) => {
    response.writeHead(200, headers);
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };

describe.each(BOTH_WAYS)('%s: a stream is one', (model) => {
  it.each([
    ['under another name', EVENTS, { 'content-type': 'text/plain; charset=utf-8' }],
    ['under the name of JSON', EVENTS, { 'content-type': 'application/json' }],
    ['without a name', EVENTS, {}],
    ['behind a comment', [': OPENROUTER PROCESSING\n\n', ...EVENTS], {}],
    ['behind empty lines', ['\n', '\n', ...EVENTS], {}],
    ['behind a name of events', ['event: message\n', ...EVENTS], {}],
    ['letter by letter', EVENTS.join('').split(''), {}],
  ])('%s', async (_how, pieces, headers: { readonly [name: string]: string }) => {
    const { ask } = await behindOurs(sending(pieces, headers));
    const response = await ask(model, true);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/event-stream'),
    ]);
    const text = await response.text();
    expect(said(text)).toBe('Grüße');
    expect(text).not.toContain('"error"');
  });
});

it('a whole reply in the place of a stream stays one, whatever it begins with', async () => {
  for (const start of ['', '\n \n', '\uFEFF']) {
    const { ask } = await behindOurs(sending([start, REPLY]));
    expect(await (await ask('m', true)).json()).toMatchObject({ choices: [{ message: { content: 'Grüße' } }] });
  }
});

describe.each(BOTH_WAYS)('%s: a reply of status 200 that is none of the protocol', (model) => {
  it.each([
    ['of a framework', '{"detail":"Not authenticated"}', 'Not authenticated'],
    ['of a gateway', '{"code":500,"message":"no worker","success":false}', 'no worker'],
    ['of an API of another kind', '{"model":"m","response":"Hello","done":true}', 'no list of choices'],
    ['with no choices but null', '{"model":"m","choices":null}', 'no list of choices'],
    ['that is a page', '<html><title>Sign in</title></html>', 'Sign in'],
    ['that is a text', 'upstream timed out', 'upstream timed out'],
  ])('is an error, in its words: %s', async (_whose, text, words) => {
    const { ask } = await behindOurs(sending([text]));
    const response = await ask(model);
    expect([response.status, await response.json()]).toEqual([
      502,
      {
        error: {
          message: expect.stringContaining(words) as string,
          type: 'upstream_error',
          param: null,
          code: 'upstream_malformed',
        },
      },
    ]);
  });
});

describe.each(BOTH_WAYS)('%s: an error inside a stream is told in its words', (model) => {
  it.each([
    ['an object of OpenAI', 'data: {"error":{"message":"out of memory","code":503}}\n\n', 'upstream_503'],
    ['a named event with a message', 'event: error\ndata: {"message":"out of memory"}\n\n', 'upstream_500'],
    ['a named event with a detail', 'event: error\ndata: {"detail":"out of memory"}\n\n', 'upstream_500'],
    ['a named event with a text', 'event: error\ndata: out of memory\n\n', 'upstream_500'],
    ['a line of its own', 'error: {"message":"out of memory"}\n\n', 'upstream_500'],
  ])('%s', async (_form, event, code) => {
    const { ask } = await behindOurs(sending([EVENTS[0] as string, event, 'data: [DONE]\n\n']));
    const text = await (await ask(model, true)).text();
    const last = text.trim().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.slice('data: '.length))).toMatchObject({
      error: { message: expect.stringContaining('out of memory') as string, type: 'upstream_error', code },
    });
    expect(text).not.toContain('[DONE]');
  });
});

describe.each(BOTH_WAYS)('%s: a server that sends a request on', (model) => {
  it('within itself is followed, as far as may be', async () => {
    const { ask, upstream } = await behindOurs(({ path, text }, response) =>
      path.endsWith('/')
        ? void response.end(text.includes('hi') ? REPLY : '{}')
        : void response.writeHead(307, { location: `${path}/` }).end(),
    );
    expect(await (await ask(model)).json()).toMatchObject({ choices: [{ message: { content: 'Grüße' } }] });
    expect(upstream.requests.length).toBe(2);
    const endless = await behindOurs(({ path }, response) => void response.writeHead(308, { location: path }).end());
    expect((await endless.ask(model)).status).toBe(502);
    expect(endless.upstream.requests.length).toBeLessThan(10);
  });

  it.each([301, 302, 307, 308])('elsewhere is not followed, and its address is told to nobody: %i', async (status) => {
    const { ask, upstream } = await behindOurs(
      (_, response) => void response.writeHead(status, { location: 'http://10.9.8.7/v1/chat/completions' }).end(),
    );
    const response = await ask(model);
    const text = await response.text();
    expect([response.status, text]).toEqual([502, expect.stringContaining('sends the request on')]);
    expect(text).not.toMatch(/10\.9\.8\.7|127\.0\.0\.1/);
    expect(upstream.requests.length).toBe(1);
  });
});
