/** An evaluation: a model on every item of a task, with what it took and how sure the result is. */
import {
  addUsage,
  basesOf,
  checkNames,
  DataError,
  declaring,
  encodeJson,
  extractAnswer,
  fork,
  inference,
  InvalidOption,
  NO_USAGE,
  NoCandidates,
  openSpan,
  questionOf,
  rootScope,
  seeded,
  scope,
  totalTokens,
  type Context,
  type ContextOptions,
  type LimitName,
  type Model,
  type Usage,
  type Warning,
} from '../core/index.ts';
import { recordedOf } from '../models/pool/index.ts';
import type { Item, Task } from '../tasks/task.ts';
import { takeIn, type Elsewhere } from './elsewhere/elsewhere.ts';
import { eachItem, type Outcome } from './items.ts';
import { replyOf, type Graded, type ItemResult, type Reply } from './records.ts';
import { intervalOfGrades, mean, type Groups, type Interval } from './statistics.ts';

export interface EvaluationOptions extends Pick<
  ContextOptions,
  'seed' | 'budget' | 'signal' | 'journal' | 'telemetry' | 'clock' | 'host' | 'onProgress'
> {
  /** Only the first so many items. Default: all. */
  readonly limit?: number | undefined;
  /**
   * Times each item is run; its grade is the mean. Default 1, and 200 over a recorded pool drawn without replacement,
   * where a repeat is another random order of the samples and costs nothing.
   */
  readonly repeats?: number | undefined;
  /** Items in flight at once. Default 8, and 1 where the model runs in this thread. */
  readonly concurrency?: number | undefined;
  /** Keep every text that was written on the way to a reply (`candidates`). Default: the reply alone. */
  readonly records?: boolean | undefined;
  /** The name of the run, kept with the result. */
  readonly run?: string | undefined;
  /** Called after each item. */
  readonly onItem?: ((progress: EvaluationProgress) => void) | undefined;
  /** Results that stand: items with a grade in them are not asked again, so that a run is finished or its failed items are tried anew. */
  readonly known?: readonly ItemResult[] | undefined;
  /** Works on items in this process's place: another process, another machine. All items are handed to it at once, each with one part. */
  readonly elsewhere?: Elsewhere | undefined;
}

/** The names of the options of an evaluation. */
export const EVALUATION_OPTIONS: readonly string[] = Object.keys({
  seed: true,
  budget: true,
  signal: true,
  journal: true,
  telemetry: true,
  clock: true,
  host: true,
  onProgress: true,
  limit: true,
  repeats: true,
  concurrency: true,
  records: true,
  run: true,
  onItem: true,
  known: true,
  elsewhere: true,
} satisfies Record<keyof EvaluationOptions, true>);

/** Those that a comparison and a curve have as well. */
export const RUN_OPTIONS: readonly string[] = EVALUATION_OPTIONS.filter((name) => name !== 'known');

export interface EvaluationProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  /** Of the whole evaluation so far. */
  readonly usage: Usage;
  /** The item that has just been finished. */
  readonly item: ItemResult;
}

/** What `plusx eval --json` prints, `results` and `warnings` left aside. */
export interface Evaluation {
  readonly task: string;
  /** The model at the bottom. */
  readonly model: string;
  /** The whole composed model. */
  readonly formula: string;
  readonly metric: string;
  readonly run: string | undefined;
  readonly seed: number | string;
  /** Items asked for. */
  readonly items: number;
  /** Groups among the items that were graded, where the task has any. */
  readonly groups?: number | undefined;
  readonly repeats: number;
  /** Mean grade over the items that did not fail. */
  readonly accuracy: number;
  /** 95% interval of `accuracy` over items, those of one group counted as one: `intervalOfGrades` says which. */
  readonly ci95: Interval;
  /** Samples an answer used, as the technique counts them, else calls to the base. */
  readonly samplesPerItem: number;
  /**
   * Tokens read and written, an item, as the servers bill them. A server that takes `n` reads a prompt once for all its candidates;
   * one that is asked for each candidate reads it each time, so that the same vote costs more there.
   */
  readonly tokensPerItem: number | undefined;
  readonly usdPerItem: number | undefined;
  /** As if each item were alone. */
  readonly usage: Usage;
  /** What the run was charged: a draw that several of its parts make counts once. */
  readonly spending: Usage;
  /** Items without a grade. */
  readonly failed: number;
  /** Items that were asked, of all `total`: fewer where a budget ended, or a person ended it. */
  readonly asked: number;
  readonly total: number;
  /** The limit that cut the evaluation short. */
  readonly exhausted: LimitName | undefined;
  readonly warnings: readonly Warning[];
  readonly results: readonly ItemResult[];
  /** The same by tag, where the task has any, by name. */
  readonly tags?: readonly TagResult[] | undefined;
}

