/** `plusx demo`: what each X adds to a real language model, on questions it has never seen, with no key and no network. */
import { availableParallelism } from 'node:os';
import { seeded } from '../../core/index.ts';
import type { DemoOptions as ExactOptions } from './demo-exact.ts';
import { TINY } from '../compose/names.ts';
import { mayBegin, type Spending } from '../compose/spending.ts';
import { NOTHING } from '../../evaluate/worst-case.ts';
import { UsageError } from '../failure.ts';
import {
  equalCompute,
  measureLift,
  questionsToTell,
  verdict,
  verdicts,
  type Job,
  type JobResult,
  type Lift,
  type LiftRow,
  type Verdict,
} from './lift.ts';
import { openJobPool } from './lift-pool.ts';
import { ALL, TOUR } from './lift-rows.ts';
import { scalingPicture } from './scaling.ts';
import { EXIT, writeJson, type Output, type Terminal } from '../terminal/terminal.ts';
import { count, duration, padEnd, padStart, percent, plural, wrap } from '../terminal/text.ts';

export interface DemoOptions extends ExactOptions {
  /** Held-out questions a row. */
  readonly items?: number | undefined;
  /** Every row that is measured, not the tour alone. */
  readonly all?: true;
  /** The tour of the small written distribution, where every path is visited. */
  readonly exact?: true;
}

/** So many that the whole tour takes less than a minute on two cores. */
const ITEMS = 60;
/** Each takes about 130 MB. */
const MOST_THREADS = 2;
const POOL = 16;

export async function demo(options: DemoOptions, terminal: Terminal): Promise<number> {
  if (options.exact || terminal.env['PLUSX_BASE_URL']) return (await import('./demo-exact.ts')).demo(options, terminal);
  if (options.budget)
    throw new UsageError(
      '--budget goes with --exact: the tour calls the embedded model only, which costs nothing. Fewer --items make it shorter.',
    );
  if (!(await mayBegin(FREE, options, terminal))) return EXIT.good;
  const { items = ITEMS, seed = 0, json } = options;
  const { out } = terminal;
  const say = (text: string): void => void (json || out.write(`${text}\n`));
  const rows = options.all ? ALL : TOUR;
  const threads = Math.min(MOST_THREADS, availableParallelism());
  const start = performance.now();
  const pool = openJobPool(threads, terminal.signal);
  try {
    say(
      `${out.paint('bold', 'P_lm + X')} on plusx:tiny, ${plural(items, 'held-out question')} a row, all of it computed now.`,
    );
    say(out.paint('dim', wrap(`${ABOUT} ${options.all ? '' : LASTS}`.trim(), out.columns)));
    const lifts: Lift[] = [];
    const { run } = pool;
    // The first rows first: a result is shown as soon as all of its row is there.
    const running = rows.map((row, rank) =>
      measureLift(row, { items: questionsOf(row, items), seed, run: (job) => run(job, rank) }),
    );
    const last = (job: Job): Promise<JobResult> => run(job, rows.length);
    const curve = scalingPicture({ items, samples: POOL, seed, run: last }, seeded(seed), out);
    for (const promise of [...running, curve]) promise.catch(() => {}); // awaited below, one after the other
    for (const [i, work] of running.entries()) {
      const lift = await work;
      if (lift.room !== rows[i - 1]?.room) say(`\n${out.paint('bold', HEADS[lift.room] ?? lift.room)}`);
      say(shown(lift, out));
      lifts.push(lift);
    }
    if (json) {
      const together = verdicts(lifts);
      writeJson(
        terminal,
        lifts.map((lift, i) => facts(lift, together[i] as Verdict)),
      );
      return EXIT.good;
    }
    say(`\n${await curve}`);
    say(`\n${summary(lifts)}`);
    say(out.paint('dim', `${duration(performance.now() - start)} on ${plural(threads, 'thread')}.\n`));
    say(NEXT);
    return EXIT.good;
  } finally {
    await pool.close();
  }
}

const FREE: Spending = { formula: TINY, worst: NOTHING, of: 'the embedded model only', free: true };

/** At least two, or there is nothing to compare. */
const questionsOf = ({ share = 1 }: LiftRow, items: number): number =>
  Math.min(items, Math.max(2, Math.round(share * items)));

const BAR = 20;

