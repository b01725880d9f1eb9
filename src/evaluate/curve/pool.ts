/** Every point of a curve from one pool of samples an item. */
import {
  answerIn,
  applyScorer,
  attempt,
  classesOf,
  fork,
  gather,
  madeBy,
  scope,
  type AnswerFormat,
  type Context,
  type Model,
  type Request,
  type Sample,
  type Sampled,
  type Scorer,
  type Usage,
  type Warning,
} from '../../core/index.ts';
import { inTurns } from '../../core/context/turns.ts';
import { poolModel, recordedOf } from '../../models/pool/index.ts';
import type { Item, Task } from '../../tasks/task.ts';
import type { CurveOptions, CurvePoint, Points } from './result.ts';
import { termsOf } from '../../core/tokens/terms.ts';
import {
  beyond,
  costAt,
  costsOf,
  promptBilling,
  withWork,
  type Cost,
  type DrawCosts,
  type Draws,
  type PromptBilling,
} from './costs.ts';
import { checkedGrade, concurrencyOf, groupsOf, itemsOf } from '../eval.ts';
import { takeIn } from '../elsewhere/elsewhere.ts';
import { eachItem, type Outcome } from '../items.ts';
import { majority, type Vote } from '../majority.ts';
import { forecast } from './forecast.ts';
import { bestAtK, intervalOfGrades, mean } from '../statistics.ts';

/** A technique that is a function of n independent samples of its base. */
export interface Estimator {
  readonly base: Model;
  /** What the technique itself makes of a pool's samples, before they are graded. */
  readonly read: (samples: readonly Sample[], request: Request, context: Context) => Promise<Reading>;
  /** What scores each sample, where one does. */
  readonly score?: Scorer;
}

interface Reading {
  readonly samples: readonly Sample[];
  /** What each of them votes for, where the technique is a vote. */
  readonly answers?: readonly (string | null)[] | undefined;
  /** What each of them is worth, where the technique keeps the best. */
  readonly scores?: readonly number[] | undefined;
}

/** The estimator for a model whose outermost technique has one in `option`. */
export function estimatorOf(model: Model, option: string): Estimator | undefined {
  const made = option === 'n' ? madeBy(model) : undefined;
  if (!made) return undefined;
  const { technique, options, base } = made;
  const { name } = technique.definition;
  if (name === 'bestOfN') {
    const score = options['score'] as Scorer;
    return { base, score, read: readScores(score) };
  }
  const plainVote = options['weights'] === 'none' && options['stop'] === 'fixed';
  if (name === 'selfConsistency' && plainVote) return { base, read: readAnswers(options['extract'] as AnswerFormat) };
  return undefined;
}

function readScores(score: Scorer): Estimator['read'] {
  return async (drawn, request, context) => {
    const scored = await gather(
      context,
      drawn.map((sample, i) => async (inner: Context) => ({
        sample,
        score: await applyScorer(score, sample, request, fork(inner, `score/${i}`)),
      })),
    );
    return { samples: scored.map(({ sample }) => sample), scores: scored.map(({ score }) => score) };
  };
}

function readAnswers(extract: AnswerFormat): Estimator['read'] {
  return async (drawn, request, context) => {
    const answers = classesOf(await inTurns(context, drawn, (sample) => answerIn(sample, request, extract)));
    const samples = drawn.map((sample, i) => ({ ...sample, answer: answers[i] ?? null }));
    return { samples, answers: samples.map(({ answer }) => answer) };
  };
}

/** So many items have their first draw asked for alone. */
export const ALONE = 2;

/** What was drawn for an item, as plain data: it may have been drawn elsewhere. */
interface Drawn extends Pick<Reading, 'answers' | 'scores'> {
  readonly grades: readonly number[];
  readonly drawn: readonly Draws[];
  readonly billing: PromptBilling | undefined;
  /** What was used beside the draws: by a judge, for one. */
  readonly work: Usage;
}

