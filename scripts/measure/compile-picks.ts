/**
 * What the pick's rule takes among techniques that cost the same, on recorded answers of real models:
 * `node scripts/measure/compile-picks.ts FOLDER [--splits 200] [--first 0]`. Each technique is the base in turn. The other rule keeps the base
 * where nothing is better beyond one standard error. Both see some labelled questions of a cell, and are measured on the rest.
 */
import { parseArgs } from 'node:util';
import { pickOf } from '../../src/compile/index.ts';
import { pairedError } from '../../src/compile/search/pick.ts';
import { mean, student } from '../../src/evaluate/index.ts';
import { cellsIn, type Cell } from './matrices/cells.ts';
import { splitOf } from './matrices/split.ts';

const LABELLED = [18, 50, 100];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { splits: { type: 'string', default: '200' }, first: { type: 'string', default: '0' } },
});
const cells = cellsIn(positionals[0]);

interface Taken {
  readonly base: number;
  readonly keeping: number;
  readonly picked: number;
}

/** How often what is taken is right on the questions that are not labelled. */
function takenOf({ set, grades }: Cell, base: number, labelled: number, seed: number): Taken {
  const { train, test } = splitOf(grades[0]?.length ?? 0, labelled, `${seed} ${set}`);
  const on = (questions: readonly number[]): number[][] =>
    grades.map((column) => questions.map((question) => column[question] as number));
  const [known, rest] = [on(train), on(test).map(mean)];
  const picked = pickOf(known.map((own, i) => ({ grades: own, cost: 1, techniques: Number(i !== base) })));
  const [best, own] = [known[picked] as number[], known[base] as number[]];
  const isNear = mean(best) - mean(own) <= pairedError(best, own);
  const right = (at: number): number => 100 * (rest[at] as number);
  return { base: right(base), keeping: right(isNear ? base : picked), picked: right(picked) };
}

const techniques = [...new Set(cells.flatMap((cell) => cell.techniques))].toSorted();
console.log(
  '| labelled | base | cells | base alone | kept within one standard error | picked | gain, 95% over the cells |',
);
console.log('|---|---|---|---|---|---|---|');
for (const labelled of LABELLED)
  for (const technique of techniques) {
    const byCell = cells.flatMap((cell) => {
      const base = cell.techniques.indexOf(technique);
      if (base === -1) return [];
      const all = Array.from({ length: Number(values.splits) }, (_, split) =>
        takenOf(cell, base, labelled, Number(values.first) + split),
      );
      const of = (key: keyof Taken): number => mean(all.map((one) => one[key]));
      return [{ base: of('base'), keeping: of('keeping'), picked: of('picked') }];
    });
    const over = (key: keyof Taken): string => mean(byCell.map((one) => one[key])).toFixed(2);
    const gains = byCell.map(({ keeping, picked }) => picked - keeping);
    const [lo, hi] = student(gains);
    console.log(
      `| ${labelled} | ${technique} | ${byCell.length} | ${over('base')} | ${over('keeping')} | ${over('picked')} | ${mean(gains).toFixed(2)} (${lo.toFixed(2)} to ${hi.toFixed(2)}) |`,
    );
  }
