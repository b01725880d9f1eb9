/**
 * How often the 95% intervals of a mean grade cover it, by simulation: items whose chance of being right comes from a family, each
 * asked many times, as a pool is. `node scripts/measure/intervals.ts [RUNS]` prints the table of docs/measurements/intervals.md.
 */
import { threefry } from '../../src/core/index.ts';
import { intervalOfGrades, student, wilson, type Interval } from '../../src/evaluate/index.ts';

const RUNS = Number(process.argv[2] ?? 2000);
const REPEATS = 200;

let counter = 0;
const uniform = (): number => {
  const [x, y] = threefry([2026, 11], [counter++, 0]);
  return ((x >>> 5) * 0x4000000 + (y >>> 6) + 0.5) / 2 ** 53;
};
const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

/** Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. */
function gamma(shape: number): number {
  if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}
function beta(a: number, b: number): number {
  const [x, y] = [gamma(a), gamma(b)];
  return x + y > 0 ? x / (x + y) : 0;
}

const FAMILIES: { readonly [name: string]: (p: number) => number } = {
  'Beta(5p, 5(1-p))': (p) => beta(5 * p, 5 * (1 - p)),
  'Beta(p, 1-p)': (p) => beta(p, 1 - p),
  'a few items anywhere': (p) => {
    const edge = Math.min(p, 1 - p);
    const far = uniform() < 2 * edge ? uniform() : 0;
    return p < 0.5 ? far : 1 - far;
  },
};

/** The share of so many repeats that are right, by the normal approximation of the binomial. */
function grade(chance: number): number {
  const share = chance + normal() * Math.sqrt((chance * (1 - chance)) / REPEATS);
  return Math.min(1, Math.max(0, Math.round(share * REPEATS) / REPEATS));
}

const percent = (x: number): string => (100 * x).toFixed(1);
const width = ([lo, hi]: Interval): number => Math.min(1, hi) - Math.max(0, lo);

console.log(`| items | mean | n | covers | above it | below it | width | Student covers | Wilson's width |`);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const [family, chance] of Object.entries(FAMILIES))
  for (const p of [0.02, 0.5, 0.98])
    for (const n of [20, 100, 1000]) {
      const runs = n === 1000 ? Math.ceil(RUNS / 4) : RUNS;
      const found = { above: 0, below: 0, width: 0, student: 0, wilson: 0 };
      for (let run = 0; run < runs; run++) {
        const grades = Array.from({ length: n }, () => grade(chance(p)));
        const ours = intervalOfGrades(grades);
        if (ours[0] > p) found.above++;
        if (ours[1] < p) found.below++;
        found.width += width(ours);
        const [lo, hi] = student(grades);
        if (lo <= p && p <= hi) found.student++;
        found.wilson += width(
          wilson(
            grades.reduce((sum, one) => sum + one, 0),
            n,
          ),
        );
      }
      const of = (count: number): string => percent(count / runs);
      const missed = found.above + found.below;
      console.log(
        `| ${[family, p, n, of(runs - missed), of(found.above), of(found.below), (found.width / runs).toFixed(3), of(found.student), (found.wilson / runs).toFixed(3)].join(' | ')} |`,
      );
    }
