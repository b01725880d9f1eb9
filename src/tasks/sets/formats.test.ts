import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { questionOf, rootScope } from '../../core/index.ts';
import { loadTask, type Item } from '../index.ts';
import { mistakes, says } from '../test-support/references.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plusx-formats-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function write(text: string, ending: string): Promise<string> {
  const file = join(folder, `${files++}.${ending}`);
  await writeFile(file, text);
  return file;
}

const PAIRS = (passage: string, question: string, ...spans: readonly string[]) => ({
  passage,
  qa_pairs: [{ question, answer: { number: '', spans }, query_id: '7' }],
});

/** A few rows of each set as its file has them, what is asked of the first, and what is expected. */
const SETS = [
  [
    'aqua',
    'jsonl',
    JSON.stringify({
      question: 'What is 2 + 3?',
      options: ['A)4', 'B)5', 'C)6', 'D)7', 'E)8'],
      rationale: '...',
      correct: 'B',
    }),
    /What is 2 \+ 3\?\n\(A\) 4\n\(B\) 5\n/,
    'B',
  ],
  [
    'strategyqa',
    'json',
    JSON.stringify([
      { qid: 'q1', question: 'Is water wet?', answer: true },
      { qid: 'q2', question: 'Is fire cold?', answer: false },
    ]),
    /^Is water wet\?/,
    'yes',
  ],
  [
    'bbh',
    'json',
    JSON.stringify({
      canary: 'x',
      examples: [
        { input: 'Which one?', target: '(C)' },
        { input: 'not True is', target: 'False' },
        { input: 'How many?', target: '14' },
        { input: 'Sort: b a', target: 'a b' },
        { input: 'Close: [ < (', target: ') > ]' },
      ],
    }),
    /^Which one\?/,
    '(C)',
  ],
  [
    'scan',
    'txt',
    'IN: jump twice OUT: I_JUMP I_JUMP\nIN: turn left OUT: I_TURN_LEFT\n',
    /^jump twice/,
    'I_JUMP I_JUMP',
  ],
  [
    'letters',
    'json',
    JSON.stringify({
      1: PAIRS(
        '',
        'Take the letters at position 3 of the words in "Donna Guan" and concatenate them using a space.',
        'n a',
      ),
    }),
    /^Take the letters/,
    'n a',
  ],
  [
    'commaqa',
    'json',
    JSON.stringify({ 0: PAIRS('movie: Skob ; award: Jubeus.', 'What awards?', 'Jubeus', 'Mariskenna') }),
    /^movie: Skob.*\n\nWhat awards\?/,
    ['Jubeus', 'Mariskenna'],
  ],
] as const;

describe.each(SETS)('%s:FILE', (name, ending, text, asked, expected) => {
  it('reads its usual file, and grades what is expected as right and what is nearly it as wrong', async () => {
    const task = await loadTask(`${name}:${await write(text, ending)}`);
    expect(questionOf(task.items[0]?.request.prompt ?? [])).toMatch(asked);
    expect(task.items[0]?.expected).toEqual(expected);
    expect(await mistakes(task)).toEqual([]);
  });
});

/** Replies as models write them, to the first question of each set: right ones, and wrong ones that are nearly right. */
const REPLIES: { readonly [name: string]: { readonly right: readonly string[]; readonly wrong: readonly string[] } } = {
  aqua: {
    right: [
      '2 + 3 = 5.\nAnswer: B',
      'Answer: (B)',
      'Answer: B) 5',
      '**Answer: B**',
      'So the answer is (B).',
      'Answer: \\boxed{B}',
    ],
    wrong: [
      'Answer: C',
      'Answer: 4',
      'Answer: A) 4, since B) 5 is too large',
      'B is too large.\nAnswer: D',
      'Answer: A or B',
    ],
  },
  strategyqa: {
    right: [
      'Answer: yes',
      'Answer: Yes.',
      'Answer: **Yes**',
      'It is not dry.\nAnswer: yes, it is',
      'So the answer is yes.',
    ],
    wrong: ['Answer: no', 'Yes, one might think.\nAnswer: no', 'Answer: not yes', 'Answer: maybe'],
  },
  bbh: {
    right: ['Answer: (C)', 'Answer: C', 'Not (A), since (B) is.\nAnswer: (C)', 'So the answer is (C).'],
    wrong: ['Answer: (B)', 'Answer: (A) and not (C)', 'I see (C) and (D).\nAnswer: (D)'],
  },
  scan: {
    right: ['Answer: I_JUMP I_JUMP', 'jump is I_JUMP.\nAnswer: I_JUMP I_JUMP', '**Answer:** `I_JUMP I_JUMP`'],
    wrong: [
      'Answer: I_JUMP',
      'Answer: I_JUMP I_JUMP I_JUMP',
      'Answer: I_JUMP I_WALK',
      'Answer: I_JUMPI_JUMP',
      'Answer: JUMP JUMP',
    ],
  },
  letters: {
    right: ['Answer: n a', 'Donna gives n, Guan gives a.\nAnswer: n a', 'Answer: "n a"'],
    wrong: ['Answer: na', 'Answer: a n', 'Answer: n', 'Answer: n a a', 'Answer: n b'],
  },
  commaqa: {
    right: [
      'Answer: Jubeus, Mariskenna',
      'Answer: Mariskenna, Jubeus',
      'Answer: Jubeus and Mariskenna',
      'Answer: ["Jubeus", "Mariskenna"]',
    ],
    wrong: [
      'Answer: Jubeus',
      'Answer: Jubeus, Mariskenna, Skob',
      'Answer: Jubeus, Skob',
      'Answer: JubeusMariskenna',
      'Answer: none',
    ],
  },
};

