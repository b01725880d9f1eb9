import { expect, it } from 'vitest';
import { plus, questionOf, user } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { metricOf, type Task } from '../../tasks/index.ts';
import { compareResults } from '../compare/comparison.ts';
import { evaluate } from '../eval.ts';
import { resultsByFormula, type ItemResult } from '../records.ts';
import { FOREIGN_FORMATS, fromForeign, fromForeignLines, toForeign } from './foreign.ts';

const task: Task = {
  name: 'seven',
  items: Array.from({ length: 7 }, (_, i) => ({
    id: `item ${i}`,
    request: { prompt: [user(`q${i}`)] },
    expected: `right q${i}`,
  })),
  metric: metricOf('exact'),
};
const model = enumerable({ answers: (prompt) => ({ [`right ${questionOf(prompt)}`]: 1, wrong: 1 }) });
const result = await evaluate(plus(model, selfConsistency({ n: 3 })), task);

const read = (format: (typeof FOREIGN_FORMATS)[number], text: string) =>
  format === 'lm-eval'
    ? fromForeignLines(
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { [field: string]: unknown }),
        'f.jsonl',
      )
    : fromForeign(JSON.parse(text), 'f.json');
const told = (results: readonly ItemResult[]) =>
  results.map(({ question, expected, grade }) => [question, expected, grade]);

it.each(FOREIGN_FORMATS)('%s: what is written is read back as the same items, grades and replies', (format) => {
  const back = read(format, toForeign(format, result.results, result));
  expect(told(back?.results ?? [])).toEqual(told(result.results));
  expect(back?.results.map(({ replies }) => replies[0]?.text)).toEqual(
    result.results.map(({ replies }) => replies[0]?.text),
  );
  const { pairs } = compareResults([
    { ...result, results: result.results },
    { formula: 'back', results: back?.results ?? [] },
  ]);
  expect(pairs).toMatchObject([{ items: 7, difference: 0 }]);
});

it('Inspect: letters are grades, epochs are repeats, and messages are questions', () => {
  const log = {
    version: 2,
    status: 'success',
    eval: { task: 'arc', model: 'openai/x' },
    samples: [
      {
        id: 1,
        epoch: 1,
        input: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'why?' },
        ],
        target: 'B',
        output: { choices: [{ message: { role: 'assistant', content: 'B' } }] },
        scores: { choice: { value: 'C', answer: 'B' } },
      },
      {
        id: 1,
        epoch: 2,
        input: 'why?',
        target: 'B',
        output: { completion: 'A' },
        scores: { choice: { value: 'I', answer: 'A' } },
      },
      { id: 2, epoch: 1, input: 'how?', target: 'A', error: { message: 'timed out' } },
    ],
  };
  expect(fromForeign(log, 'log.json')).toMatchObject({
    task: 'arc',
    formula: 'openai/x',
    metric: 'choice',
    results: [
      {
        id: '1',
        question: 'why?',
        expected: 'B',
        grade: 0.5,
        answer: 'B',
        replies: [
          { text: 'B', grade: 1 },
          { text: 'A', grade: 0 },
        ],
      },
      { id: '2', grade: undefined, error: 'timed out' },
    ],
  });
});

it('promptfoo: each provider is a formula of its own', () => {
  const row = (provider: string, id: number, score: number) => ({
    provider: { id: provider },
    testIdx: id,
    prompt: { raw: `q${id}` },
    response: { output: 'x' },
    score,
  });
  const found = fromForeign(
    { results: { results: [row('a', 0, 1), row('b', 0, 0), row('a', 1, 1), row('b', 1, 0)] } },
    'p.json',
  );
  const formulas = resultsByFormula(found?.results ?? [], '');
  expect(formulas.map(({ formula, results }) => [formula, results.map(({ grade }) => grade)])).toEqual([
    ['a', [1, 1]],
    ['b', [0, 0]],
  ]);
});

