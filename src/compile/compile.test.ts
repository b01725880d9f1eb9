/** The search as a whole, on written worlds. */
import { expect, it } from 'vitest';
import { techniques } from '../catalog.ts';
import { ask, memoryJournal, seeded, type Limits } from '../core/index.ts';
import { metricOf } from '../tasks/metrics.ts';
import { compile, planOf } from './compile.ts';
import { load } from './file/load.ts';
import { programOf } from './file/save.ts';
import type { Report } from './report.ts';
import { diagnosedSpace } from './space/diagnosed.ts';
import { parseSpace } from './space/parse.ts';
import type { Space } from './space/space.ts';
import { questions, world } from './test-support/world.ts';

const read = (text: string): Space =>
  parseSpace(text, { techniques, model: () => undefined, scorers: { length: (s) => s.content.length } });

const VOTES = read(
  'anyOf(selfConsistency(n=[3, 5, 7, 9, 11, 13, 16]), adaptiveConsistency(n=[4, 8, 12, 16], threshold=[0.8, 0.95]), selfConsistency(n=[8, 12, 16], stop=["adaptive", "window"], threshold=[0.8, 0.9]), bestOfN(n=[2, 3, 4, 6, 8, 12, 16], score=length), rejection(n=[4, 16], score=length))',
);

it('base draws a question for 35 arms up to n=16 are those of the largest arm alone', async () => {
  const base = world({ right: () => 0.6 });
  const task = questions(24);
  const { report } = await compile(VOTES, task, { model: base, budget: { calls: 2000 }, seed: 1 });
  expect(report.plan.arms).toBeGreaterThan(30);
  expect(report.plan.perItem.calls).toBe(16);
  const race = report.stages.find(({ name }) => name === 'race');
  expect(race?.calls).toBe(16 * (race?.items ?? 0));
  expect(base.calls.length).toBeLessThanOrEqual(report.stages.reduce((sum, { calls }) => sum + calls, 0));
});

it('finds a vote where voting pays, and says by how much on questions that it did not look at', async () => {
  const base = world({ right: () => 0.5 });
  const { report, model } = await compile(read('selfConsistency(n=[3, 9])'), questions(120), {
    model: base,
    budget: { calls: 4000 },
    seed: 2,
  });
  expect(report.improved).toBe(true);
  expect(model.name).toBe('world + selfConsistency(n=9)');
  expect(report.verdict).toMatch(/^selfConsistency\(n=9\) improves on the base by \d/);
  expect(report.front.map(({ formula }) => formula)).toContain('world');
});

it('a space from a diagnosis: on training items, within the budget, and the search need not draw again what it drew', async () => {
  const base = world({ right: () => 0.5 });
  const [task, journal, budget] = [questions(120), memoryJournal(), { calls: 2000 }];
  const found = await diagnosedSpace(base, task, { budget, journal, seed: 1 });
  const { stage, parts, text } = found;
  // What it may take at most is set aside.
  expect(found.budget.calls).toBe(1700);
  expect(base.calls.length).toBeLessThanOrEqual(300);
  expect(stage?.calls).toBeLessThanOrEqual(300);
  expect(stage?.calls).toBeGreaterThanOrEqual(base.calls.length);
  expect(parts.find(({ part }) => part.startsWith('selfConsistency'))).toMatchObject({ isIn: true });
  const asked = base.calls.length;
  const { report } = await compile(read(text), task, {
    model: base,
    budget: found.budget,
    journal,
    seed: 1,
    origin: found,
  });
  expect(report.stages.map(({ name }) => name)).toEqual(['diagnosis', 'train', 'race', 'test']);
  expect(report.plan.parts).toEqual(parts);
  // The answers to training items that demonstrations are made of are the first of its five samples: the account counts them, nobody pays.
  const told = report.stages.slice(1).reduce((sum, { calls }) => sum + calls, 0);
  expect(base.calls.length - asked).toBe(told - (stage?.items ?? 0));
  expect(base.calls.length).toBeLessThanOrEqual(2000);
});