it.each(SETS)('%s:FILE: replies as models write them', async (name, ending, text) => {
  const { items, metric } = await loadTask(`${name}:${await write(text, ending)}`);
  const { context, close } = rootScope();
  const { right = [], wrong = [] } = REPLIES[name] ?? {};
  const graded = async (reply: string) => [reply, await metric.grade(says(reply), items[0] as Item, context)];
  const found = await Promise.all([...right, ...wrong].map(graded));
  close();
  expect(found).toEqual([...right.map((reply) => [reply, 1]), ...wrong.map((reply) => [reply, 0])]);
});

it('mbpp:FILE asks for code that passes the tests, and shows them', async () => {
  const row = {
    task_id: 11,
    text: 'Write a python function to add.',
    code: 'def add(a, b): ...',
    test_list: ['assert add(1, 2) == 3'],
    test_setup_code: 'import math',
  };
  const task = await loadTask(`mbpp:${await write(JSON.stringify(row), 'jsonl')}`);
  expect(task).toMatchObject({ answer: 'code', metric: { name: 'code' } });
  expect(task.items[0]).toMatchObject({
    id: '11',
    expected: { language: 'python', tests: 'import math\nassert add(1, 2) == 3' },
  });
  expect(questionOf(task.items[0]?.request.prompt ?? [])).toContain('```python\nassert add(1, 2) == 3\n```');
});

it('items of one passage of CommaQA are one group, and have ids of their own', async () => {
  const pairs = PAIRS('p', 'One?', 'A');
  const two = {
    ...pairs,
    qa_pairs: [...pairs.qa_pairs, { question: 'Two?', answer: { spans: ['B'] }, query_id: '8' }],
  };
  const { items } = await loadTask(`commaqa:${await write(JSON.stringify({ a: two, b: pairs }), 'json')}`);
  expect(items.map(({ id, group }) => [id, group])).toEqual([
    ['a/7', 'a'],
    ['a/8', 'a'],
    ['b/7', 'b'],
  ]);
});

it.each([
  ['aqua', 'jsonl', '{"question": "q", "options": ["A)1"], "correct": "F"}', /:1: the answer is missing/],
  ['strategyqa', 'json', '[{"question": "q", "answer": "yes"}]', /:1: the answer is missing/],
  ['bbh', 'json', '{"questions": []}', /has no list "examples"/],
  ['bbh', 'json', '[]', /is no JSON object/],
  ['scan', 'txt', 'IN: jump OUT: I_JUMP\njump twice', /:2: is no line "IN: \.\.\. OUT: \.\.\."/],
  ['letters', 'json', '{"1": {"passage": ""}}', /has no list "qa_pairs" under "1"/],
  [
    'commaqa',
    'json',
    '{"1": {"passage": "p", "qa_pairs": [{"question": "q", "answer": {"spans": []}}]}}',
    /with the metric spans "expected" must be a list of texts/,
  ],
  ['mbpp', 'jsonl', '{"text": "q", "test_list": []}', /:1: the question is missing/],
])('%s:FILE says what is wrong, and where', async (name, ending, text, problem) => {
  await expect(loadTask(`${name}:${await write(text, ending)}`)).rejects.toThrow(problem);
});

const SHARED = join(import.meta.dirname, '../../../../shared/data/tasks');
const there = existsSync(SHARED);
if (!there) console.warn(`formats: skipped, there is no ${SHARED}`);
const real = there
  ? [
      `strategyqa:${SHARED}/strategyqa/dev.json`,
      `scan:${SHARED}/scan/tasks_test_length.txt`,
      ...readdirSync(`${SHARED}/decomp/letter_cat`).map((file) => `letters:${SHARED}/decomp/letter_cat/${file}`),
      ...readdirSync(`${SHARED}/decomp/commaqa_e`).map((file) => `commaqa:${SHARED}/decomp/commaqa_e/${file}`),
      ...readdirSync(`${SHARED}/bbh`)
        .filter((file) => file.endsWith('.json'))
        .map((file) => `bbh:${SHARED}/bbh/${file}`),
    ]
  : [];

it.skipIf(!there)('the first items of the real files are graded so', { timeout: 120_000 }, async () => {
  const found: string[] = [];
  for (const address of real)
    found.push(...(await mistakes(await loadTask(address), 25)).map((one) => `${address}: ${one}`));
  expect(found).toEqual([]);
});
