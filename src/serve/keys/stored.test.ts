import { afterEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../store/index.ts';
import { ownHost } from './own-host.ts';
import type { Permissions } from './permissions.ts';
import { createQueue } from './queue.ts';
import { keysIn } from './stored.ts';
import { serving, type Serving } from '../test-support/serving.ts';
import type { OpenAIServerOptions } from '../../testing/index.ts';

let open: Serving | undefined;
let store: Store | undefined;
afterEach(async () => {
  await open?.close();
  await store?.close();
  open = store = undefined;
});

const messages = [{ role: 'user', content: 'What is 2 + 2?' }];
const PRICE = { input: 1e-6, output: 2e-6 };

async function keyed(may: Permissions, upstream: OpenAIServerOptions = {}, price: object | undefined = PRICE) {
  store = openStore({ file: ':memory:' });
  const { key, id } = await store.keys.add('mia', may);
  open = await serving(
    { answers: 'Four.', ...upstream },
    { options: { keys: await keysIn(store) }, quirks: { n: false }, price },
  );
  const { accounts } = store;
  const server = open;
  const ask = async (body: object, signal?: AbortSignal) => {
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ messages, ...body }),
      ...(signal && { signal }),
    });
    return {
      status: response.status,
      headers: response.headers,
      reply: (await response.json()) as { error?: { message: string; code: string } },
    };
  };
  return { ask, upstream: server.upstream, standing: () => accounts.standing(id, Date.now()) };
}

const MODELS = ['up/test', 'up/test + selfConsistency(n=3)'];

