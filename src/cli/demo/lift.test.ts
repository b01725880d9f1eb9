import { expect, it } from 'vitest';
import { pairedDifference } from '../../evaluate/index.ts';
import { verdict, verdicts } from './lift.ts';

/** A row of 60 items, of which `up` are right only with the technique and `down` only without it. */
const row = (up: number, down: number) => ({
  difference: pairedDifference(
    Array.from({ length: 60 }, (_, i) => Number(i < down)),
    Array.from({ length: 60 }, (_, i) => Number(i >= 60 - up)),
  ),
});

it('a verdict that stands alone need not stand among many', () => {
  const [sure, unsure, worse, none] = [row(30, 2), row(12, 3), row(2, 30), row(6, 6)];
  expect([sure, unsure, worse, none].map(verdict)).toEqual(['helps', 'helps', 'hurts', 'no difference']);
  expect(verdicts([unsure])).toEqual(['helps']);
  const others = Array.from({ length: 20 }, () => none);
  expect(verdicts([sure, unsure, worse, ...others])).toEqual([
    'helps',
    'no difference',
    'hurts',
    ...others.map(() => 'no difference'),
  ]);
});

it('of rows without any effect one table in twenty or fewer says that there is one', () => {
  // Twenty rows a table whose chances are those of no effect: spread evenly from 0 to 1.
  let counter = 0;
  const uniform = (): number => ((counter = (counter * 1_103_515_245 + 12_345) % 2 ** 31) + 0.5) / 2 ** 31;
  const tables = Array.from({ length: 2000 }, () =>
    Array.from({ length: 20 }, () => ({ difference: { difference: 0.1, ci95: [0, 0] as const, p: uniform() } })),
  );
  const wrong = tables.filter((table) => verdicts(table).includes('helps')).length / tables.length;
  expect(wrong).toBeLessThan(0.065); // 5%, and three standard errors
  expect(wrong).toBeGreaterThan(0.035);
  const alone = tables.filter((table) => table.some(({ difference }) => difference.p < 0.05)).length / tables.length;
  expect(alone).toBeGreaterThan(0.5);
});
