/** Where one piece of foreign work fails that an answer needs, what runs beside it is stopped: nothing goes on unseen. */
import { expect, it } from 'vitest';
import { ask, plus, scope, user, type Context, type Host, type Model } from './core/index.ts';
import { rootScope } from './core/context/context.ts';
import { scripted } from './models/written/index.ts';
import { rag } from './remember/index.ts';
import { agreement } from './search/index.ts';
import { converse, IN_PARTS } from './tools/shared/converse.ts';

/** The first of its calls fails, and the others wait until they are stopped. */
function failing() {
  const stopped: number[] = [];
  let calls = 0;
  const work = (signal: AbortSignal | undefined): Promise<never> => {
    const call = calls++;
    if (call === 0) return Promise.reject(new Error('The disk is gone.'));
    return new Promise((_, reject) => {
      signal?.addEventListener('abort', () => {
        stopped.push(call);
        reject(signal.reason);
      });
    });
  };
  return { work, stopped };
}

const model = (text: string): Model => scripted(() => text);
const never = (): Promise<never> => Promise.reject(new Error('not asked'));

it('the searches of a memory', async () => {
  const { work, stopped } = failing();
  const memory = {
    name: 'm',
    put: never,
    search: (...about: readonly unknown[]) => work((about[3] as Context).signal),
  };
  const host: Host = { memory: { ...memory, list: never, namespaces: never, remove: never } };
  const run = ask(plus(model('another wording'), rag({ queries: 2 })), 'q', { host });
  await expect(run).rejects.toThrow('The disk is gone.');
  expect(stopped).toEqual([1, 2]);
});

it('the tests of a program', async () => {
  const { work, stopped } = failing();
  const host: Host = {
    sandbox: { name: 's', languages: ['javascript'], run: (_, { signal } = {}) => work(signal) },
  };
  const run = ask(plus(model('```javascript\nf(1) === 1\nf(2) === 2\n```'), agreement({ n: 1, tests: 1 })), 'q', {
    host,
  });
  await expect(run).rejects.toThrow('The disk is gone.');
  expect(stopped).toEqual([1]);
});

it('the calls of one reply', async () => {
  const { work, stopped } = failing();
  const calls = ['1', '2', '3'].map((id) => ({ id, tool: 'look', input: '{}' }));
  const { context, close } = scope(rootScope().context);
  const run = converse(model('I look.'), { prompt: [user('q')] }, context, {
    steps: 1,
    dialect: { ...IN_PARTS, callsOf: () => calls },
    run: (_, __, inner) => work(inner.signal),
  });
  await expect(run).rejects.toThrow('The disk is gone.');
  expect(stopped).toEqual([1, 2]);
  close();
});
