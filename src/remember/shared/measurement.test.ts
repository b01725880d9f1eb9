/** One of the numbers of docs/measurements/remember.md, measured again. */
import { expect, it } from 'vitest';
import { byChance, fileOf, questionsIn, recallOf, WAYS } from '../../../scripts/measure/remember.ts';

const file = fileOf('Hindi');
if (file === undefined) console.warn('skipped: tasks/memprompt is not in ../shared/data');

it.skipIf(file === undefined)('finds the right clarification among 100 as often as it is written', async () => {
  const all = questionsIn(file as string);
  const recalls = await Promise.all(WAYS.map((way) => recallOf(all, way, 100, 500)));
  expect(recalls).toEqual([
    { notes: 100, at1: 0.986, at5: 1 },
    { notes: 100, at1: 0.996, at5: 1 },
    { notes: 100, at1: 0.994, at5: 1 },
  ]);
  expect(await recallOf(all, 'fused', 0, 500)).toEqual({ notes: 0, at1: 0, at5: 0 });
  expect(byChance(all)).toBeCloseTo(0.2, 3);
});
