/** The playground's answers, as the page gets them. */
import { afterAll, expect, it } from 'vitest';
import { textOf, user, type Model } from '../../core/index.ts';
import { enumerable } from '../../models/index.ts';
import { openStore } from '../../store/index.ts';
import { studio } from '../index.ts';
import { codeOf } from './code.ts';
import { messageOf, readTurns, writeTurns, type Turn } from './turns.ts';
import type { Checked, Derived, Facts, NextTokens, PlayEvent } from './protocol.ts';

const coin = enumerable({ name: 'coin', answers: { '*': { heads: 3, tails: 1 } } });
/** A model of which nothing is known but what it says. */
const opaque: Model = {
  name: 'opaque',
  can: { logprobs: false, continueFrom: false, score: false, next: false, concurrency: 8 },
  sample: (request, context) => coin.sample(request, context),
};
const store = openStore({ file: ':memory:' });
afterAll(() => store.close());
const { mount } = studio({
  serving: { models: { coin, opaque }, scorers: { longer: ({ content }) => textOf(content).length } },
  finite: ['coin'],
  store,
  version: '1.0.0',
});

async function asked(path: string, body?: object): Promise<Response> {
  const url = `http://localhost/studio/api/play/${path}`;
  if (!body) return mount.answer(new Request(url), {});
  const headers = { 'content-type': 'application/json' };
  return mount.answer(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }), {});
}
async function json<T>(path: string, body?: object): Promise<T> {
  const response = await asked(path, body);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}
async function events(body: object): Promise<readonly PlayEvent[]> {
  const text = await (await asked('run', body)).text();
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((block) => JSON.parse(block.replace(/^data: /, '')) as PlayEvent);
}

function stateIn(event: PlayEvent | undefined) {
  if (event?.kind !== 'state') throw new Error(JSON.stringify(event));
  return event;
}

const RUN = { question: 'Heads or tails?', formulas: ['coin + selfConsistency(n=3)'], seed: 1, samples: 200 };

