/** The scaling curves that end the tour: from one pool of samples, what a vote, a verifier and luck make of n of them. */
import type { Choice } from '../../core/index.ts';
import { bestAtK, majority, mean, passAtK } from '../../evaluate/index.ts';
import type { Job, JobResult } from './lift.ts';
import type { Output } from '../terminal/terminal.ts';
import { padEnd, padStart, percent } from '../terminal/text.ts';

export interface ScalingOptions {
  readonly items: number;
  /** Samples an item. */
  readonly samples: number;
  readonly seed: number | string;
  readonly run: (job: Job) => Promise<JobResult>;
}

const TASK = 'steps';
const COLUMNS = 48;
const ROWS = 10;

/** Accuracy against the number of samples, as a picture of characters. */
export async function scalingPicture(
  { items, samples, seed, run }: ScalingOptions,
  choice: Choice,
  out: Output,
): Promise<string> {
  const { pools = [] } = await run({ task: TASK, plus: '', items, seed, pool: samples });
  const sizes = Array.from({ length: samples }, (_, i) => i + 1);
  const votes = pools.map((pool, i) => majority(pool, { choice: choice.fork(`item/${i}`) }));
  const curves = [
    {
      name: 'one of n is right',
      mark: '·',
      format: 'dim',
      at: (n: number) => mean(pools.map((pool) => passAtK(samples, pool.filter(({ grade }) => grade === 1).length, n))),
    },
    {
      name: 'best of n, equations checked',
      mark: '●',
      format: 'green',
      at: (n: number) => mean(pools.map((pool) => bestAtK(pool, n))),
    },
    { name: 'vote of n', mark: '○', format: 'cyan', at: (n: number) => mean(votes.map((vote) => vote[n - 1] ?? 0)) },
  ] as const;
  const low = curves[2].at(1);
  const grid = Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => ' '));
  const column = (n: number): number => Math.round((Math.log2(n) / Math.log2(samples)) * (COLUMNS - 1));
  const bottom = Math.floor(low * 10) / 10;
  const rowOf = (accuracy: number): number =>
    Math.min(ROWS - 1, Math.max(0, Math.round(((1 - accuracy) / (1 - bottom)) * (ROWS - 1))));
  for (const { at, mark, format } of curves)
    for (const n of sizes) (grid[rowOf(at(n))] as string[])[column(n)] = out.paint(format, mark);
  const ticks = [1, 2, 4, 8, 16].filter((n) => n <= samples);
  const axis = ticks.reduce((line, n) => padEnd(line, column(n)) + String(n), '');
  return [
    out.paint('bold', `Scaling on ${TASK}: accuracy against n, from one pool of ${samples} samples a question`),
    ...grid.map((line, i) => `${padStart(percent(1 - (i / (ROWS - 1)) * (1 - bottom), 0), 6)} │${line.join('')}`),
    `       └${'─'.repeat(COLUMNS)}`,
    `    n = ${axis}`,
    ...curves.map(
      ({ name, mark, format, at }) =>
        `  ${out.paint(format, mark)} ${padEnd(name, 30)} ${percent(at(1), 0)} → ${percent(at(samples), 0)} at n = ${samples}`,
    ),
  ].join('\n');
}
