import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HostMissing, rootScope, user, type Json, type Sample } from '../core/index.ts';
import { evaluate } from '../evaluate/index.ts';
import { scripted } from '../models/written/index.ts';
import { openSandbox } from '../sandbox/index.ts';
import { loadTask, metricOf, type Item } from './index.ts';

const sandbox = await openSandbox({ timeoutMs: 3000 });
const python = sandbox.languages.includes('python');
const folder = await mkdtemp(join(tmpdir(), 'plusx-code-'));
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});
const { context } = rootScope({ host: { sandbox } });
const code = metricOf('code');
const says = (text: string): Sample => ({
  content: [{ type: 'text', text }],
  finish: { unified: 'stop', raw: 'stop' },
  weight: 1,
  semantics: { kind: 'exact', target: 'P', why: 'a test' },
});
const grade = async (text: string, expected: Json, within = context): Promise<number> =>
  code.grade(says(text), { id: '1', request: { prompt: [user('q')] }, expected }, within);

describe('the metric code', () => {
  const TESTS = 'assert(double(3) === 6); assert.equal([double(0)], [0]);';
  const answers: readonly (readonly [answer: string, right: 0 | 1])[] = [
    ['function double(x) { return 2 * x; }', 1],
    ['Like this:\n```js\nconst two = 2;\n```\nand\n```js\nconst double = (x) => two * x;\n```\nDone.', 1],
    ['const assert = 1; const double = (x) => x + x;', 1],
    ['const double = (x) => x ** 2;', 0],
    ['const double = (x) => x + 2;', 0],
    ['const double = (x) => { for (;;); };', 0],
    ['return true;', 0],
    ['return "passed 0";', 0],
    ['I do not know.', 0],
    ['globalThis.assert = Object.assign(() => {}, { equal() {} }); const double = () => 1;', 0],
  ];
  it.each(answers)('%j: %d', async (answer, right) => expect(await grade(answer, TESTS)).toBe(right));

  it('says what it can work with, and needs a sandbox', async () => {
    expect([code.broken(TESTS), code.broken({ tests: TESTS, language: 'python' })]).toEqual([undefined, undefined]);
    for (const wrong of [3, null, [TESTS], { tests: 1 }, { tests: TESTS, language: 'perl' }])
      expect(code.broken(wrong)).toContain('must be tests in JavaScript');
    await expect(grade('x', TESTS, rootScope().context)).rejects.toBeInstanceOf(HostMissing);
  });

  it.skipIf(!python)(
    'runs the tests of MBPP: the reference passes, what passes only some of them does not',
    async () => {
      const file = join(folder, 'mbpp.jsonl');
      const row = {
        task_id: 2,
        text: 'Write a function to find the shared elements of two lists.',
        code: 'def similar_elements(a, b):\r\n  return tuple(set(a) & set(b))',
        test_list: [
          'assert set(similar_elements((3, 4, 5, 6), (5, 7, 4, 10))) == {4, 5}',
          'assert set(similar_elements((1, 2), (3, math.floor(2.5)))) == {2}',
        ],
        test_setup_code: 'import math',
      };
      await writeFile(file, JSON.stringify(row));
      const { items, metric } = await loadTask(`mbpp:${file}`);
      const graded = (text: string) => metric.grade(says(text), items[0] as Item, context);
      const answers: readonly (readonly [answer: string, right: 0 | 1])[] = [
        [row.code, 1],
        [`Here it is:\n\`\`\`python\n${row.code.replaceAll('\r', '')}\n\`\`\`\nIt keeps what both have.`, 1],
        ['def similar_elements(a, b):\n  return (4, 5)', 0],
        ['def similar_elements(a, b):\n  return tuple(set(a) | set(b))', 0],
        ['def similar(a, b):\n  return tuple(set(a) & set(b))', 0],
        ['def similar_elements(a, b):\n  return tuple(set(a) & set(b)', 0],
        ['import os\nos._exit(0)', 0],
        ['I cannot write that.', 0],
      ];
      const found = await Promise.all(answers.map(async ([answer]) => [answer, await graded(answer)]));
      expect(found).toEqual(answers);
    },
  );

  it.skipIf(!python)('runs Python, and goes on from the start of a function', async () => {
    const file = join(folder, 'humaneval.jsonl');
    const item = {
      task_id: 'HumanEval/0',
      prompt: 'import math\n\ndef area(r):\n    """ The area of a square. """\n',
      test: 'def check(candidate):\n    assert candidate(2) == 4\n    assert math.pi > 3',
      entry_point: 'area',
    };
    await writeFile(file, JSON.stringify(item));
    const task = await loadTask(`humaneval:${file}`);
    const accuracy = async (answer: string): Promise<number> =>
      (
        await evaluate(
          scripted(() => answer),
          task,
          { host: { sandbox } },
        )
      ).accuracy;
    expect(await accuracy('```python\nimport math\n\ndef area(r):\n    return r * r\n```')).toBe(1);
    expect(await accuracy('    return r ** 2')).toBe(1);
    expect(await accuracy('    return r + r + 1')).toBe(0);
    expect(await accuracy('import sys\nsys.exit(0)')).toBe(0);
  });
});
