/**
 * What can help a model on a task, before anything is searched: five samples of a few dozen items say what votes, verifiers and stop rules
 * have to work with, and a probe or two an item what a setting, a wording, a round of critique, a page or a tool changes.
 */
import {
  answerIn,
  BudgetExceeded,
  classesOf,
  checkNames,
  fork,
  InvalidOption,
  memoryJournal,
  NoCandidates,
  rootScope,
  scope,
  seeded,
  type Context,
  type ContextOptions,
  type LimitName,
  type Model,
  type Usage,
  type Warning,
} from '../core/index.ts';
import { inTurns } from '../core/context/turns.ts';
import { checkedGrade, concurrencyOf, describe, gradeItem, itemsOf } from '../evaluate/eval.ts';
import { eachItem, type Outcome } from '../evaluate/items.ts';
import { shuffled } from '../evaluate/majority.ts';
import { worstCase } from '../evaluate/worst-case.ts';
import type { Item, Task } from '../tasks/task.ts';
import { findingsOf, needsFormat, type Examined, type Found } from './findings.ts';
import { probesFor, type Probe } from './probes.ts';

export interface DiagnoseOptions extends Pick<
  ContextOptions,
  'seed' | 'budget' | 'signal' | 'journal' | 'clock' | 'host' | 'onProgress'
> {
  /** Only the first so many items are chosen from. Default: all. */
  readonly limit?: number | undefined;
  /** Items in flight at once. Default 8, and 1 where the model runs in this thread. */
  readonly concurrency?: number | undefined;
  readonly onItem?:
    | ((progress: { readonly done: number; readonly total: number; readonly usage: Usage }) => void)
    | undefined;
}

const DIAGNOSE_OPTIONS: readonly string[] = Object.keys({
  seed: true,
  budget: true,
  signal: true,
  journal: true,
  clock: true,
  host: true,
  onProgress: true,
  limit: true,
  concurrency: true,
  onItem: true,
} satisfies Record<keyof DiagnoseOptions, true>);

/** What `plusx diagnose --json` prints: `undefined` becomes null there. */
export interface Diagnosis extends Found {
  readonly task: string;
  readonly model: string;
  readonly formula: string;
  readonly metric: string;
  readonly seed: number | string;
  /** Items that were examined, of all `total`. */
  readonly items: number;
  readonly total: number;
  readonly failed: number;
  /** As if no answer had been there already. */
  readonly usage: Usage;
  /** What was paid for. */
  readonly spending: Usage;
  readonly exhausted: LimitName | undefined;
  readonly warnings: readonly Warning[];
}

const SAMPLES = 5;
/** Fewer items tell nothing. */
const LEAST = 8;
const MOST = 60;
/** Calls where no budget says how many. */
export const DEFAULT_CALLS = 300;

/** How many items a budget of calls affords. */
export interface DiagnosisPlan {
  readonly items: number;
  readonly callsPerItem: number;
  /** Calls at most. */
  readonly calls: number;
  readonly probes: Awaited<ReturnType<typeof probesFor>>;
}

/** What a diagnosis will do; nothing is asked. Throws InvalidOption where the budget affords too little, with the least that would do. */
export async function planDiagnosis(
  model: Model,
  task: Task,
  { budget, host, limit }: Pick<DiagnoseOptions, 'budget' | 'host' | 'limit'> = {},
): Promise<DiagnosisPlan> {
  const all = itemsOf(task, limit);
  const probes = await probesFor(model, task, host);
  const own = worstCase(model, { prompt: [] }).calls ?? 1;
  const asked = [...probes.probes, ...(probes.format ? [probes.format] : [])];
  const grading = (task.metric.asks?.calls ?? 0) * (SAMPLES + asked.length);
  const callsPerItem = SAMPLES * own + asked.reduce((sum, { calls }) => sum + calls, 0) + grading;
  const limited = budget?.calls ?? DEFAULT_CALLS;
  const items = Math.min(MOST, all.length, Math.floor(limited / callsPerItem));
  const least = Math.min(LEAST, all.length);
  if (items < least)
    throw new InvalidOption({
      where: 'diagnose',
      option: 'budget.calls',
      rule: `must afford ${least} items of ${callsPerItem} calls, which is ${least * callsPerItem}`,
      value: limited,
      hint: 'Raise the budget',
    });
  return { items, callsPerItem, calls: items * callsPerItem, probes };
}

/**
 * Examines a few dozen items of a task, chosen by the seed, and says which X can help here and which cannot, each with the figure behind
 * it, and which formulas to try first; "nothing here will help" where that is so. `budget.calls` (default 300) says how many items
 * there are. A share of 25 items is known to about 15 in 100: what looks good is measured by `compare`.
 */
