import { afterEach, expect, it } from 'vitest';
import { enumerable } from '../../models/written/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import type { Keys } from '../keys/keys.ts';
import { listen, type Listening } from '../listen.ts';
import { countingUpstream } from '../test-support/counting-upstream.ts';

const closing: { close(ms?: number): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close(0);
});

const always = (answer: string) => enumerable({ name: answer, answers: { '*': { [answer]: 1 } } });

const ask = async ({ url }: Listening, more: object = {}): Promise<string> => {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Which?' }], ...more }),
  });
  const { choices } = (await response.json()) as { choices: { message: { content: string } }[] };
  return choices[0]?.message.content ?? '';
};

it('a request ends under the configuration that it began with', async () => {
  const waiting: (() => void)[] = [];
  const slow = (answer: string) => ({
    ...always(answer),
    sample: async (...given: Parameters<ReturnType<typeof always>['sample']>) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return always(answer).sample(...given);
    },
  });
  const server = await listen({ port: 0, models: { m: slow('first') } });
  closing.push(server);
  const answers: Promise<string>[] = [];
  for (const answer of ['second', 'third', 'fourth']) {
    answers.push(ask(server), ask(server));
    await expect.poll(() => waiting.length).toBe(answers.length);
    server.reload({ models: { m: slow(answer) } });
  }
  for (const go of waiting) go();
  expect(await Promise.all(answers)).toEqual(['first', 'first', 'second', 'second', 'third', 'third']);
});

it('one that runs under an earlier configuration is cut at the end of the drain as all others are', async () => {
  const upstream = await countingUpstream({ fate: () => 'hang' });
  const up = openaiCompatible({ model: 'test', name: 'up/test', baseURL: upstream.url });
  const server = await listen({ port: 0, models: { m: up } });
  closing.push(upstream);
  const status = fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Which?' }] }),
  }).then((response) => response.status);
  await expect.poll(() => upstream.requests.length).toBe(1);
  for (let i = 0; i < 3; i++) server.reload({ models: { m: always(`${i}`) } });
  await server.close(50);
  expect(await status).toBe(504);
  await upstream.requests[0]?.closed;
});

it('what would let in anybody is refused, and all stays as it was', async () => {
  const keys: Keys = { callerOf: () => undefined };
  const server = await listen({ port: 0, host: '0.0.0.0', models: { m: always('first') }, keys });
  closing.push(server);
  expect(() => server.reload({ models: { m: always('second') } })).toThrow(
    'must be this machine where there are no keys',
  );
  const response = await fetch(`http://127.0.0.1:${server.port}/v1/models`);
  expect(response.status).toBe(401);
});
