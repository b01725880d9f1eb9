/**
 * Several models on the same items. Draw i of an item is the same draw under every formula over one base, so that a difference is one of
 * the formulas and not of their luck, and what two of them draw is paid for once.
 */
import {
  basesOf,
  BudgetExceeded,
  checkNames,
  InvalidOption,
  memoryJournal,
  rootScope,
  scope,
  seeded,
  type Context,
  type Model,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import type { Item, Task } from '../../tasks/task.ts';
import {
  checkCount,
  concurrencyOf,
  gradeItem,
  itemsOf,
  repeatsOf,
  RUN_OPTIONS,
  toResult,
  wasAsked,
  type EvaluationOptions,
} from '../eval.ts';
import { takeIn, type DoneElsewhere, type Elsewhere } from '../elsewhere/elsewhere.ts';
import { answeringTogether } from '../elsewhere/look-ups.ts';
import { eachItem, isFatal, type Outcome } from '../items.ts';
import type { Graded, ItemResult } from '../records.ts';
import { describeModel, pairsOf, type Comparison } from './comparison.ts';
import { sequentialPlan, type Asked, type Plan } from './sequential.ts';

export interface CompareOptions extends Omit<EvaluationOptions, 'onItem' | 'known' | 'elsewhere'> {
  /**
   * `all` items, or until every comparison is `decided`: the items are then asked in a random order, and the run ends as soon as a test
   * that may be looked at at any time has found the better of each pair. Default `all`.
   */
  readonly until?: 'all' | 'decided' | undefined;
  /**
   * Works on items in this process's place: another process, another machine. The parts of an item are the models that are asked, by
   * number. They share draws, so that they are handed out together.
   */
  readonly elsewhere?: Elsewhere | undefined;
  /** When the signal aborts: the comparison over the items that were done by then, where there are any, in place of its reason. */
  readonly partial?: boolean | undefined;
  /** Called after each item, with the results of the models that were asked. */
  readonly onItem?: ((progress: CompareProgress) => void) | undefined;
}

export interface CompareProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly usage: Usage;
  /** One for each model that was asked, with the number of the model. */
  readonly results: readonly { readonly model: number; readonly result: ItemResult }[];
}

/** Fewer items that all fall out one way leave even an exact test above ALPHA. */
const LEAST = 6;
/**
 * Compares models on a task, each with the first of the list. Grades are paired by item: see `comparePaired` for the tests, and
 * `confidenceSequence` for `until: 'decided'`. The results of a model are those that `evaluate` gives with the same seed, with what
 * it took as if it were alone. An item that
 * one model fails on is left out of its comparisons.
 */
export async function compare(models: readonly Model[], task: Task, options: CompareOptions = {}): Promise<Comparison> {
  checkNames('compare', options, [...RUN_OPTIONS, 'until', 'partial']);
  checkModels(models);
  const { until = 'all', limit, seed = 0, run, journal = memoryJournal() } = options;
  if (until !== 'all' && until !== 'decided')
    throw new InvalidOption({ where: 'compare', option: 'until', rule: 'must be "all" or "decided"', value: until });
  const repeats = Math.max(...models.map((model) => repeatsOf(model, options.repeats)));
  checkCount('repeats', repeats);
  const items = itemsOf(task, limit);
  const { context, close } = rootScope({ ...options, seed, journal });
  try {
    const plan = until === 'decided' ? sequentialPlan(models.length, items, seeded(seed).fork('order')) : undefined;
    const asked = await askAll({ models, task, repeats, options, context, items: plan?.items ?? items, plan });
    const places = new Map(items.map(({ id }, i) => [id, i]));
    const placeOf = (one: Asked): number => places.get(one.find((result) => result)?.id ?? '') ?? 0;
    const done = asked.toSorted((one, other) => placeOf(one) - placeOf(other));
    const compared = models.map(({ name }, i) =>
      describeModel(
        name,
        done.flatMap((asked) => asked[i] ?? []),
        repeats,
      ),
    );
    const pairs = plan ? plan.pairs(compared) : pairsOf(compared, seed);
    if (until === 'all' && done.length < LEAST) context.ledger.warn(tooFew(done.length));
    const { usage, spending, exhausted, warnings } = context.ledger;
    return {
      task: task.name,
      model: [...new Set(models.flatMap((model) => basesOf(model).map(({ name }) => name)))].join(', '),
      metric: task.metric.name,
      run,
      seed,
      repeats,
      until,
      asked: done.filter((asked) => asked.some((result) => result && wasAsked(result))).length,
      total: items.length,
      models: compared,
      pairs,
      usage,
      spending,
      exhausted,
      warnings,
    };
  } finally {
    close();
  }
}

