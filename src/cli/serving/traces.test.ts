import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { enumerable } from '../../models/written/index.ts';
import { handler, keysIn } from '../../serve/index.ts';
import { openStore } from '../../store/index.ts';
import { inTerminal } from '../test-support/in-process.ts';

const two = enumerable({ name: 'two', answers: { '*': { 'The answer is 4.': 1 } } });

/** Answers of a server that has kept its traces in a file and is gone. */
async function served({ keepsTexts = false } = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'plusx-traces-')), 'serve.db');
  const store = openStore({ file });
  const { key, id: owner } = await store.keys.add('mia', {});
  const answer = handler({ models: { careful: two }, store, keepsTexts, keys: await keysIn(store) });
  const post = async (path: string, body: object): Promise<string> => {
    const response = await answer(
      new Request(`http://localhost/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify({ model: 'careful + selfConsistency(n=3)', ...body }),
      }),
    );
    const text = await response.text();
    const generation = response.headers.get('x-plusx-generation') ?? '';
    expect(text).toContain(generation);
    return generation;
  };
  const messages = [{ role: 'user', content: 'What is two and two?' }];
  const ids = [
    await post('chat/completions', { messages }),
    await post('chat/completions', { messages, stream: true }),
    await post('responses', { input: 'What is two and two?' }),
  ];
  await store.close();
  return { file, ids, owner };
}

it('the generation of a reply, however it came, names its trace in the store', async () => {
  const { file, ids, owner } = await served();
  for (const [i, id] of ids.entries()) {
    const named = [id, `chatcmpl-${id}`, `resp_${id}`][i] as string;
    const { code, out } = await inTerminal(['traces', 'show', named, '--store', file]);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(new RegExp(`^${id}  .* mia  two \\+ selfConsistency\\(n=3\\)$`));
    expect(out).toMatch(/selfConsistency +3 calls/);
    expect(out).not.toContain('What is two');
    const json = JSON.parse((await inTerminal(['traces', 'show', id, '--store', file, '--json'])).out) as unknown;
    expect(json).toMatchObject({
      id,
      owner,
      trace: { status: 'ok', usage: { calls: 3 }, children: [{ name: 'selfConsistency', children: [{}, {}, {}] }] },
    });
  }
  const listed = JSON.parse((await inTerminal(['traces', 'list', '--store', file, '--json'])).out) as { id: string }[];
  expect(listed.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
    ids.toSorted((a, b) => (a < b ? -1 : 1)),
  );
  expect((await inTerminal(['traces', 'list', '--store', file, '--limit', '2'])).out.trim().split('\n')).toHaveLength(
    2,
  );
});

it('holds what was said where texts are kept', async () => {
  const { file, ids } = await served({ keepsTexts: true });
  const { out } = await inTerminal(['traces', 'show', ids[0] as string, '--show', 'prompts', '--store', file]);
  expect(out.match(/user: What is two and two\?/g)).toHaveLength(3);
  expect(out.match(/→ The answer is 4\./g)).toHaveLength(3);
});

it.each([
  [['traces', 'show', '0123456789abcdef', '--store', 'FILE'], 'has no trace "0123456789abcdef"'],
  [['traces', 'show', '0123456789abcdef', '--store', 'none.db'], 'There is no store none.db'],
])('%j: %s', async (args, message) => {
  const { file } = await served();
  const { code, err } = await inTerminal(args.map((arg) => (arg === 'FILE' ? file : arg)));
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
