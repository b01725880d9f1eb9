/** Held-out questions of the embedded model: made by training/questions.py, never trained on, graded exactly. */
import { fileURLToPath } from 'node:url';
import { textOf, user } from '../core/index.ts';
import { readJsonLines, type JsonLine } from '../models/pool/index.ts';
import { metricOf } from './metrics.ts';
import type { Item, Metric, Task } from './task.ts';
import { readGame, solves } from './verifiers.ts';

const FILE = fileURLToPath(new URL('../../training/release/questions.jsonl.gz', import.meta.url));
const LINE = '{"task": ..., "id": ..., "input": ..., "expected": ...}, or a "note" or "page" of a task.';

const POLITE: Metric = {
  name: 'polite',
  grade: ({ content }) => Number(isPolite(textOf(content))),
};
const COUNTDOWN: Metric = {
  name: 'countdown',
  grade({ content }, { expected }) {
    const [numbers, target] = typeof expected === 'string' ? expected.split(' -> ') : [];
    const game = readGame(`Numbers: ${numbers}\nTarget: ${target}`);
    return Number(game !== undefined && solves(textOf(content), game));
  },
};

/** How a task is graded, where it is not by its exact answer. */
const METRICS: { readonly [task: string]: Metric } = { message: POLITE, countdown: COUNTDOWN };

/** What comes with a task to be looked up. */
export interface TinyTask extends Task {
  readonly notes: readonly string[];
  readonly pages: readonly string[];
}

let lines: Promise<readonly JsonLine['value'][]> | undefined;

/** A task of the embedded model by name. */
export async function tinyTask(name: string): Promise<TinyTask> {
  lines ??= readJsonLines(FILE, LINE).then((all) => all.map(({ value }) => value));
  const mine = (await lines).filter(({ task }) => task === name);
  const texts = (field: string): string[] => mine.flatMap((line) => (field in line ? [String(line[field])] : []));
  return {
    name: `tiny:${name}`,
    items: mine.filter((line) => 'input' in line).map(toItem),
    metric: METRICS[name] ?? metricOf('exact'),
    notes: texts('note'),
    pages: texts('page'),
  };
}

function toItem({ id, input, expected }: JsonLine['value']): Item {
  return { id: String(id), request: { prompt: [user(String(input))] }, expected: String(expected) };
}

/** Manners by their wording, an exact judge of this corpus. */
function isPolite(text: string): boolean {
  const lower = text.toLowerCase();
  const has = (...marks: readonly string[]): boolean => marks.some((mark) => lower.includes(mark));
  if (has('so what?', 'go away', 'are you blind', 'we wish to inform', 'we regret')) return false;
  return has('i am sorry', 'thank you', 'please');
}
