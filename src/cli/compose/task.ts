/** The task and the model of `plusx eval` and `plusx curve`. */
import { nearest, questionOf, scorer, systemClock, type Memory, type Scorer } from '../../core/index.ts';
import type { EvaluationOptions } from '../../evaluate/index.ts';
import { memoryOf } from '../../remember/index.ts';
import type { Own } from '../../extend/index.ts';
import { loadTask, type FileMetric, type MetricName, type Task, type TinyTask } from '../../tasks/index.ts';
import { compose, ownOf, type ComposeOptions, type Composed } from './compose.ts';
import { UsageError } from '../failure.ts';
import type { RequestSettings } from '../../rephrase/request/request.ts';
import { openHost } from './host.ts';
import { namedTask } from './named-task.ts';
import { askedWith } from './request.ts';
import { METRIC_NAMES, type RunOptions } from './options.ts';
import { waitsOn } from '../run.ts';
import { progressBar, type Bar } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What both verbs know of the task and of how it is run. */
export interface TaskOptions extends RunOptions, RequestSettings {
  readonly limit?: number | undefined;
  /** A metric of plusx by name, or what a file of --import exports. */
  readonly metric?: string | undefined;
  /** The model of `--metric judge`. */
  readonly judge?: string | undefined;
  /** The field of a file's lines that names the group of an item. */
  readonly group?: string | undefined;
  /** The field of a file's lines that holds the tags of an item. */
  readonly tags?: string | undefined;
  readonly concurrency?: number | undefined;
  /** Which fields of a file are the question, the expected answer and the id. */
  readonly inputField?: string | undefined;
  readonly expectedField?: string | undefined;
  readonly idField?: string | undefined;
}

export interface TaskAndModel extends Composed {
  readonly task: Task;
}

/** Loads both. A pool's task brings its own model, drawn without replacement. */
export async function loadTaskAndModel(
  named: string,
  given: TaskOptions,
  terminal: Terminal,
  scorersOf?: (task: Task) => { readonly [name: string]: Scorer },
): Promise<TaskAndModel> {
  const { task, judged, options } = await loadJudgedTask(named, given, terminal);
  return onTask(
    task,
    judged,
    await compose(options, terminal, { fallback: task.model, scorers: scorersOf?.(task) ?? {} }),
  );
}

/** Loads a task, and several models on it. */
export async function loadTaskAndModels(
  named: string,
  given: TaskOptions,
  formulas: readonly Pick<TaskOptions, 'model' | 'plus'>[],
  terminal: Terminal,
  scorersOf?: (task: Task) => { readonly [name: string]: Scorer },
): Promise<readonly TaskAndModel[]> {
  const { task, judged, options } = await loadJudgedTask(named, given, terminal);
  const settings = { fallback: task.model, scorers: scorersOf?.(task) ?? {} };
  const all: TaskAndModel[] = [];
  for (const formula of formulas)
    all.push(onTask(task, judged, await compose({ ...options, ...formula }, terminal, settings)));
  return all;
}

const onTask = (task: Task, judged: Composed | undefined, composed: Composed): TaskAndModel => ({
  task,
  ...composed,
  free: composed.free && judged?.free !== false,
  prices: [...composed.prices, ...(judged?.prices ?? [])],
});

/** A task with what grades it. */
export interface JudgedTask {
  readonly task: Task;
  /** The model that grades. */
  readonly judged: Composed | undefined;
  /** With what the configuration says of the task. */
  readonly options: TaskOptions;
}

