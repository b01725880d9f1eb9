/** What the pages of traces are answered. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, NO_USAGE, plus, user, type Message, type Span } from '../../core/index.ts';
import { tiny } from '../../models/index.ts';
import { selfConsistency } from '../../search/index.ts';
import { openStore } from '../../store/index.ts';
import { studio } from '../index.ts';
import { turnOf } from '../play/turns.ts';
import type { Skeleton, Step, TracePage } from './protocol.ts';

const store = openStore({ file: ':memory:' });
const served = openStore({ file: ':memory:' });
afterAll(() => Promise.all([store.close(), served.close()]));
const { mount } = studio({ serving: {}, store, served, version: '1.0.0' });

const QUESTION = 'Question: Paul has 58 nails. He loses 46. How many nails does Paul have?';
const SAID = '<b>100% _sure_!</b>\u202E\u0000';

function span(name: string, children: Span[] = [], more: Partial<Span> = {}): Span {
  const usage = { ...NO_USAGE, calls: 1, inputTokens: 3, outputTokens: 2, usd: 0.00001 };
  return {
    path: name,
    name,
    kind: children.length > 0 ? 'technique' : 'call',
    start: 0,
    end: 5,
    status: 'ok',
    usage,
    preview: undefined,
    facts: undefined,
    children,
    ...more,
  };
}

beforeAll(async () => {
  const model = plus(tiny(), selfConsistency({ n: 5 }));
  const { trace } = await ask(model, QUESTION, { trace: 'texts' });
  const root = trace as Span;
  root.facts = { formula: model.name };
  root.said = { prompt: [user(QUESTION)], texts: ['12'] };
  await store.traces.put({ id: 'a0', root });
  for (let i = 0; i < 120; i++)
    await store.traces.put({
      id: `b${String(i).padStart(3, '0')}`,
      root: span('m', [], {
        end: i,
        status: i % 10 === 0 ? 'error' : 'ok',
        said: { texts: [i === 7 ? SAID : `said ${i}`] },
      }),
    });
  await served.traces.put({ id: 'served', root: span('served + vote', [span('call')]) }, { owner: 'key' });
});

async function get<T>(path: string, method = 'GET'): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await mount.answer(
    new Request(`http://localhost/studio/api/traces${path}`, { method, headers }),
    {},
  );
  return { code: response.status, ...((await response.json()) as object) } as T;
}

it('lists the newest first, by the page, of both stores', async () => {
  const ids: string[] = [];
  let next = '';
  for (let pages = 0; pages < 10; pages++) {
    const { traces, more } = await get<TracePage>(`?${next}`);
    ids.push(...traces.map(({ id }) => id));
    const last = traces.at(-1);
    if (!more || !last) break;
    next = new URLSearchParams({ before: last.id, created: last.created }).toString();
  }
  expect(ids).toHaveLength(122);
  expect(new Set(ids).size).toBe(122);
  expect(ids).toContain('served');
});

it.each([
  ['?status=error', 12],
  ['?ms=119&text=said', 1],
  ['?usd=0.00002', 0],
  [`?text=${encodeURIComponent('100% _SURE_!')}`, 1],
  ['?text=100%25', 1],
  ['?text=said_', 0],
  ['?text=selfconsistency', 1],
  ['?text=paul%20has', 1],
  ['?text=b00', 10],
  ['?ms=nothing&status=', 50],
])('%s finds %i', async (query, count) => {
  expect((await get<TracePage>(`/${query}`.replace('/?', '?'))).traces).toHaveLength(count);
});

it('gives a trace as a skeleton, each step behind the one that began it', async () => {
  const { names, parent, name, call, tokens, status, formula } = await get<Skeleton>('/a0');
  expect(formula).toMatch(/^plusx:tiny \+ selfConsistency/);
  expect(parent[0]).toBe(-1);
  expect(parent.slice(1).every((of, i) => of >= 0 && of <= i)).toBe(true);
  expect(call.at(-1)).toBe(1);
  expect(names[name.at(-1) ?? 0]).toBe('plusx:tiny');
  expect(tokens.every((of) => of !== null && of > 0)).toBe(true);
  expect(new Set(status)).toEqual(new Set([0]));
});

it('says what was asked and said in one step, and how to ask it again', async () => {
  const step = await get<Step>('/a0/2');
  expect(step).toMatchObject({
    kind: 'call',
    name: 'plusx:tiny',
    again: { formula: 'plusx:tiny', question: QUESTION, turns: [], isAll: true },
  });
  expect(step.prompt.at(-1)).toEqual({ role: 'user', text: QUESTION });
  expect(step.texts).toHaveLength(5);
  expect((await get<Step>('/b007/0')).texts).toEqual([SAID]);
});

it('says what a tool was called with and what it gave, and counts time from the start of the trace', async () => {
  const call = { toolCallId: '1', toolName: 'calculator' };
  const prompt: readonly Message[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'assistant', content: [{ type: 'tool-call', ...call, input: { sum: '38*35' } }] },
    {
      role: 'tool',
      content: [
        { type: 'tool-result', ...call, output: { type: 'text', value: SAID } },
        { type: 'tool-result', ...call, output: { type: 'json', value: [1330] } },
      ],
    },
  ];
  const asked = span('m', [], { start: 1005, end: 1007, said: { prompt, texts: [] } });
  await store.traces.put({ id: 'tools', root: span('tools', [asked], { start: 1000, end: 1010 }) });
  expect(await get<Step>('/tools/1')).toMatchObject({
    start: 5,
    end: 7,
    prompt: [
      { role: 'system', text: 'Be brief.' },
      { role: 'assistant', text: 'calculator({"sum":"38*35"})' },
      { role: 'tool', text: `${SAID}\n[1330]` },
    ],
  });
  await store.traces.delete('tools');
});

it('says what stood before a question, and of a question that more was asked than a text holds that it is not all', async () => {
  const before: readonly Message[] = [
    { role: 'system', content: 'Be brief.' },
    user('One?'),
    { role: 'assistant', content: [{ type: 'text', text: 'Two.' }] },
  ];
  const file = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
  const prompts: readonly (readonly [readonly Message[], boolean])[] = [
    [[...before, user(QUESTION)], true],
    [[user(QUESTION), ...before.slice(2)], false], // something was said after it
    [[{ role: 'user', content: [{ type: 'text', text: 'Look.' }, file] }, user(QUESTION)], false],
    [[...Array.from({ length: 300 }, () => user('again')), user(QUESTION)], false],
  ];
  for (const [i, [prompt, isAll]] of prompts.entries()) {
    await store.traces.put({ id: `talk-${i}`, root: span('run', [span('m', [], { said: { prompt, texts: [] } })]) });
    const { again } = await get<Step>(`/talk-${i}/1`);
    const turns = isAll ? before.map((message) => turnOf(message)) : [];
    expect(again).toEqual({ formula: 'm', question: QUESTION, turns, isAll });
    await store.traces.delete(`talk-${i}`);
  }
});

it('takes about 60 bytes a call, however deep', async () => {
  let deep = span('call');
  for (let i = 0; i < 20_000; i++)
    deep = span('technique', [deep, span('call', [], { said: { texts: ['x'.repeat(100)] } })]);
  const { skeletonOf, stepsOf } = await import('./skeleton.ts');
  const steps = stepsOf(deep);
  expect(steps).toHaveLength(40_001);
  const bytes = JSON.stringify(skeletonOf({ id: 'x', created: '', formula: undefined }, steps)).length;
  expect(bytes / steps.length).toBeLessThan(60);
});

it.each([
  ['/nothing', 'GET', 404],
  ['/a0/99', 'GET', 404],
  ['/a0/x', 'GET', 404],
  ['/no%20name', 'GET', 404],
  ['/nothing', 'DELETE', 404],
])('%s with %s is answered with %i', async (path, method, code) => {
  expect(await get(path, method)).toMatchObject({
    code,
    error: { message: expect.stringMatching(/\S+ \S+/) as unknown },
  });
});

it('deletes for good', async () => {
  expect(await get('/served', 'DELETE')).toMatchObject({ deleted: 'served' });
  expect(await get('/served')).toMatchObject({ code: 404 });
  expect(await served.traces.get('served')).toBeUndefined();
});
