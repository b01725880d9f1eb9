import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../core/index.ts';
import { openaiCompatible } from '../../models/openai/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { openStore, type Store } from '../../store/index.ts';
import { handler, type Handler } from '../handler.ts';
import { openaiServer } from '../../testing/index.ts';
import { keysIn } from '../keys/stored.ts';
import { recentAnswers, type HandedAnswer } from './recent.ts';

const two = enumerable({ name: 'two', answers: { '*': { 'The answer is 4.': 1 } } });

let store: Store;
let answer: Handler;
let mia: string;
let noa: string;
beforeEach(async () => {
  store = openStore({ file: ':memory:' });
  [{ key: mia }, { key: noa }] = await Promise.all([store.keys.add('mia', {}), store.keys.add('noa', {})]);
  answer = handler({ models: { two }, store, keys: await keysIn(store) });
});
afterEach(() => store.close());

const post = async (path: string, body: unknown, key: string, to = answer) => {
  const response = await to(
    new Request(`http://localhost/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    }),
  );
  return { status: response.status, reply: (await response.json()) as object, headers: response.headers };
};

const generated = async (key: string, to = answer): Promise<string> => {
  const messages = [{ role: 'user', content: 'What is 2 + 2?' }];
  const { headers } = await post('chat/completions', { model: 'two', messages }, key, to);
  return headers.get('x-plusx-generation') ?? '';
};

it('lies beside the trace, by the id of the generation or of the reply, and the last one counts', async () => {
  const generation = await generated(mia);
  const first = await post('feedback', { generation, score: 0, comment: 'No.' }, mia);
  expect([first.status, first.reply]).toEqual([200, { object: 'feedback', generation, score: 0, comment: 'No.' }]);
  expect((await post('feedback', { generation: `chatcmpl-${generation}`, correction: '5' }, mia)).status).toBe(200);
  expect(await store.feedback.list()).toMatchObject([{ generation, correction: '5' }]);
  expect(await store.feedback.get(generation)).toMatchObject({ score: undefined, comment: undefined });
  expect(await store.traces.get(generation)).toMatchObject({ root: { status: 'ok' } });
  await store.traces.delete(generation);
  expect(await store.feedback.list()).toEqual([]);
});

it('a key speaks of its own answers alone, and does not learn which others there are', async () => {
  const generation = await generated(mia);
  const others = await post('feedback', { generation, score: 1 }, noa);
  const none = await post('feedback', { generation: '0123456789abcdef', score: 1 }, noa);
  expect([others.status, others.reply]).toMatchObject([404, { error: { code: 'generation_not_found' } }]);
  expect(JSON.stringify(none.reply).replace('0123456789abcdef', generation)).toBe(JSON.stringify(others.reply));
  expect((await post('feedback', { generation, score: 1 }, 'wrong')).status).toBe(401);
  expect(await store.feedback.list()).toEqual([]);
});

it('without keys this machine speaks of what it asked, and not of the traces of runs or of keys', async () => {
  const open = handler({ models: { two }, store });
  const [own, ofKey] = [await generated('', open), await generated(mia)];
  await store.traces.put(
    { id: 'fedcba9876543210', root: (await store.traces.get(own))?.root as never },
    { run: 'first', item: '1' },
  );
  const said = await Promise.all(
    [own, ofKey, 'fedcba9876543210'].map((generation) => post('feedback', { generation, score: 1 }, '', open)),
  );
  expect(said.map(({ status }) => status)).toEqual([200, 404, 404]);
});

it.each<[string, object, string]>([
  ['nothing', {}, 'generation'],
  ['no id', { generation: '../x', score: 1 }, 'generation'],
  ['no opinion', { generation: '0123456789abcdef' }, 'score'],
  ['a score too high', { generation: '0123456789abcdef', score: 2 }, 'score'],
  ['a score that is none', { generation: '0123456789abcdef', score: '1' }, 'score'],
  ['an empty comment', { generation: '0123456789abcdef', comment: '' }, 'comment'],
  ['a long comment', { generation: '0123456789abcdef', comment: 'x'.repeat(10_001) }, 'comment'],
  ['half a letter', { generation: '0123456789abcdef', correction: '\uD800' }, 'correction'],
  ['another field', { generation: '0123456789abcdef', score: 1, key: 'noa' }, 'key'],
])('%s is refused by name', async (_what, body, param) => {
  const { status, reply } = await post('feedback', body, mia);
  expect([status, reply]).toMatchObject([400, { error: { param, code: 'invalid_value' } }]);
});

it('a server without a store has nothing that it could be said of', async () => {
  const { status, reply } = await post(
    'feedback',
    { generation: '0123456789abcdef', score: 1 },
    '',
    handler({ models: { two } }),
  );
  expect([status, reply]).toMatchObject([404, { error: { code: 'no_store' } }]);
});

describe('of an answer that was handed on', () => {
  const handing = async () => {
    const upstream = await openaiServer({ answers: () => ({ content: 'Four.' }) });
    const up = openaiCompatible({ model: 'test', name: 'up', baseURL: upstream.url, retry: { attempts: 1 } });
    const to = handler({ models: { up }, store, keys: await keysIn(store) });
    const ask = (model: string, key: string) =>
      post('chat/completions', { model, messages: [{ role: 'user', content: 'What is 2 + 2?' }] }, key, to);
    return { upstream, ask, say: (body: object, key: string) => post('feedback', body, key, to) };
  };

  it('there is a trace of one call once somebody says something, and not before', async () => {
    const { upstream, ask, say } = await handing();
    const { headers } = await ask('up', mia);
    const generation = headers.get('x-plusx-generation') ?? '';
    expect(await store.traces.get(generation)).toBeUndefined();
    expect((await say({ generation, score: 1 }, noa)).status).toBe(404);
    expect(await store.traces.list()).toEqual([]);
    expect((await say({ generation, score: 1 }, mia)).reply).toEqual({ object: 'feedback', generation, score: 1 });
    expect((await say({ generation, score: 0, comment: 'No.' }, mia)).status).toBe(200);
    expect(await store.feedback.list()).toMatchObject([{ generation, score: 0, comment: 'No.' }]);
    expect(await store.traces.get(generation)).toMatchObject({
      root: { name: 'up', kind: 'call', status: 'ok', usage: { calls: 1 }, facts: { formula: 'up' } },
    });
    expect((await store.traces.of(generation))?.owner).toBe(
      (await store.keys.list()).find(({ name }) => name === 'mia')?.id,
    );
    await upstream.close();
  });
});

describe('the last answers', () => {
  const answer = (id: number, more: Partial<HandedAnswer> = {}): HandedAnswer => ({
    id: id.toString(16).padStart(16, '0'),
    owner: undefined,
    model: 'm',
    ms: 1,
    usage: NO_USAGE,
    status: 'ok',
    ...more,
  });

  it('are found, as many as are kept and no other', () => {
    const recent = recentAnswers(10);
    for (let id = 0; id < 95; id++) recent.add(answer(id));
    const found = Array.from({ length: 95 }, (_, id) => recent.find(answer(id).id)).flatMap((one) => one ?? []);
    expect(found.map(({ id }) => Number.parseInt(id, 16))).toEqual([85, 86, 87, 88, 89, 90, 91, 92, 93, 94]);
  });

  it('are what was put in, each field of them', () => {
    const amount = fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { nil: undefined });
    const usage = fc.record({
      calls: fc.nat(),
      replays: fc.nat(),
      unreported: fc.nat(),
      inputTokens: amount,
      outputTokens: amount,
      reasoningTokens: amount,
      cachedInputTokens: amount,
      cacheWriteInputTokens: amount,
      usd: amount,
    });
    const more = fc.record({
      owner: fc.option(fc.constantFrom('mia', 'tom'), { nil: undefined }),
      model: fc.constantFrom('m', 'm + reRead'),
      ms: fc.double({ min: 0, noNaN: true }),
      usage,
      status: fc.constantFrom('ok' as const, 'cancelled' as const, 'error' as const),
    });
    fc.assert(
      fc.property(fc.array(more, { minLength: 1, maxLength: 12 }), (all) => {
        const recent = recentAnswers(12);
        const answers = all.map((one, id) => answer(id, one));
        for (const one of answers) recent.add(one);
        expect(answers.map(({ id }) => recent.find(id))).toEqual(answers);
      }),
    );
  });

  it('have whole ids: the end of one and the beginning of the next are none', () => {
    const recent = recentAnswers(10);
    for (const id of ['aaaaaaaabbbbbbbb', 'ccccccccdddddddd']) recent.add(answer(0, { id }));
    expect([recent.find('bbbbbbbbcccccccc'), recent.find('aaaaaaaabbbbbbbb')?.id]).toEqual([
      undefined,
      'aaaaaaaabbbbbbbb',
    ]);
    expect(recent.find(''.padEnd(16, '\0'))).toBeUndefined();
  });
});
