/** What the pages of runs are answered. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../core/index.ts';
import type { ItemResult } from '../../evaluate/index.ts';
import { openStore } from '../../store/index.ts';
import { studio, type RunsOfWorkers } from '../index.ts';
import type { ComparedRuns, Items, ListedRun, ShownItem, ShownRun, WorkersProgress } from './protocol.ts';

const store = openStore({ file: ':memory:' });
afterAll(() => store.close());
const changed: string[] = [];
const DISTANT: WorkersProgress = {
  state: 'running',
  done: 30,
  total: 50,
  lost: 1,
  rate: 2,
  secondsLeft: 10,
  spent: { calls: 90, tokens: 900, usd: 0.5 },
  reserved: { calls: 32, tokens: 700, usd: 0.25 },
  workers: [
    { id: '1', place: 'here', running: 8 },
    { id: '2', place: 'there', running: 0 },
  ],
  declined: [{ id: '2', place: 'there', why: 'no model' }],
};
const workers: RunsOfWorkers = {
  progress: async (run) => (run === 'distant' ? DISTANT : undefined),
  change: async (run, change) => run === 'distant' && changed.push(change) > 0,
};
const { mount } = studio({ serving: {}, store, workers, version: '1.0.0' });

const SAID = '<b>7</b>\u202E\u0000';
function result(number: number, grade: number | undefined): ItemResult {
  const usage = { ...NO_USAGE, calls: 3, inputTokens: 20, outputTokens: 10, usd: 0.001 };
  return {
    id: `item/${number}`,
    grade,
    answer: grade === undefined ? null : SAID,
    samples: 3,
    usage,
    question: `What is ${number}?`,
    expected: '7',
    replies:
      grade === undefined
        ? []
        : [
            {
              text: SAID,
              answer: SAID,
              grade,
              samples: 3,
              usage,
              facts: { votes: 2 },
              candidates: [{ at: 'selfConsistency > draw/0', model: 'm', text: `Answer: ${number}` }],
            },
          ],
    ...(grade === undefined && { error: 'It broke.' }),
    tags: [number % 2 === 0 ? 'even' : 'odd'],
  };
}

beforeAll(async () => {
  for (const [name, isRight] of [
    ['one', (n: number) => n % 3 === 0],
    ['other', (n: number) => n % 3 !== 2],
  ] as const) {
    await store.runs.open({ name, task: 't', formula: `m + ${name}`, seed: 1, settings: { metric: 'exact' } });
    for (let n = 0; n < 150; n++) {
      const one = result(n, name === 'one' && n === 149 ? undefined : Number(isRight(n)));
      await store.runs.saveItem(name, { item: one.id, status: one.error === undefined ? 'ok' : 'failed', result: one });
    }
    await store.runs.setStatus(name, 'done');
  }
  await store.runs.open({ name: 'else', task: 'u', formula: 'm', seed: 1, settings: { curve: {}, metric: 'exact' } });
});

async function get<T>(path: string, method = 'GET'): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await mount.answer(new Request(`http://localhost/studio/api/runs${path}`, { method, headers }), {});
  return { status: response.status, ...((await response.json()) as object) } as T;
}

it('lists runs with their counts', async () => {
  const listed = Object.values(await get<{ readonly [i: string]: ListedRun }>('')).filter(
    (one) => typeof one === 'object',
  );
  expect(listed).toHaveLength(3);
  expect(listed).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'one', kind: 'eval', status: 'done', items: 150, failed: 1 }) as unknown,
      expect.objectContaining({ name: 'else', kind: 'curve', status: 'running', items: 0 }) as unknown,
    ]),
  );
});

it('shows a run with intervals, slices, and what it took', async () => {
  const { formulas, spent } = await get<ShownRun>('/one');
  expect(spent).toEqual({ calls: 450, tokens: 4500, usd: expect.closeTo(0.15, 9) as unknown });
  expect(formulas).toHaveLength(1);
  expect(formulas[0]).toMatchObject({ formula: 'm + one', items: 150, failed: 1, samples: 3, tokens: 30 });
  expect(formulas[0]?.accuracy).toBeCloseTo(50 / 149, 9);
  expect(formulas[0]?.tags.map(({ tag, items }) => [tag, items])).toEqual([
    ['even', 75],
    ['odd', 74],
  ]);
});

it('gives items by the page, by what became of them and by words', async () => {
  expect(await get<Items>('/one/items')).toMatchObject({ total: 150, items: { length: 100 } });
  expect((await get<Items>('/one/items?from=100')).items).toHaveLength(50);
  expect(await get<Items>('/one/items?of=failed')).toMatchObject({ total: 1, items: [{ error: 'It broke.' }] });
  expect((await get<Items>('/one/items?of=right')).total).toBe(50);
  expect((await get<Items>('/one/items?find=what%20is%20149')).total).toBe(1);
});

it('shows an item with its candidates, and what was said as it was', async () => {
  const { replies } = await get<ShownItem>(`/one/items/${encodeURIComponent('item/3')}`);
  expect(replies).toMatchObject([
    { text: SAID, facts: [['votes', '2']], candidates: [{ at: 'selfConsistency > draw/0', answer: '3' }] },
  ]);
});

it('puts runs side by side, and shows what flips', async () => {
  const { measured, pairs } = await get<ComparedRuns>('/compared?run=one&run=other');
  expect(measured.map(({ run }) => run)).toEqual(['one', 'other']);
  expect(pairs).toMatchObject([{ a: 'one', b: 'other', items: 149, better: 'b' }]);
  expect(pairs[0]?.flips).toHaveLength(50);
  expect(pairs[0]?.flips[0]).toMatchObject({
    how: 'gained',
    expected: '7',
    question: expect.stringMatching(/^What/) as unknown,
  });
});

it.each([
  ['/nothing', 404],
  ['/one/items/nothing', 404],
  ['/compared?run=one&run=else', 400],
  ['/compared?run=nothing', 404],
])('%s is answered with %i in words', async (path, status) => {
  expect(await get(path)).toMatchObject({ status, error: { message: expect.stringMatching(/\S+ \S+/) as unknown } });
});

describe('a run that goes on', () => {
  const identity = { task: 'u', formula: 'm', seed: 1 };
  const pulse = { paused: false, done: 10, total: 40, rate: 5, calls: 20, tokens: 200, usd: 0.25 };
  beforeAll(async () => {
    for (const name of ['live', 'distant']) await store.runs.open({ ...identity, name });
    await store.runs.begin('live', { command: 'plusx eval u --run live' });
    await store.runs.pulse('live', pulse);
  });

  it('says how far it is, how fast, and what is left', async () => {
    const { progress, status } = await get<ShownRun>('/live');
    expect(status).toBe('running');
    expect(progress).toMatchObject({ done: 10, total: 40, rate: 5, secondsLeft: 6, calls: 20, usd: 0.25 });
    expect(progress?.may).toEqual(['pause', 'cancel']);
    const listed = Object.values(await get<{ readonly [i: string]: ListedRun }>(''));
    expect(listed).toContainEqual(expect.objectContaining({ name: 'live', done: 10, total: 40, status: 'running' }));
  });

  it('is paused, resumed and cancelled once its process has heard of it', async () => {
    expect(await get('/live/pause', 'POST')).toMatchObject({ status: 200, asked: 'pause' });
    expect((await get<ShownRun>('/live')).progress).toMatchObject({ state: 'running', asked: 'pause' });
    expect(await store.runs.pulse('live', { ...pulse, paused: true })).toBe('paused');
    const rests = await get<ShownRun>('/live');
    expect(rests.status).toBe('paused');
    expect(rests.progress).toMatchObject({ state: 'paused', may: ['resume', 'cancel'] });
    expect(rests.progress).not.toHaveProperty('secondsLeft');
    await get('/live/resume', 'POST');
    expect((await get<ShownRun>('/live')).progress).toMatchObject({ asked: 'resume' });
    expect(await store.runs.pulse('live', pulse)).toBe('running');
    await get('/live/cancel', 'POST');
    expect(await store.runs.pulse('live', pulse)).toBe('cancelled');
  });

  it('names the command that goes on with it once its process is gone', async () => {
    await store.runs.setStatus('live', 'stopped');
    expect((await get<ShownRun>('/live')).progress).toMatchObject({ may: [], command: 'plusx eval u --run live' });
    expect(await get('/live/resume', 'POST')).toMatchObject({
      status: 400,
      error: { message: expect.stringContaining('This goes on where it was: plusx eval u --run live') as unknown },
    });
  });

  it('shows the workers of one that they share, and asks them', async () => {
    const { progress } = await get<ShownRun>('/distant');
    const { spent: _, ...told } = DISTANT;
    expect(progress).toMatchObject({ ...told, calls: 90, usd: 0.5, may: ['pause', 'cancel'] });
    await get('/distant/pause', 'POST');
    await get('/distant/cancel', 'POST');
    expect(changed).toEqual(['pause', 'cancel']);
  });

  it('is changed by nothing that is not a POST of the page itself', async () => {
    expect(await get('/live/cancel')).toMatchObject({ status: 404 });
    expect(await get('/live/explode', 'POST')).toMatchObject({ status: 404 });
    const foreign = new Request('http://localhost/studio/api/runs/live/cancel', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://elsewhere.example' },
    });
    expect((await mount.answer(foreign, {})).status).toBe(403);
    const form = new Request('http://localhost/studio/api/runs/live/cancel', { method: 'POST', body: 'a=b' });
    expect((await mount.answer(form, {})).status).toBe(415);
  });
});

it('lists items as people count, with what several formulas said to one of them together', async () => {
  await store.runs.open({ name: 'ordered', task: 't', formula: 'm', seed: 0, settings: { metric: 'exact' } });
  for (const formula of ['m + a', 'm + b'])
    for (const number of [10, 2, 1])
      await store.runs.saveItem('ordered', {
        item: `${formula}/${number}`,
        status: 'ok',
        result: { ...result(number, 1), formula },
      });
  const { items } = await get<Items>('/ordered/items');
  expect(items.map(({ id, formula }) => `${id} ${formula}`)).toEqual(
    [1, 2, 10].flatMap((number) => [`item/${number} m + a`, `item/${number} m + b`]),
  );
});

it('shows the curves of a run in their order', async () => {
  await store.runs.open({ name: 'curves', task: 't', formula: 'm', seed: 0, settings: { curve: {} } });
  const point = { n: 1, accuracy: 0.5, ci95: [0.4, 0.6], samplesPerItem: 1 };
  for (const number of [10, 2, 1])
    await store.runs.saveItem('curves', {
      item: `curve ${number}`,
      status: 'ok',
      result: { formula: `m + ${number}`, curve: [point], warnings: [{ code: 'c', message: 'm' }] },
    });
  await store.runs.saveItem('curves', { item: 'curve 3', status: 'ok', result: { of: 'another version' } });
  const { curves, kind } = await get<ShownRun>('/curves');
  expect(kind).toBe('curve');
  expect(curves.map(({ formula }) => formula)).toEqual(['m + 1', 'm + 2', 'm + 10']);
  expect(curves[0]).not.toHaveProperty('warnings');
  expect(curves[0]?.curve).toEqual([point]);
});

it('deletes for good', async () => {
  expect(await get('/other', 'DELETE')).toMatchObject({ deleted: 'other' });
  expect(await get('/other')).toMatchObject({ status: 404 });
  expect(await store.runs.items('other')).toEqual([]);
});
