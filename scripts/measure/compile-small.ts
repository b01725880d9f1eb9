/**
 * `compile` itself on few labelled questions and few calls, over recorded answers of real models:
 * `node scripts/measure/compile-small.ts FOLDER [--labelled 50] [--calls 160] [--splits 10] [--first 0] [--json]`. In each cell the techniques are the
 * compositions, chain of thought the base, and every recorded answer is a call. What it takes is measured on the questions that are not
 * labelled. How the items are shared out is set in `sharesFor` and `LEAST_TEST` of src/compile/search/plan.ts.
 */
import { parseArgs } from 'node:util';
import { compile, spaceOn } from '../../src/compile/index.ts';
import { questionOf, user, type Model } from '../../src/core/index.ts';
import { evaluate, mean, student } from '../../src/evaluate/index.ts';
import { scripted } from '../../src/models/written/index.ts';
import { metricOf } from '../../src/tasks/metrics.ts';
import type { Task } from '../../src/tasks/index.ts';
import { cellsIn, type Cell } from './matrices/cells.ts';
import { splitOf } from './matrices/split.ts';

/** Of the questions that are not labelled, so many are measured at most. */
const MEASURED = 200;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    labelled: { type: 'string', default: '50' },
    calls: { type: 'string', default: '160' },
    splits: { type: 'string', default: '10' },
    first: { type: 'string', default: '0' },
    json: { type: 'boolean' },
  },
});
const cells = cellsIn(positionals[0]);

interface Found {
  readonly right: number;
  readonly cost: number;
  readonly dev: number;
  readonly test: number;
  readonly claimed: number;
}

const answerTo = (question: number): string => `answer ${question}`;

/** A technique that says what was recorded. */
const recordedModel = (name: string, grades: readonly number[]): Model =>
  scripted(
    ({ prompt }) => {
      const question = Number(/\d+/.exec(questionOf(prompt))?.[0]);
      return { text: grades[question] === 1 ? answerTo(question) : 'answer -1' };
    },
    { name, can: { concurrency: 1 } },
  );

const taskOf = (questions: readonly number[]): Task => ({
  name: 'recorded',
  metric: metricOf('exact'),
  items: questions.map((question) => ({
    id: `${question}`,
    request: { prompt: [user(`Question ${question}?`)] },
    expected: answerTo(question),
  })),
});

async function found({ set, techniques, grades }: Cell, seed: number): Promise<Found> {
  const { train, test } = splitOf(grades[0]?.length ?? 0, Number(values.labelled), `${seed} ${set}`);
  const base = Math.max(0, techniques.indexOf('COT'));
  const order = [base, ...[...techniques.keys()].filter((i) => i !== base)];
  const [first, ...others] = order.map((i) => recordedModel(techniques[i] as string, grades[i] as number[]));
  if (!first) throw new Error(`${set} has no techniques`);
  const budget = { calls: Number(values.calls) };
  const { report, model } = await compile(spaceOn([first, ...others]), taskOf(train), { budget, seed });
  const { accuracy, usage, items } = await evaluate(model, taskOf(test.slice(0, MEASURED)));
  return {
    right: 100 * accuracy,
    cost: usage.calls / items,
    dev: Math.max(...report.tried.map((one) => one.items)),
    test: report.stages.find(({ name }) => name === 'test')?.items ?? 0,
    claimed: 100 * Number(report.improved),
  };
}

const byCell: Found[] = [];
const meanOf = (all: readonly Found[], key: keyof Found): number => mean(all.map((one) => one[key]));
for (const cell of cells) {
  const all: Found[] = [];
  for (let split = 0; split < Number(values.splits); split++) all.push(await found(cell, Number(values.first) + split));
  byCell.push({
    right: meanOf(all, 'right'),
    cost: meanOf(all, 'cost'),
    dev: meanOf(all, 'dev'),
    test: meanOf(all, 'test'),
    claimed: meanOf(all, 'claimed'),
  });
}
const [lo, hi] = student(byCell.map(({ right }) => right));
const shown = (key: keyof Found): string => meanOf(byCell, key).toFixed(key === 'cost' || key === 'right' ? 2 : 1);
if (values.json) console.log(JSON.stringify(byCell));
else {
  console.log(
    '| labelled | calls | right, 95% over the cells | calls a question | items of the race | of the test | claims |',
  );
  console.log('|---|---|---|---|---|---|---|');
  console.log(
    `| ${values.labelled} | ${values.calls} | ${shown('right')} (${lo.toFixed(1)} to ${hi.toFixed(1)}) | ${shown('cost')} | ${shown('dev')} | ${shown('test')} | ${shown('claimed')} |`,
  );
}
