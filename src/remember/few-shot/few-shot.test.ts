import { expect, it } from 'vitest';
import { ask, plus, system, textOf, user } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { memoryOf } from '../shared/memory-of.ts';
import { plusxOf, prompts, QUESTION } from '../shared/test-support/asked.ts';
import { law } from './few-shot.law.ts';
import { fewShot } from './few-shot.ts';

testLaw(law);

it('shows the nearest examples as turns, the nearest last, after the instructions', async () => {
  const list = [
    { question: 'How deep is the sea?', answer: '4 km' },
    { question: 'What is the opposite of < slow >?', answer: 'quick' },
    { question: 'What is similar to < slow >?', answer: 'sluggish' },
  ];
  const model = scripted(() => 'fast');
  const prompt = [system('Be brief.'), user(QUESTION)];
  await ask(plus(model, fewShot({ k: 2, examples: { name: 'words', list } })), { prompt });
  expect(prompts(model)[0]?.map(({ role, content }) => [role, textOf(content)])).toEqual([
    ['system', 'Be brief.'],
    ['user', 'What is the opposite of < slow >?'],
    ['assistant', 'quick'],
    ['user', 'What is similar to < slow >?'],
    ['assistant', 'sluggish'],
    ['user', QUESTION],
  ]);
  const memory = memoryOf([
    { id: '1', text: 'What is similar to < slow >?', data: { answer: 'sluggish' } },
    { id: '2', text: 'What is similar to a note without an answer?' },
  ]);
  expect(await plusxOf(QUESTION, model, fewShot(), { host: { memory } })).toEqual({ examples: 1 });
});