export async function diagnose(model: Model, task: Task, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  checkNames('diagnose', options, DIAGNOSE_OPTIONS);
  const plan = await planDiagnosis(model, task, options);
  const { seed = 0, signal, limit } = options;
  const all = itemsOf(task, limit);
  const chosen = new Set(shuffled(all, seeded(seed).fork('diagnose')).slice(0, plan.items));
  const items = all.filter((item) => chosen.has(item));
  const budget = { calls: plan.calls, ...options.budget };
  const { context, close } = rootScope({ ...options, seed, budget, journal: options.journal ?? memoryJournal() });
  const concurrency = concurrencyOf(model, options.concurrency);
  try {
    const { probes, format, left } = plan.probes;
    const total = 2 * items.length;
    const drawn = await eachItem(items, (item, at) => drawSamples(model, task, item, at), {
      context,
      signal,
      concurrency,
      onItem: ({ done, usage }) => options.onItem?.({ done, total, usage }),
    });
    const whole = drawn.flatMap(({ item, value }) => (value ? [{ item, value }] : []));
    const asked = format && needsFormat(whole.map(({ value }) => value)) ? [format, ...probes] : probes;
    const examined: Examined[] = [];
    const byItem = new Map(whole.map((one) => [one.item, one.value]));
    const probed = await eachItem(
      whole.map(({ item }) => item),
      (item, at) => probeItem(asked, task, item, at),
      {
        context,
        signal,
        concurrency,
        onItem: ({ done, usage }) => options.onItem?.({ done: items.length + done, total, usage }),
      },
    );
    for (const { item, value } of probed) {
      const samples = byItem.get(item);
      if (samples) examined.push({ ...samples, probes: value ?? new Map() });
    }
    const { usage, spending, exhausted, warnings } = context.ledger;
    return {
      ...describe(model, task),
      seed,
      items: examined.length,
      total: all.length,
      failed: items.length - examined.length,
      ...findingsOf(examined, model.name, asked, left),
      usage,
      spending,
      exhausted,
      warnings: [...warnings, ...failedIn(drawn)],
    };
  } finally {
    close();
  }
}

/** Why items were not examined: the first of them. */
function failedIn(outcomes: readonly Outcome<unknown>[]): Warning[] {
  const failed = outcomes.filter(({ value }) => value === undefined);
  const [first] = failed;
  if (!first) return [];
  const why = first.error instanceof Error ? first.error.message : String(first.error);
  const items = failed.length === 1 ? '1 item failed' : `${failed.length} items failed`;
  return [{ code: 'failed-items', message: `${items}, such as ${first.item.id}: ${why}` }];
}

async function drawSamples(model: Model, { metric }: Task, item: Item, outer: Context): Promise<Examined> {
  const { context, close } = scope(outer);
  try {
    const { samples } = await model.sample({ ...item.request, n: SAMPLES }, context);
    // Fewer would be taken for answers that agree, and for a right one that is not there.
    if (samples.length < SAMPLES)
      throw new NoCandidates({
        technique: 'diagnose',
        why: `only ${samples.length} of ${SAMPLES} answers of an item came`,
      });
    const { usage } = context.ledger;
    const answers = classesOf(await inTurns(context, samples, (sample) => answerIn(sample, item.request)));
    const grades = await Promise.all(
      samples.map(async (sample, i) =>
        checkedGrade(await metric.grade(sample, item, fork(outer, `grade/${i}`)), metric),
      ),
    );
    return {
      id: item.id,
      group: item.group,
      samples: samples.map(({ finish }, i) => ({
        grade: grades[i] as number,
        answer: answers[i] ?? null,
        isCut: finish.unified === 'length',
      })),
      usage,
      probes: new Map(),
    };
  } finally {
    close();
  }
}

/** A probe that fails on an item says nothing of it; the others go on. */
async function probeItem(
  probes: readonly Probe[],
  task: Task,
  item: Item,
  outer: Context,
): Promise<Examined['probes']> {
  const found = await Promise.all(
    probes.map(async ({ model }) => {
      const { context, close } = scope(outer);
      try {
        const { grade, usage } = await gradeItem(model, task, item, { repeats: 1, records: false }, context);
        // Without its revision a draft is the same as before, which would look like a critique that changes nothing.
        if (context.ledger.warnings.some(({ code }) => code === 'helper-lost')) return [];
        return [[model.name, { grade, usage }] as const];
      } catch (error) {
        outer.signal.throwIfAborted();
        if (error instanceof BudgetExceeded) outer.ledger.exhaust(error.limit);
        else outer.ledger.warn({ code: 'probe-failed', message: `${model.name}: ${String(error)}` });
        return [];
      } finally {
        close();
      }
    }),
  );
  return new Map(found.flat());
}