/** The items of one tag. */
export interface TagResult {
  readonly tag: string;
  /** Items that were graded. */
  readonly items: number;
  readonly accuracy: number;
  readonly ci95: Interval;
}

const POOL_REPEATS = 200;
const CONCURRENCY = 8;

/**
 * Runs a model on the items of a task and grades its answers. The same seed gives the same result. Items that fail are
 * counted in `failed` and left out of the accuracy; a budget holds over the whole evaluation. Errors: what makes every
 * item fail (an unreachable server, a missing key, a budget too small for one call).
 */
export async function evaluate(model: Model, task: Task, options: EvaluationOptions = {}): Promise<Evaluation> {
  checkNames('evaluate', options, EVALUATION_OPTIONS);
  const seed = options.seed ?? 0;
  const { context, close } = rootScope({ ...options, seed });
  try {
    return { ...describe(model, task), run: options.run, seed, ...(await evaluateIn(context, model, task, options)) };
  } finally {
    close();
  }
}

/** What an evaluation is of. */
export function describe(model: Model, task: Task): Pick<Evaluation, 'task' | 'model' | 'formula' | 'metric'> {
  const bases = basesOf(model).map(({ name }) => name);
  return { task: task.name, model: bases.join(', '), formula: model.name, metric: task.metric.name };
}

type Found = Omit<Evaluation, 'task' | 'model' | 'formula' | 'metric' | 'run' | 'seed'>;

/** An evaluation as a part of a run. */
export async function evaluateIn(
  outer: Context,
  model: Model,
  task: Task,
  { limit, repeats: asked, concurrency, signal, records = false, onItem, known = [], elsewhere }: EvaluationOptions,
  onOutcome?: (error: unknown) => void,
): Promise<Found> {
  const items = itemsOf(task, limit);
  const repeats = repeatsOf(model, asked);
  checkCount('repeats', repeats);
  const { context, close } = scope(outer);
  try {
    const stand = new Map(known.flatMap((one) => (one.grade === undefined ? [] : [[one.id, one] as const])));
    const open = items.filter(({ id }) => !stand.has(id));
    const here = (item: Item, at: Context): Promise<Graded> => gradeItem(model, task, item, { repeats, records }, at);
    const there = async (item: Item, at: Context): Promise<Graded> =>
      takeIn((await elsewhere?.(item, [0]))?.[0], at) as Graded;
    const work = elsewhere ? there : here;
    const outcomes = await eachItem(open, work, {
      context,
      signal,
      concurrency: elsewhere ? open.length : concurrencyOf(model, concurrency),
      onItem({ outcome, ...progress }) {
        onOutcome?.(outcome.error);
        onItem?.({ ...progress, item: toResult(outcome) });
      },
    });
    const { usage, spending, exhausted, warnings } = context.ledger;
    const total = items.length;
    const fresh = new Map(outcomes.map(toResult).map((one) => [one.id, one]));
    const results = items.flatMap(({ id }) => stand.get(id) ?? fresh.get(id) ?? []);
    const found = summarize(results, repeats);
    return { items: total, total, repeats, ...found, usage, spending, exhausted, warnings };
  } finally {
    close();
  }
}

