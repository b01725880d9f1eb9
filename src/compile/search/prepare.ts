/** What is settled before anything is asked: base, split, arms, and the plan that tells of them. */
import { checkLimits, checkNames, InvalidOption, seeded, type Limits, type Model } from '../../core/index.ts';
import { worstCase } from '../../evaluate/worst-case.ts';
import type { Item, Task } from '../../tasks/task.ts';
import { COMPILE_OPTIONS, type CompileOptions } from '../options.ts';
import { NOTHING_FOUND, type Found } from '../space/part.ts';
import type { Space } from '../space/space.ts';
import { armsOf, sum, worstOfArms, ZERO, type Amounts, type Arm } from './arms.ts';
import { checkTask, oddities } from './data.ts';
import { limited } from './limited.ts';
import { affordable, COUNTS, finalOf, FINALISTS, sharesFor, type Plan } from './plan.ts';
import { shuffled, splitItems, type Split } from './split.ts';
import { stepsOfSearch } from './steps.ts';
import type { Unit } from './trial.ts';

const MOST_ARMS = 64;

/** What is settled before anything is asked. */
export interface Prepared {
  readonly plan: Plan;
  readonly base: Model;
  readonly split: Split;
  /** All that may be tried: the first `plan.arms` of them for sure. */
  readonly arms: readonly Arm[];
  readonly space: Space;
  /** Whether demonstrations are made. */
  readonly trains: boolean;
  readonly unit: Unit;
}

/** Throws what is wrong with space, task, budget or options. */
export function prepare(space: Space, task: Task, options: CompileOptions): Prepared {
  checkNames('compile', options, COMPILE_OPTIONS);
  const { budget, perQuestion = {}, arms: most = MOST_ARMS, seed = 0 } = options;
  checkBudget(budget);
  checkLimits(perQuestion);
  if (!Number.isSafeInteger(most) || most < 1)
    throw new InvalidOption({ where: 'compile', option: 'arms', rule: 'must be a positive integer', value: most });
  checkTask(task);
  const choice = seeded(seed).fork('compile');
  const base = options.model ?? space.at(0n).build(undefined);
  const trains = /\bdemos\(/.test(space.text);
  const { reflect } = options;
  if (reflect && !space.wording)
    throw new InvalidOption({
      where: 'compile',
      option: 'reflect',
      rule: 'rewrites the wordings of prompt("..."), and the space has none',
      hint: 'Put prompt("...") into the sum, not into a choice',
    });
  const split = splitOf(task, trains || reflect !== undefined, seed);
  const { arms: all, leftOut } = armsOf(space, task, {
    base,
    most,
    perQuestion,
    found: NOTHING_FOUND,
    choice: choice.fork('space'),
  });
  const [first, ...others] = all;
  if (!first || others.length === 0) throw nothingToTry(space, leftOut);
  const order = [first, ...shuffled(others, choice.fork('order'))];
  const before = trains ? split.train.map((item) => worstOfArms([first], task, item)).reduce(sum, ZERO) : ZERO;
  const {
    arms,
    carried,
    finalists,
    first: firstItems,
    test,
    warnings,
  } = affordable(order, task, split, budget, before);
  const known = BigInt(all.length - 1);
  const drawn =
    space.size > BigInt(most)
      ? [
          `The space has ${space.size} compositions: ${known} of them are drawn by the seed. Raise \`arms\`, or mark fewer choices, to try more.`,
        ]
      : [];
  const sample = split.dev[0] as Item;
  const sure = arms.slice(0, carried);
  const dev = split.dev.map((item) => worstOfArms(arms, task, item)).reduce(sum, ZERO);
  const whole = [before, dev, finalOf(arms, task, split.test, FINALISTS)].reduce(sum, ZERO);
  const plan: Plan = {
    task: task.name,
    metric: task.metric.name,
    model: base.name,
    space: space.text,
    size: String(space.size),
    arms: carried,
    most: arms.length,
    finalists,
    leftOut,
    items: { train: split.train.length, dev: split.dev.length, test },
    first: firstItems,
    perItem: worstOfArms(sure, task, sample),
    unpooled: sure.map((arm) => worstOfArms([arm], task, sample)).reduce(sum, ZERO),
    perTest: finalOf(sure, task, [sample], finalists),
    steps: stepsOfSearch(
      arms.map(({ model }) => model),
      {
        trains,
        rewrites: reflect !== undefined,
        first: firstItems,
        dev: split.dev.length,
        later: arms.length - carried,
      },
    ),
    perQuestion,
    budget,
    ...(options.origin && { parts: options.origin.parts }),
    worst: Object.fromEntries(COUNTS.map((name) => [name, leastOf(whole[name], budget[name])])) as unknown as Amounts,
    warnings: [...oddities(task), ...drawn, ...warnings],
  };
  const { usd } = worstCase(base, sample.request);
  return {
    plan,
    base,
    split,
    arms: arms.map((arm) => withLimits(arm, perQuestion, sample)),
    space,
    trains,
    unit: usd ? 'usd' : 'calls',
  };
}

/** How a search with this seed shares out the items. */
export const splitOf = ({ items }: Task, hasTraining: boolean, seed: number | string): Split =>
  splitItems(items, sharesFor(hasTraining), seeded(seed).fork('compile').fork('split'));

function checkBudget(budget: Limits | undefined): void {
  checkLimits(budget ?? {});
  if (budget && [...COUNTS, 'ms' as const].some((name) => budget[name] !== undefined)) return;
  throw new InvalidOption({
    where: 'compile',
    option: 'budget',
    rule: 'must name a limit: a search takes all that it is given',
    hint: 'Such as calls=2000 or usd=2',
  });
}

function nothingToTry(
  space: Space,
  leftOut: readonly { readonly formula: string; readonly why: string }[],
): InvalidOption {
  const [one] = leftOut;
  return new InvalidOption({
    where: 'compile',
    option: 'space',
    rule: one
      ? `has no composition that can be tried: ${one.formula || 'the base'}: ${one.why.replace(/\.$/, '')}${leftOut.length > 1 ? `, and ${leftOut.length - 1} more` : ''}`
      : `holds the base alone (${space.text || 'it is empty'})`,
    hint: 'Mark choices, as in "maybe(reRead) + selfConsistency(n=[3, 5])"',
  });
}

const leastOf = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);

