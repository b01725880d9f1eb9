import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  judge,
  memoryJournal,
  plus,
  questionOf,
  seeded,
  systemClock,
  textOf,
  type Context,
  type Journal,
  type Model,
  type Scorer,
  type Transform,
} from '../../core/index.ts';
import { critic, selfRefine } from '../../iterate/index.ts';
import { scripted, type Scripted } from '../../models/written/index.ts';
import { mixtureOfAgents } from '../../recipes/index.ts';
import {
  abMcts,
  beamSearch,
  bestOfN,
  ensemble,
  mcts,
  particleFilter,
  rejection,
  selfConsistency,
  treeOfThoughts,
} from '../../search/index.ts';
import type { Item, Task } from '../../tasks/index.ts';
import { createBudget, type Budget } from '../../core/accounts/budget.ts';
import { gradeItem } from '../eval.ts';
import { handedOut, mayDivide, type Share } from './division.ts';
import { doItem, readElsewhere, type DoneElsewhere } from './elsewhere.ts';

const item: Item = {
  id: 'one',
  request: { prompt: [{ role: 'user', content: [{ type: 'text', text: 'How many?' }] }] },
  expected: '3',
};
const task: Task = {
  name: 'numbers',
  items: [item],
  metric: { name: 'right', grade: ({ content }) => Number(textOf(content).includes('3')) },
};

/** Its answers are numbers, and ratings where it is asked for one. `failing`: how often a draw fails, the same one always. */
const base = (failing: number): Scripted =>
  scripted(({ prompt }, { choice }) => {
    if (choice.fork('fails').categorical([1 - failing, failing]) === 1) return new Error('the server is away');
    const number = choice.fork('answer').seed() % 10;
    return /from 0 .*to 10/.test(questionOf(prompt)) ? `Rating: ${number}` : `It is ${number}`;
  });

const unlimited = (): Budget => createBudget({ calls: 1e6 }, systemClock, undefined, 'run');

/** Techniques of a few calls, and searches over what they make. */
const INNER: readonly ((base: Model) => Transform)[] = [
  () => selfRefine({ rounds: 2 }),
  (model) => critic({ rounds: 2, score: judge(model) }),
  (model) => mcts({ n: 6, by: 'prompt', score: judge(model) }),
  (model) => abMcts({ n: 8, score: judge(model) }),
  () => treeOfThoughts({ thoughts: 'propose', breadth: 2, depth: 2 }),
  () => selfConsistency({ n: 3 }),
];
const OUTER: readonly ((base: Model, n: number) => Transform)[] = [
  (_, n) => selfConsistency({ n }),
  (_, n) => selfConsistency({ n, stop: 'adaptive' }),
  (model, n) => bestOfN({ n, score: judge(model) }),
  () => selfRefine({ rounds: 1 }),
];

interface Formula {
  readonly layers: readonly number[];
  readonly n: number;
}

/** What makes the same formula over a model of one process. */
type Making = (model: Model) => Model;
const made =
  ({ layers, n }: Formula): Making =>
  (model) => {
    const [first = 0, ...others] = layers;
    return others.reduce<Model>(
      (below, at) => plus(below, (OUTER[at % OUTER.length] as (typeof OUTER)[number])(model, n)),
      plus(model, (INNER[first % INNER.length] as (typeof INNER)[number])(model)),
    );
  };

const done = async (make: Making, failing: number, journal: Journal, budget: Budget, share?: Share) => {
  const model = base(failing);
  const text = await doItem(
    item,
    [(of, context) => gradeItem(make(model), task, of, { repeats: 1, records: false }, context)],
    { seed: 7, journal, run: '1', budget, share, patienceMs: 5 },
  );
  const [result] = readElsewhere(text) as [DoneElsewhere];
  return { result, draws: model.calls.flatMap(({ seeds }) => seeds) };
};

/** All of it, done by its branches in an order of `choice`, each as if in a process of its own. */
async function divided(make: Making, failing: number, order: number) {
  const journal = memoryJournal();
  const budget = unlimited();
  const places: string[] = [];
  const draws: number[] = [];
  let units = 0;
  for (;;) {
    const { result, draws: own } = await done(make, failing, journal, budget, { done: [...places] });
    draws.push(...own);
    if (!result.met) return { result, draws, units, places, spent: budget.spent };
    const choice = seeded(`${order} ${units}`);
    const branches = handedOut(result.met)
      .map((one, i) => ({ one, at: choice.fork(`${i}`).seed() }))
      .toSorted((a, b) => a.at - b.at);
    for (const { one } of branches) {
      const part = await done(make, failing, journal, budget, { done: [...places], branches: one });
      expect(part.result.met).toBeUndefined();
      draws.push(...part.draws);
      units++;
    }
    places.push(result.met.place);
    expect(places.length).toBeLessThan(100);
  }
}

