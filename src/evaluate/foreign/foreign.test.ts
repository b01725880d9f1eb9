import { expect, it } from 'vitest';
import { plus, questionOf, user } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { metricOf, type Task } from '../../tasks/index.ts';
import { compareResults } from '../compare/comparison.ts';
import { evaluate } from '../eval.ts';
import { resultsByFormula, type ItemResult } from '../records.ts';
import { FOREIGN_FORMATS, fromForeign, fromLmEval, toForeign } from './foreign.ts';

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
    ? fromLmEval(
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

it('what is none of them is read as none', () => {
  for (const odd of [{}, [], null, 3, { results: [] }, { eval: {}, samples: 3 }])
    expect(fromForeign(odd, 'x')).toBeUndefined();
  expect(fromLmEval([], 'x')).toBeUndefined();
  expect(fromLmEval([{ id: 1 }], 'x')).toBeUndefined();
});
