/** Finds the composition that pays on a task: a race within one hard budget, a pick, and a test that is touched once. */
import {
  memoryJournal,
  rootScope,
  totalTokens,
  type Context,
  type Counted,
  type Limits,
  type Model,
} from '../core/index.ts';
import { takeIn } from '../evaluate/elsewhere/elsewhere.ts';
import type { Item, Task } from '../tasks/task.ts';
import { demonstrationsOf } from './bootstrap.ts';
import type { Demonstration } from './demos.ts';
import type { CompileOptions } from './options.ts';
import {
  adjusted,
  effectsOf,
  finalistsOf,
  measured,
  versus,
  type FrontRow,
  type Report,
  type Stage,
  type Tried,
} from './report.ts';
import { charge } from './search/charge.ts';
import { sum, worstOfArms, ZERO, type Amounts, type Arm } from './search/arms.ts';
import { hashOf } from './search/data.ts';
import { keptTrial, usageSince } from './search/kept.ts';
import type { ArmWords } from './search/chapter.ts';
import { instructed, voteOf, written } from './search/elsewhere.ts';
import { expectedOf, isGraded } from './search/earlier.ts';
import { meanGrade, pickOf } from './search/pick.ts';
import { COUNTS, finalOf, FINALISTS, isWithin, likely, together, type Plan, type Rates } from './search/plan.ts';
import { prepare, rewordedArms, type Prepared } from './search/prepare.ts';
import { costOf, race, type Round } from './search/race.ts';
import { tryArms, type Asked, type Trial } from './search/trial.ts';
import { panelsOf } from './route/arms.ts';
import type { MadeRouter } from './route/panel-model.ts';
import type { Space } from './space/space.ts';
import { evolve, type EvolveOptions } from './wording/evolve.ts';

export interface Compiled {
  readonly report: Report;
  /** What was picked. */
  readonly model: Model;
  /** The base that it stands on. */
  readonly base: Model;
  /** What is added to the base. */
  readonly plus: string;
  readonly demonstrations: readonly Demonstration[];
  /** Where a panel was picked: what its members add to the base, in the order in which they are asked, and how it decides. */
  readonly router?: MadeRouter | undefined;
}

interface Entrant {
  readonly arm: Arm;
  readonly grades: readonly (number | undefined)[];
  readonly cost: number;
}

/** What the test would be of, and how many items of it are afforded. */
interface Final {
  readonly finalists: readonly Entrant[];
  /** The base at the cost of each. */
  readonly equals: readonly Arm[];
  readonly asking: readonly Arm[];
  readonly items: number;
}

/** How often the best composition may be dropped at all. */
const ALPHA = 0.05;

/** What a search would do and may spend at most. Nothing is asked. Throws what is wrong with space, task or budget. */
export function planOf(space: Space, task: Task, options: CompileOptions): Plan {
  return prepare(space, task, options).plan;
}

/**
 * Searches a space on a task. Base draws are shared by all compositions that make them; the budget holds over everything; the same seed
 * over the same journal gives the same report and pays for nothing twice. Throws before anything is asked where the budget compares
 * nothing, the task cannot be searched on, or the space holds nothing to try.
 */
export async function compile(space: Space, task: Task, options: CompileOptions): Promise<Compiled> {
  const prepared = prepare(space, task, options);
  await options.onPlan?.(prepared.plan);
  const { seed = 0, journal = memoryJournal(), signal, clock, host, onProgress, budget } = options;
  const { context, close } = rootScope({ seed, journal, signal, clock, host, onProgress, budget });
  try {
    return await search(context, task, prepared, options);
  } finally {
    close();
  }
}

