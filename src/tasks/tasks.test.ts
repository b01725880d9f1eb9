import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, questionOf, rootScope, toRequest, user, type Context, type Json, type Sample } from '../core/index.ts';
import { enumerable } from '../models/written/index.ts';
import { loadPool } from '../models/pool/index.ts';
import { readExpression } from './expression.ts';
import { game24Items, isSolution, isSolvable } from './game24.ts';
import { BUILT_IN_TASKS, loadTask, METRICS, metricOf, type Metric } from './index.ts';

const SHARED = join(import.meta.dirname, '../../../shared/data');
let folder: string;
let context: Context;
let close: () => void;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plusx-tasks-'));
  ({ context, close } = rootScope());
});
afterAll(async () => {
  close();
  await rm(folder, { recursive: true });
});

let files = 0;
async function write(...lines: readonly unknown[]): Promise<string> {
  const file = join(folder, `${files++}.jsonl`);
  await writeFile(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

const says = (text: string): Sample => ({
  content: [{ type: 'text', text }],
  finish: { unified: 'stop', raw: 'stop' },
  weight: 1,
  semantics: { kind: 'exact', target: 'P', why: 'a test' },
});
const grade = async (metric: Metric, text: string, expected: Json): Promise<number> =>
  metric.grade(says(text), { id: '1', request: { prompt: [user('a question')] }, expected }, context);

describe('metrics', () => {
  const cases: readonly (readonly [metric: string, text: string, expected: Json, grade: 0 | 1])[] = [
    ['exact', 'So the answer is Paris.', 'Paris', 1],
    ['exact', 'So the answer is paris.', 'Paris', 1],
    ['exact', 'So the answer is Lyon.', 'Paris', 0],
    ['exact', 'It is \\boxed{1,234.50}', 1234.5, 1],
    ['exact', 'I know nothing.\nReally.', 'nothing', 0],
    ['numeric', 'The answer is 1,234 apples.', '1234', 1],
    ['numeric', 'First 3, then 4.\nSo 7', 7, 1],
    ['numeric', 'First 3, then 4', 4, 0],
    ['numeric', 'The answer is −3.5e1', -35, 1],
    ['numeric', 'The answer is 8', 7, 0],
    ['numeric', 'no number', 7, 0],
    ['contains', 'I would say: PARIS, France', 'paris', 1],
    ['contains', 'London or Rome', ['paris', 'rome'], 1],
    ['contains', 'London', ['paris', 'rome'], 0],
    ['regex', 'code 42-A', '^code \\d+-[A-Z]$', 1],
    ['regex', 'code 42', '^code \\d+-[A-Z]$', 0],
    ['json', '```json\n{"b": 2, "a": [1]}\n```', { a: [1], b: 2 }, 1],
    ['json', '{"a": [1]}', { a: [1], b: 2 }, 0],
    ['json', 'not json', null, 0],
  ];
  it.each(cases)('%s of %j, expected %j: %d', async (name, text, expected, right) => {
    const metric = metricOf(name);
    expect(metric.broken(expected)).toBeUndefined();
    expect(await grade(metric, text, expected)).toBe(right);
  });

  it('a model judges, and silence is wrong', async () => {
    const judge = enumerable({
      answers: (prompt) => (questionOf(prompt).includes('grade:\nright') ? { 'Yes.': 1 } : { 'No, it is not.': 1 }),
    });
    expect(await grade(metricOf('judge', { judge }), 'right', 'x')).toBe(1);
    expect(await grade(metricOf('judge', { judge }), 'wrong', 'x')).toBe(0);
    const silent = enumerable({ answers: () => ({ 'Hard to say.': 1 }) });
    expect(await grade(metricOf('judge', { judge: silent }), 'right', 'x')).toBe(0);
    expect(context.ledger.warnings.map(({ code }) => code)).toContain('no-verdict');
  });

  it('says what is wrong with a name', () => {
    expect(() => metricOf('numbers')).toThrow('is no metric');
    expect(() => metricOf('regx')).toThrow('Did you mean `regex`');
    expect(() => metricOf('judge')).toThrow('needs a model');
    expect(Object.keys(METRICS)).toContain('code');
  });
});

describe('a JSONL file', () => {
  it('gives its items in order, with ids, texts and messages', async () => {
    const file = await write({ input: 'One?', expected: '1' }, '', {
      id: 'two',
      input: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Two?' },
      ],
      expected: 2,
    });
    const { items, metric, name } = await loadTask(file);
    expect([name, metric.name, items.map(({ id }) => id)]).toEqual([file, 'exact', ['1', 'two']]);
    expect(items[0]?.request).toEqual(toRequest('One?'));
    expect(items[1]?.request.prompt.map(({ role }) => role)).toEqual(['system', 'user']);
  });

  const wrong: readonly (readonly [line: object | string, problem: string, metric?: 'numeric' | 'regex'])[] = [
    ['{"input": "x",', 'is not JSON'],
    ['"text"', 'is no JSON object'],
    [{ expected: '1' }, 'the question is missing'],
    [{ input: 'x' }, 'the field "expected" is missing'],
    [{ input: ' ', expected: '1' }, 'the question is empty'],
    [{ input: 7, expected: '1' }, '"input" must be a text or a list of messages'],
    [{ input: [{ role: 'robot', content: 'x' }], expected: '1' }, 'message 1: "role" must be'],
    [{ input: [{ role: 'user', content: 3 }], expected: '1' }, '"content" must be a text or a list of parts'],
    [{ input: [{ role: 'assistant', content: 'x' }], expected: '1' }, 'no message of the user'],
    [{ id: {}, input: 'x', expected: '1' }, '"id" must be'],
    [{ id: '1', input: 'x', expected: '1' }, 'stands on line 1 already'],
    [{ input: 'x', expected: 'many' }, '"expected" must be a number', 'numeric'],
    [{ input: 'x', expected: '(' }, '"expected" must be a regular expression', 'regex'],
    [{ input: 'x', expected: { a: 1 } }, '"expected" must be a text, a number'],
  ];
  it.each(wrong.map(([line, problem, metric]) => ({ line, problem, metric })))(
    '$line: $problem',
    async ({ line, problem, metric }) => {
      const file = await write({ input: 'fine?', expected: '1' }, line);
      const failure = loadTask(file, { metric });
      await expect(failure).rejects.toThrow(`${file}:2: `);
      await expect(failure).rejects.toThrow(problem);
      await expect(failure).rejects.toThrow('A line is {'); // what to write instead
    },
  );

  it('names the group of each item in a field, where one is asked for', async () => {
    const line = (page: unknown): object => ({ input: `of ${String(page)}?`, expected: '1', page });
    const file = await write(line('a'), line(7), line('a'));
    expect((await loadTask(file, { group: 'page' })).items.map(({ group }) => group)).toEqual(['a', '7', 'a']);
    expect((await loadTask(file)).items.map((item) => 'group' in item)).toEqual([false, false, false]);
    for (const field of ['chapter', 'toString', '__proto__'])
      await expect(loadTask(file, { group: field })).rejects.toThrow(`${file}:1: the field "${field}"`);
    await expect(loadTask(await write(line('a'), line(null)), { group: 'page' })).rejects.toThrow(
      ':2: the field "page", which names the group, must be a text or a number',
    );
    for (const address of ['arithmetic', 'tiny:hops2', 'pool:x.jsonl'])
      await expect(loadTask(address, { group: 'page' })).rejects.toThrow('names a field of a file of questions');
  });

  it('is empty or missing', async () => {
    await expect(loadTask(await write(''))).rejects.toThrow('is empty. A line is {"input"');
    await expect(loadTask(join(folder, 'nowhere.jsonl'))).rejects.toThrow('there is no such file');
  });

  it('may have a common format', async () => {
    const gsm8k = await write({ question: 'How many?', answer: '3 + 4 = <<3+4=7>>7\n#### 7' });
    const { items, metric } = await loadTask(`gsm8k:${gsm8k}`);
    expect([items[0]?.expected, metric.name]).toEqual(['7', 'numeric']);
    await expect(loadTask(`gsm8k:${await write({ question: 'How many?', answer: 'some' })}`)).rejects.toThrow(
      'must be a number',
    );
    await expect(loadTask(`gsm8k:${await write({ question: 'How many?' })}`)).rejects.toThrow('the answer is missing');
    const math = await write({ problem: 'Half of 1?', answer: '\\frac{1}{2}' });
    expect((await loadTask(`math:${math}`)).items[0]?.expected).toBe('\\frac{1}{2}');
  });
});

describe('addresses', () => {
  it('an unknown one names what there is', async () => {
    await expect(loadTask('arithmetics')).rejects.toThrow('Did you mean `arithmetic`');
    await expect(loadTask('pool:')).rejects.toThrow('Write pool:FILE');
    await expect(loadTask('arithmetic', { metric: 'exact' })).rejects.toThrow('the task brings its own');
    await expect(loadTask('arithmetic', { size: 0 })).rejects.toThrow('positive integer');
  });

  it('the built-in ones are seeded and need no data', async () => {
    for (const { name } of BUILT_IN_TASKS.filter((task) => !task.name.includes(':'))) {
      const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => loadTask(name, { seed, size: 12 })));
      expect(a?.items).toEqual(b?.items);
      expect(a?.items).not.toEqual(c?.items);
      expect(new Set(a?.items.map(({ id }) => id)).size).toBe(12);
    }
  });

  it('arithmetic is right where the answer is the value', async () => {
    const { items, metric } = await loadTask('arithmetic', { size: 40 });
    for (const item of items) {
      const [, sum = ''] = /What is (.*)\? End/.exec(questionOf(item.request.prompt)) ?? [];
      const products = sum.replaceAll(/\d+(?: \* \d+)+/g, (all) =>
        String(all.split(' * ').reduce((product, x) => product * Number(x), 1)),
      );
      const value = products
        .replaceAll(' - ', ' + -')
        .split(' + ')
        .reduce((total, x) => total + Number(x), 0);
      expect(item.expected).toBe(value);
      expect(await metric.grade(says(`Answer: ${value}`), item, context)).toBe(1);
      expect(await metric.grade(says(`Answer: ${value + 1}`), item, context)).toBe(0);
    }
  });
});

