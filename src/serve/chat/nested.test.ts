/** What a request says holds for the whole of a model, however its techniques lie in one another. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { enumerable } from '../../models/written/index.ts';
import { handler } from '../handler.ts';
import { serving, type Serving } from '../test-support/serving.ts';

let open: Serving | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const MESSAGES = [{ role: 'user', content: 'What is 2 + 2?' }];

const NESTED = [
  'up/test + reRead + selfConsistency(n=9)',
  'fusion(up/test + selfConsistency(n=4), up/test + reRead)',
  'up/test + selfConsistency(n=3) + selfConsistency(n=3)',
];

it.each(NESTED.slice(1))('the deadline of a header ends all of %s with the best so far, marked so', async (model) => {
  open = await serving(
    { answers: 'The answer is 4.', latencyMs: (index) => (index < 3 ? 0 : 60_000) },
    { quirks: { n: false } },
  );
  const headers = { 'x-plusx-deadline-ms': '600' };
  const response = await open.post('/chat/completions', { model, messages: MESSAGES, seed: 1 }, headers);
  expect(await response.json()).toMatchObject({
    choices: [{ message: { content: expect.stringContaining('The answer is 4.') as string } }],
    plusx: { exhausted: 'ms' },
  });
  await open.upstream.idle();
});

it.each(NESTED)('no call of %s may write more than max_tokens', async (model) => {
  open = await serving({ answers: 'The answer is 4.' }, { quirks: { n: false } });
  await open.post('/chat/completions', { model, messages: MESSAGES, seed: 1, max_tokens: 7 });
  const bounds = open.upstream.requests.map(({ body }) => Number(body['max_completion_tokens'] ?? body['max_tokens']));
  expect(bounds.length).toBeGreaterThan(3);
  expect(Math.max(...bounds)).toBeLessThanOrEqual(7);
});

it('three answers of one request are as independent as those of three', async () => {
  const coin = enumerable({ name: 'coin', answers: { '*': { heads: 1, tails: 1 } } });
  const answer = handler({ models: { coin } });
  const REQUESTS = 96;
  const counts = new Map<string, number>();
  for (let seed = 0; seed < REQUESTS; seed++) {
    const body = JSON.stringify({ model: 'coin + selfConsistency(n=3)', messages: MESSAGES, n: 3, seed });
    const headers = { 'content-type': 'application/json' };
    const url = 'http://localhost/v1/chat/completions';
    const reply = (await (await answer(new Request(url, { method: 'POST', headers, body }))).json()) as {
      choices: { message: { content: string } }[];
    };
    const drawn = reply.choices.map(({ message }) => message.content).join();
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
  }
  const expected = REQUESTS / 8;
  const seen = [...counts.values(), ...Array.from({ length: 8 - counts.size }, () => 0)];
  const chiSquare = seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // Beyond this with a chance of 1 in 1,000, and the seeds are always the same.
  expect(chiSquare).toBeLessThan(24.3);
});

describe('an address in a message', () => {
  it.each(['up/test', 'up/test + selfRefine(rounds=1)', 'fusion(up/test, up/test)'])(
    'is handed on by %s, and nobody here asks for what lies there',
    async (model) => {
      let asked = 0;
      const bait = createServer((_incoming, outgoing) => {
        asked++;
        outgoing.end();
      });
      await new Promise<void>((resolve) => bait.listen(0, '127.0.0.1', resolve));
      const address = (path: string): string => `http://127.0.0.1:${(bait.address() as AddressInfo).port}/${path}`;
      const content = [
        { type: 'text', text: `Read ${address('page')} and say what it shows.` },
        { type: 'image_url', image_url: { url: address('image.png') } },
      ];
      open = await serving({ answers: `See ${address('answer')}.` });
      const response = await open.post('/chat/completions', { model, messages: [{ role: 'user', content }], seed: 1 });
      expect(response.status).toBe(200);
      const sent = open.upstream.requests.map(({ body }) => JSON.stringify(body.messages));
      expect(sent.some((text) => text.includes(address('image.png')))).toBe(true);
      expect(asked).toBe(0);
      await new Promise((resolve) => bait.close(resolve));
    },
  );
});
