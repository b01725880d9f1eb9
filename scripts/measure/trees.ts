/**
 * Measures the tree and step-level searches: prints the tables of docs/measurements/trees.md and draws
 * docs/pictures/particle-filter.svg. `node scripts/measure/trees.ts [PICTURE]`; the recorded trees are read from
 * ../shared/data where they are there.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curveSvg } from '../../src/evaluate/index.ts';
import { loadPool } from '../../src/models/pool/index.ts';
import { sharpening, targetNote } from './particles.ts';
import { noisyReward } from './noisy-reward.ts';
import { readTrees, searchRecorded, type Searched } from './game24-tree.ts';

const ROOT = join(import.meta.dirname, '../..');
const REPLAY = join(ROOT, '../shared/data/replay');
const percent = (part: number, digits = 1): string => `${(100 * part).toFixed(digits)}%`;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const row = (cells: readonly (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);
const head = (cells: readonly string[]): void => {
  row(cells);
  row(cells.map(() => '---'));
};

if (existsSync(REPLAY)) {
  console.log('## Game of 24: recorded GPT-4 trees, searched again with less breadth\n');
  head(['search', 'solved, any kept', 'solved, the answer', 'thoughts valued a puzzle']);
  const trees = readTrees(join(REPLAY, 'game24_gpt4_tot_b5_tree.jsonl.gz'));
  for (const breadth of [1, 2, 3, 4, 5]) {
    const found: Searched[] = [];
    for (const tree of trees) found.push(await searchRecorded(tree, breadth));
    const solved = (by: 'any' | 'best'): string => percent(mean(found.map((one) => Number(one[by]))), 0);
    row([
      `treeOfThoughts, breadth ${breadth}`,
      solved('any'),
      solved('best'),
      mean(found.map(({ nodes }) => nodes)).toFixed(1),
    ]);
  }
  const { items } = await loadPool(join(REPLAY, 'game24_gpt4_cot.jsonl.gz'));
  const right = items.map(({ samples }) => samples.map(({ correct }) => Number(correct === true)));
  row(['one chain of thought', '', percent(mean(right.map(mean))), '']);
  row(['100 chains of thought, any (pass@100)', percent(mean(right.map((all) => Math.max(...all))), 0), '', '']);
} else console.log(`(no recorded trees: there is no ${REPLAY})`);

console.log(
  `\n## Particle filter: distance from its target against the number of particles\n\n${await targetNote()}\n`,
);
const curves = await sharpening();
const sizes = curves[0]?.curve.map(({ n }) => n) ?? [];
head(['technique', ...sizes.map((n) => `n=${n}`)]);
for (const { formula, curve } of curves) row([formula, ...curve.map(({ accuracy }) => accuracy.toFixed(3))]);
const picture = curveSvg(curves, {
  title: 'Total variation from P(y) exp(s(y)) / Z against the number of particles',
  labels: curves.map(({ formula }) => formula),
  measure: 'total variation',
});
writeFileSync(process.argv[2] ?? join(ROOT, 'docs/pictures/particle-filter.svg'), picture);

console.log('\n## A noisy process reward: accuracy against the number of answers\n');
const { note, rows, budgets } = await noisyReward();
console.log(`${note}\n`);
head(['technique', ...budgets.map((calls) => `n=${calls}`)]);
for (const { name, accuracies, answers } of rows)
  row([name, ...accuracies.map((one, i) => `${percent(one)} (${answers[i]?.toFixed(1)})`)]);