async function search(context: Context, task: Task, prepared: Prepared, options: CompileOptions): Promise<Compiled> {
  const { plan, split, trains, unit } = prepared;
  const { signal, concurrency, seed = 0, onEvent, onItem, budget } = options;
  const stages: Stage[] = options.origin?.stage ? [options.origin.stage] : [];
  const warnings: string[] = [...plan.warnings];
  const broken = new Map<string, string>();
  const failed = new Map<string, string>();
  const working = new Set<string>(); // compositions that were graded at least once
  let found: readonly Demonstration[] = [];
  let reworded: readonly string[] = [];
  const words = new Map<Arm, ArmWords>(prepared.arms.map((arm, at) => [arm, { kind: 'arm', at }]));
  const elsewhere =
    options.elsewhere &&
    ((of: readonly Arm[]) =>
      options.elsewhere?.({
        demonstrations: found,
        arms: of.map((arm) => words.get(arm) as ArmWords),
        ...(reworded.length > 0 && { texts: reworded }),
      }));
  const ask = async (
    stage: Stage['name'],
    arms: readonly Arm[],
    items: readonly Item[],
  ): Promise<Trial | undefined> => {
    const tried = await keptTrial(context, stage, arms, items, () =>
      tryArms(arms, items, {
        elsewhere: elsewhere && (() => elsewhere(arms)),
        context,
        task,
        unit,
        signal,
        concurrency,
        worked: working.size > 0,
        onItem: (arm, item) => onItem?.({ stage, formula: arm.model.name, item, spending: context.ledger.spending }),
      }),
    );
    tried?.asked.forEach((of, number) => {
      const { name } = (arms[number] as Arm).model;
      if (of.some(({ grade }) => grade !== undefined)) working.add(name);
      // Of wordings few items are seen, and those first that go wrong.
      const error = stage === 'wording' ? undefined : tried.broken.get(arms[number] as Arm);
      if (error && !working.has(name)) broken.set(name, error.message);
      else of.forEach((one, i) => one.error !== undefined && failed.set((items[i] as Item).id, one.error));
    });
    return tried;
  };
  const staged = async <T>(
    name: Stage['name'],
    work: () => Promise<T>,
    of: (result: T) => Pick<Stage, 'items' | 'arms'>,
  ): Promise<T> => {
    const before = context.ledger.spending;
    const result = await work();
    const spent = usageSince(before, context.ledger.spending);
    stages.push({ name, ...of(result), calls: spent.calls, tokens: totalTokens(spent), usd: spent.usd });
    return result;
  };

  const demonstrations = trains
    ? await staged(
        'train',
        async () =>
          demonstrationsOf(
            task,
            split.train,
            (await ask('train', prepared.arms.slice(0, 1), split.train))?.asked[0] ?? [],
            context,
          ),
        () => ({ items: split.train.length, arms: 1 }),
      )
    : [];
  if (trains) await onEvent?.({ kind: 'train', demonstrations: demonstrations.length });
  const { reflect } = options;
  const texts = reflect
    ? await staged(
        'wording',
        () =>
          evolved({ reflect, context, task, prepared, budget, elsewhere: options.elsewhere }, (asked, some) => {
            for (const { arm, text } of asked) words.set(arm, { kind: 'wording', text });
            return ask(
              'wording',
              asked.map(({ arm }) => arm),
              some,
            );
          }),
        () => ({ items: Math.min(EVOLVED_ON, split.train.length), arms: prepared.space.wording?.texts.length ?? 0 }),
      )
    : [];
  if (reflect) await onEvent?.({ kind: 'wording', texts });
  const arms = trains || reflect ? rewordedArms(prepared, task, { demonstrations }, texts, options) : prepared.arms;
  found = demonstrations;
  reworded = texts;
  for (const [at, arm] of arms.entries()) words.set(arm, { kind: 'arm', at });

  // What is left of the budget after the test has been set aside is what the race may take: the fewer are left, the less that is.
  const forTest = (some: readonly Arm[]): Amounts =>
    finalOf(some, task, split.test.slice(0, plan.items.test), plan.finalists);
  const { spent } = context.budget;
  const rates = (): Rates =>
    spent.calls > 0 ? { tokens: spent.tokens / spent.calls, usd: spent.usd / spent.calls } : {};
  const remaining = (kept: Amounts): Limits => {
    const known = likely(kept, rates());
    const of = (name: Counted): number | undefined =>
      budget[name] === undefined ? undefined : budget[name] - spent[name] - (known[name] ?? 0);
    return { calls: of('calls'), tokens: of('tokens'), usd: of('usd') };
  };
  const carried = (some: readonly Arm[], of: readonly Item[], left: Limits): number =>
    affordedItems(some, task, of, left, rates());
  const armsOf = (some: readonly number[]): readonly Arm[] => some.map((arm) => arms[arm] as Arm);
  let waiting: readonly number[] = [...prepared.arms.keys()].slice(plan.arms);
  /** Of those that the budget was not sure to carry, as many as half of what is left carries, so that the race can go on. */
  const enter = (entered: readonly number[], to: number): readonly number[] => {
    const items = split.dev.slice(0, to);
    const more = together([0, ...waiting], (some) => {
      const others = armsOf(some.slice(1));
      const left = remaining(forTest([...armsOf(entered), ...others]));
      return carried(others, items, half(left)) === items.length;
    }).slice(1);
    waiting = waiting.filter((arm) => !more.includes(arm));
    return more;
  };
  const results = await staged(
    'race',
    () =>
      race({
        arms: arms.length,
        starts: [...arms.keys()].filter((arm) => !waiting.includes(arm)),
        enter,
        items: split.dev.length,
        first: plan.first,
        alpha: ALPHA,
        affords: (some, from, to) => carried(armsOf(some), split.dev.slice(from, to), remaining(forTest(armsOf(some)))),
        ask: async (some, from, to) => (await ask('race', armsOf(some), split.dev.slice(from, to)))?.asked,
        onRound: (round, number) =>
          onEvent?.({
            kind: 'round',
            number,
            items: round.to - round.from,
            arms: round.arms.length,
            dropped: round.dropped.map(({ arm }) => (arms[arm] as Arm).model.name),
          }),
      }),
    ({ asked }) => ({ items: asked, arms: arms.length - waiting.length }),
  );
  const asked = results.graded as readonly (readonly Asked[])[];
  const left = results.left.filter((arm) => !broken.has((arms[arm] as Arm).model.name));
  const runners = left.map((arm) => ({
    arm: arms[arm] as Arm,
    asked: asked[arm] as readonly Asked[],
    cost: costOf(asked[arm]),
  }));
  const panels = panelsOf(runners, plan.perQuestion);
  for (const { arm, router, members } of panels)
    words.set(arm, { kind: 'panel', router, members: members.map((member) => arms.indexOf(member)) });
  const entrants: readonly Entrant[] = [
    ...runners.map(({ arm, asked: own, cost }) => ({ arm, grades: own.map(({ grade }) => grade), cost })),
    ...panels,
  ];
  const triedOf = (arm: number): Tried => {
    const grades = (asked[arm] ?? []).map(({ grade }) => grade ?? null);
    const { text: plus } = arms[arm] as Arm;
    return { plus, dev: meanGrade(grades.map((grade) => grade ?? undefined)), items: grades.length, grades };
  };
  const { earlier = [] } = options;
  const graded = earlier.filter(isGraded);
  if (graded.length < earlier.length)
    warnings.push(
      `${earlier.length - graded.length} of ${earlier.length} reports in \`earlier\` hold no grades by item and say nothing: an earlier version made them.`,
    );
  const known = expectedOf({ plan, tried: left.map(triedOf) }, graded);
  const expectedAs = (arm: Arm, grades: readonly (number | undefined)[]): number | undefined => {
    const [first] = panels.find((one) => one.arm === arm)?.members ?? [];
    if (!first) return known?.get(arm.text);
    // Other searches know no panel. It is as much better than its first member as its own grades say, so that both are weighed alike.
    const [own, expected] = [runners.find((one) => one.arm === first), known?.get(first.text)];
    const gain = meanGrade(grades) - meanGrade(own?.asked.map(({ grade }) => grade) ?? []);
    return expected === undefined ? undefined : expected + gain;
  };
  const candidates = entrants.map(({ arm, grades, cost }) => ({
    grades,
    cost,
    techniques: arm.techniques,
    expected: expectedAs(arm, grades),
  }));
  const picked = pickOf(candidates);
  const taken = (entrants[picked] as Entrant).arm;
  const routed = panels.find(({ arm }) => arm === taken);
  await onEvent?.({ kind: 'pick', formula: taken.model.name });

  const baseArm = arms[0] as Arm;
  // The base with as many votes as a finalist costs that is so many times as dear. Two votes are one.
  const equalTo = ({ cost }: Entrant): Arm => {
    const n = Math.round(cost / Math.max(1e-12, costOf(asked[0])));
    if (n < 3) return baseArm;
    const arm = voteOf(baseArm, n);
    words.set(arm, { kind: 'vote', n });
    return arm;
  };
  const final = (most: number): Final => {
    const finalists = finalistsOf(candidates, picked, most).map((i) => entrants[i] as Entrant);
    const equals = finalists.map(equalTo);
    const all = [baseArm, ...finalists.map(({ arm }) => arm), ...equals];
    const asking = [...new Map(all.map((arm) => [arm.model.name, arm])).values()];
    return { finalists, equals, asking, items: carried(asking, split.test, remaining(ZERO)) };
  };
  // As much of the front as what is left carries through the items that were promised.
  let last = final(FINALISTS);
  for (let most = FINALISTS - 1; most > 0 && last.items < plan.items.test; most--) last = final(most);
  const { finalists, equals, asking } = last;
  const items = split.test.slice(0, last.items);
  const tested = await staged(
    'test',
    async () => (items.length === 0 ? undefined : ask('test', asking, items)),
    () => ({ items: items.length, arms: asking.length }),
  );
  await onEvent?.({ kind: 'test', finalists: finalists.map(({ arm }) => arm.model.name) });
  if (!tested) warnings.push('The budget ended the test: what it measured is not told. Raise the budget.');
  const onTest = (arm: Arm): readonly Asked[] =>
    tested?.asked[asking.findIndex(({ model }) => model.name === arm.model.name)] ?? [];

  const rows = finalists.map(({ arm, grades }, i): FrontRow => {
    const equal = equals[i] as Arm;
    return {
      plus: arm.text,
      ...measured(arm.model.name, onTest(arm)),
      dev: meanGrade(grades),
      equalCost: measured(equal.model.name, onTest(equal)),
      versusBase: versus(baseArm.model.name, onTest(baseArm), onTest(arm)),
      versusEqualCost: versus(equal.model.name, onTest(equal), onTest(arm)),
      picked: arm === taken,
    };
  });
  const front = adjusted(rows);
  const row = front.find((one) => one.picked) as FrontRow;
  const improved = row.versusBase.difference > 0 && row.versusBase.p < 0.05;
  const [firstFailed] = failed;
  if (firstFailed)
    warnings.push(
      `${failed.size} items failed with a composition at least once, and count for nothing there: ${firstFailed[0]}: ${firstFailed[1]}`,
    );
  for (const [formula, why] of broken) warnings.push(`${formula} failed on every item: ${why}`);
  warnings.push(...folded(context.ledger.warnings.map(({ message }) => message)));
  const report: Report = {
    plan,
    seed,
    data: hashOf(task),
    costIn: unit,
    base: measured(baseArm.model.name, onTest(baseArm)),
    front,
    picked: taken.model.name,
    improved,
    verdict: verdictOf(row, improved, taken === baseArm, tested !== undefined),
    selectionBias: row.dev - row.accuracy,
    effects: effectsOf(arms, asked, results.rounds[0]?.to ?? 0),
    stages,
    tried: [...arms.keys()].filter((arm) => !waiting.includes(arm)).map(triedOf),
    dropped: results.rounds.flatMap((round) => droppedIn(round, arms, asked)),
    warnings: [...new Set(warnings)],
  };
  return {
    report,
    model: taken.model,
    base: taken.base,
    plus: taken.text,
    demonstrations,
    ...(routed && { router: { ...routed.router, members: routed.members.map(({ text }) => text) } }),
  };
}