it('promptfoo: a test that was repeated is one item, and each of several prompts is a formula of its own', () => {
  const row = (testIdx: number, a: number, promptIdx: number, score: number) => ({
    provider: { id: 'p', label: '' },
    testIdx,
    promptIdx,
    prompt: { raw: `${a}?`, label: `prompt ${promptIdx}` },
    vars: { a },
    testCase: { vars: { a }, assert: [{ type: 'equals', value: String(a) }] },
    response: { output: 'x', tokenUsage: { prompt: 3, completion: 2 } },
    latencyMs: 7,
    score,
    cost: 0,
  });
  const told = (rows: readonly ReturnType<typeof row>[]) =>
    fromForeignLines(rows, 'p.jsonl')?.results.map(({ id, grade, expected, replies, usage, ...one }) => [
      'formula' in one && one.formula,
      id,
      grade,
      expected,
      replies.map(({ ms }) => ms),
      [usage.calls, usage.inputTokens, usage.outputTokens, usage.usd],
    ]);
  const twice = [7, 7];
  expect(told([row(0, 5, 0, 1), row(1, 5, 0, 0), row(2, 6, 0, 1), row(3, 6, 0, 1)])).toEqual([
    ['p', '0', 0.5, '5', twice, [2, 6, 4, undefined]],
    ['p', '1', 1, '6', twice, [2, 6, 4, undefined]],
  ]);
  expect(told([row(0, 5, 0, 1), row(0, 5, 1, 0)])?.map(([formula, id, grade]) => [formula, id, grade])).toEqual([
    ['p | prompt 0', '0', 1],
    ['p | prompt 1', '0', 0],
  ]);
});

it('lm-eval: messages are questions, each filter is a formula of its own, and of several choices the likeliest was said', () => {
  const line = (doc_id: number, filter: string, more: object) => ({
    doc_id,
    doc: {},
    filter,
    metrics: ['acc'],
    ...more,
  });
  const messages = JSON.stringify([
    { role: 'system', content: 's' },
    { role: 'user', content: 'why?' },
  ]);
  const asked = { gen_args_0: { arg_0: [messages], arg_1: {} } };
  const filtered = [
    line(0, 'strict', { arguments: asked, resps: [['so 4']], filtered_resps: ['[invalid]'], acc: 0 }),
    line(0, 'flexible', { arguments: asked, resps: [['so 4']], filtered_resps: ['4'], acc: 1 }),
  ];
  const found = fromForeignLines(filtered, 'out/m/samples_gsm8k_2026-01-02T03-04-05.678.jsonl');
  expect(found?.task).toBe('gsm8k');
  expect(
    resultsByFormula(found?.results ?? [], '').map(({ formula, results: [one] }) => [
      formula.split(' | ')[1],
      one?.question,
      one?.replies[0]?.text,
      one?.grade,
    ]),
  ).toEqual([
    ['strict', 'why?', '[invalid]', 0],
    ['flexible', 'why?', '4', 1],
  ]);
  const choices = { gen_args_0: { arg_0: 'q', arg_1: ' no' }, gen_args_1: { arg_0: 'q', arg_1: ' yes' } };
  const likely = [
    ['-9.5', 'False'],
    ['-0.5', 'True'],
  ];
  const chosen = fromForeignLines(
    [line(0, 'none', { arguments: choices, filtered_resps: likely, resps: [], acc: 1 })],
    'f',
  );
  expect(chosen?.results).toMatchObject([{ question: 'q', replies: [{ text: 'yes', grade: 1 }] }]);
});

it('what a file does not say of tokens and dollars is unknown, and not nothing', () => {
  for (const format of FOREIGN_FORMATS) {
    const unknown = result.results.map((one) => ({
      ...one,
      replies: one.replies.map((reply) => ({
        ...reply,
        usage: { ...reply.usage, inputTokens: undefined, usd: undefined },
      })),
    }));
    const back = read(format, toForeign(format, unknown, result));
    const { models } = compareResults([{ formula: 'back', results: back?.results ?? [] }]);
    expect([format, models[0]?.tokensPerItem, models[0]?.usdPerItem]).toEqual([format, undefined, undefined]);
  }
  const known = read('inspect', toForeign('inspect', result.results, result, new Date(1e12)));
  expect(known?.results.map(({ usage }) => usage.outputTokens)).toEqual(
    result.results.map(({ usage }) => usage.outputTokens),
  );
});

it('an item that failed is one, and not a wrong answer, there and back', () => {
  const [first, ...rest] = result.results as [ItemResult, ...ItemResult[]];
  const broken: ItemResult = { ...first, replies: [], grade: undefined, error: 'timed out' };
  for (const format of ['inspect', 'promptfoo'] as const) {
    const back = read(format, toForeign(format, [broken, ...rest], result));
    const found = back?.results.find(({ id }) => id === first.id);
    expect([format, found?.grade, found?.error]).toEqual([format, undefined, 'timed out']);
  }
});

it('what is none of them is read as none', () => {
  for (const odd of [{}, [], null, 3, { results: [] }, { eval: {}, samples: 3 }])
    expect(fromForeign(odd, 'x')).toBeUndefined();
  expect(fromForeignLines([], 'x')).toBeUndefined();
  expect(fromForeignLines([{ id: 1 }], 'x')).toBeUndefined();
});
