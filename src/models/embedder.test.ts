import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { createOpenAICompatible as createV3 } from 'openai-compatible6';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ask, memoryJournal, plus, rootScope, type Embedder } from '../core/index.ts';
import { memoryOf, rag } from '../remember/index.ts';
import { fromAiSdkEmbedder } from './ai-sdk/index.ts';
import { openaiEmbedder, type OpenAIEmbedderOptions } from './openai/index.ts';
import { scripted } from './written/index.ts';

interface Asked {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: { readonly input: string[]; readonly [field: string]: unknown };
}

let server: Server;
let asked: Asked[];
/** What the server answers; by default one vector a text, in reverse order, as is allowed. */
let answer: (input: string[]) => { status?: number; body: unknown; wait?: number };
beforeEach(async () => {
  asked = [];
  answer = (input) => ({
    body: {
      data: input.map((text, index) => ({ index, embedding: [text.length, 1, 0] })).toReversed(),
      usage: { prompt_tokens: input.join(' ').split(' ').length },
    },
  });
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += String(part)));
    request.on('end', () => {
      const body = JSON.parse(text) as Asked['body'];
      asked.push({ url: request.url, authorization: request.headers.authorization, body });
      const { status = 200, body: reply, wait = 0 } = answer(body.input);
      setTimeout(
        () => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply)),
        wait,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});
const baseURL = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
const open = (more: Partial<OpenAIEmbedderOptions> = {}): Embedder =>
  openaiEmbedder({ model: 'small', baseURL: baseURL(), dimensions: 3, apiKey: 'sk-secret', ...more });
const rounded = (vectors: readonly Float32Array[]): number[][] =>
  vectors.map((vector) => [...vector].map((x) => Number(x.toFixed(4))));

describe('openaiEmbedder', () => {
  it('gives vectors of length 1 in the order of the texts, in batches', async () => {
    const vectors = await open({ batch: 2, shorten: true }).embed(['abc', 'a', '1234']);
    expect(rounded(vectors)).toEqual([
      [0.9487, 0.3162, 0],
      [0.7071, 0.7071, 0],
      [0.9701, 0.2425, 0],
    ]);
    expect(asked.map(({ body }) => body.input)).toEqual([['abc', 'a'], ['1234']]);
    expect(asked[0]).toMatchObject({
      url: '/v1/embeddings',
      authorization: 'Bearer sk-secret',
      body: { model: 'small', encoding_format: 'float', dimensions: 3 },
    });
    expect(await open().embed([])).toEqual([]);
  });

  it('counts its calls in the account, the trace and the budget of an inference', async () => {
    const memory = memoryOf([{ id: '1', text: 'a page' }], { embedder: open({ price: 0.5 }) });
    const model = plus(
      scripted(() => 'x'),
      rag(),
    );
    const { usage, trace } = await ask(model, 'what page', { host: { memory }, trace: true });
    expect(usage).toMatchObject({ calls: 3, inputTokens: expect.any(Number) });
    expect(usage.usd).toBeCloseTo(0.5 * 4, 9); // two texts of two words, at half a dollar
    expect(JSON.stringify(trace)).toContain('"name":"small"');
    const made = asked.length;
    const fresh = { memory: memoryOf([{ id: '1', text: 'a page' }], { embedder: open({ price: 0.5 }) }) };
    await expect(ask(model, 'what page', { host: fresh, budget: { calls: 1 } })).rejects.toThrow('Budget of 1 calls');
    expect(asked.length).toBe(made + 1);
    const priceless = { memory: memoryOf([{ id: '1', text: 'a page' }], { embedder: open() }) };
    await expect(ask(model, 'q', { host: priceless, budget: { usd: 1 } })).rejects.toThrow('needs the price');
  });

  it('is not asked twice where there is a journal', async () => {
    const journal = memoryJournal();
    const run = async (): Promise<[number[][], number, number]> => {
      const { context, close } = rootScope({ journal });
      const vectors = await open().embed(['abc'], context);
      close();
      return [rounded(vectors), context.ledger.usage.calls, context.ledger.usage.replays];
    };
    expect(await run()).toEqual([[[0.9487, 0.3162, 0]], 1, 0]);
    expect(await run()).toEqual([[[0.9487, 0.3162, 0]], 1, 1]);
    expect(asked).toHaveLength(1);
  });

  it('stops when the inference is stopped', async () => {
    answer = () => ({ body: {}, wait: 60_000 });
    const controller = new AbortController();
    const { context, close } = rootScope({ signal: controller.signal });
    const running = open().embed(['abc'], context);
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(running).rejects.toThrow('enough');
    expect(context.ledger.usage).toMatchObject({ calls: 1, unreported: 1 });
    close();
  });

  it('tries again what may pass, and says what is wrong without the key', async () => {
    let failures = 1;
    const good = answer;
    answer = (input) => (failures-- > 0 ? { status: 503, body: { error: 'busy' } } : good(input));
    expect(await open({ retry: { firstWaitMs: 1 } }).embed(['abc'])).toHaveLength(1);
    expect(asked).toHaveLength(2);
    for (const [reply, message] of [
      [{ status: 401, body: { error: { message: 'bad key sk-secret' } } }, 'answered 401: bad key [key]'],
      [{ status: 404, body: {} }, 'baseURL'],
      [{ body: { nothing: 1 } }, 'no list `data`'],
      [{ body: { data: [{ embedding: 'AAAA' }] } }, 'no list of numbers'],
      [{ body: { data: [{ embedding: [1, null, 3] }] } }, 'no list of numbers'],
      [{ body: { data: [{ embedding: [] }] } }, 'no list of numbers'],
      [{ body: { data: [7] } }, 'no list of numbers'],
      [{ body: null }, 'no list `data`'],
      [{ body: { data: [{ index: 3, embedding: [1, 2, 3] }] } }, 'two embeddings of one text'],
      [{ body: { data: [] } }, '0 vectors for 1 texts'],
      [{ body: { data: [{ embedding: [1, 2] }] } }, 'a vector of 2 numbers, not of 3'],
    ] as const) {
      answer = () => reply;
      await expect(open({ retry: { attempts: 1 } }).embed(['abc'])).rejects.toThrow(message);
    }
    expect(() => open({ model: '' })).toThrow('must be the id of a model');
    expect(() => open({ baseURL: 'here' })).toThrow('must be an http(s) address');
    expect(() => open({ dimensions: 0 })).toThrow('dimensions must be a positive integer');
    expect(() => open({ price: -1 })).toThrow('price must be at least 0');
  });
});

it.each([
  ['v4', createOpenAICompatible],
  ['v3', createV3],
] as const)('an embedding model of the AI SDK, %s', async (_, create) => {
  const model = create({ name: 'local', baseURL: baseURL() }).textEmbeddingModel('small');
  const embedder = fromAiSdkEmbedder(model, { dimensions: 3 });
  expect(embedder.name).toContain('small');
  const { context, close } = rootScope();
  expect(rounded(await embedder.embed(['abc', 'a'], context))).toHaveLength(2);
  expect(context.ledger.usage).toMatchObject({ calls: 1, inputTokens: 2 });
  close();
});
