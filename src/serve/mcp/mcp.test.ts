import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { OpenAIServerOptions } from '../../testing/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import type { ListenOptions } from '../listen.ts';
import { keysIn } from '../keys/stored.ts';
import type { Permissions } from '../keys/permissions.ts';
import { serving, type Serving } from '../test-support/serving.ts';

let open: Serving | undefined;
let store: Store | undefined;
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await open?.close();
  await store?.close();
  open = store = undefined;
});

const OFFERED = [{ name: 'careful', about: 'three draws' }, { name: 'plain' }, { name: 'a formula + reRead' }];

async function started(upstream: OpenAIServerOptions, options: Partial<ListenOptions> = {}): Promise<Serving> {
  const models = {
    careful: 'up/test + selfConsistency(n=3)',
    plain: 'up/test',
    'a formula + reRead': 'up/test + reRead',
  };
  open = await serving(upstream, { options: { models, mcp: OFFERED, ...options }, quirks: { n: false } });
  return open;
}

async function connected({ url }: Serving, headers: { readonly [name: string]: string } = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
  clients.push(client);
  return client;
}

const ask = (client: Client, name: string, given: object = {}) =>
  client.callTool({ name, arguments: { question: 'What is 2 + 2?', ...given } });

describe('models as tools', () => {
  it('are listed under names that every client takes', async () => {
    const { tools } = await (await connected(await started({}))).listTools();
    expect(tools.map(({ name, description }) => [name, description])).toEqual([
      ['careful', 'Asks the language model careful (three draws) a question, and gives its answer.'],
      ['plain', 'Asks the language model plain a question, and gives its answer.'],
      ['a_formula_reRead', 'Asks the language model a formula + reRead a question, and gives its answer.'],
    ]);
    expect(tools.every(({ inputSchema }) => inputSchema.required?.includes('question'))).toBe(true);
  });

  it.each([
    ['careful', 3],
    ['plain', 1],
    ['a_formula_reRead', 1],
  ])('%s answers, with the account of its calls', async (name, calls) => {
    const server = await started({ answers: 'The answer is 4.' });
    const reply = await ask(await connected(server), name, { system: 'Be exact.', max_tokens: 50 });
    expect(reply.isError ?? false).toBe(false);
    expect(reply.content).toEqual([{ type: 'text', text: 'The answer is 4.' }]);
    expect(reply._meta?.['plusx/usage']).toMatchObject({ total_tokens: expect.any(Number) as number });
    expect(server.upstream.requests).toHaveLength(calls);
    for (const { body } of server.upstream.requests) {
      expect(body.max_completion_tokens ?? body.max_tokens).toBe(50);
      expect(body.messages?.[0]).toEqual({ role: 'system', content: 'Be exact.' });
    }
  });

  it('say what techniques are doing, to those who ask', async () => {
    const client = await connected(await started({ answers: 'The answer is 4.' }));
    const told: (string | undefined)[] = [];
    const onprogress = ({ message }: { message?: string | undefined }): void => void told.push(message);
    await client.callTool({ name: 'careful', arguments: { question: 'x' } }, undefined, { onprogress });
    expect(told.length).toBeGreaterThan(0);
    expect(told.every((message) => message !== undefined && message !== '')).toBe(true);
  });

  it.each([
    ['nothing', { question: 'x' }, 'There is no tool "nothing". There are: careful, plain, a_formula_reRead.'],
    ['plain', {}, '`question` must be a text.'],
    ['plain', { question: 7 }, '`question` must be a text.'],
    ['plain', { question: 'x', model: 'up/test' }, '`model` is not known. There are: question, system, max_tokens.'],
    ['plain', { question: 'x', max_tokens: 0 }, '`max_tokens` must be an integer of at least 1.'],
    ['plain', { question: 'x', system: [] }, '`system` must be a text.'],
  ])('%s with %j is refused in words', async (name, given, words) => {
    const server = await started({});
    const reply = await (await connected(server)).callTool({ name, arguments: given });
    expect(reply.isError).toBe(true);
    expect(JSON.stringify(reply.content)).toContain(JSON.stringify(words).slice(1, -1));
    expect(server.upstream.requests).toEqual([]);
  });

  it('that fail say why, before and in the middle of an answer', async () => {
    const refused = await ask(await connected(await started({ failures: () => 401 })), 'plain');
    expect(refused).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('401') as string }] });
    await open?.close();
    const broken = await started({ answers: 'One two three four.', truncateStream: 3 });
    expect(await ask(await connected(broken), 'plain')).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('broke off') as string }],
    });
  });

  it.each(['plain', 'careful'])('%s is cancelled with its call, and with its client', async (name) => {
    const server = await started({ latencyMs: 60_000 });
    const client = await connected(server);
    const controller = new AbortController();
    const asked = client.callTool({ name, arguments: { question: 'x' } }, undefined, { signal: controller.signal });
    asked.catch(() => undefined);
    await expect.poll(() => server.upstream.requests.length).toBeGreaterThan(0);
    controller.abort();
    await expect(asked).rejects.toThrow('bort');
    await client.close();
    await server.upstream.idle();
    expect(new Set(server.upstream.requests.map(({ state }) => state))).toEqual(new Set(['aborted']));
  });
});

describe('who may use them', () => {
  const keyed = async (may: Permissions) => {
    store = openStore({ file: ':memory:' });
    const { key } = await store.keys.add('mia', may);
    const server = await started({ answers: 'Four.' }, { keys: await keysIn(store) });
    return { server, client: () => connected(server, { authorization: `Bearer ${key}` }) };
  };

  it('is what the key says: others are neither listed nor there', async () => {
    const { server, client } = await keyed({ models: ['careful'] });
    const mine = await client();
    expect((await mine.listTools()).tools.map(({ name }) => name)).toEqual(['careful']);
    expect((await ask(mine, 'plain')).isError).toBe(true);
    await expect(connected(server)).rejects.toThrow('not known');
    await expect(connected(server, { authorization: 'Bearer wrong' })).rejects.toThrow('not known');
  });

  it('as often as its budget says', async () => {
    const { client, server } = await keyed({ day: { calls: 4 } });
    const mine = await client();
    expect((await ask(mine, 'careful')).content).toEqual([{ type: 'text', text: 'Four.' }]);
    await expect
      .poll(
        async () =>
          (await store?.accounts.standing((await store.keys.list())[0]?.id ?? '', Date.now()))?.reserved.calls,
      )
      .toBe(0);
    const refused = await ask(mine, 'careful');
    expect([refused.isError, JSON.stringify(refused.content)]).toEqual([
      true,
      expect.stringContaining('1 calls are left'),
    ]);
    expect(server.upstream.requests).toHaveLength(3);
  });

  it('without keys only programs of this machine, and no page in a browser', async () => {
    const { url } = await started({});
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const address = new URL('/mcp', url);
    const asked = (more: object): Promise<Response> =>
      fetch(address, { method: 'POST', body, headers: { ...headers, ...more } });
    expect((await asked({})).status).toBe(200);
    for (const method of ['GET', 'DELETE']) expect((await fetch(address, { method, headers })).status).toBe(405);
    expect((await asked({ origin: 'https://evil.example' })).status).toBe(403);
  });

  it('nobody, where none are offered', async () => {
    open = await serving({});
    expect((await fetch(new URL('/mcp', open.url), { method: 'POST' })).status).toBe(404);
  });
});