interface ItemPool extends Pick<Drawn, 'drawn' | 'billing' | 'work'> {
  readonly group: string | undefined;
  readonly size: number;
  readonly accuracy: (k: number) => number;
  readonly pass: (k: number) => number;
  readonly votes: readonly Vote[] | undefined;
}

/** Draws the pools and reads every point off them. A recorded pool is used whole, whatever the largest n. */
export async function curveFromPools(
  context: Context,
  estimator: Estimator,
  task: Task,
  values: readonly number[],
  { limit, concurrency, signal, partial = false, forecast: beyondPools, onItem, elsewhere }: Omit<CurveOptions, 'over'>,
): Promise<Points> {
  const items = itemsOf(task, limit);
  const largest = Math.max(...values);
  const draw = poolOfItem(estimator, task, values);
  const ended = new Map<Item, Outcome<ItemPool>>();
  const work = async (item: Item, at: Context): Promise<ItemPool> =>
    poolOf(elsewhere ? (takeIn((await elsewhere(item, [0]))[0], at) as Drawn) : await draw(item, at), item, at);
  const outcomes = await eachItem(items, work, {
    context,
    signal,
    concurrency: elsewhere ? items.length : concurrencyOf(estimator.base, concurrency),
    onItem({ done, total, failed, usage, outcome }) {
      ended.set(outcome.item, outcome);
      onItem?.({ done, total, failed, usage });
    },
  }).catch((error: unknown) => {
    const done = items.flatMap((item) => ended.get(item) ?? []);
    if (partial && signal?.aborted && done.some(({ value }) => value)) return done;
    throw error;
  });
  const pools = outcomes.flatMap(({ value }) => value ?? []);
  const size = Math.max(...pools.map((pool) => pool.size));
  const { name } = estimator.base;
  if (largest > size) context.ledger.warn(beyondPool(name, values, size));
  const billing = pools.map((pool) => pool.billing).find((one) => one !== undefined);
  const { price } = termsOf(estimator.base) ?? {};
  const costs = pools.map(({ drawn, work, size: count }) => withWork(costsOf(drawn, billing, price), work, count));
  const points = [...new Set(values.map((k) => Math.min(k, size)))];
  const votes = pools.flatMap((pool) => (pool.votes ? [pool.votes] : []));
  const seed = context.choice.fork('forecast').id;
  const short = pools.filter((pool) => pool.size < Math.min(largest, size)).length;
  if (short > 0) context.ledger.warn(unevenPools(name, short));
  return {
    items: outcomes.length,
    total: items.length,
    method: 'pool',
    curve: points.map((k) => pointAt(pools, costs, k)),
    ...(beyondPools !== undefined && votes.length > 0 && { forecast: forecast(votes, beyondPools, { seed }) }),
    failed: outcomes.length - pools.length,
  };
}

/** Draws the pool of an item. */
export function poolOfItem(
  estimator: Estimator,
  task: Task,
  values: readonly number[],
): (item: Item, context: Context) => Promise<Drawn> {
  // How the server bills a prompt is seen on the first items, whose first draw is asked for alone.
  const apart = new Set(task.items.slice(0, ALONE).map(({ id }) => id));
  const largest = Math.max(...values);
  return (item, at) => drawPool(estimator, task, item, largest, at, apart.has(item.id));
}

/** pass@k over the recorded pool right below a technique; nothing where there is none, since drawing one would cost. */
export async function passOfPool(
  context: Context,
  model: Model,
  task: Task,
  values: readonly number[],
  limit: number | undefined,
): Promise<number[] | undefined> {
  const base = madeBy(model)?.base;
  if (!base || !recordedOf(base) || task.metric.name !== 'recorded') return undefined;
  const estimator: Estimator = { base, read: async (samples) => ({ samples }) };
  const pools = await Promise.all(
    itemsOf(task, limit).map(async (item) => {
      const at = fork(context, `pass/${item.id}`);
      return poolOf(await drawPool(estimator, task, item, 1, at), item, at);
    }),
  );
  return values.map((k) => mean(pools.map((pool) => pool.pass(Math.min(k, pool.size)))));
}

