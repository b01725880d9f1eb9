import { expect, it } from 'vitest';
import { NO_USAGE, plus, user } from '../core/index.ts';
import { enumerable } from '../models/written/index.ts';
import { selfConsistency } from '../search/self-consistency/self-consistency.ts';
import { metricOf, type Task } from '../tasks/index.ts';
import { evaluate } from './eval.ts';
import { recordsOf } from './records.ts';

const facts = { task: 't', formula: 'f', metric: 'm', seed: 0 };
const task: Task = {
  name: 'two',
  items: ['a', 'b'].map((id) => ({ id, request: { prompt: [user(id)] }, expected: 'yes' })),
  metric: metricOf('exact'),
};
const voted = plus(enumerable({ answers: () => ({ yes: 3, no: 1 }) }), selfConsistency({ n: 4 }));

it('a record has the candidates of its reply where records are asked for', async () => {
  const candidates = async (records: boolean): Promise<unknown[]> => {
    const { results } = await evaluate(voted, task, { records });
    return results.flatMap((result) => recordsOf(result, facts)).map((record) => record['candidates']);
  };
  expect(await candidates(false)).toEqual([null, null]);
  for (const four of await candidates(true))
    expect(JSON.stringify(four).match(/"(yes|no)"/g)?.length).toBeGreaterThanOrEqual(4);
});

it.each([
  [0.1 + 0.2, 0.3],
  [1 / 3, 0.333333333333],
  [123456.789012345, 123456.789012],
  [undefined, null],
])('%d dollars are written as %d: twelve digits', async (usd, written) => {
  const { results } = await evaluate(voted, task);
  const [first] = results;
  if (!first) throw new Error('no result');
  const failed = { ...first, replies: [], usage: { ...NO_USAGE, usd } };
  expect(recordsOf(failed, facts)[0]?.['usd']).toBe(written);
});