it('a budget too small for a diagnosis leaves the choice to the model and the task', async () => {
  const base = world({ right: () => 0.5 });
  const found = await diagnosedSpace(base, questions(60), { budget: { calls: 300 } });
  expect(found).toMatchObject({ budget: { calls: 300 }, stage: undefined });
  expect(base.calls).toHaveLength(0);
});

it('says so where nothing helps', async () => {
  const base = world({ right: (_, question) => (question % 2 === 0 ? 1 : 0) });
  const { report, model } = await compile(read('maybe(reRead) + selfConsistency(n=[3, 5])'), questions(100), {
    model: base,
    budget: { calls: 3000 },
  });
  expect(report.improved).toBe(false);
  expect(model.name).toBe('world');
  expect(report.verdict).toMatch(/^No improvement found/);
});

it('the same seed gives the same report over a journal, and pays for nothing twice', async () => {
  const journal = memoryJournal();
  const options = { budget: { calls: 1500 }, seed: 3, journal };
  const first = world({ right: () => 0.6 });
  const again = world({ right: () => 0.6 });
  const one = await compile(read('maybe(reRead) + selfConsistency(n=[3, 5])'), questions(60), {
    model: first,
    ...options,
  });
  const two = await compile(read('maybe(reRead) + selfConsistency(n=[3, 5])'), questions(60), {
    model: again,
    ...options,
  });
  expect(again.calls).toHaveLength(0);
  expect(two.report).toEqual(one.report);
});

it.each<[Limits, string]>([
  [{ calls: 1 }, 'budget of calls=1 compares nothing: the base and one composition need calls='],
  [{}, 'budget must name a limit'],
])('a budget of %j is refused before anything is asked', async (budget, message) => {
  const base = world({ right: () => 0.6 });
  await expect(compile(read('selfConsistency(n=[3, 5])'), questions(60), { model: base, budget })).rejects.toThrow(
    message,
  );
  expect(base.calls).toHaveLength(0);
});

it('plans within the budget, and the least that is named would do', () => {
  const base = world({ right: () => 0.6 });
  const space = read('selfConsistency(n=[3, 5])');
  let least = 0;
  try {
    planOf(space, questions(60), { model: base, budget: { calls: 1 } });
  } catch (error) {
    least = Number(/need calls=(\d+)/.exec(String(error))?.[1]);
  }
  expect(least).toBeGreaterThan(1);
  expect(planOf(space, questions(60), { model: base, budget: { calls: least } }).arms).toBe(2);
  expect(() => planOf(space, questions(60), { model: base, budget: { calls: least - 1 } })).toThrow('compares nothing');
});

const SETS = 'prompt("Say which.") + demos(k=[0, 4, 8], set=[0, 1, 2, 3])';
const WORDINGS = `prompt(${Array.from({ length: 24 }, (_, i) => `"Wording ${i}."`).join(', ')})`;

it.each<[string, string, Limits, number]>([
  ['fewer finalists are sure of the test where so all compositions can be tried', SETS, { calls: 160 }, 0.85],
  [
    'compositions that the budget was not sure to carry are tried where calls take less',
    WORDINGS,
    { tokens: 12_000 },
    0,
  ],
])('uses what it is given: %s', async (_, text, budget, used) => {
  const base = world({
    right: (prompt) => (prompt.includes('Wording 20.') || prompt.split('\n').length > 10 ? 0.95 : 0.3),
  });
  const { report } = await compile(read(text), questions(60), { model: base, budget, seed: 3 });
  const { plan, tried, stages } = report;
  const spent = (of: 'calls' | 'tokens'): number => stages.reduce((sum, stage) => sum + (stage[of] ?? 0), 0);
  expect(spent('calls')).toBeLessThanOrEqual(budget.calls ?? Infinity);
  expect(spent('tokens')).toBeLessThanOrEqual(budget.tokens ?? Infinity);
  expect(plan.arms < plan.most || plan.finalists < 4).toBe(true);
  expect(tried).toHaveLength(plan.most);
  expect(tried.every(({ items }) => items >= plan.first)).toBe(true);
  expect(stages.find(({ name }) => name === 'test')?.items).toBeGreaterThanOrEqual(plan.items.test);
  expect(report.improved).toBe(true);
  expect(spent('calls') / (budget.calls ?? Infinity)).toBeGreaterThanOrEqual(used);
});

