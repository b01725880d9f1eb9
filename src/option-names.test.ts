/** What is misspelt is refused wherever options are taken, with the name that is meant. */
import { expect, it } from 'vitest';
import { ask, rootScope, selfConsistency, stream, type ContextOptions } from './index.ts';
import { curve, evaluate } from './evaluate/index.ts';
import { enumerable } from './models/written/index.ts';
import { loadTask } from './tasks/index.ts';
import { plus } from './core/index.ts';

const model = plus(enumerable({ answers: { '*': { '4': 1 } } }), selfConsistency({ n: 1 }));
/** Options as a program without types writes them. */
const untyped = (options: object): never => options as never;
const task = await loadTask('arithmetic', { size: 2 });

it.each<[string, () => Promise<unknown>, RegExp]>([
  ['a budget', () => ask(model, 'q', untyped({ budget: { cost: 1 } })), /budget: "cost" is no limit.*It has: calls/],
  ['a budget', () => ask(model, 'q', untyped({ budget: { token: 1 } })), /Did you mean `tokens`/],
  ['a run', () => ask(model, 'q', untyped({ budgets: {} })), /ask: "budgets" is no option. Did you mean `budget`/],
  ['a run', () => ask(model, 'q', untyped({ maxTokens: 4 })), /ask: "maxTokens" is no option/],
  [
    'a request',
    () => ask(model, untyped({ prompt: [], maxTokens: 4 })),
    /request: "maxTokens" is no option. Did you mean `maxOutputTokens`/,
  ],
  ['a stream', () => stream(model, 'q', untyped({ sed: 1 })).next(), /stream: "sed" is no option. Did you mean `seed`/],
  ['an evaluation', () => evaluate(model, task, untyped({ repeat: 2 })), /Did you mean `repeats`/],
  [
    'a curve',
    () => curve(model, task, untyped({ over: { n: [1] }, limits: 1 })),
    /curve: "limits" is no option. Did you mean `limit`/,
  ],
  ['a task', () => loadTask('arithmetic', untyped({ limit: 20 })), /loadTask: "limit" is no option.*size/],
])('in %s', async (_, work, message) => {
  await expect(work()).rejects.toThrow(message);
});

it('and what is spelt right is taken', async () => {
  const options: ContextOptions = {
    seed: 1,
    budget: { calls: 3, tokens: 1000, ms: 5000 },
    atLimit: 'best',
    trace: true,
  };
  rootScope(options).close();
  expect((await ask(model, 'q', options)).text).toBe('4');
});
