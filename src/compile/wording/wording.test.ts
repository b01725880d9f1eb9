/** Wordings that evolve: a defective one is recovered from, what helps nothing is not taken, and what was evolved is in the file. */
import { expect, it } from 'vitest';
import { techniques } from '../../catalog.ts';
import { questionOf, textOf } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
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
  expect((await load(program, { base: model })).name).toBe(compiled.model.name);
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
