/** What the pages of memory are answered. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NO_USAGE, user } from '../../core/index.ts';
import type { ItemResult } from '../../evaluate/index.ts';
import { openMemory, openStore } from '../../store/index.ts';
import { studio } from '../index.ts';
import type { FoundNote, KeptNote, Namespaces, Notes, ShownNote } from './protocol.ts';

const ODD = 'a/../b?c=<b>\u202E';
const SAID = '<img src=x>\u0000\u001B[31m';
const memory = openMemory({ file: ':memory:' });
const store = openStore({ file: ':memory:' });
afterAll(async () => {
  await memory.close();
  await store.close();
});
const { mount } = studio({ serving: {}, store, memory, version: '1.0.0' });

beforeAll(async () => {
  await memory.put(
    'default',
    Array.from({ length: 120 }, (_, n) => ({ id: `n${n}`, text: `note ${n} of the harbour` })),
  );
  await memory.put('default', [
    { id: 'blim', text: 'to blim means to lose', data: { feedback: 'blim is lose', page: 3 } },
  ]);
  await memory.put(ODD, [{ id: '..', text: SAID, data: { said: SAID } }]);
});

interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly query?: { readonly [name: string]: string };
}
async function ask<T>(path: string, { method = 'GET', body, query = {} }: Ask = {}): Promise<T> {
  const url = `http://localhost/studio/api/memory${path}?${new URLSearchParams(query).toString()}`;
  const init = {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  return (await (await mount.answer(new Request(url, init), {})).json()) as T;
}

it('lists namespaces with their notes, whatever they are called', async () => {
  expect(await ask<Namespaces>('')).toEqual({
    isOpen: true,
    namespaces: [
      { namespace: ODD, notes: 1 },
      { namespace: 'default', notes: 121 },
    ],
  });
});

it('goes through the notes of a namespace, each once and in order', async () => {
  const ids: string[] = [];
  for (let next: number | undefined = 0; next !== undefined;) {
    const page: Notes = await ask<Notes>('/notes', { query: { in: 'default', after: `${next}` } });
    expect(page.notes.length).toBeLessThanOrEqual(50);
    ids.push(...page.notes.map(({ id }) => id));
    next = page.next;
  }
  expect(ids).toEqual([...Array.from({ length: 120 }, (_, n) => `n${n}`), 'blim']);
});

it('finds what a model finds, and says in which place by which way', async () => {
  const found = await ask<readonly FoundNote[]>('/search', { query: { in: 'default', q: 'what is blim' } });
  const asModel = await memory.search('default', 'what is blim', 100);
  expect(found.map(({ id }) => id)).toEqual(asModel.map(({ id }) => id));
  expect(found[0]).toMatchObject({ id: 'blim', byWords: 1, byVectors: 1, score: asModel[0]?.score });
  for (const { byWords, byVectors, score } of found)
    expect(score).toBeCloseTo(
      [byWords, byVectors].reduce((sum: number, rank) => sum + (rank === undefined ? 0 : 1 / (60 + rank)), 0),
      12,
    );
});

it('shows a note as it was written, and in which answers it was used', async () => {
  const usage = { ...NO_USAGE, calls: 1 };
  const item = (id: string, facts: NonNullable<ItemResult['replies'][number]['facts']>): ItemResult => ({
    id,
    grade: 1,
    answer: '1',
    samples: 1,
    usage,
    question: 'q',
    expected: '1',
    replies: [{ text: '1', answer: '1', grade: 1, samples: 1, usage, facts }],
  });
  await store.runs.open({ name: 'r', task: 't', formula: 'm', seed: 0 });
  for (const one of [
    item('by page', { pages: ['n3', 'blim'] }),
    item('by what it says', { notes: ['blim is lose'] }),
    item('by another', { pages: ['blim2'], notes: ['blim is lose, or not'] }),
  ])
    await store.runs.saveItem('r', { item: one.id, status: 'ok', result: one });
  const root = (text: string) => ({
    path: '',
    name: 'run',
    kind: 'technique' as const,
    start: 0,
    end: 1,
    status: 'ok' as const,
    usage: undefined,
    preview: undefined,
    facts: undefined,
    said: { prompt: [user(text)], texts: [] },
    children: [],
  });
  await store.traces.put({ id: 'with', root: root('Note: to blim means to lose. Go on.') });
  await store.traces.put({ id: 'without', root: root('to blim') });
  const note = await ask<ShownNote>('/note', { query: { in: 'default', id: 'blim' } });
  expect(note).toMatchObject({ text: 'to blim means to lose', traces: [{ id: 'with' }] });
  expect(JSON.parse(note.data ?? '')).toEqual({ feedback: 'blim is lose', page: 3 });
  expect(note.items).toEqual([
    { run: 'r', item: 'by page' },
    { run: 'r', item: 'by what it says' },
  ]);
  expect(await ask<ShownNote>('/note', { query: { in: ODD, id: '..' } })).toMatchObject({ id: '..', text: SAID });
});

it('writes a note, and writes it anew', async () => {
  const { id } = await ask<KeptNote>('/note', { method: 'POST', body: { in: 'new', text: 'first' } });
  await ask('/note', { method: 'POST', body: { in: 'new', id, text: 'second', data: { answer: '4' } } });
  expect(await memory.list('new')).toEqual([{ id, text: 'second', data: { answer: '4' } }]);
});

it('deletes for good', async () => {
  await memory.put('gone', [
    { id: 'a', text: 'a' },
    { id: 'b', text: 'b' },
  ]);
  expect(await ask('/note', { method: 'DELETE', query: { in: 'gone', id: 'a' } })).toEqual({ deleted: 1 });
  expect((await memory.list('gone')).map(({ id }) => id)).toEqual(['b']);
  expect(await ask('/namespace', { method: 'DELETE', query: { in: 'gone' } })).toEqual({ deleted: 1 });
  expect(await memory.namespaces()).not.toContain('gone');
});

it.each<readonly [string, string, Ask, RegExp]>([
  ['no text', '/note', { method: 'POST', body: { in: 'x' } }, /text must be a text/],
  ['nothing in it', '/note', { method: 'POST', body: { in: 'x', text: ' ' } }, /The note is empty/],
  ['no namespace', '/note', { method: 'POST', body: { in: ' ', text: 'x' } }, /Name the namespace/],
  ['data that is a list', '/note', { method: 'POST', body: { in: 'x', text: 'x', data: [1] } }, /a JSON object/],
  ['a note that is not there', '/note', { query: { in: 'default', id: 'nope' } }, /not there any more/],
  ['a search for nothing', '/search', { query: { in: 'default' } }, /Say q/],
])('%s is refused in words', async (_name, path, asked, words) => {
  expect(await ask(path, asked)).toMatchObject({ error: { message: expect.stringMatching(words) as unknown } });
  expect(await memory.list('x')).toEqual([]);
});

it('says what to do where no memory is open', async () => {
  const { mount: bare } = studio({ serving: {}, version: '1.0.0' });
  const at = async (path: string) =>
    (await bare.answer(new Request(`http://localhost/studio/api/memory${path}`), {})).json();
  expect(await at('')).toEqual({ isOpen: false, namespaces: [] });
  expect(await at('/notes?in=default')).toMatchObject({
    error: { message: expect.stringMatching(/plusx studio --memory FILE/) as unknown },
  });
});
