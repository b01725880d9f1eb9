/**
 * How often the check of `critic(check="equations")` finds a mistake that people marked, and how often it sees one where they
 * saw none: node scripts/measure/mistakes.ts. Traces of a real model, from ../shared/data/tasks/bigbench_mistake.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wrongEquations } from '../../src/iterate/critic/equations.ts';
import { DATA } from './matrix.ts';

interface Trace {
  readonly steps: readonly string[];
  readonly target: string;
  readonly answer: string;
  /** The first wrong step, from 0. */
  readonly mistake_index: number | null;
}

const FOLDER = join(DATA, 'tasks/bigbench_mistake');

function traces(task: string): readonly Trace[] {
  const lines = readFileSync(join(FOLDER, `${task}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line): Trace => JSON.parse(line));
}

/** The first step with an equation that does not hold; nothing where all hold. */
function foundIn({ steps }: Trace): number | undefined {
  const at = steps.findIndex((step) => wrongEquations(step).length > 0);
  return at === -1 ? undefined : at;
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} (${part} of ${whole})`;

function print(all: readonly Trace[], what: string, isWrong: (trace: Trace) => boolean): void {
  const wrong = all.filter(isWrong);
  const right = all.filter((trace) => !isWrong(trace));
  const hits = wrong.filter((trace) => foundIn(trace) !== undefined).length;
  const alarms = right.filter((trace) => foundIn(trace) !== undefined).length;
  const cells = [percent(hits, wrong.length), percent(alarms, right.length), percent(hits, hits + alarms)];
  console.log(`| ${[what, ...cells].join(' | ')} |`);
}

if (existsSync(FOLDER)) {
  const all = traces('multistep_arithmetic');
  const isMarked = ({ mistake_index }: Trace): boolean => mistake_index !== null;
  console.log('| what counts as wrong | wrong traces found | right traces flagged | of those flagged, wrong |');
  console.log('|---|---|---|---|');
  print(all, 'arithmetic: a step that people marked', isMarked);
  print(all, 'arithmetic: the final answer', ({ answer, target }) => answer !== target);
  for (const task of ['logical_deduction', 'tracking_shuffled_objects', 'word_sorting', 'dyck_languages'])
    print(traces(task), `${task.replaceAll('_', ' ')}: a step that people marked`, isMarked);
  const found = all.filter((trace) => isMarked(trace) && foundIn(trace) !== undefined);
  const same = found.filter((trace) => foundIn(trace) === trace.mistake_index);
  console.log(`\nThe first step found in arithmetic is the one people marked: ${percent(same.length, found.length)}`);
} else console.log('measure/mistakes: skipped, there is no ../shared/data/tasks/bigbench_mistake');
