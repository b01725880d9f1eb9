import { afterEach, describe, expect, it } from 'vitest';
import { plus } from '../../core/index.ts';
import { reRead } from '../../rephrase/index.ts';
import { handler } from '../handler.ts';
import { eventsIn, serving, type Serving } from '../test-support/serving.ts';

interface Chunk {
  readonly choices: readonly {
    readonly index: number;
    readonly delta: { readonly [field: string]: unknown };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: unknown;
  readonly plusx?: { readonly [field: string]: unknown };
}

let open: Serving | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

const MESSAGES = [{ role: 'user', content: 'What is 2 + 2?' }];
const VOTE = { '2 + 2 is\n 4': 3, 'It is 5': 1 };

async function chunks(
  body: object,
  upstream: Parameters<typeof serving>[0] = { answers: VOTE },
): Promise<(Chunk | '[DONE]')[]> {
  open = await serving(upstream);
  const response = await open.post('/chat/completions', { messages: MESSAGES, stream: true, seed: 1, ...body });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  return (await eventsIn(response)) as (Chunk | '[DONE]')[];
}

const said = (events: readonly (Chunk | '[DONE]')[], field: string, index = 0): string =>
  events
    .flatMap((event) => (event === '[DONE]' ? [] : event.choices))
    .filter((choice) => choice.index === index)
    .map(({ delta }) => (typeof delta[field] === 'string' ? delta[field] : ''))
    .join('');

describe('a stream under techniques', () => {
  it.each([1, 3])('has the role first, the finish last and alone, then the usage (n=%i)', async (n) => {
    const events = await chunks({
      model: 'up/test + selfConsistency(n=3)',
      n,
      stream_options: { include_usage: true },
    });
    expect(events.at(-1)).toBe('[DONE]');
    const all = events.slice(0, -1) as Chunk[];
    const usage = all.pop() as Chunk;
    expect(usage).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number), plusx: { calls: 3 * n } } });
    for (const one of all) {
      expect(one.usage).toBeNull();
      expect(one.choices.length).toBe(1);
    }
    for (let index = 0; index < n; index++) {
      const own = all.flatMap(({ choices }) => choices).filter((choice) => choice.index === index);
      expect(own[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null });
      expect(own.slice(0, -1).every(({ finish_reason: finish }) => finish === null)).toBe(true);
      expect(own.at(-1)).toMatchObject({ delta: {}, finish_reason: 'stop' });
      expect(own.slice(1).every(({ delta }) => !('role' in delta))).toBe(true);
    }
    expect(all.at(-1)?.plusx).toMatchObject({ generation: expect.stringMatching(/^[0-9a-f]{16}$/), warnings: [] });
  });

  it('says the same as a reply that comes whole', async () => {
    const body = { model: 'up/test + selfConsistency(n=3) + reRead', n: 3 };
    const events = await chunks(body);
    const whole = await open?.post('/chat/completions', { ...body, messages: MESSAGES, seed: 1 });
    const { choices } = (await (whole as Response).json()) as { choices: { message: { content: string } }[] };
    expect(choices.map((_, i) => said(events, 'content', i))).toEqual(choices.map(({ message }) => message.content));
  });

  it('has no usage where none was asked for', async () => {
    const events = await chunks({ model: 'up/test + reRead' });
    expect(JSON.stringify(events)).not.toContain('usage');
  });

  it('streams the last stage as it is written', async () => {
    const events = await chunks({ model: 'up/test + reRead' });
    const deltas = events.filter((event) => event !== '[DONE]' && event.choices[0]?.delta['content']);
    expect(deltas.length).toBeGreaterThan(2);
    expect(Object.keys(VOTE)).toContain(said(events, 'content'));
  });

  it('tells what techniques are doing only where that is asked for, and never as content', async () => {
    const quiet = await chunks({ model: 'up/test + selfConsistency(n=3)' });
    expect(JSON.stringify(quiet)).not.toContain('draw 1');
    await open?.close();
    const told = await chunks({ model: 'up/test + selfConsistency(n=3)', plusx: { progress: true } });
    expect(said(told, 'reasoning_content')).toContain('draw 1 of 3');
    expect(said(told, 'content')).toBe(said(quiet, 'content'));
    const response = await open?.post(
      '/chat/completions',
      { model: 'up/test + selfConsistency(n=3)', messages: MESSAGES, stream: true },
      { 'x-plusx-progress': 'true' },
    );
    expect(await response?.text()).toContain('draw 1 of 3');
  });

  it("has a model's own thoughts as reasoning", async () => {
    const events = await chunks(
      { model: 'up/test + reRead' },
      { answers: { content: 'four', reasoning: 'hm, two and two' } },
    );
    expect([said(events, 'reasoning_content'), said(events, 'content')]).toEqual(['hm, two and two', 'four']);
  });

  it('has calls of tools in pieces, numbered, each with its id once', async () => {
    const toolCalls = [
      { name: 'look', arguments: '{"at":"Rome"}' },
      { name: 'look', arguments: '{"at":"Oslo"}' },
    ];
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
    for (const X of ['reRead', 'selfConsistency(n=3)', 'selfRefine']) {
      const events = await chunks({ model: `up/test + ${X}`, tools }, { answers: { content: '', toolCalls } });
      const pieces = events.flatMap((event) => (event === '[DONE]' ? [] : callsIn(event)));
      const calls = [0, 1].map((at) => pieces.filter(({ index }) => index === at));
      expect(
        calls.map((own) => ({
          name: own.map((piece) => piece.function?.name ?? '').join(''),
          arguments: own.map((piece) => piece.function?.arguments ?? '').join(''),
        })),
      ).toEqual(toolCalls);
      const ids = pieces.flatMap(({ id }) => id ?? []);
      expect([ids.length, new Set(ids).size]).toEqual([2, 2]);
      expect(events.at(-2)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
      await open?.close();
    }
  });

  it('fails with a status before its first word', async () => {
    open = await serving({ failures: () => 401 });
    const response = await open.post('/chat/completions', {
      model: 'up/test + reRead',
      messages: MESSAGES,
      stream: true,
    });
    expect([response.status, await response.json()]).toMatchObject([
      502,
      { error: { type: 'upstream_error', code: 'upstream_401' } },
    ]);
  });

  it('fails with one event and no [DONE] behind it', async () => {
    const events = await chunks({ model: 'up/test + reRead' }, { answers: VOTE, truncateStream: 2 });
    expect(events.at(-1)).toEqual({
      error: { message: expect.any(String) as string, type: 'upstream_error', param: null, code: 'upstream_malformed' },
    });
  });
});

