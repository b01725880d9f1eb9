import { expect, it } from 'vitest';
import { ask, plus, questionOf } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { memoryOf } from '../shared/memory-of.ts';
import { questions } from '../shared/test-support/asked.ts';
import { law } from './dynamic-cheatsheet.law.ts';
import { dynamicCheatsheet } from './dynamic-cheatsheet.ts';

testLaw(law);

it('hands the sheet on from question to question', async () => {
  const memory = memoryOf();
  const model = scripted(({ prompt }) => {
    const said = questionOf(prompt);
    return said.includes('Rewrite the cheatsheet')
      ? `Sure.\n<cheatsheet>\nlesson of ${/Answer: (\w+)/.exec(said)?.[1]}\n</cheatsheet>`
      : said.includes('lesson of one')
        ? 'two'
        : 'one';
  });
  const first = await ask(plus(model, dynamicCheatsheet()), 'first?', { host: { memory } });
  const second = await ask(plus(model, dynamicCheatsheet()), 'second?', { host: { memory } });
  expect([first.text, second.text]).toEqual(['one', 'two']);
  expect(questions(model)[0]).toBe('first?');
  expect(questions(model)[2]).toContain('Notes you made on earlier questions:\nlesson of one');
  expect(await memory.list('default#cheatsheet')).toEqual([{ id: 'cheatsheet', text: 'lesson of two' }]);
  const silent = scripted(() => 'no sheet here');
  const third = await ask(plus(silent, dynamicCheatsheet()), 'third?', { host: { memory } });
  expect(third.warnings.map(({ code }) => code)).toEqual(['no-cheatsheet']);
  expect(await memory.list('default#cheatsheet')).toEqual([{ id: 'cheatsheet', text: 'lesson of two' }]);
});

it('by retrieval rewrites from earlier answers before it answers', async () => {
  const memory = memoryOf();
  const model = scripted(({ prompt }) =>
    questionOf(prompt).includes('Rewrite the cheatsheet') ? '<cheatsheet>seen</cheatsheet>' : 'yes',
  );
  const retrieval = plus(model, dynamicCheatsheet({ variant: 'retrieval' }));
  const first = await ask(retrieval, 'Is 7 prime?', { host: { memory } });
  expect(first.usage.calls).toBe(1);
  await ask(retrieval, 'Is 8 prime?', { host: { memory } });
  expect(questions(model)[1]).toContain('Question: Is 7 prime?\nAnswer: yes');
  expect(questions(model)[2]).toContain('Notes you made on earlier questions:\nseen');
  await ask(retrieval, 'Is 8 prime?', { host: { memory } });
  expect((await memory.list('default#answers')).map(({ text }) => text)).toEqual(['Is 7 prime?', 'Is 8 prime?']);
});