it('asks a question after what was said before it, and refuses what is no message', async () => {
  const told: string[] = [];
  const listening: Model = {
    ...coin,
    name: 'listening',
    sample(request, context) {
      told.push(JSON.stringify(request.prompt));
      return coin.sample(request, context);
    },
  };
  const { mount: own } = studio({ serving: { models: { listening } }, version: '1.0.0' });
  const post = (path: string, body: object): Promise<Response> =>
    own.answer(
      new Request(`http://localhost/studio/api/play/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      {},
    );
  const turns: readonly Turn[] = [
    { role: 'system', text: 'Be brief.' },
    { role: 'assistant', text: 'Yes.' },
  ];
  const run = { ...RUN, formulas: ['listening'], samples: 2, turns };
  expect(await (await post('run', run)).text()).toContain('heads');
  expect(new Set(told)).toEqual(new Set([JSON.stringify([...turns.map(messageOf), user(RUN.question)])]));
  for (const wrong of [
    'x',
    [{ role: 'tool', text: 'x' }],
    [{ role: 'user' }],
    Array.from({ length: 201 }, () => turns[0]),
  ]) {
    const { status } = await post('run', { ...run, turns: wrong });
    expect(status).toBe(400);
  }
  expect(readTurns(writeTurns(turns) ?? '')).toEqual(turns);
  for (const odd of [null, '', '{', '1', '[1]', '[["tool","x"]]']) expect(readTurns(odd)).toEqual([]);
  const code = { question: 'Q?', turns: turns, formula: 'coin', seed: 1 };
  expect(codeOf('curl', code, 'http://localhost')).toContain('"role":"system","content":"Be brief."');
  expect(codeOf('Command line', code, '')).toMatch(/^#/);
  expect(codeOf('Command line', { ...code, turns: code.turns.slice(0, 1) }, '')).toContain("--system 'Be brief.'");
});

it('tells what there is to compose with', async () => {
  const { techniques, models, tasks } = await json<Facts>('facts');
  expect(models).toEqual(['coin', 'opaque']);
  expect(techniques.find(({ name }) => name === 'selfConsistency')).toMatchObject({
    room: 'search',
    takes: 'one',
    options: expect.arrayContaining([expect.objectContaining({ name: 'n', required: false })]) as unknown,
  });
  expect(techniques.every(({ summary }) => summary.length > 10)).toBe(true);
  expect(tasks).toContain('tiny:steps');
  expect(JSON.stringify(techniques).length).toBeLessThan(120_000);
});

it('says what a formula is before anything is spent', async () => {
  const checked = await json<Checked>('check', { formula: 'coin + selfConsistency(n=3) + reRead', question: 'q' });
  expect(checked).toMatchObject({
    ok: true,
    base: 'coin',
    finite: true,
    worst: { calls: 3 },
    worstOfBase: { calls: 1 },
    tree: {
      name: 'reRead',
      bases: [{ name: 'selfConsistency', options: [{ name: 'n', value: '3' }], bases: [{ name: 'coin' }] }],
    },
  });
});

it.each([
  ['coin + ', 7, 'the formula ends'],
  ['coin + selfConsistancy', 7, 'Did you mean'],
  ['coin + selfConsistency(m=3)', 23, 'm'],
  ['coin + selfConsistency(n=0)', 25, 'n'],
  ['', 0, 'the formula ends'],
  ['nobody + reRead', undefined, 'nobody'],
  ['opaque + minP(p=0.1)', undefined, 'opaque'],
])('says what is wrong with %j, and where', async (formula, position, words) => {
  const checked = await json<Checked>('check', { formula, question: 'q' });
  expect(checked).toMatchObject({ ok: false, message: expect.stringContaining(words) as unknown });
  expect('position' in checked ? checked.position : undefined).toBe(position);
});

it('gives the exact law of a finite model', async () => {
  const last = stateIn((await events(RUN)).at(-1));
  expect(last).toMatchObject({ over: true, sides: [{ exact: true }, { exact: true }] });
  const heads = last.rows.find(({ answer }) => answer === 'heads')?.shares ?? [];
  expect(heads[0]).toBeCloseTo(0.75, 12);
  expect(heads[1]).toBeCloseTo(0.75 ** 3 + 3 * 0.75 ** 2 * 0.25, 12);
  expect(last.apart[0]).toBeCloseTo((heads[1] ?? 0) - 0.75, 12);
});

it('draws the same for the same seed, and two formulas share what the base draws', async () => {
  const { mount: sampled } = studio({ serving: { models: { coin } }, version: '1.0.0' });
  const run = async (seed: number) => {
    const request = new Request('http://localhost/studio/api/play/run', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...RUN, seed, formulas: ['coin + selfConsistency(n=3)', 'coin + selfConsistency(n=5)'] }),
    });
    const blocks = (await (await sampled.answer(request, {})).text()).split('\n\n').filter(Boolean);
    return stateIn(JSON.parse((blocks.at(-1) ?? '').replace(/^data: /, '')) as PlayEvent);
  };
  const [one, again, other] = [await run(1), await run(1), await run(2)];
  expect(one).toMatchObject({ over: true, sides: [{ samples: 200 }, { samples: 200 }, { samples: 200 }] });
  expect(again.rows).toEqual(one.rows);
  expect(other.rows).not.toEqual(one.rows);
  expect(one.rows[0]?.intervals[1]).toHaveLength(2);
  // Each for itself would take one, three and five calls an answer.
  expect(one.spent.calls).toBeLessThan(200 * (1 + 3 + 5) * 0.75);
});

it('makes a draw again, with the steps that led to it', async () => {
  const derived = await json<Derived>('derive', { ...RUN, index: 4 });
  expect(derived.answer).toMatch(/^(?:heads|tails)$/);
  expect(derived.root.children[0]).toMatchObject({ name: 'selfConsistency', kind: 'technique' });
  expect(derived.root.children[0]?.children.flatMap(({ said }) => said)).toHaveLength(3);
  expect(await store.traces.get(derived.trace ?? '')).toMatchObject({ root: { facts: { formula: RUN.formulas[0] } } });
});

it('keeps the trace of a draw that gave the answer which is looked for, and of no other', async () => {
  const { answer } = await json<Derived>('derive', { ...RUN, index: 4 });
  expect((await json<Derived>('derive', { ...RUN, index: 4, answer })).trace).toBeDefined();
  expect((await json<Derived>('derive', { ...RUN, index: 4, answer: 'edge' })).trace).toBeUndefined();
});

it('gives the next token before and after', async () => {
  const { mount: open } = studio({
    serving: {
      model: async (name) => (name === 'plusx:tiny' ? (await import('../../models/index.ts')).tiny() : undefined),
    },
    version: '1.0.0',
  });
  const request = new Request('http://localhost/studio/api/play/next', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...RUN,
      question: 'What is 2 + 3?',
      formulas: ['plusx:tiny + topK(k=2)'],
      text: '2+3=5',
      position: 2,
    }),
  });
  const { rows } = (await (await open.answer(request, {})).json()) as NextTokens;
  expect(rows.filter(({ after }) => after > 0)).toHaveLength(2);
  expect(rows.reduce((sum, { after }) => sum + after, 0)).toBeCloseTo(1, 6);
  expect(rows[0]?.before).toBeGreaterThan(0);
});

it.each([
  ['run', { ...RUN, samples: 0 }],
  ['run', { ...RUN, samples: 1e9 }],
  ['run', { ...RUN, formulas: [] }],
  ['run', { ...RUN, formulas: ['x'.repeat(100_000)] }],
  ['run', { ...RUN, seed: 'x' }],
  ['run', { ...RUN, answers: 'nothing of the kind' }],
  ['run', { ...RUN, question: 7 }],
  ['check', { formula: 7, question: '' }],
  ['derive', { ...RUN, index: -1 }],
])('refuses %s with %j in words', async (path, body) => {
  const response = await asked(path, body);
  expect(response.status).toBe(400);
  expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(/\S+ \S+/);
});

it('opens no file for a task', async () => {
  expect((await asked(`items/${encodeURIComponent('gsm8k:/etc/passwd')}`)).status).toBe(404);
  expect(await json('items/tiny:steps')).toHaveLength(50);
});

it('a run that fails says so, and one that nothing bounds does not begin', async () => {
  expect(await events({ ...RUN, formulas: ['nobody'] })).toMatchObject([{ kind: 'failed' }]);
});