it('demonstrations come from training items that the base got right', async () => {
  const base = world({ right: (prompt) => (prompt.split('\n').length > 4 ? 0.95 : 0.4) });
  const { report, demonstrations, plus } = await compile(read('demos(k=[0, 4])'), questions(200), {
    model: base,
    budget: { calls: 2000 },
  });
  expect(plus).toBe('demos(k=4)');
  expect(report.improved).toBe(true);
  expect(demonstrations.length).toBeGreaterThan(4);
  for (const { question, answer } of demonstrations)
    expect(answer).toBe(`answer ${Number(/\d+/.exec(question)?.[0]) % 7}`);
});

it('where the base is never right, demonstrations are expected answers that the metric passes', async () => {
  const base = world({ right: (prompt) => (prompt.split('\n').length > 4 ? 0.9 : 0) });
  const task = questions(80);
  const { demonstrations, plus } = await compile(read('demos(k=[0, 4])'), task, {
    model: base,
    budget: { calls: 2000 },
  });
  expect(plus).toBe('demos(k=4)');
  for (const { question, answer } of demonstrations)
    expect(answer).toBe(`answer ${Number(/\d+/.exec(question)?.[0]) % 7}`);
  const unreadable = { ...task, metric: { name: 'never', grade: () => 0 } };
  const none = await compile(read('demos(k=[0, 4])'), unreadable, { model: base, budget: { calls: 2000 } });
  expect(none.demonstrations).toEqual([]);
});