/** What the items that were done so far make an evaluation: for a run that was interrupted. */
export function evaluationSoFar(
  model: Model,
  task: Task,
  results: readonly ItemResult[],
  { seed = 0, run, repeats = 1, limit }: Pick<EvaluationOptions, 'seed' | 'run' | 'repeats' | 'limit'> = {},
): Evaluation {
  const usage = results.reduce((sum, result) => addUsage(sum, result.usage), NO_USAGE);
  const total = itemsOf(task, limit).length;
  const rest = { items: results.length, total, repeats, usage, spending: usage, exhausted: undefined, warnings: [] };
  return { ...describe(model, task), run, seed, ...rest, ...summarize(results, repeats) };
}

export function summarize(
  results: readonly ItemResult[],
  repeats: number,
): Pick<
  Evaluation,
  | 'accuracy'
  | 'ci95'
  | 'groups'
  | 'tags'
  | 'samplesPerItem'
  | 'tokensPerItem'
  | 'usdPerItem'
  | 'failed'
  | 'asked'
  | 'results'
> {
  const graded = results.filter(({ grade }) => grade !== undefined);
  const grades = graded.map(({ grade }) => grade as number);
  const groups = groupsOf(graded);
  const usage = graded.reduce((sum, result) => addUsage(sum, result.usage), NO_USAGE);
  const each = (total: number | undefined): number | undefined =>
    total === undefined ? undefined : total / (graded.length * repeats);
  return {
    accuracy: mean(grades),
    ci95: intervalOfGrades(grades, groups),
    ...(groups && { groups: new Set(groups).size }),
    samplesPerItem: mean(graded.map(({ samples }) => samples)),
    tokensPerItem: each(totalTokens(usage)),
    usdPerItem: each(usage.usd),
    failed: results.length - graded.length,
    asked: results.filter(wasAsked).length,
    ...(results.some(({ tags }) => tags !== undefined) && { tags: byTag(graded) }),
    results,
  };
}

/** What results of items amount to, whichever run they are from. */
export function summaryOf(
  results: readonly ItemResult[],
): Pick<Evaluation, 'accuracy' | 'ci95' | 'groups' | 'tags' | 'failed'> & { readonly items: number } {
  const { accuracy, ci95, groups, tags, failed } = summarize(results, 1);
  return {
    items: results.length,
    accuracy,
    ci95,
    failed,
    ...(groups !== undefined && { groups }),
    ...(tags && { tags }),
  };
}

/** Results by tag, by name. An item counts for each of its tags. */
function byTag(graded: readonly ItemResult[]): TagResult[] {
  const members = new Map<string, ItemResult[]>();
  for (const result of graded)
    for (const tag of result.tags ?? []) members.set(tag, [...(members.get(tag) ?? []), result]);
  return [...members]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([tag, all]) => {
      const grades = all.map(({ grade }) => grade as number);
      return { tag, items: all.length, accuracy: mean(grades), ci95: intervalOfGrades(grades, groupsOf(all)) };
    });
}

/** The group of each, where there are any. */
export function groupsOf(all: readonly { readonly group?: string | undefined }[]): Groups | undefined {
  return all.some(({ group }) => group !== undefined) ? all.map(({ group }) => group) : undefined;
}

interface Ways {
  readonly repeats: number;
  readonly records: boolean;
}

/** One item: asked as often as is said, and graded. */
export async function gradeItem(
  model: Model,
  task: Task,
  item: Item,
  { repeats, records }: Ways,
  context: Context,
): Promise<Graded> {
  const once = (at: Context): Promise<Reply> => runOnce(model, task, item, records, at);
  const all: Reply[] = [];
  const keys = Array.from({ length: repeats }, (_, i) => `repeat/${i}`);
  if (repeats === 1) all.push(await once(context));
  else if (model.can.concurrency === 1) for (const key of keys) all.push(await once(inference(context, key)));
  else all.push(...(await Promise.all(keys.map((key) => once(inference(context, key))))));
  return {
    grade: mean(all.map(({ grade }) => grade)),
    answer: (all[0] as Reply).answer,
    samples: mean(all.map(({ samples }) => samples)),
    usage: all.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
    replies: drawsWithoutReplacement(model) && !records ? [] : all,
  };
}

