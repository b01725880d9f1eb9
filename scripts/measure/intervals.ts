/**
 * How often the 95% intervals of a mean grade cover it, by simulation: items whose chance of being right comes from a family, each
 * asked many times, as a pool is, or a few times, or once; and items that go together in groups.
 * `node scripts/measure/intervals.ts [RUNS]` prints the tables of docs/measurements/intervals.md.
 */
import { threefry } from '../../src/core/index.ts';
import { agrestiCoull, intervalOfGrades, student, wilson, type Interval } from '../../src/evaluate/index.ts';

const RUNS = Number(process.argv[2] ?? 2000);

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

/** The share of so many repeats that are right: of many, by the normal approximation of the binomial. */
function grade(chance: number, repeats: number): number {
  if (repeats < 50) return Array.from({ length: repeats }).filter(() => uniform() < chance).length / repeats;
  const share = chance + normal() * Math.sqrt((chance * (1 - chance)) / repeats);
  return Math.min(1, Math.max(0, Math.round(share * repeats) / repeats));
}

const percent = (x: number): string => (100 * x).toFixed(1);
const width = ([lo, hi]: Interval): number => Math.min(1, hi) - Math.max(0, lo);
const line = (cells: readonly unknown[]): void => console.log(`| ${cells.join(' | ')} |`);
const heads = (names: readonly string[]): void => (line(names), line(names.map(() => '---')));

/** What became of intervals that should hold `p`. */
function tally(p: number, runs: number, interval: () => Interval) {
  let [above, below, wide] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const found = interval();
    if (found[0] > p) above++;
    if (found[1] < p) below++;
    wide += width(found);
  }
  const of = (count: number): string => percent(count / runs);
  return { covers: of(runs - above - below), above: of(above), below: of(below), width: (wide / runs).toFixed(3) };
}

heads(['items', 'asked', 'mean', 'n', 'covers', 'above it', 'below it', 'width', 'Student covers', "Wilson's width"]);
for (const [family, repeats] of [
  ...Object.keys(FAMILIES).map((name) => [name, 200] as const),
  ['Beta(p, 1-p)', 5],
  ['Beta(5p, 5(1-p))', 5],
  ['Beta(p, 1-p)', 1],
] as const)
  for (const p of [0.02, 0.5, 0.98])
    for (const n of [20, 100, 1000]) {
      const runs = n === 1000 ? Math.ceil(RUNS / 4) : RUNS;
      const chance = FAMILIES[family] as (p: number) => number;
      let studentCovers = 0;
      let wilsonWidth = 0;
      const found = tally(p, runs, () => {
        const grades = Array.from({ length: n }, () => grade(chance(p), repeats));
        const [lo, hi] = student(grades);
        if (lo <= p && p <= hi) studentCovers++;
        wilsonWidth += width(wilson(sum(grades), n));
        return intervalOfGrades(grades);
      });
      const asked = repeats === 1 ? 'once' : `${repeats} times`;
      const { covers, above, below } = found;
      const others = [percent(studentCovers / runs), (wilsonWidth / runs).toFixed(3)];
      line([family, asked, p, n, covers, above, below, found.width, ...others]);
    }

console.log();
heads([
  'groups',
  'of',
  'mean',
  'alike',
  'covers',
  'above it',
  'below it',
  'width',
  'covers without groups',
  'its width',
]);
for (const [groups, least, most] of [
  [20, 5, 5],
  [100, 5, 5],
  [100, 1, 10],
  [200, 10, 10],
] as const)
  for (const p of [0.02, 0.5, 0.98])
    for (const alike of [0, 0.3, 1]) {
      const runs = Math.ceil(RUNS / 4);
      const draw = (): { grades: number[]; names: string[] } => {
        const all = Array.from({ length: groups }, (_, i) => {
          const chance =
            alike === 0
              ? p
              : alike === 1
                ? Number(uniform() < p)
                : beta(p * (1 / alike - 1), (1 - p) * (1 / alike - 1));
          const size = least + Math.floor(uniform() * (most - least + 1));
          return Array.from({ length: size }, () => ({ grade: Number(uniform() < chance), name: `${i}` }));
        }).flat();
        return { grades: all.map((one) => one.grade), names: all.map(({ name }) => name) };
      };
      const grouped = tally(p, runs, () => {
        const { grades, names } = draw();
        return intervalOfGrades(grades, names);
      });
      const apart = tally(p, runs, () => intervalOfGrades(draw().grades));
      const size = least === most ? least : `${least} to ${most}`;
      const { covers, above, below } = grouped;
      line([groups, size, p, alike, covers, above, below, grouped.width, apart.covers, apart.width]);
    }

/** What an interval of k right of n does over all k, by exact sums. */
function exactly(p: number, n: number, interval: (successes: number, n: number) => Interval) {
  let [above, below, wide, chance] = [0, 0, 0, (1 - p) ** n];
  for (let k = 0; k <= n; k++) {
    const found = interval(k, n);
    if (found[0] > p) above += chance;
    if (found[1] < p) below += chance;
    wide += chance * width(found);
    chance *= (((n - k) / (k + 1)) * p) / (1 - p);
  }
  return { covers: 1 - above - below, above, below, wide };
}

console.log();
heads([
  'mean',
  'interval',
  'covers least',
  'at n',
  'most above it',
  'most below it',
  'width at 20',
  'at 100',
  'at 1000',
]);
const sizes = Array.from({ length: 981 }, (_, i) => 20 + i);
for (const p of [0.02, 0.05, 0.1, 0.5])
  for (const [name, interval] of [
    ['Agresti and Coull', agrestiCoull],
    ['Wilson', wilson],
  ] as const) {
    const all = sizes.map((n) => ({ n, ...exactly(p, n, interval) }));
    const least = all.reduce((a, b) => (b.covers < a.covers ? b : a));
    const most = (side: 'above' | 'below'): string => percent(Math.max(...all.map((one) => one[side])));
    const wide = [20, 100, 1000].map((n) => all[n - 20]?.wide.toFixed(3));
    line([p, name, percent(least.covers), least.n, most('above'), most('below'), ...wide]);
  }

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