function verdictOf(
  { accuracy, versusBase, dev, plus, formula }: FrontRow,
  improved: boolean,
  isBase: boolean,
  isTested: boolean,
): string {
  const points = (value: number): string => (100 * value).toFixed(1);
  if (!isTested) return 'Not tested: the budget ended before.';
  if (Number.isNaN(accuracy)) return 'Not tested: it failed on every item of the test.';
  if (isBase)
    return 'No improvement found: nothing dearer is better than the base beyond one standard error, and nothing that costs no more is better.';
  const by = `${points(versusBase.difference)} points, 95%: ${points(versusBase.ci95[0])} to ${points(versusBase.ci95[1])}`;
  const name = plus === '' ? formula : plus;
  if (improved) return `${name} improves on the base by ${by}.`;
  return `No improvement found: ${name} looked best on dev (${points(dev)}%), and on the test it differs from the base by ${by}.`;
}

function droppedIn(
  { to, dropped }: Round,
  arms: readonly Arm[],
  asked: readonly (readonly Asked[])[],
): Report['dropped'] {
  return dropped.map(({ arm, why, than }) => ({
    formula: (arms[arm] as Arm).model.name,
    why:
      why === 'budget'
        ? 'the budget did not carry it further'
        : `shown to be worse than ${(arms[than ?? 0] as Arm).model.name}`,
    after: why === 'budget' ? (asked[arm] ?? []).length : to,
    dev: meanGrade((asked[arm] ?? []).map(({ grade }) => grade)),
  }));
}