async function runOnce(model: Model, task: Task, item: Item, records: boolean, outer: Context): Promise<Reply> {
  const { clock, path } = outer;
  const start = clock.now();
  const span = records ? openSpan(undefined, { path, name: 'item', kind: 'technique', start }) : undefined;
  const context = span ? { ...outer, span, keepsTexts: true } : outer;
  const { samples, usage } = await model.sample(item.request, context);
  const [sample] = samples;
  if (!sample) throw new NoCandidates({ technique: model.name, why: 'the model returned no sample' });
  const ms = records ? clock.now() - start : undefined;
  const grade = checkedGrade(await task.metric.grade(sample, item, fork(outer, 'grade')), task.metric);
  return replyOf(model, sample, { grade, answer: extractAnswer(sample, item.request), usage, ms, span });
}

/** The grade, if it is one: a metric of the caller's may return anything. What is none fails its item and not the run. */
export function checkedGrade(grade: number, { name }: Task['metric']): number {
  if (typeof grade === 'number' && grade >= 0 && grade <= 1) return grade;
  const given = typeof grade === 'number' ? grade : typeof grade;
  throw new RangeError(`the metric ${name} returned ${given}. A grade is a number from 0 to 1.`);
}

export function toResult({ item, value, error, usage }: Outcome<Graded>): ItemResult {
  const { id, group, tags, request, expected } = item;
  const kind = request.providerOptions?.['plusx']?.['answer'];
  const of = {
    id,
    ...(group !== undefined && { group }),
    ...(tags !== undefined && { tags }),
    prompt: seeded(encodeJson(request.prompt)).id,
    question: questionOf(request.prompt),
    expected,
    ...(typeof kind === 'string' && { kind }),
  };
  if (value) return { ...of, ...value };
  const message = error instanceof Error ? error.message : String(error);
  return { ...of, grade: undefined, answer: null, samples: 0, usage, replies: [], error: message };
}

/** Whether an item was asked at all: a budget may have ended before its turn. */
export function wasAsked({ grade, usage }: Pick<ItemResult, 'grade' | 'usage'>): boolean {
  return grade !== undefined || usage.calls > 0;
}

/** The items of a run, the first `limit` of the task, each with what kind of answer it asks for. */
export function itemsOf({ name: file, items, answer }: Task, limit: number | undefined): readonly Item[] {
  if (limit !== undefined) checkCount('limit', limit);
  const first = limit === undefined ? items : items.slice(0, limit);
  if (first.length === 0) throw new DataError({ file, problem: 'has no items. A task is a list of questions.' });
  const ids = first.map(({ id }) => id);
  if (new Set(ids).size < ids.length) {
    const twin = JSON.stringify(ids.find((id, i) => ids.indexOf(id) < i));
    throw new DataError({
      file,
      problem: `has the id ${twin} twice, and items of one id make the same draws. Give each its own.`,
    });
  }
  return first.map((item) => {
    const request = declaring(item.request, item.answer ?? answer);
    return request === item.request ? item : { ...item, request };
  });
}

/** How often each item is run. */
export function repeatsOf(model: Model, asked: number | undefined): number {
  return asked ?? (drawsWithoutReplacement(model) ? POOL_REPEATS : 1);
}

/** Items in flight at once. */
export function concurrencyOf(model: Model, asked: number | undefined): number {
  if (asked !== undefined) checkCount('concurrency', asked);
  return asked ?? Math.max(1, Math.min(CONCURRENCY, model.can.concurrency));
}

export function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidOption({ where: 'evaluate', option: name, rule: 'must be a positive integer', value });
}

function drawsWithoutReplacement(model: Model): boolean {
  return basesOf(model).every((base) => recordedOf(base)?.replacement === false);
}