interface Call {
  readonly index: number;
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}

const callsIn = ({ choices }: Chunk): readonly Call[] =>
  choices.flatMap(({ delta }) => (delta['tool_calls'] ?? []) as readonly Call[]);

describe('a run', () => {
  it('ends with every call below it when the reader of a stream leaves', async () => {
    open = await serving({ answers: VOTE, latencyMs: 60_000 }, { quirks: { n: false } });
    const controller = new AbortController();
    const asked = fetch(`${open.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'up/test + selfConsistency(n=5)',
        messages: MESSAGES,
        stream: true,
        plusx: { progress: true },
      }),
      signal: controller.signal,
    });
    const { upstream } = open;
    await expect.poll(() => upstream.requests.length).toBe(5);
    await (await asked).body?.getReader().read();
    controller.abort();
    await upstream.idle();
    expect(upstream.requests.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'aborted'));
  });

  it('ends when the client of a whole reply leaves', async () => {
    open = await serving({ answers: VOTE, latencyMs: 60_000 }, { quirks: { n: false } });
    const controller = new AbortController();
    const asked = fetch(`${open.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'up/test + selfConsistency(n=5) + selfRefine', messages: MESSAGES, n: 2 }),
      signal: controller.signal,
    });
    const { upstream } = open;
    await expect.poll(() => upstream.requests.length).toBe(10);
    controller.abort();
    await expect(asked).rejects.toThrow('abort');
    await upstream.idle();
    expect(new Set(upstream.requests.map(({ state }) => state))).toEqual(new Set(['aborted']));
  });

  it('ends when a handler that is mounted somewhere hears of it by its request alone', async () => {
    const { openaiCompatible } = await import('../../models/openai/index.ts');
    open = await serving({ answers: VOTE, latencyMs: 60_000 });
    const { upstream } = open;
    const model = openaiCompatible({ model: 'test', baseURL: upstream.url });
    const answer = handler({ models: { a: plus(model, reRead()) } });
    const controller = new AbortController();
    const body = JSON.stringify({ model: 'a', messages: MESSAGES });
    const headers = { 'content-type': 'application/json' };
    const url = 'http://localhost/v1/chat/completions';
    const asked = answer(new Request(url, { method: 'POST', headers, body, signal: controller.signal }));
    await expect.poll(() => upstream.requests.length).toBe(1);
    controller.abort();
    expect(await (await asked).json()).toMatchObject({ error: { code: 'client_left' } });
    await upstream.idle();
  });

  it.each([
    ['calls', { budget: { calls: 3 } }],
    ['ms', { deadline_ms: 400 }],
  ])('is at a limit (%s) the best so far, marked so', async (limit, plusx) => {
    open = await serving(
      { answers: 'The answer is 4.', latencyMs: (index) => (index < 3 ? 0 : 60_000) },
      { quirks: { n: false } },
    );
    const body = { model: 'up/test + selfConsistency(n=9)', messages: MESSAGES, plusx };
    const response = await open.post('/chat/completions', body);
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: 'The answer is 4.' } }],
      plusx: { exhausted: limit },
    });
  });

  it.each([
    [402, 'budget_exceeded', { budget: { calls: 0 } }],
    [504, 'deadline_exceeded', { deadline_ms: 30 }],
  ])('without any answer at a limit is a %i', async (status, code, plusx) => {
    open = await serving({ latencyMs: 60_000 });
    const body = { model: 'up/test + selfConsistency(n=3)', messages: MESSAGES, plusx };
    const response = await open.post('/chat/completions', body);
    expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
  });
});