/** Messages that differ in their numbers alone are one, with how many there are. */
function folded(messages: readonly string[]): readonly string[] {
  const alike = Map.groupBy(messages, (message) => message.replaceAll(/\d+/g, '0'));
  return [...alike.values()].map((all) => (all.length > 1 ? `${all[0]} (${all.length} alike)` : (all[0] as string)));
}

const half = (limits: Limits): Limits =>
  Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [name, limit === undefined ? undefined : limit / 2]),
  );

/** Items of these, from the first, that are sure not to go over what remains; likely, where nothing bounds them. */
function affordedItems(
  arms: readonly Arm[],
  task: Task,
  items: readonly Item[],
  remaining: Limits,
  rates: Rates,
): number {
  let taken = ZERO;
  for (const [count, item] of items.entries()) {
    taken = sum(taken, worstOfArms(arms, task, item));
    if (!isWithin(likely(taken, rates), remaining)) return count;
  }
  return items.length;
}

/** Items that wordings evolve on, and the part of the budget that they may take. */
const EVOLVED_ON = 16;
const FOR_WORDING = 0.3;

interface Evolving extends Pick<CompileOptions, 'elsewhere'> {
  readonly reflect: Model;
  readonly context: Context;
  readonly task: Task;
  readonly prepared: Prepared;
  readonly budget: Limits;
}

