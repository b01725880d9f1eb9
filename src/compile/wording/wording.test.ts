/** Wordings that evolve: a defective one is recovered from, what helps nothing is not taken, and what was evolved is in the file. */
import { expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import { ask, questionOf, textOf } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { metricOf } from '../../tasks/metrics.ts';
import type { Metric } from '../../tasks/task.ts';
import { compile } from '../compile.ts';
import { load } from '../file/load.ts';
import { programOf } from '../file/save.ts';
import { parseSpace } from '../space/parse.ts';
import type { Space } from '../space/space.ts';
import { questions, world } from '../test-support/world.ts';

const read = (text: string): Space => parseSpace(text, { techniques, model: () => undefined });

/** Right only where it is told to name the number, and hardly ever where it is told to write a poem. */
const base = () =>
  world({ right: (prompt) => (prompt.includes('Name the number') ? 0.9 : prompt.includes('poem') ? 0.05 : 0.35) });

/** Sees from the feedback what is wanted. */
const reflecting = (wording: string) =>
  scripted(
    ({ prompt }) => {
      const asked = questionOf(prompt);
      return asked.includes('Expected: "answer')
        ? `Think.\n<instructions>${wording}</instructions>`
        : 'nothing to learn';
    },
    { name: 'critic' },
  );

it('a defective seed wording is recovered from', async () => {
  const model = base();
  const reflect = reflecting('Name the number of the answer.');
  const compiled = await compile(read('prompt("Write a poem.")'), questions(200), {
    model,
    reflect,
    budget: { calls: 2000 },
    seed: 0,
  });
  const { report, plus } = compiled;
  expect(plus).toBe('request(system="Name the number of the answer.")');
  expect(report.improved).toBe(true);
  expect(report.stages.map(({ name }) => name)).toEqual(['wording', 'race', 'test']);
  const spent = report.stages.reduce((sum, { calls }) => sum + calls, 0);
  expect(spent).toBe(model.calls.length + reflect.calls.length);
  const program = programOf(compiled, '1.0.0');
  expect(program.plus).toContain('Name the number');
  const written = JSON.parse(JSON.stringify(program)) as typeof program;
  const loaded = await load(written, { base: model });
  expect(loaded.name).toBe(compiled.model.name);
  for (let seed = 0; seed < 5; seed++) {
    const [one, two] = await Promise.all([compiled.model, loaded].map((of) => ask(of, 'Question 5?', { seed })));
    expect(two?.sample).toEqual(one?.sample);
  }
  // What it is shown holds training items alone, and none of the answers to what it is tested on.
  expect(textOf(reflect.calls[0]?.request.prompt[0]?.content as string)).toContain(
    '<instructions>Write a poem.</instructions>',
  );
});

it('a wording that is no better is not taken, and a seed of 0 is 0', async () => {
  const options = { model: base(), budget: { calls: 1500 }, seed: 0 };
  const { report } = await compile(read('prompt("Be brief.")'), questions(120), {
    ...options,
    reflect: reflecting('Write a poem about it.'),
  });
  expect(report.seed).toBe(0);
  expect(report.tried.map(({ plus }) => plus)).toEqual(['', 'request(system="Be brief.")']);
});

/** Does as it is told: which of three kinds a question is, in the words and the form that its instructions ask for. */
const obedient = () =>
  scripted(
    ({ prompt }, { choice }) => {
      const asked = prompt.map(({ content }) => (typeof content === 'string' ? content : textOf(content))).join('\n');
      const number = Number(/Question (\d+)\?/.exec(asked)?.[1]);
      const kind = choice.categorical([0.9, 0.05, 0.05]) === 0 ? number % 3 : (number + 1) % 3;
      const [, names = ''] = /one of ([a-z, ]+)\./.exec(asked) ?? [];
      const label = names.split(', ')[kind] ?? 'something';
      return asked.includes('as a JSON list') ? JSON.stringify([label]) : label;
    },
    { name: 'obedient' },
  );
const KINDS = ['animal', 'plant', 'stone'];
const kinds = (metric = metricOf('exact')) => {
  const task = questions(200, { metric });
  return { ...task, items: task.items.map((item, i) => ({ ...item, expected: KINDS[i % 3] })) };
};

it.each([
  ['asks for another form', 'Reply with one of animal, plant, stone. Write it as a JSON list.'],
  ['names other labels', 'Reply with one of creature, herb, rock.'],
  ['names no label', 'Say what kind of thing it is.'],
])('a seed wording that %s is recovered from', async (_, seed) => {
  const reflect = scripted(
    ({ prompt }) =>
      questionOf(prompt).includes('Expected: "')
        ? '<instructions>Reply with one of animal, plant, stone. Nothing else.</instructions>'
        : 'nothing to learn',
    { name: 'critic' },
  );
  const options = { model: obedient(), reflect, budget: { calls: 2000 }, seed: 0 };
  const { report, plus } = await compile(read(`prompt("${seed}")`), kinds(), options);
  expect(report.tried.find(({ plus: text }) => text.includes(seed))?.dev).toBeLessThan(0.1);
  expect(plus).toContain('Nothing else.');
  expect(report.front.find(({ picked }) => picked)?.accuracy).toBeGreaterThan(0.8);
});

it('items that a metric cannot grade end nothing, though instructions are tried on them, and it has no words for them', async () => {
  const exact = metricOf('exact');
  const own: Metric = {
    name: 'own',
    grade(sample, item, context) {
      if (Number(item.id) % 2 === 0) throw new TypeError('no such key');
      return exact.grade(sample, item, context);
    },
    feedback() {
      throw new TypeError('no words');
    },
  };
  const reflect = reflecting('Name the number of the answer.');
  const { report } = await compile(read('prompt("Write a poem.")'), questions(60, { metric: own }), {
    model: base(),
    reflect,
    budget: { calls: 1500 },
  });
  expect(report.tried.map(({ plus }) => plus)).toContain('request(system="Name the number of the answer.")');
  expect(report.warnings.join('\n')).toMatch(/own has no words for \d+: TypeError: no words/);
});

it('a model that writes no instructions, or fails, ends nothing', async () => {
  const silent = scripted(() => 'I would rather not.', { name: 'silent' });
  const broken = scripted(() => new Error('away'), { name: 'broken' });
  for (const reflect of [silent, broken]) {
    const { report } = await compile(read('prompt("Be brief.")'), questions(60), {
      model: base(),
      reflect,
      budget: { calls: 900 },
    });
    expect(report.tried).toHaveLength(2);
  }
});

it('is refused where there is no wording to evolve', async () => {
  const refused = compile(read('selfConsistency(n=[3, 5])'), questions(60), {
    model: base(),
    reflect: base(),
    budget: { calls: 900 },
  });
  await expect(refused).rejects.toThrow('reflect rewrites the wordings of prompt("..."), and the space has none');
});
