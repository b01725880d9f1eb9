/**
 * What techniques add to the embedded model, as a Markdown table: node scripts/measure/lifts.ts [--items 200] [--only TEXT] [--kept FILE]
 * Every row of `plusx demo --all`, one sample beside the technique, and what the same tokens buy without it. It takes hours: FILE keeps
 * what is measured, and the same command goes on from there.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import {
  equalCompute,
  measureLift,
  verdict,
  verdicts,
  type Figure,
  type Job,
  type JobResult,
  type Lift,
} from '../../src/cli/demo/lift.ts';
import { openJobPool } from '../../src/cli/demo/lift-pool.ts';
import { ALL } from '../../src/cli/demo/lift-rows.ts';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '200' },
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '0' },
    kept: { type: 'string' },
  },
});
const { kept } = values;
const percent = (x: number): string => (100 * x).toFixed(1);
const interval = ({ accuracy, ci95: [lo, hi] }: Figure): string =>
  `${percent(accuracy)} (${percent(lo)} to ${percent(hi)})`;
const cells = (lift: Lift, together: string): string[] => {
  const { difference, ci95 } = lift.difference;
  return [
    lift.room,
    `${lift.task} + \`${lift.plus}\`${lift.temperature === undefined ? '' : `, T=${lift.temperature}`}`,
    interval(lift.base),
    interval(lift.lifted),
    `${percent(difference)} (${percent(ci95[0])} to ${percent(ci95[1])})`,
    together === verdict(lift) ? together : `${together} (alone: ${verdict(lift)})`,
    `${Math.round(lift.base.tokensPerItem)} → ${Math.round(lift.lifted.tokensPerItem)}`,
    `${lift.samples}: ${percent(lift.vote.accuracy)} / ${percent(lift.bestOfN.accuracy)}`,
    percent(lift.greedy.accuracy),
    percent(equalCompute(lift)),
  ];
};

const pool = openJobPool(availableParallelism(), new AbortController().signal);
const before = new Map<string, JobResult>();
if (kept !== undefined && existsSync(kept))
  for (const text of readFileSync(kept, 'utf8').trim().split('\n').filter(Boolean)) {
    const { job, result } = JSON.parse(text) as { readonly job: string; readonly result: JobResult };
    before.set(job, result);
  }
/** Jobs are run once, also by several commands one after the other. */
const run = async (job: Job): Promise<JobResult> => {
  const key = JSON.stringify(job);
  const known = before.get(key);
  if (known) return known;
  const result = await pool.run(job);
  if (kept !== undefined && !before.has(key)) appendFileSync(kept, `${JSON.stringify({ job: key, result })}\n`);
  before.set(key, result);
  return result;
};
const settings = { items: Number(values.items), seed: Number(values.seed), run };
const rows = ALL.filter(({ room, task, plus }) => `${room} ${task} ${plus}`.includes(values.only));
const line = (columns: readonly string[]): void => console.log(`| ${columns.join(' | ')} |`);
line([
  'room',
  'task + X',
  'one sample',
  'with X',
  'difference',
  'verdict',
  'tokens',
  'same tokens: vote / confident',
  'greedy',
  'better of vote and confident',
]);
line(Array.from({ length: 10 }, () => '---'));
const running = rows.map(async (row) => {
  const lift = await measureLift(row, settings);
  console.error(`${row.plus} on ${row.task}`);
  return lift;
});
const ended = await Promise.allSettled(running);
const lifts = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
const together = verdicts(lifts); // a verdict depends on how many there are
for (const [i, lift] of lifts.entries()) line(cells(lift, together[i] as string));
for (const [i, one] of ended.entries())
  if (one.status === 'rejected') console.log(`${rows[i]?.plus} on ${rows[i]?.task}: ${String(one.reason)}`);
await pool.close();