/** Holds an arm to the limits of a question where its worst case does not say that it keeps to them. */
function withLimits(arm: Arm, limits: Limits, item: Item): Arm {
  if (Object.values(limits).every((limit) => limit === undefined)) return arm;
  const { calls, inputTokens, outputTokens, usd } = worstCase(arm.model, item.request);
  const tokens = inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
  const known = { calls, tokens, usd };
  const isBounded =
    limits.ms === undefined &&
    COUNTS.every((name) => limits[name] === undefined || (known[name] ?? Infinity) <= limits[name]);
  return isBounded ? arm : { ...arm, model: limited(arm.model, limits) };
}

/** The arms with what was found on the training items. */
export function refound({ arms, plan, split }: Prepared, found: Found): readonly Arm[] {
  return arms.map((arm) => withLimits({ ...arm, model: arm.made(found) }, plan.perQuestion, split.dev[0] as Item));
}

/** Those arms, and those of the space that has more wordings in which one of the new ones stands. */
export function rewordedArms(
  prepared: Prepared,
  task: Task,
  found: Found,
  texts: readonly string[],
  { arms: most = MOST_ARMS, seed = 0 }: CompileOptions,
): readonly Arm[] {
  const { base, plan, space, split } = prepared;
  const before = refound(prepared, found);
  if (texts.length === 0 || !space.wording) return before;
  const { perQuestion } = plan;
  const choice = seeded(seed).fork('compile').fork('reworded');
  const { arms } = armsOf(space.wording.with(texts), task, { base, most, perQuestion, found, choice });
  const isNew = ({ text }: Arm): boolean => texts.some((one) => text.includes(JSON.stringify(one)));
  return [...before, ...arms.filter(isNew).map((arm) => withLimits(arm, perQuestion, split.dev[0] as Item))];
}