/** Two lines: the lift with its bar, and what the same tokens buy otherwise. */
function shown(lift: Lift, out: Output): string {
  const { task, plus, base, lifted, vote, bestOfN, greedy, samples } = lift;
  const marks = {
    helps: out.paint('green', '▲'),
    hurts: out.paint('red', '▼'),
    'no difference': out.paint('dim', '='),
  };
  const [lo, hi] = lifted.ci95;
  const from = Math.round(BAR * base.accuracy);
  const to = Math.round(BAR * lifted.accuracy);
  const bar =
    out.paint('dim', '█'.repeat(Math.min(from, to))) +
    out.paint(to > from ? 'green' : 'red', (to > from ? '█' : '░').repeat(Math.abs(to - from))) +
    ' '.repeat(BAR - Math.max(from, to));
  const figures = `${padStart(percent(base.accuracy, 0), 4)} → ${padStart(percent(lifted.accuracy, 0), 4)}`;
  const interval = padEnd(`${percent(lo, 0)} to ${percent(hi, 0)}`, 12);
  const cost = `${count(Math.round(lifted.tokensPerItem))} tokens, one sample ${count(Math.round(base.tokensPerItem))}`;
  const same = `vote of ${samples} ${percent(vote.accuracy, 0)}, most confident of ${samples} ${percent(bestOfN.accuracy, 0)}, greedy ${percent(greedy.accuracy, 0)}`;
  return [
    `  ${marks[verdict(lift)]} ${figures}  ${bar}  ${out.paint('cyan', `${task} + ${plus}`)}`,
    out.paint('dim', `    95%: ${interval} ${cost}`),
    out.paint('dim', `    the same tokens without it: ${same}`),
    ...(verdict(lift) === 'no difference' ? [out.paint('dim', `    ${whyNot(lift)}`)] : []),
  ].join('\n');
}

/** Why a row shows no lift. */
function whyNot(lift: Lift): string {
  const needed = questionsToTell(lift);
  const asked = plural(lift.items, 'question');
  if (needed === undefined) return `no difference in ${asked}`;
  return `no difference that ${asked} can tell from chance; one of this size takes about ${count(needed)}`;
}

function summary(lifts: readonly Lift[]): string {
  const together = verdicts(lifts);
  const hurt = lifts.filter((_, i) => together[i] === 'hurts');
  const helped = together.filter((one) => one === 'helps').length;
  const behind = lifts.filter((lift) => lift.lifted.accuracy < equalCompute(lift));
  const names = (some: readonly LiftRow[]): string =>
    some.map(({ task, plus }) => `${plus} on ${task}`).join(', ') || 'none';
  return `All ${lifts.length} rows together (Holm, 5%): ${helped} better than one sample beyond chance, and worse: ${names(hurt)}.\nBelow what the same tokens buy by voting or picking the most confident: ${names(behind)}.`;
}

/** What `--json` prints of a row. */
function facts(lift: Lift, together: Verdict): unknown {
  const { room, technique, task, plus, items, base, lifted, difference, greedy, samples, vote, bestOfN } = lift;
  return {
    room,
    technique,
    task,
    formula: `plusx:tiny + ${plus}`,
    items,
    base: base.accuracy,
    lifted: lifted.accuracy,
    ci95: lifted.ci95,
    equalCompute: equalCompute(lift),
    tokensPerItem: lifted.tokensPerItem,
    baseTokensPerItem: base.tokensPerItem,
    temperature: lift.temperature ?? null,
    difference: difference.difference,
    differenceCi95: difference.ci95,
    p: difference.p,
    verdict: together,
    greedy: greedy.accuracy,
    equalComputeSamples: samples,
    equalComputeVote: vote.accuracy,
    equalComputeBestOfN: bestOfN.accuracy,
  };
}

const HEADS: { readonly [room: string]: string } = {
  search: 'search: many candidates, pick the best',
  iterate: 'iterate: generate, think, revise',
  remember: 'remember: beyond the context',
  tools: 'tools: do not do it by hand',
  rephrase: 'rephrase: ask it better',
  decompose: 'decompose: easy bits first',
  decode: 'decode: the same, one token at a time',
  recipes: 'recipes: rooms put together',
};
const ABOUT =
  'The model and its questions are made by this project: a lift shows how a technique works, and is no evidence about large models. Bars: one sample, and what X adds (green) or takes (red). ▲ and ▼: beyond chance, for a row by itself.';
const LASTS = 'The whole takes about a minute on two free cores; the first rows come after some seconds.';
const NEXT = `Your own model, by name or at any OpenAI-compatible server:
  plusx ask  "a question" --model openai/gpt-5-mini --plus "selfConsistency(n=5)" --trace
  PLUSX_BASE_URL=http://127.0.0.1:8000/v1 plusx demo
What there is: plusx models, plusx techniques`;