export async function loadJudgedTask<O extends TaskOptions>(
  named: string,
  given: O,
  terminal: Terminal,
): Promise<JudgedTask & { readonly options: O }> {
  const { address, options: configured, task: ofConfig } = namedTask(named, terminal.loaded);
  const options: O = { ...configured, ...said(given) }; // the command line has the last word
  const { metric: graded, judge, group, tags, price, prices } = options;
  const own = await ownOf(options.import, terminal);
  const metric = metricNamed(graded, own);
  if (metric === 'judge' && judge === undefined)
    throw new UsageError('--metric judge needs the model that judges: add --judge MODEL.');
  if (
    ofConfig &&
    (given.metric ?? given.group ?? given.tags ?? given.inputField ?? given.expectedField ?? given.idField) !==
      undefined
  )
    throw new UsageError(
      `${named} is made by the configuration, with its metric and its fields. Leave these options out.`,
    );
  const judging: ComposeOptions = { model: judge, price, prices, import: options.import };
  const judged = judge === undefined ? undefined : await compose(judging, terminal, { mayFetch: false });
  const mapping = { input: options.inputField, expected: options.expectedField, id: options.idField };
  const loaded = ofConfig ?? (await loadTask(address, { metric, group, tags, judge: judged?.model, mapping }));
  return { task: askedWith(loaded, options), judged, options };
}

/** A metric by name: one of plusx, or of the user's own files. */
export function metricNamed(name: string | undefined, { metrics }: Own): MetricName | FileMetric | undefined {
  if (name === undefined) return undefined;
  const known = METRIC_NAMES.find((one) => one === name) ?? (Object.hasOwn(metrics, name) ? metrics[name] : undefined);
  if (known !== undefined) return known;
  const names = [...METRIC_NAMES, ...Object.keys(metrics)];
  const near = nearest(name, names);
  throw new UsageError(
    `Unknown metric ${JSON.stringify(name)}.${near ? ` Did you mean \`${near}\`?` : ''} There are: ${names.join(', ')}. One of your own is exported by a file that --import names.`,
  );
}

/** The options that say something. */
function said<O extends TaskOptions>(options: O): O {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as O;
}

/** How items are asked, as both verbs tell it to what measures. */
type Settings = Pick<
  EvaluationOptions,
  'seed' | 'budget' | 'limit' | 'concurrency' | 'host' | 'signal' | 'clock' | 'onProgress'
>;

/** Runs `work` over the items of a task, with the host open and a bar that shows how far it is. */
export async function onItems<T>(
  { task }: TaskAndModel,
  { seed, budget, limit, concurrency, memory, quiet }: TaskOptions,
  terminal: Terminal,
  work: (settings: Settings, bar: Bar) => Promise<T>,
): Promise<T> {
  const total = Math.min(limit ?? Infinity, task.items.length);
  // Time that a run is paused is not spent.
  const clock = terminal.steering?.clock ?? systemClock;
  const bar = progressBar(terminal, { total, unit: 'items', quiet, now: clock.now });
  const told: Bar = {
    update(done, usage, all = total) {
      bar.update(done, usage, all);
      terminal.steering?.progress({ done, total: all, usage });
    },
    stop: () => bar.stop(),
  };
  const { host, close } = await openHost({ memory });
  const settings: Settings = {
    seed,
    budget,
    limit,
    // What one item leaves in the memory is there for the next: in the same order every time.
    concurrency: concurrency ?? (memory === undefined ? undefined : 1),
    host: { memory: memoryOfTask(task), ...host },
    signal: terminal.signal,
    clock,
    onProgress: waitsOn(terminal, quiet),
  };
  try {
    return await work(settings, told);
  } finally {
    bar.stop();
    await close();
  }
}

/** What comes with a task to be looked up, as a memory of its own; nothing where it brings nothing. */
export function memoryOfTask(task: Task | TinyTask): Memory | undefined {
  const texts = 'notes' in task ? [...task.notes, ...task.pages] : [];
  return texts.length === 0 ? undefined : memoryOf(texts.map((text, i) => ({ id: String(i), text })));
}

/** The scorer that knows the right answers: what the best scorer could reach, and no method. */
export function oracleOf({ items, metric }: Task): { readonly [name: string]: Scorer } {
  const byQuestion = new Map(items.map((item) => [questionOf(item.request.prompt), item]));
  return {
    oracle: scorer('oracle', (sample, { prompt }, context) => {
      const item = byQuestion.get(questionOf(prompt));
      if (!item)
        throw new UsageError('oracle only knows the questions of the task: no technique may change them before it.');
      return metric.grade(sample, item, context);
    }),
  };
}
