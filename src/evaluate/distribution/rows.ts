/** Distributions side by side, an answer a row. */
import type { Distribution } from './distribution.ts';

/** One answer in all of them. */
export interface AnswerRow {
  /** `null`: no final answer in the text. */
  readonly answer: string | null;
  /** How many further answers the row stands for, where it is the last and stands for those. */
  readonly others: number;
  /** Its probability on each side. */
  readonly shares: readonly number[];
  /** 95% intervals of estimates. */
  readonly intervals: readonly (readonly [number, number] | undefined)[];
}

/** The probability that fills a line: no bar and no interval goes beyond its end. */
export function fullLine(rows: readonly Pick<AnswerRow, 'shares' | 'intervals'>[]): number {
  return Math.max(
    ...rows.flatMap(({ shares, intervals }) => [...shares, ...intervals.map((one) => one?.[1] ?? 0)]),
    1e-9,
  );
}

/** The answers worth a row: the most probable of the last side first, equals by their text, no answer after all others; what is left is one row. */
export function answerRows(sides: readonly Distribution[], most: number): readonly AnswerRow[] {
  const maps = sides.map(({ answers }) => new Map(answers.map((share) => [share.answer, share])));
  const answers = [...new Set(maps.toReversed().flatMap((map) => [...map.keys()]))];
  const all = answers
    .map((answer) => ({
      answer,
      others: 0,
      shares: maps.map((map) => map.get(answer)?.probability ?? 0),
      intervals: maps.map((map) => map.get(answer)?.ci95),
    }))
    .sort(
      (a, b) =>
        Number(a.answer === null) - Number(b.answer === null) ||
        lastFirst(a.shares, b.shares) ||
        byText(a.answer, b.answer),
    );
  if (all.length <= most) return all;
  const rest = all.slice(most - 1);
  const others = {
    answer: null,
    others: rest.length,
    shares: sides.map((_, side) => rest.reduce((sum, { shares }) => sum + (shares[side] ?? 0), 0)),
    intervals: sides.map(() => undefined),
  };
  return [...all.slice(0, most - 1), others];
}

/** Not by arrival, which is another one each time: the same picture has the same order. */
function byText(a: string | null, b: string | null): number {
  const [one, other] = [a ?? '', b ?? ''];
  return one < other ? -1 : Number(one > other);
}

function lastFirst(a: readonly number[], b: readonly number[]): number {
  for (let side = a.length - 1; side >= 0; side--) {
    const difference = (b[side] ?? 0) - (a[side] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
