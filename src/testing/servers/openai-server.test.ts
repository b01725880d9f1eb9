import { afterEach, expect, it } from 'vitest';
import { logprobsOf, tokensOf } from './answers.ts';
import { openaiServer, type OpenAIServer, type OpenAIServerOptions } from './openai-server.ts';

const open: OpenAIServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())));
async function serve(options: OpenAIServerOptions = {}): Promise<OpenAIServer> {
  const server = await openaiServer(options);
  open.push(server);
  return server;
}

interface Reply {
  readonly choices: readonly { readonly message: { readonly content: string }; readonly finish_reason: string }[];
}
async function post({ url }: OpenAIServer, body: object): Promise<Reply> {
  const response = await fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Reply;
}
const messages = [{ role: 'user', content: 'q' }];
const ABC = { a: 0.5, b: 0.3, c: 0.2 };

it('answers a seed the same way each time, and by order of arrival where it drops seeds', async () => {
  const drawn = async (server: OpenAIServer, seed: number): Promise<string | undefined> =>
    (await post(server, { messages, seed })).choices[0]?.message.content;
  const [kind, careless] = [await serve({ answers: ABC }), await serve({ answers: ABC, dropsSeed: true })];
  const first = await Promise.all(Array.from({ length: 12 }, (_, i) => drawn(kind, i)));
  const again = await Promise.all(Array.from({ length: 12 }, (_, i) => drawn(kind, i)));
  expect(again).toEqual(first);
  const same = new Set<string | undefined>();
  for (let i = 0; i < 12; i++) same.add(await drawn(careless, 1));
  expect(same.size).toBeGreaterThan(1);
});

it('draws by the weights, sharpened by the temperature', async () => {
  const server = await serve({ answers: ABC });
  const shareOfA = async (temperature?: number): Promise<number> => {
    const { choices } = await post(server, { messages, seed: 1, n: 2000, temperature });
    return choices.filter(({ message }) => message.content === 'a').length / choices.length;
  };
  // Five standard deviations of a share of 2000.
  expect(Math.abs((await shareOfA()) - 0.5)).toBeLessThan(0.056);
  expect(Math.abs((await shareOfA(0.5)) - 0.25 / 0.38)).toBeLessThan(0.054);
  expect(await shareOfA(0)).toBe(1);
});

it('cuts at the most tokens and at a stop sequence', async () => {
  const server = await serve({ answers: 'one two three four' });
  const cut = async (more: object): Promise<unknown> => {
    const [choice] = (await post(server, { messages, ...more })).choices;
    return [choice?.message.content, choice?.finish_reason];
  };
  expect(await cut({ max_tokens: 2 })).toEqual(['one two', 'length']);
  expect(await cut({ stop: [' three'] })).toEqual(['one two', 'stop']);
  expect(await cut({})).toEqual(['one two three four', 'stop']);
});

it('gives each text the log-probability it is drawn with', () => {
  const answers = { 'the cat sat': 0.4, 'the cat ran': 0.1, 'a dog': 0.5 };
  for (const [text, p] of Object.entries(answers)) {
    const tokens = logprobsOf(answers, text);
    expect(tokens.map(({ token }) => token)).toEqual(tokensOf(text));
    expect(tokens.reduce((sum, { logprob }) => sum + logprob, 0)).toBeCloseTo(Math.log(p), 12);
  }
  expect(logprobsOf(answers, 'the bird')[1]?.logprob).toBe(-9999);
});

it('answers what a function of the request says', async () => {
  const server = await serve({ answers: ({ body, index }) => `${body.messages?.[0]?.role} ${index}` });
  await post(server, { messages });
  expect((await post(server, { messages })).choices[0]?.message.content).toBe('user 1');
});

it('lists its models, lets in the right key only, and knows no other road', async () => {
  const server = await serve({ models: ['m1', 'm2'], apiKey: 'k' });
  const get = (path: string, key: string): Promise<Response> =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect(((await (await get('/models', 'k')).json()) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([
    'm1',
    'm2',
  ]);
  expect((await get('/models', 'x')).status).toBe(401);
  expect((await get('/nowhere', 'k')).status).toBe(404);
});

it('tells what was answered from what was left, and closes on whoever waits', async () => {
  const server = await serve({ latencyMs: (index) => (index === 0 ? 0 : 60_000) });
  await post(server, { messages });
  const controller = new AbortController();
  const left = fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ messages }),
    signal: controller.signal,
  });
  const stuck = post(server, { messages });
  while (server.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(server.highWaterMark).toBe(2);
  controller.abort();
  await expect(left).rejects.toThrow('abort');
  const [refused] = await Promise.allSettled([stuck, server.close()]);
  expect(refused.status).toBe('rejected');
  expect(server.requests.map(({ state }) => state)).toEqual(['completed', 'aborted', 'aborted']);
});