function checkModels(models: readonly Model[]): void {
  const wrong = (rule: string, value: unknown): InvalidOption =>
    new InvalidOption({ where: 'compare', option: 'models', rule, value });
  if (models.length < 2) throw wrong('must be two or more', models.length);
  const names = models.map(({ name }) => name);
  const twin = names.find((name, i) => names.indexOf(name) < i);
  if (twin !== undefined) throw wrong('must differ: the same formula makes the same draws', twin);
}

const tooFew = (items: number): Warning => ({
  code: 'few-items',
  message: `${items} items cannot show which is better: even ${LEAST - 1} that all fall out one way are chance in one of 16. Use more items`,
});

/** Which of the models makes a draw that they share, and which takes it over, is a matter of a moment. Each is told of as if alone. */
function asAlone(result: ItemResult): ItemResult {
  const alone = (usage: Usage): Usage => ({ ...usage, replays: 0 });
  const replies = result.replies.map((reply) => ({ ...reply, usage: alone(reply.usage) }));
  return { ...result, usage: alone(result.usage), replies };
}

interface Work {
  readonly models: readonly Model[];
  readonly task: Task;
  readonly repeats: number;
  readonly options: CompareOptions;
  readonly context: Context;
  readonly items: readonly Item[];
  readonly plan: Plan | undefined;
}

async function askAll({ models, task, repeats, options, context, items, plan }: Work): Promise<Asked[]> {
  const { signal, concurrency, records = false, partial = false, onItem, elsewhere } = options;
  const states = models.map((): { succeeded: boolean; error?: unknown } => ({ succeeded: false }));
  const ended = new Map<Item, Asked>();
  const all = models.map((_, i) => i);
  const resultOf = ({ item, value, error, usage }: Outcome<Asked>): Asked =>
    value ?? models.map(() => toResult({ item, value: undefined, error, usage }));
  const one = async (model: number, item: Item, outer: Context, there?: DoneElsewhere): Promise<ItemResult> => {
    const inner = scope(outer);
    const state = states[model] as (typeof states)[number];
    const usage = (): Usage => inner.context.ledger.usage;
    try {
      const value = elsewhere
        ? (takeIn(there, inner.context) as Graded)
        : await gradeItem(models[model] as Model, task, item, { repeats, records }, inner.context);
      state.succeeded = true;
      return asAlone(toResult({ item, value, error: undefined, usage: usage() }));
    } catch (error) {
      signal?.throwIfAborted();
      // Where every item would fail alike, the run ends before more is paid for the others.
      if (isFatal(error, !state.succeeded)) throw error;
      state.error ??= error;
      if (error instanceof BudgetExceeded) outer.ledger.exhaust(error.limit);
      return asAlone(toResult({ item, value: undefined, error: error ?? new Error('unknown error'), usage: usage() }));
    } finally {
      inner.close();
    }
  };
  let fatal: unknown;
  const outcomes = await eachItem<Asked>(
    items,
    async (item, outer) => {
      const at = { ...outer, journal: outer.journal && answeringTogether(outer.journal) };
      const active = plan?.active() ?? all;
      const there = await elsewhere?.(item, active);
      const found = await Promise.all(active.map((model, i) => one(model, item, at, there?.[i]))).catch(
        (error: unknown) => {
          fatal ??= error;
          throw error;
        },
      );
      return all.map((model) => found[active.indexOf(model)]);
    },
    {
      context,
      signal,
      concurrency: elsewhere ? items.length : Math.min(...models.map((model) => concurrencyOf(model, concurrency))),
      upTo: plan && ((so) => plan.next(so.map(resultOf))),
      onItem({ outcome, ...progress }) {
        if (fatal !== undefined) throw fatal;
        const asked = resultOf(outcome);
        ended.set(outcome.item, asked);
        const results = asked.flatMap((result, model) => (result ? [{ model, result }] : []));
        onItem?.({ ...progress, results });
      },
    },
  ).catch((error: unknown) => {
    if (partial && signal?.aborted && ended.size > 0) return undefined;
    throw error;
  });
  const failed = states.find(({ succeeded, error }) => !succeeded && error !== undefined);
  if (failed) throw failed.error; // there is nothing of it to compare
  return outcomes?.map(resultOf) ?? items.flatMap((item) => (ended.has(item) ? [ended.get(item) as Asked] : []));
}