/** New wordings, made on training items within a part of the budget. */
function evolved(
  { reflect, context, task, prepared: { base, space, split }, budget, elsewhere }: Evolving,
  ask: (
    asked: readonly { readonly arm: Arm; readonly text: string }[],
    items: readonly Item[],
  ) => Promise<Trial | undefined>,
): Promise<readonly string[]> {
  const before = { ...context.budget.spent };
  const left = (): Limits =>
    Object.fromEntries(
      COUNTS.map((name) => {
        const limit = budget[name];
        return [
          name,
          limit === undefined ? undefined : FOR_WORDING * limit + before[name] - context.budget.spent[name],
        ];
      }),
    );
  const write: EvolveOptions['write'] = async (writing, item) => {
    if (!elsewhere) return written(reflect, writing, context);
    const [done] = await (await elsewhere({ demonstrations: [], arms: [], writing }))(item, [0]);
    if (done) await charge(context, done.charged, done.spending);
    return String(takeIn(done, context));
  };
  return evolve({
    context,
    task,
    write,
    writer: reflect.name,
    seeds: space.wording?.texts ?? [],
    items: split.train.slice(0, EVOLVED_ON),
    affords: () => COUNTS.every((name) => (left()[name] ?? Infinity) > 0),
    async ask(texts, items) {
      const asked = texts.map((text) => ({ arm: instructed(base, text), text }));
      const arms = asked.map(({ arm }) => arm);
      if (affordedItems(arms, task, items, left(), {}) < items.length) return undefined;
      return (await ask(asked, items))?.asked;
    },
  });
}
