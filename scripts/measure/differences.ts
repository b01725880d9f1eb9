/**
 * How often the 95% interval of a paired difference covers it, how often "is better" is said falsely, and what stopping early saves, by
 * simulation. `node scripts/measure/differences.ts [RUNS]` prints the tables of docs/measurements/differences.md.
 */
import { comparePaired, confidenceSequence, pairedDifference } from '../../src/evaluate/index.ts';
import { BINARY, coverage, GRADED, saved, verdicts, watched } from '../../src/evaluate/test-support/differences.ts';

const RUNS = Number(process.argv[2] ?? 2000);

const percent = (x: number): string => (100 * x).toFixed(1);
const line = (cells: readonly unknown[]): void => console.log(`| ${cells.join(' | ')} |`);
const heads = (names: readonly string[]): void => (line(names), line(names.map(() => '---')));

console.log('\nA whole run\n');
heads(['pairs', 'items', 'covers', 'false verdicts', 'width', "Student's covers", 'its width']);
for (const family of [...BINARY, ...GRADED])
  for (const n of [20, 50, 200]) {
    const verdict = (a: readonly number[], b: readonly number[], seed: number) =>
      comparePaired(a, b, { seed, resamples: 399 });
    const found = coverage(family, { n, runs: RUNS, verdict });
    const plain = coverage(family, { n, runs: RUNS, verdict: (a, b) => pairedDifference(a, b) });
    line([
      family.name,
      n,
      percent(found.covers),
      percent(found.wrong),
      found.width.toFixed(3),
      percent(plain.covers),
      plain.width.toFixed(3),
    ]);
  }

console.log('\nLooked at after every item, up to 500\n');
const at = [50, 200, 500];
heads(['pairs', 'ever left out', 'ever a false verdict', ...at.map((n) => `width at ${n}`)]);
for (const family of [...BINARY, ...GRADED]) {
  const { everMissed, everWrong, widths } = watched(family, {
    at,
    runs: RUNS,
    sequence: (than) => confidenceSequence({ than }),
  });
  line([family.name, percent(everMissed), percent(everWrong), ...widths.map((width) => width.toFixed(3))]);
}

console.log('\nStopping early\n');
heads([
  'sized for',
  'pairs that differ',
  'fixed size',
  'difference',
  'items asked',
  'of the fixed size',
  'decided rightly',
]);
for (const [difference, differing] of [
  [0.1, 0.4],
  [0.1, 0.25],
  [0.05, 0.4],
  [0.05, 0.2],
  [0.03, 0.2],
  [0.02, 0.1],
] as const) {
  const { fixed, share, decided } = saved({ difference, differing, runs: RUNS, sequence: confidenceSequence });
  const row = [difference, differing, fixed, 2 * difference, Math.round(share * fixed)];
  line([...row, `${percent(share)}%`, `${percent(decided)}%`]);
}
const { everWrong } = watched(verdicts(0.2, 0.2), {
  at: [3000],
  runs: RUNS,
  sequence: (than) => confidenceSequence({ than }),
});
console.log(
  `\nTwo equal models, looked at after each of 3,000 items: a false verdict in ${percent(everWrong)}% of ${RUNS} runs.`,
);
