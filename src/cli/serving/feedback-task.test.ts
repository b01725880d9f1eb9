import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, expect, it } from 'vitest';
import { enumerable } from '../../models/written/index.ts';
import { handler } from '../../serve/index.ts';
import { openStore } from '../../store/index.ts';
import { loadTask } from '../../tasks/index.ts';
import { inTerminal } from '../test-support/in-process.ts';

const sums = enumerable({
  name: 'sums',
  answers: (prompt) => ({ [JSON.stringify(prompt).includes('2 + 2') ? 'The answer is 4.' : 'The answer is 6.']: 1 }),
});
const user = (content: string) => ({ role: 'user', content });

/** A server that was asked, and was told of its answers. */
async function judged(keepsTexts: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'plusx-feedback-'));
  const file = join(folder, 'serve.db');
  const store = openStore({ file });
  const answer = handler({ models: { sums }, store, keepsTexts });
  const post = (path: string, body: object): Promise<Response> =>
    answer(
      new Request(`http://localhost/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const ask = async (messages: readonly object[], opinion: object | undefined, stream = false): Promise<string> => {
    const response = await post('chat/completions', { model: 'sums + reRead', messages, stream });
    await response.text();
    const generation = response.headers.get('x-plusx-generation') ?? '';
    if (opinion) assert((await post('feedback', { generation, ...opinion })).ok);
    return generation;
  };
  const history = [
    { role: 'system', content: 'Be exact.' },
    user('What is 2 + 2?'),
    { role: 'assistant', content: '4' },
  ];
  const call = { id: 'a', type: 'function', function: { name: 'add', arguments: '{}' } };
  const ids = {
    right: await ask([user('What is 2 + 2?')], { score: 1, comment: 'Yes.' }, true),
    corrected: await ask([user('What is 2 + 3?')], { score: 0, correction: '5' }),
    turns: await ask([...history, user('And 2 + 3?')], { correction: '5' }),
    wrong: await ask([user('What is 2 + 5?')], { score: 0 }),
    silent: await ask([user('What is 2 + 6?')], undefined),
    tools: await ask(
      [
        user('Add.'),
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: '5' },
      ],
      { correction: '5' },
    ),
  };
  await store.close();
  return { folder, file, ids };
}

it('answers that were judged are a task that eval reads', async () => {
  const { folder, file, ids } = await judged(true);
  const task = join(folder, 'task.jsonl');
  const { code, out, err } = await inTerminal(['runs', 'export', '--as-task', '--store', file, '--records', task]);
  expect([code, out]).toEqual([0, '']);
  expect(err).toContain('Left out: 1 answer of which nobody said what would have been right.');
  expect(err).toContain('Left out: 1 answer whose conversation holds results of tools.');
  const { items } = await loadTask(task);
  const byId = Object.fromEntries(items.map(({ id, expected, request }) => [id, { expected, prompt: request.prompt }]));
  expect(byId).toMatchObject({
    [ids.right]: { expected: '4', prompt: [{ role: 'user', content: [{ text: 'What is 2 + 2?' }] }] },
    [ids.corrected]: { expected: '5', prompt: [{ role: 'user', content: [{ text: 'What is 2 + 3?' }] }] },
    [ids.turns]: {
      expected: '5',
      prompt: [{ role: 'system' }, { role: 'user' }, { role: 'assistant' }, { role: 'user' }],
    },
  });
  expect(items).toHaveLength(3);
  expect(readFileSync(task, 'utf8')).toContain('"feedback":{"score":1,"comment":"Yes."}');
  const evaluated = await inTerminal(['eval', task, '--model', 'enumerable', '--metric', 'exact', '--json', '--yes']);
  expect([evaluated.code, JSON.parse(evaluated.out)]).toMatchObject([0, { total: 3 }]);
});

it('to standard output too; without texts there is nothing to ask', async () => {
  const { file } = await judged(true);
  const { out } = await inTerminal(['runs', 'export', '--as-task', '--store', file]);
  expect(out.trim().split('\n')).toHaveLength(3);
  const bare = await judged(false);
  const none = await inTerminal(['runs', 'export', '--as-task', '--store', bare.file]);
  expect([none.code, none.out]).toEqual([0, '']);
  expect(none.err).toContain('Left out: 5 answers without their texts (plusx serve --keep-texts keeps them).');
});

it.each([
  [['runs', 'export'], "missing required argument 'run'"],
  [['runs', 'export', 'first', '--as-task'], '--as-task takes no run'],
])('%j: %s', async (args, message) => {
  const { code, err } = await inTerminal(args);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