it('finds a panel where ways of asking err apart, which loads as it was found', async () => {
  const journal = memoryJournal();
  // Each wording is right on seven tenths of the questions, and votes of one wording find nothing more.
  const knows = (word: string, question: number): number => seeded(`${word} ${question}`).categorical([3, 7]);
  // The base without one is right on four tenths.
  const base = world({
    right(prompt, question) {
      const word = /Word (\w)/.exec(prompt)?.[1];
      return word === undefined ? 0.4 : knows(word, question);
    },
  });
  const search = (earlier?: readonly Report[]): ReturnType<typeof compile> =>
    compile(read('prompt("Word A.", "Word B.", "Word C.")'), questions(600), {
      model: base,
      budget: { calls: 9000 },
      seed: 1,
      journal,
      earlier,
    });
  const found = await search();
  const { report, router, model } = found;
  expect(report.picked).toMatch(/^panel\(world \+ request\(system="Word /);
  expect(report.improved).toBe(true);
  expect(router?.members).toHaveLength(3);
  const row = report.front.find(({ picked }) => picked);
  expect(row?.calls).toBeLessThanOrEqual(3);
  expect(Math.abs(report.selectionBias)).toBeLessThan(0.08);
  const loaded = await load(programOf(found, '1.0.0'), { base });
  expect(loaded.name).toBe(model.name);
  for (let i = 0; i < 20; i++) {
    const [one, two] = await Promise.all([model, loaded].map((of) => ask(of, `Question ${i}?`, { seed: i })));
    expect(two?.sample).toEqual(one?.sample);
  }
  // What a panel adds to its first member is told by its own answers, whatever searches say of the members.
  expect((await search([report])).report.picked).toBe(report.picked);
});

it.each<[string, (id: number) => number, RegExp]>([
  [
    'throws',
    (id) => {
      if (id % 5 === 0) throw new TypeError('no number in it');
      return 1;
    },
    /no number in it/,
  ],
  ['is NaN', (id) => (id % 5 === 0 ? Number.NaN : 1), /returned NaN. A grade is a number from 0 to 1/],
  ['is out of bounds', (id) => (id % 5 === 0 ? 7 : 1), /returned 7. A grade is a number from 0 to 1/],
])('a metric that %s on some items ends nothing, and is told', async (_, grade, problem) => {
  const task = questions(40, { metric: { name: 'own', grade: (_sample, { id }) => grade(Number(id)) } });
  const { report } = await compile(read('selfConsistency(n=[3, 5])'), task, {
    model: world({ right: () => 0.5 }),
    budget: { calls: 600 },
  });
  expect(report.warnings.filter((text) => problem.test(text))).toHaveLength(1);
  expect(report.warnings.join(' ')).toMatch(/\d+ items failed with a composition/);
  expect(report.base.accuracy).toBe(1);
});

it('earlier reports are read from JSON as they are, and those without grades by item are told to say nothing', async () => {
  const base = world({ right: (prompt) => (prompt.includes('Word') ? 0.8 : 0.6), failing: 0.05 });
  const search = (seed: number, earlier?: readonly Report[]): ReturnType<typeof compile> =>
    compile(read('prompt("Word A.", "Word B.")'), questions(40), {
      model: base,
      budget: { calls: 300 },
      seed,
      earlier,
    });
  const { report } = await search(1);
  const saved = JSON.parse(JSON.stringify(report)) as Report;
  expect(saved.tried.flatMap(({ grades = [] }) => grades)).toContain(null); // what failed
  for (const { grades, items } of saved.tried) expect(grades).toHaveLength(items);
  expect((await search(2, [saved])).report).toEqual((await search(2, [report])).report);
  const old = { ...saved, tried: saved.tried.map(({ plus, dev, items }) => ({ plus, dev, items })) };
  const { report: without, plus } = await search(2, [old]);
  expect(without.warnings).toContain(
    '1 of 1 reports in `earlier` hold no grades by item and say nothing: an earlier version made them.',
  );
  expect(plus).toBe((await search(2)).plus);
});

it('a round in which every item is a bad one ends nothing, and no composition is left for it', async () => {
  const task = questions(60);
  let asked = 0;
  const metric = {
    name: 'own',
    grade: (): number => {
      // The first round has eight items and four compositions: from then on nothing can be graded.
      if (++asked > 32) throw new TypeError('the file is gone');
      return 1;
    },
  };
  const { report } = await compile(
    read('selfConsistency(n=[3, 5, 7])'),
    { ...task, metric },
    {
      model: world({ right: () => 0.5 }),
      budget: { calls: 2000 },
      concurrency: 1,
    },
  );
  expect(report.warnings.join('\n')).toMatch(/items failed with a composition at least once.*the file is gone/);
  expect(report.dropped).toEqual([]);
});

it('an expected answer that the metric cannot grade is no demonstration, and ends nothing', async () => {
  const exact = metricOf('exact');
  const task = questions(60, {
    metric: {
      name: 'own',
      grade(sample, item, context) {
        if (JSON.stringify(sample.content).includes('answer 3')) throw new TypeError('no number in it');
        return exact.grade(sample, item, context);
      },
    },
  });
  const { demonstrations, report } = await compile(read('demos(k=[0, 4])'), task, {
    model: world({ right: () => 0 }),
    budget: { calls: 2000 },
  });
  expect(demonstrations.length).toBeGreaterThan(0);
  expect(report.warnings.join('\n')).toMatch(
    /own could not grade the expected answer of \d+: TypeError: no number in it/,
  );
});

it('what the model cannot do is left out beforehand, with the reason, and the rest is tried', () => {
  const plan = planOf(read('anyOf(minP(p=0.1), selfConsistency(n=[3, 5]))'), questions(60), {
    model: world({ right: () => 0.6 }),
    budget: { calls: 900 },
  });
  expect(plan.arms).toBe(3);
  expect(plan.leftOut).toEqual([{ formula: 'minP(p=0.1)', why: expect.stringContaining('minP') }]);
});

it('says how many of a large space are tried, and draws them by the seed', () => {
  const values = Array.from({ length: 1000 }, (_, i) => i + 1).join(', ');
  const space = read(
    `selfRefine(rounds=[${values}]) + selfConsistency(n=[${values}]) + adaptiveConsistency(n=[${values}])`,
  );
  const options = { model: world({ right: () => 0.6 }), budget: { calls: 1e13 }, arms: 20 };
  const plan = planOf(space, questions(60), options);
  expect(plan).toMatchObject({ size: '1000000000', arms: 21 });
  expect(plan.warnings[0]).toContain('The space has 1000000000 compositions: 20 of them are drawn by the seed.');
  expect(() => planOf(space, questions(60), { ...options, budget: { calls: 10 } })).toThrow('compares nothing');
});