describe.each(MODELS)('the budget of a key, spent on %s', (model) => {
  const calls = model === 'up/test' ? 1 : 3;

  it('is spent to the call and the token, and then refused with both numbers', async () => {
    const { ask, standing, upstream } = await keyed({ day: { calls: 2 * calls } });
    for (let i = 0; i < 2; i++) expect((await ask({ model })).status).toBe(200);
    const { status, reply } = await ask({ model });
    expect([status, reply.error?.code]).toEqual([402, 'insufficient_budget']);
    expect(reply.error?.message).toMatch(
      new RegExp(`can take ${calls} calls, and 0 calls are left of the day's budget`),
    );
    await expect.poll(async () => (await standing()).day.calls).toBe(2 * calls);
    expect(upstream.requests.length).toBe(2 * calls);
    const { day, reserved } = await standing();
    // 11 tokens of the question and 1 of the answer in each call.
    expect([day.tokens, reserved.calls]).toEqual([2 * calls * 12, 0]);
    expect(day.usd).toBeCloseTo(2 * calls * (11 * PRICE.input + 1 * PRICE.output), 12);
  });

  it('is never overdrawn by requests at one time', async () => {
    const { ask, standing, upstream } = await keyed({ day: { calls: 4 * calls + 2 } }, { latencyMs: 30 });
    const all = await Promise.all(Array.from({ length: 12 }, () => ask({ model, max_tokens: 5 })));
    const served = all.filter(({ status }) => status === 200).length;
    const most = Math.floor((4 * calls + 2) / calls);
    expect([served, upstream.requests.length]).toEqual([most, most * calls]);
    const codes = all.flatMap(({ status, reply }) => (status === 200 ? [] : [reply.error?.code]));
    expect(codes.filter((code) => code !== 'budget_reserved' && code !== 'insufficient_budget')).toEqual([]);
    await expect.poll(async () => (await standing()).reserved.calls).toBe(0);
  });

  it('in dollars bounds an answer that nothing else bounds', async () => {
    const usd = 0.001;
    const { ask, standing, upstream } = await keyed({ day: { usd } }, { answers: 'word '.repeat(5000) });
    const { status } = await ask({ model });
    expect([200, 402]).toContain(status);
    for (const { body } of upstream.requests) expect(body.max_tokens).toBeLessThan(501);
    await expect.poll(async () => (await standing()).reserved.usd).toBe(0);
    expect((await standing()).day.usd).toBeLessThanOrEqual(usd);
    expect((await standing()).day.usd).toBeGreaterThan(0);
  });

  it('in dollars refuses a model whose price nobody knows', async () => {
    const { ask } = await keyed({ month: { usd: 1 } }, {}, null as unknown as undefined);
    const { status, reply } = await ask({ model });
    expect([status, reply.error?.code]).toEqual([400, 'price_unknown']);
  });

  it('is charged as reserved for a call that nobody reported', async () => {
    const { ask, standing, upstream } = await keyed({ day: { tokens: 100_000 } }, { latencyMs: 60_000 });
    const controller = new AbortController();
    const asked = ask({ model, max_tokens: 5 }, controller.signal);
    await expect.poll(() => upstream.requests.length).toBe(calls);
    controller.abort();
    await expect(asked).rejects.toThrow('abort');
    await expect.poll(async () => (await standing()).reserved.tokens).toBe(0);
    const { day } = await standing();
    expect(day.tokens).toBeGreaterThan(calls * 12);
  });

  it('is not charged for what a server refused', async () => {
    const { ask, standing } = await keyed({ day: { tokens: 100_000 } }, { failures: () => 400 });
    expect((await ask({ model, max_tokens: 5 })).status).toBe(400);
    await expect.poll(async () => (await standing()).reserved.tokens).toBe(0);
    // A run does not know whether a call that failed is billed.
    expect((await standing()).day.tokens === 0).toBe(model === 'up/test');
  });

  it('has a limit for one request, and one for a minute', async () => {
    const { ask } = await keyed({ request: { calls: calls - 1 } });
    const { status, reply } = await ask({ model });
    expect([status, reply.error?.code]).toEqual([402, 'request_too_expensive']);
    expect(reply.error?.message).toContain(`can take ${calls} calls, and this key may take ${calls - 1} calls`);
    await open?.close();
    await store?.close();
    const minute = await keyed({ requestsPerMinute: 2 });
    const all = [await minute.ask({ model }), await minute.ask({ model }), await minute.ask({ model })];
    expect(all.map((one) => one.status)).toEqual([200, 200, 429]);
    expect(all[2]?.reply.error?.message).toContain('2 requests a minute, and has sent 2');
    expect(Number(all[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

it('a formula that can make too many calls is refused before it begins, with both numbers', async () => {
  const { ask, upstream } = await keyed({});
  const { status, reply } = await ask({ model: 'up/test + selfConsistency(n=1001)' });
  expect([status, reply.error?.code]).toEqual([400, 'too_many_calls']);
  expect(reply.error?.message).toContain('1001 calls of models, and 1000 are allowed');
  expect((await ask({ model: 'up/test + selfConsistency(n=101)', n: 10 })).status).toBe(400);
  expect(upstream.requests.length).toBe(0);
});

describe('places', () => {
  it('are given to keys in turn', async () => {
    const queue = createQueue({ most: 1, mostWaiting: 100 });
    const here = new AbortController();
    const order: string[] = [];
    const leaveFirst = await queue.enter('greedy', 10, here);
    const enter = async (key: string, name: string): Promise<void> => {
      const leave = await queue.enter(key, 10, here);
      order.push(name);
      await Promise.resolve();
      leave();
    };
    const all = [
      ...Array.from({ length: 5 }, (_, i) => enter('greedy', `greedy ${i}`)),
      enter('modest', 'modest 0'),
      enter('modest', 'modest 1'),
      enter('other', 'other 0'),
    ];
    leaveFirst();
    await Promise.all(all);
    expect(order).toEqual([
      'greedy 0',
      'modest 0',
      'other 0',
      'greedy 1',
      'modest 1',
      'greedy 2',
      'greedy 3',
      'greedy 4',
    ]);
  });

  it('are bounded for a key, and whoever leaves gives up its turn', async () => {
    const queue = createQueue({ most: 10, mostWaiting: 2 });
    const here = new AbortController();
    const leave = await queue.enter('a', 1, here);
    const gone = new AbortController();
    const waiting = queue.enter('a', 1, gone);
    const next = queue.enter('a', 1, here);
    await expect(queue.enter('a', 1, here)).rejects.toMatchObject({ status: 429, code: 'too_many_requests' });
    gone.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    expect(queue.waiting).toBe(1);
    leave();
    leave();
    (await next)();
    expect(queue.waiting).toBe(0);
    (await queue.enter('a', 1, here))();
  });

  it('let a key have no more requests at one time than it may', async () => {
    const { ask, upstream } = await keyed({ inFlight: 2 }, { latencyMs: 20 });
    const all = await Promise.all(Array.from({ length: 8 }, () => ask({ model: 'up/test' })));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(upstream.highWaterMark).toBeLessThanOrEqual(2);
  });
});

it("one key's memory is not another's", async () => {
  store = openStore({ file: ':memory:' });
  const host = { memory: store.memory };
  const [mia, ben] = [ownHost(host, 'mia').memory, ownHost(host, 'ben').memory];
  await mia?.put('default', [{ id: '1', text: 'the secret of mia' }]);
  expect(await ben?.search('default', 'secret', 5)).toEqual([]);
  expect(await ben?.namespaces()).toEqual([]);
  expect((await mia?.search('default', 'secret', 5))?.length).toBe(1);
  expect(await mia?.namespaces()).toEqual(['default']);
  expect(ownHost(host, undefined)).toBe(host);
});