async function drawPool(
  { base, read }: Estimator,
  { metric }: Task,
  item: Item,
  n: number,
  outer: Context,
  isApart = false,
): Promise<Drawn> {
  const { context, close } = scope(outer);
  try {
    const recorded = recordedOf(base);
    const source = recorded ? poolModel(recorded.pool, { replacement: false }) : base;
    const wanted = recorded ? recorded.pool.find(item.request).samples.length : n;
    const ask = { ...item.request, n: wanted };
    const drawn = isApart && wanted > 1 ? await drawApart(source, ask, context) : [await source.sample(ask, context)];
    const [alone, together] = drawn;
    const billing = alone && together && promptBilling(alone, together);
    const before = context.ledger.usage;
    const { samples, answers, scores } = await read(
      drawn.flatMap((one) => one.samples).slice(0, wanted),
      item.request,
      context,
    );
    const work = beyond(context.ledger.usage, before); // the metric's calls are not the technique's
    const grades = await Promise.all(
      samples.map(async (sample, i) =>
        checkedGrade(await metric.grade(sample, item, fork(outer, `grade/${i}`)), metric),
      ),
    );
    const accounts = drawn.map((one) => ({ samples: one.samples.map(({ usage }) => ({ usage })), usage: one.usage }));
    return { grades, answers, scores, drawn: accounts, billing, work };
  } finally {
    close();
  }
}

/** What the points are read off. */
function poolOf({ grades, answers, scores, ...drawn }: Drawn, { group }: Item, { choice }: Context): ItemPool {
  const ranked = grades.map((grade) => ({ grade, score: grade }));
  const votes = answers?.map((answer, i) => ({ answer, grade: grades[i] as number }));
  const scored = scores?.map((score, i) => ({ score, grade: grades[i] as number }));
  let table: readonly number[] | undefined;
  return {
    ...drawn,
    group,
    size: grades.length,
    votes,
    pass: (k) => bestAtK(ranked, k),
    accuracy(k) {
      if (scored) return bestAtK(scored, k);
      table ??= votes && majority(votes, { choice: choice.fork('majority') });
      return table?.[k - 1] ?? 0;
    },
  };
}

/** The draws, the first of them asked for alone, and at least two together: the difference shows how prompts are billed. */
async function drawApart(source: Model, request: Request, context: Context): Promise<Sampled[]> {
  const { n = 1 } = request;
  const alone = await source.sample({ ...request, n: 1 }, context);
  const rest = await attempt(context, source.sample({ ...request, n: Math.max(2, n - 1), from: 1 }, context));
  return rest ? [alone, rest] : [alone];
}

function pointAt(pools: readonly ItemPool[], costs: readonly DrawCosts[], k: number): CurvePoint {
  const counts = pools.map(({ size }) => Math.min(k, size));
  const at = (i: number): number => counts[i] as number;
  const accuracies = pools.map((pool, i) => pool.accuracy(at(i)));
  const perItem = (of: (cost: Cost) => number | undefined): number | undefined => {
    const each = costs.map((one, i) => of(costAt(one, at(i))));
    return each.every((value) => value !== undefined) ? mean(each) : undefined;
  };
  return {
    n: k,
    accuracy: mean(accuracies),
    ci95: intervalOfGrades(accuracies, groupsOf(pools)),
    pass: mean(pools.map((pool, i) => pool.pass(at(i)))),
    samplesPerItem: mean(counts),
    tokensPerItem: perItem(({ tokens }) => tokens),
    usdPerItem: perItem(({ usd }) => usd),
  };
}

const beyondPool = (name: string, values: readonly number[], size: number): Warning => ({
  code: 'pool-size',
  message: `${name} holds ${size} samples a question: n=${values.filter((k) => k > size).join(', ')} cannot be estimated, and n=${size} stands instead`,
});
const unevenPools = (name: string, items: number): Warning => ({
  code: 'pool-uneven',
  message: `${name} gave ${items} items fewer samples than the largest n: they count with all they have`,
});
