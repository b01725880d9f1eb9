/**
 * How often the band of a forecast holds what more samples really give, by simulation, on the family that it supposes and on others.
 * `node scripts/measure/forecasts.ts [ROUNDS]` prints the table of docs/measurements/forecasts.md.
 */
import { forecast } from '../../src/evaluate/index.ts';
import { finite, held, stick } from '../../src/evaluate/test-support/forecasts.ts';

const rounds = Number(process.argv[2] ?? 200);
const points = (x: number): string => (100 * x).toFixed(1);
const line = (cells: readonly unknown[]): void => console.log(`| ${cells.join(' | ')} |`);
const names = ['answers of an item', 'items', 'pool', 'samples', 'covers', 'width', 'bias', 'standard error'];
line(names);
line(names.map(() => '---'));
for (const family of [
  stick(1, 1, 1),
  stick(2, 3, 0.5),
  stick(0.4, 0.4, 2),
  finite(1, [0.3, 0.3, 0.3, 0.3]),
  finite(2, [1, 1, 1, 1]),
])
  for (const n of [16, 32]) {
    const settings = { items: 40, pool: 8, n, rounds };
    const { covers, width, bias, error } = held(family, settings, (pools, samples, seed) =>
      forecast(pools, samples, { seed, runs: 100 }),
    );
    line([family.name, 40, 8, n, ...[covers, width, bias, error].map(points)]);
  }