describe('game of 24', () => {
  const cases: readonly (readonly [answer: string, puzzle: string, right: boolean])[] = [
    ['(10 - 4) * (5 - 1)', '1 4 5 10', true],
    ['(10−4)×(5−1) = 24', '1 4 5 10', true],
    ['8 / (3 - 8 / 3)', '3 3 8 8', true],
    ['8 / (3 - 3) * 8', '3 3 8 8', false],
    ['4 * 6', '4 6 1 1', false],
    ['4 * 6 * 1 * 1 * 1', '4 6 1 1', false],
    ['46 - 11 - 11', '4 6 1 1', false],
    ['24', '24', true],
    ['4 * 6 * 1 * 1)', '4 6 1 1', false],
    ['process.exit(24)', '24', false],
    ['', '24', false],
    [`${'('.repeat(5000)}24${')'.repeat(5000)}`, '24', false],
  ];
  it.each(cases)('%s for %s: %s', (answer, puzzle, right) => expect(isSolution(answer, puzzle)).toBe(right));

  it('every generated puzzle can be solved, and there are 1,362 in all', () => {
    for (const { id } of game24Items(30, 5)) expect(isSolvable(id.split('-').map(Number))).toBe(true);
    expect(isSolvable([1, 1, 1, 1])).toBe(false);
    expect(new Set(game24Items(5000, 0).map(({ id }) => id)).size).toBe(1362);
  });

  it('reads any expression as JavaScript does', () => {
    const tree = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.integer({ min: 0, max: 20 }).map(String),
        fc
          .tuple(tie('node'), fc.constantFrom('+', '-', '*', '/'), tie('node'))
          .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
        fc
          .tuple(tie('node'), fc.constantFrom('+', '-'), tie('node'))
          .map(([a, operator, b]) => `(${a}${operator}${b})`),
      ),
    })).node;
    fc.assert(
      fc.property(
        tree.filter((text) => text.length < 200),
        (text) => {
          const read = readExpression(text);
          expect(read).toBeDefined();
          if (!read?.value) return;
          // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- the test wrote the expression itself
          const value: unknown = new Function(`return ${text}`)();
          expect(read.value.top / read.value.bottom).toBeCloseTo(value as number, 6);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it.skipIf(!existsSync(SHARED))('agrees with the verdicts on 20,000 recorded answers of GPT-4', async () => {
    let different = 0;
    for (const kind of ['standard', 'cot']) {
      const { items } = await loadPool(join(SHARED, `replay/game24_gpt4_${kind}.jsonl.gz`));
      for (const { question, samples } of items)
        for (const { answer, correct } of samples) different += Number(isSolution(answer ?? '', question) !== correct);
    }
    expect(different).toBe(0);
  });
});

describe('a pool as a task', () => {
  it('grades by what is on record, and knows an answer that says the same', async () => {
    const file = await write(
      {
        id: 'q',
        question: 'What is 1 + 1?',
        gold: '2',
        samples: [
          { text: 'It is 2.', answer: '2', correct: true },
          { text: 'It is 3.', answer: '3', correct: false },
        ],
      },
      { id: 'essay', question: 'Write!', samples: [{ text: 'An essay', scores: [6, 8] }] },
    );
    const { items, metric, model } = await loadTask(`pool:${file}`);
    const [sum, essay] = items;
    if (!sum || !essay || !model) throw new Error('the pool is incomplete');
    const drawn = await ask(model, { ...sum.request, n: 2 });
    for (const sample of drawn.samples)
      expect(await metric.grade(sample, sum, context)).toBe(sample.answer === '2' ? 1 : 0);
    expect(await metric.grade(says('The answer is 2'), sum, context)).toBe(1);
    expect(await metric.grade(says('The answer is 4'), sum, context)).toBe(0);
    expect(await metric.grade(says('An essay'), essay, context)).toBeCloseTo(0.7, 12);
    // A rewritten sample is graded by what it says now.
    const [first] = drawn.samples;
    if (!first) throw new Error('no sample');
    const rewritten = { ...first, answer: undefined, content: [{ type: 'text' as const, text: 'It is 3.' }] };
    expect(await metric.grade(rewritten, sum, context)).toBe(0);
  });
});
