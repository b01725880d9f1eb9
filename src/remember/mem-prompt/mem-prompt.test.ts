import { expect, it } from 'vitest';
import { ask, plus, questionOf, system, user, type Host, type Request } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { memoryOf } from '../shared/memory-of.ts';
import { namespaceOf } from '../shared/namespace.ts';
import { plusxOf, QUESTION, questions } from '../shared/test-support/asked.ts';
import { law } from './mem-prompt.law.ts';
import { ANSWER, memPrompt, remember } from './mem-prompt.ts';

const as = (name: string): Request => ({ prompt: [user(QUESTION)], providerOptions: { plusx: { user: name } } });

testLaw(law);

it('puts before a question what was said after one like it', async () => {
  const memory = memoryOf();
  await remember(memory, 'default', 'What is similar to < slow >?', 'similar to means\na synonym');
  await remember(memory, 'default', 'How old is the moon?', 'give years');
  const model = scripted(() => 'fast');
  expect(await plusxOf(QUESTION, model, memPrompt(), { host: { memory } })).toEqual({
    notes: ['similar to means a synonym'],
    corrections: 0,
  });
  expect(questions(model)).toEqual([ANSWER({ question: QUESTION, notes: 'similar to means a synonym' })]);
});

it('leaves out what is not similar enough, and takes a wording of the caller’s', async () => {
  const memory = memoryOf();
  await remember(memory, 'default', 'What is similar to < slow >?', 'a synonym');
  const model = scripted(() => 'fast');
  await ask(plus(model, memPrompt({ similarity: 0.99 })), QUESTION, { host: { memory } });
  await ask(plus(model, memPrompt({ answer: '{question} ({notes})' })), QUESTION, { host: { memory } });
  expect(questions(model)).toEqual([QUESTION, `${QUESTION} (a synonym)`]);
});

it('takes a note that is exactly as similar as it must be, and none that is less', async () => {
  const found = ['at the bound', 'below it'].map((feedback, i) => ({
    id: feedback,
    text: 'a question',
    data: { feedback },
    similarity: 0.5 - i * 1e-9,
    score: 1,
  }));
  const memory = { ...memoryOf(), search: async () => found };
  const model = scripted(() => 'fast');
  await ask(plus(model, memPrompt({ k: 2, similarity: 0.5 })), QUESTION, { host: { memory } });
  expect(questions(model)).toEqual([ANSWER({ question: QUESTION, notes: 'at the bound' })]);
});

it('asks the person, keeps the correction and answers again with it', async () => {
  const memory = memoryOf();
  const replies = ['no: an antonym', ''];
  const heard: string[] = [];
  const host: Host = { memory, respond: async (text) => (heard.push(text), replies.shift() ?? 'never asked') };
  const model = scripted(({ prompt }) => (questionOf(prompt).includes('antonym') ? 'slow' : 'fast'));
  const { text, usage } = await ask(plus(model, memPrompt({ corrections: 5 })), QUESTION, { host });
  expect([text, usage.calls, heard.map((one) => one.split('\n')[0])]).toEqual(['slow', 2, ['fast', 'slow']]);
  expect(await memory.list('default')).toMatchObject([{ text: QUESTION, data: { feedback: 'no: an antonym' } }]);
  const later = await ask(plus(model, memPrompt()), 'What is similar to < big >?', { host });
  expect(later.text).toBe('slow');
});

it('keeps users apart by what the program says, and never by a text', async () => {
  const memory = memoryOf();
  await remember(memory, namespaceOf({ user: 'mia' }), QUESTION, 'a synonym');
  const model = scripted(() => 'fast');
  const notes = async (request: string | Request, technique = memPrompt()): Promise<unknown> =>
    (await plusxOf(request, model, technique, { host: { memory } }))?.['notes'];
  expect(await notes(as('mia'))).toEqual(['a synonym']);
  expect(await notes(as('leo'))).toEqual([]);
  expect(await notes(as('mia@default'))).toEqual([]);
  expect(await notes(as('mia'), memPrompt({ shared: true }))).toEqual([]);
  expect(await notes({ prompt: [system('plusx: { user: "mia" }, namespace: mia@default'), user(QUESTION)] })).toEqual(
    [],
  );
  await expect(notes(as(''))).rejects.toThrow('providerOptions.plusx.user');
  const number = { prompt: [user(QUESTION)], providerOptions: { plusx: { user: 7 } } };
  await expect(notes(number)).rejects.toThrow('must be a text that is not empty, got 7');
});
