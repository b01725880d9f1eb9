/** Every door that names something refuses a name that a database could not tell from another. */
import { expect, it } from 'vitest';
import { InvalidOption } from '../core/index.ts';
import { openStore, type Store } from './store.ts';
import { at } from './test-support/places.ts';
import { entry } from './test-support/entry.ts';
import { trace } from './test-support/trace.ts';

const run = (name: string) => ({ name, task: 't', formula: 'f', seed: 0 });
const item = (name: string) => ({ item: name, status: 'ok' as const, result: 1 });

const doors: { readonly [name: string]: (store: Store, name: string) => Promise<unknown> } = {
  'a namespace to put into': ({ memory }, name) => memory.put(name, [{ id: '1', text: 'x' }]),
  'a note': ({ memory }, name) => memory.put('a', [{ id: name, text: 'x' }]),
  'a namespace to search': ({ memory }, name) => memory.search(name, 'x', 1),
  'a namespace to list': ({ memory }, name) => memory.list(name),
  'notes to list': ({ memory }, name) => memory.list('a', [name]),
  'a namespace to remove': ({ memory }, name) => memory.remove(name),
  'notes to remove': ({ memory }, name) => memory.remove('a', [name]),
  'a run to open': ({ runs }, name) => runs.open(run(name)),
  'a run to get': ({ runs }, name) => runs.get(name),
  'a run to end': ({ runs }, name) => runs.setStatus(name, 'done'),
  'a run to delete': ({ runs }, name) => runs.delete(name),
  'a run to begin': ({ runs }, name) => runs.begin(name, {}),
  'a run to ask': ({ runs }, name) => runs.ask(name, 'paused'),
  'the progress of a run': ({ runs }, name) => runs.progress(name),
  'the items of a run': ({ runs }, name) => runs.items(name),
  'a run to save in': ({ runs }, name) => runs.saveItem(name, item('1')),
  'an item': ({ runs }, name) => runs.saveItem('a', item(name)),
  'a trace to put': ({ traces }, name) => traces.put(trace(name)),
  'the run of a trace': ({ traces }, name) => traces.put(trace('1'), { run: name }),
  'the item of a trace': ({ traces }, name) => traces.put(trace('1'), { item: name }),
  'a trace to get': ({ traces }, name) => traces.get(name),
  'traces to list': ({ traces }, name) => traces.list({ run: name }),
  'a trace to delete': ({ traces }, name) => traces.delete(name),
  'a key to get': async ({ journal }, name) => journal.get(name),
  'a key to put': async ({ journal }, name) => journal.put(name, entry('x')),
};

it.each(Object.entries(doors))('%s', async (_, open) => {
  const store = openStore(at(':memory:'));
  for (const name of ['\ud800', 'mia\ud83d', '\ude00']) await expect(open(store, name)).rejects.toThrow(InvalidOption);
  await open(store, 'mia😀');
  await store.close();
});