it('an item that is done by its branches, in whatever order, comes to the same, and makes each draw once', async () => {
  let handed = 0;
  const formula = fc.record({
    layers: fc.array(fc.nat(11), { minLength: 1, maxLength: 3 }),
    n: fc.integer({ min: 2, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(formula, fc.nat(99), async (one, order) => {
      const budget = unlimited();
      const whole = await done(made(one), 0, memoryJournal(), budget);
      expect(whole.result.error).toBeUndefined();
      const parts = await divided(made(one), 0, order);
      expect(parts.result).toEqual({ ...whole.result, charged: parts.result.charged });
      expect(new Set(parts.draws)).toEqual(new Set(whole.draws));
      expect(parts.spent).toEqual(budget.spent);
      expect(new Set(parts.draws).size).toBe(parts.draws.length);
      handed += parts.units;
    }),
    { seed: Number(process.env['PLUSX_SEED'] ?? 1), numRuns: 30 },
  );
  expect(handed).toBeGreaterThan(30);
});

/** Steps are words: the rest is asked for. */
const WORDS = { by: 'prompt', separator: ' ' } as const;
const by = (search: (of: { readonly score: Scorer; readonly model: Model }) => Transform): Making => {
  return (model) => plus(model, search({ score: judge(model), model }));
};
const SEARCHES: { readonly [what: string]: readonly [make: Making, places: number, units: number] } = {
  'subtrees of a diverse search': [
    by(({ score }) => beamSearch({ ...WORDS, score, variant: 'dvts', beams: 3, width: 2, steps: 3 })),
    1,
    3,
  ],
  'the beginnings of each step of a beam, but for the first, which has one': [
    by(({ score }) => beamSearch({ ...WORDS, score, beams: 3, width: 4, steps: 3 })),
    2,
    6,
  ],
  'particles, four in a unit': [by(({ score }) => particleFilter({ ...WORDS, score, n: 8, steps: 2 })), 2, 4],
  'answers of a tree that are under way at once': [
    by(({ score }) => mcts({ ...WORDS, score, n: 12, width: 6, parallel: 6 })),
    2,
    4,
  ],
  'the same, each new or improved': [by(({ score }) => abMcts({ score, scale: 10, n: 12, parallel: 6 })), 2, 4],
  'verdicts on thoughts, three on each': [
    by(() => treeOfThoughts({ proposals: 8, depth: 1, breadth: 2, read: (reply) => reply.split('') })),
    1,
    2, // six different ones
  ],
  'replies for thoughts, and the verdicts on them': [
    by(() => treeOfThoughts({ thoughts: 'sample', proposals: 4, depth: 2, breadth: 4 })),
    2,
    2 + 4, // of the second level: on the first there are three different ones
  ],
  'looks of a judge that votes': [
    by(({ model }) => bestOfN({ n: 4, score: judge(plus(model, selfConsistency({ n: 5 }))) })),
    1,
    2,
  ],
};
const WHOLE: { readonly [what: string]: Making } = {
  'one answer after the other': by(({ score }) => mcts({ ...WORDS, score, n: 12 })),
  'one thought after the other': by(({ score }) => treeOfThoughts({ search: 'dfs', score, proposals: 8 })),
  'single replies, and single looks of a judge': by(({ score }) =>
    treeOfThoughts({ score, proposals: 12, breadth: 12 }),
  ),
  'single votes': by(() => selfConsistency({ n: 40, stop: 'adaptive' })),
  'draws until one is good, of which the next may not be needed': by(({ score }) =>
    rejection({ score, threshold: 11, n: 20, parallel: 20 }),
  ),
  'small subtrees, two of them': by(({ score }) =>
    beamSearch({ ...WORDS, score, variant: 'dvts', beams: 2, width: 1, steps: 2 }),
  ),
};

it.each(Object.entries(SEARCHES))('goes out side by side: %s', async (_, [make, places, units]) => {
  for (const failing of [0, 0.15]) {
    const budget = unlimited();
    const whole = await done(make, failing, memoryJournal(), budget);
    const parts = await divided(make, failing, 3);
    expect(parts.result.value).toEqual(whole.result.value);
    if (failing > 0) continue;
    expect(parts.result).toEqual({ ...whole.result, charged: parts.result.charged });
    expect(parts.draws.toSorted((a, b) => a - b)).toEqual(whole.draws.toSorted((a, b) => a - b));
    expect(parts.spent).toEqual(budget.spent);
    expect([parts.places.length, parts.units]).toEqual([places, units]);
    expect(mayDivide(make(base(0)), item.request)).toBe(true);
  }
});

it.each(Object.entries(WHOLE))('stays with one process: %s', async (_, make) => {
  expect(mayDivide(make(base(0)), item.request)).toBe(false);
  expect((await divided(make, 0, 0)).units).toBe(0);
});

it('nothing is handed out that is worth less than a unit', async () => {
  // Five single draws, and two revisions of three calls each.
  for (const layers of [[5], [0]]) expect((await divided(made({ layers, n: 5 }), 0, 0)).units).toBe(0);
  // A vote over five of them.
  const { units, places } = await divided(made({ layers: [0, 0], n: 5 }), 0, 0);
  expect({ units, places: places.length }).toEqual({ units: 3, places: 1 });
});

it('where nothing can be handed out, it is known beforehand', async () => {
  for (const layers of [[5], [0], [5, 3], [0, 0], [0, 3]]) {
    const formula = made({ layers, n: 4 });
    const { units } = await divided(formula, 0, 0);
    expect([layers, units > 0]).toEqual([layers, units > 0 && mayDivide(formula(base(0)), item.request)]);
  }
  for (const layers of [[5], [0]]) expect(mayDivide(made({ layers, n: 4 })(base(0)), item.request)).toBe(false);
});

it('what goes on beside the branches is done by the item itself, and not by each who does some of them', async () => {
  const refined = (model: Model, votes: number): Model =>
    plus(model, selfRefine({ rounds: 2 }), selfConsistency({ n: votes }));
  const late = (model: Scripted): Model => ({
    ...model,
    async sample(request, context) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return model.sample(request, context);
    },
  });
  for (const order of [0, 1])
    for (const of of [ensemble, (models: readonly Model[]) => mixtureOfAgents(models, { layers: 1 })]) {
      const run = async (journal: Journal, share?: Share) => {
        const [one, other] = [base(0), base(0)];
        const models = [refined(late(one), 5), plus(late(other), selfRefine({ rounds: 2 }))];
        const model = of(order === 0 ? models : models.toReversed());
        const work = (asked: Item, context: Context): Promise<unknown> =>
          gradeItem(model, task, asked, { repeats: 1, records: false }, context);
        const text = await doItem(item, [work], { seed: 7, journal, run: '1', budget: unlimited(), share });
        const [result] = readElsewhere(text) as [DoneElsewhere];
        return { result, draws: [one, other].flatMap(({ calls }) => calls.flatMap(({ seeds }) => seeds)) };
      };
      const whole = await run(memoryJournal());
      const journal = memoryJournal();
      const draws: number[] = [];
      const places: string[] = [];
      const values: unknown[] = [];
      for (;;) {
        const { result, draws: own } = await run(journal, { done: [...places] });
        draws.push(...own);
        values.push(result.value);
        if (!result.met) break;
        // Side by side, as several workers do them.
        const units = handedOut(result.met).map((branches) => run(journal, { done: [...places], branches }));
        for (const unit of await Promise.all(units)) draws.push(...unit.draws);
        places.push(result.met.place);
      }
      expect(places.length).toBeGreaterThan(0);
      expect(values.at(-1)).toEqual(whole.result.value);
      const inOrder = (all: readonly number[]): number[] => all.toSorted((a, b) => a - b);
      expect(inOrder(draws)).toEqual(inOrder(whole.draws));
    }
});

it('draws that fail are tried again by whoever goes on, and the item ends as it would', async () => {
  for (let order = 0; order < 10; order++) {
    const formula = made({ layers: [order, order + 1], n: 4 });
    const whole = await done(formula, 0.1, memoryJournal(), unlimited());
    const parts = await divided(formula, 0.1, order);
    expect(parts.result.value).toEqual(whole.result.value);
  }
});

it('a share ends as soon as it is stopped, though it waits for what others draw', async () => {
  const formula = made({ layers: [0, 0], n: 5 });
  const stop = new AbortController();
  const model = base(0);
  const work = (of: Item, context: Context): Promise<unknown> =>
    gradeItem(formula(model), task, of, { repeats: 1, records: false }, context);
  const share: Share = { done: ['no place', 'nor this'], branches: { place: 'another', from: 0, to: 1 } };
  const signal = stop.signal;
  const how = { seed: 7, journal: memoryJournal(), run: '1', budget: unlimited(), share, patienceMs: 1e6, signal };
  const running = doItem(item, [work], how);
  setTimeout(() => stop.abort(new Error('enough')), 5);
  await expect(running).rejects.toThrow('enough');
  expect(model.calls).toEqual([]);
});
