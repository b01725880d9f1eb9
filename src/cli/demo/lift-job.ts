/** Runs one job of a lift table, in the thread it is called from. */
import {
  applyScorer,
  extractAnswer,
  inference,
  parse,
  parseTransforms,
  plus,
  rootScope,
  type Host,
  type Model,
  type Sample,
} from '../../core/index.ts';
import { techniques } from '../../catalog.ts';
import { evaluate } from '../../evaluate/index.ts';
import { wantsLogprobs, withLogprobs } from '../../config/logprobs.ts';
import { tiny } from '../../models/tiny/index.ts';
import { openSandbox } from '../../sandbox/index.ts';
import { equations, tinyTask, type Task, type TinyTask } from '../../tasks/index.ts';
import type { Job, JobResult, Pooled } from './lift.ts';
import { TINY } from '../compose/names.ts';
import { SCORERS } from '../compose/scorers.ts';
import { memoryOfTask } from '../compose/task.ts';

/** Candidates in flight: so many are computed together, and each holds a state of its own. */
const TOGETHER = 64;
const MOST_ITEMS = 16;

/** Items in flight, by how many candidates a formula draws for one. */
function itemsTogether(extension: string): number {
  const [, drawn = '4'] = /\b(?:n|proposals)=(\d+)/.exec(extension) ?? [];
  return Math.max(1, Math.min(MOST_ITEMS, Math.floor(TOGETHER / Number(drawn))));
}

/** A formula whose models stand within its brackets: `fusion(plusx:tiny, plusx:tiny + reRead)`. */
const COMBINES = new RegExp(`^\\w+\\(${TINY}\\b`);

export async function runJob({ task: name, plus: extension, items, seed, temperature, pool }: Job): Promise<JobResult> {
  const task = await tinyTask(name);
  // Its own held-out questions: whether it can know them is not asked.
  const own = tiny({ foreign: 'ignore' });
  const embedded = wantsLogprobs(extension) ? withLogprobs(own) : own;
  const scope = { techniques, scorers: SCORERS, model: (asked: string) => (asked === TINY ? embedded : undefined) };
  const model = COMBINES.test(extension)
    ? parse(extension, scope)
    : plus(embedded, ...(extension === '' ? [] : parseTransforms(extension, scope)));
  const asked =
    temperature === undefined
      ? task
      : { ...task, items: task.items.map((item) => ({ ...item, request: { ...item.request, temperature } })) };
  if (pool !== undefined) return drawPools(model, asked, items, pool, seed);
  const { results, tokensPerItem } = await evaluate(model, asked, {
    seed,
    limit: items,
    concurrency: itemsTogether(extension),
    host: await hostOf(task),
  });
  return {
    grades: results.map(({ grade }) => grade ?? null),
    tokensPerItem: tokensPerItem ?? Number.NaN,
  };
}

/** So many samples of every item, each graded and looked at by the verifier of equations. */
async function drawPools(model: Model, task: Task, items: number, size: number, seed: Job['seed']): Promise<JobResult> {
  const { context, close } = rootScope({ seed });
  const pools: Pooled[][] = [];
  for (const item of task.items.slice(0, items)) {
    const at = inference(context, `item/${item.id}`);
    const { samples } = await model.sample({ ...item.request, n: size }, at);
    const look = async (sample: Sample): Promise<Pooled> => ({
      answer: extractAnswer(sample, item.request),
      grade: await task.metric.grade(sample, item, at),
      score: await applyScorer(equations, sample, item.request, at),
    });
    pools.push(await Promise.all(samples.map(look)));
  }
  close();
  return { grades: [], tokensPerItem: Number.NaN, pools };
}

let sandbox: ReturnType<typeof openSandbox> | undefined;

/** The notes and pages of a task as its memory, a place for programs, and a person who knows what the notes say. */
async function hostOf(task: TinyTask): Promise<Host> {
  sandbox ??= openSandbox();
  const respond = async (question: string): Promise<string> => {
    const word = /what does (.+) mean/.exec(question)?.[1];
    return task.notes.find((note) => note.startsWith(`${word} means `))?.split(' means ')[1] ?? '';
  };
  return { sandbox: await sandbox, memory: memoryOfTask(task), ...(task.notes.length > 0 && { respond }) };
}
