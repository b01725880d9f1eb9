import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openaiServer } from '../../testing/index.ts';
import { inTerminal } from '../test-support/in-process.ts';
import { plusx } from '../test-support/plusx.ts';

const folder = await mkdtemp(join(tmpdir(), 'plusx-ask-file-'));
afterAll(() => rm(folder, { recursive: true }));
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const ask = (path: string, ...more: readonly string[]) =>
  inTerminal(['ask', '--file', path, '-m', 'enumerable', '--quiet', ...more]);
interface Line {
  readonly id: string;
  readonly question: string;
  readonly reply: string | null;
  readonly calls: number;
  readonly error: string | null;
}
const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

describe('plusx ask --file', () => {
  const [sum, other] = ['What is 17 * 24?', 'What is 2 + 2?'];
  it.each([
    ['lines of text', 'a.txt', `\uFEFF${sum}\r\n\n  ${other}\n`, ['1', '3']],
    ['lines of JSON', 'a.jsonl', `{"input":"${sum}","id":"x"}\n{"input":"${other}","id":7}\n`, ['x', '7']],
    ['a JSON list', 'a.json', JSON.stringify([{ question: sum }, { question: other }]), ['1', '2']],
    ['a table', 'a.csv', `id,prompt\nx,${sum}\ny,${other}\n`, ['x', 'y']],
    ['a table of tabs', 'a.tsv', `problem\tanswer\n${sum}\t408\n${other}\t4\n`, ['2', '3']],
  ])('asks each question of %s, and gives a record of each', async (_, name, text, ids) => {
    const { code, out, err } = await ask(await file(name, text));
    expect([code, err]).toEqual([0, '']);
    const lines = linesOf(out);
    expect(lines.map(({ id, question }) => [id, question])).toEqual([
      [ids[0], sum],
      [ids[1], other],
    ]);
    for (const { reply, calls, error } of lines)
      expect([reply, calls, error]).toEqual([expect.stringContaining('The answer is'), 1, null]);
    for (const left of ['grade', 'expected', 'metric', 'task']) expect(lines[0]).not.toHaveProperty(left);
  });

  it('reads a question a line from standard input', async () => {
    const { code, out } = await plusx(['ask', '--file', '-', '-m', 'enumerable', '-q'], {
      input: `${sum}\n${other}\n`,
    });
    expect([code, linesOf(out).map(({ question }) => question)]).toEqual([0, [sum, other]]);
  });

  it('takes the fields that are named, the settings of a request and the first questions only', async () => {
    const path = await file('named.csv', `key,asked,prompt\nk,${sum},no\nl,${other},no\n`);
    const named = await ask(path, '--input-field', 'asked', '--id-field', 'key', '--limit', '1', '--max-tokens', '3');
    expect(linesOf(named.out).map(({ id, question }) => [id, question])).toEqual([['k', sum]]);
  });

  it('writes the records to a file instead, as lines or as a table', async () => {
    const path = await file('two.txt', `${sum}\n${other}\n`);
    for (const name of ['out.jsonl', 'out.csv']) {
      const { code, out } = await ask(path, '--records', join(folder, name));
      expect([code, out]).toEqual([0, '']);
    }
    const [head = '', ...rows] = (await readFile(join(folder, 'out.csv'), 'utf8')).trim().split(/\r?\n/);
    expect(head.split(',')).toEqual(expect.arrayContaining(['id', 'question', 'reply', 'answer', 'usd', 'error']));
    expect([head.includes('grade'), rows.length]).toEqual([false, 2]);
    expect(linesOf(await readFile(join(folder, 'out.jsonl'), 'utf8'))).toHaveLength(2);
  });

  it('says what it may spend, spends nothing in a dry run, and keeps to a budget', async () => {
    const path = await file('three.txt', `${sum}\n${other}\n${sum}\n`);
    const more = ['-p', 'selfConsistency(n=4)'];
    const dry = await inTerminal(['ask', '--file', path, '-m', 'enumerable', ...more, '--dry-run']);
    expect(dry.out).toContain('3 questions, 4 calls each');
    expect(dry.out).toMatch(/Nothing was\s+asked\./);
    const cut = await inTerminal([
      'ask',
      '--file',
      path,
      '-m',
      'enumerable',
      ...more,
      '--budget',
      'calls=5',
      '--concurrency',
      '1',
    ]);
    const lines = linesOf(cut.out);
    expect(lines.reduce((all, { calls }) => all + calls, 0)).toBe(5);
    expect(lines.map(({ error }) => error === null)).toEqual([true, true, false]);
    expect([cut.code, cut.err]).toEqual([100, expect.stringContaining('the budget (calls) ran out')]);
  });

  it.each([
    ['a question and a file', ['ask', 'q', '--file', 'a.txt'], 'A question and --file are given'],
    ['a tree of calls', ['ask', '--file', 'a.txt', '--trace'], '--trace and --show are for one question'],
    ['records without a file', ['ask', 'q', '--records', 'a.csv'], '--records goes with a file of questions'],
    ['a limit without a file', ['ask', 'q', '--id-field', 'a'], '--id-field goes with a file of questions'],
    [
      'a column of standard input',
      ['ask', '--file', '-', '--input-field', 'a'],
      '--input-field names a column of a file',
    ],
    ['no such file', ['ask', '--file', '/nowhere/a.txt'], 'there is no such file'],
  ])('refuses %s', async (_, args, message) => {
    const { code, err } = await inTerminal([...args, '-m', 'enumerable']);
    expect([code === 0, err]).toEqual([false, expect.stringContaining(message)]);
  });

  it.each([
    ['empty', '\n\n', 'is empty'],
    ['ids', '{"input":"a","id":1}\n{"input":"b","id":1}\n', 'stands on line 1 already'],
  ])('refuses a file that is wrong: %s', async (name, text, message) => {
    const { err } = await ask(await file(name === 'empty' ? 'empty.txt' : `${name}.jsonl`, text));
    expect(err).toContain(message);
  });

  it('keeps what is there when it is interrupted, and goes on from the store', async () => {
    const server = await openaiServer({
      answers: 'The answer is 4.',
      latencyMs: (index) => (index === 2 ? 60_000 : 0),
    });
    const path = await file('four.txt', 'one?\ntwo?\nthree?\nfour?\n');
    const args = ['ask', '--file', path, '-m', 'server/x', '--store', join(folder, 'ask.db'), '--concurrency', '1'];
    const env = { PLUSX_BASE_URL: server.url };
    try {
      const ended = await plusx(args, {
        env,
        started: (child) => {
          const timer = setInterval(() => {
            if (server.requests.length < 3) return;
            clearInterval(timer);
            setTimeout(() => child.kill('SIGINT'), 200);
          }, 20);
        },
      });
      expect([ended.code, linesOf(ended.out).map(({ id }) => id)]).toEqual([130, ['1', '2']]);
      expect(ended.err).toContain('this is what was done by then');
      const again = await plusx(args, { env });
      expect([again.code, linesOf(again.out).map(({ id }) => id)]).toEqual([0, ['1', '2', '3', '4']]);
      expect(again.err).toContain('2 of them replayed');
      expect(server.requests).toHaveLength(5);
    } finally {
      await server.close();
    }
  });
});
