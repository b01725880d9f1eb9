import { expect, it } from 'vitest';
import { ask, plus, questionOf, scorer, user, type Model } from '../../core/index.ts';
import { critic, selfRefine } from '../../iterate/index.ts';
import { autoMix, reflexion } from '../../recipes/index.ts';
import { clarify, paraphrase, rephraseAndRespond, stepBack } from '../../rephrase/index.ts';
import { abMcts } from '../../search/index.ts';
import { scripted, type Scripted } from '../written/index.ts';
import { TINY_PROMPTS } from './prompts.ts';
import { tiny } from './tiny.ts';

const PLAIN = 'Question: Mia has 14 apples. She gets 23 more. She loses 9. How many apples does Mia have?';
const STEPS = `${PLAIN}\nSolve it step by step.`;
const WRONG = '14+23=37\n37-9=29\nAnswer: 29';

/** A model that is spoken to as the embedded one, and answers by the list. */
function speaking(...replies: readonly string[]): { readonly model: Model; readonly heard: () => string[] } {
  const inner: Scripted = scripted(replies);
  return {
    model: { ...inner, prompts: TINY_PROMPTS },
    heard: () => inner.calls.map(({ request: { prompt } }) => questionOf(prompt)),
  };
}

it('drafts, checks and revises in the words it was taught, each time from the beginning', async () => {
  const { model, heard } = speaking(
    WRONG,
    '14+23=37 ok\n37-9=28 not 37-9=29\nVerdict: wrong',
    '14+23=37\n37-9=28\nAnswer: 28',
    '37-9=28 ok\nVerdict: right',
  );
  const { sample } = await ask(plus(model, selfRefine()), STEPS);
  expect(sample.providerMetadata?.['plusx']).toEqual({ rounds: 1 });
  expect(heard()).toEqual([
    STEPS,
    `${PLAIN}\nDraft:\n${WRONG}\nCheck the draft.`,
    `${PLAIN}\nDraft:\n${WRONG}\nCritique:\n14+23=37 ok\n37-9=28 not 37-9=29\nVerdict: wrong\nRevise the draft.`,
    `${PLAIN}\nDraft:\n14+23=37\n37-9=28\nAnswer: 28\nCheck the draft.`,
  ]);
});

it.each([
  [true, 'Critique:\n14+23=37 ok\n37-9=28 not 37-9=29\nVerdict: wrong\nRevise the draft.'],
  [false, 'Improve the draft.'],
])('is told of a wrong equation in the form of its critiques where its value is revealed: %s', async (reveal, told) => {
  const { model, heard } = speaking(WRONG, '14+23=37\n37-9=28\nAnswer: 28');
  await ask(plus(model, critic({ check: 'equations', reveal })), STEPS);
  expect(heard()[1]).toBe(`${PLAIN}\nDraft:\n${WRONG}\n${told}`);
});

it('rewords, rephrases and steps back in the words it was taught', async () => {
  const worded = speaking('Mia owns apples.', 'Answer: 1');
  await ask(plus(worded.model, rephraseAndRespond()), `${PLAIN}\nAnswer directly.`);
  expect(worded.heard()).toEqual([
    `${PLAIN}\nRephrase the question plainly.`,
    'Question: Mia owns apples.\nAnswer directly.',
  ]);
  const back = speaking('What language is spoken?', 'Facts: Some is.\nAnswer: Some', 'Answer: yes');
  await ask(plus(back.model, stepBack()), 'Question: Can Mia speak?\nAnswer directly.');
  expect(back.heard()).toEqual([
    'Question: Can Mia speak?\nAsk a more general question first.',
    'Question: What language is spoken?\nAnswer step by step.',
    'Facts: Some is.\nQuestion: Can Mia speak?\nAnswer directly.',
  ]);
});

it('asks for the meaning of a word, and takes the reply as a note', async () => {
  const { model, heard } = speaking('Answer: what does to blim mean', 'Answer: 5');
  const question = 'Question: Mia has 9 pens. She has to blim 4. How many pens does Mia have?';
  const host = { respond: async (asked: string) => (asked === 'what does to blim mean' ? 'to lose' : '') };
  await ask(plus(model, clarify()), `${question}\nSolve it step by step.`, { host });
  expect(heard()).toEqual([
    `${question}\nIs a word unclear?`,
    `Note: to blim means to lose.\n${question}\nSolve it step by step.`,
  ]);
});

it('is understood by the embedded model itself', async () => {
  const request = { prompt: [user(STEPS)], temperature: 0 };
  const right = await ask(plus(tiny(), selfRefine({ rounds: 1 })), request);
  expect(right.text).toMatch(/^14\+23=37\n37-9=28\nAnswer: 28$/);
  const voted = await ask(plus(tiny(), paraphrase({ n: 2 })), request);
  expect([voted.sample.answer, voted.sample.providerMetadata?.['plusx']]).toMatchObject([
    '28',
    { share: 1, abstained: 0 },
  ]);
});

it('judges and mends its own attempts in the words it was taught', async () => {
  const { model, heard } = speaking(
    WRONG,
    'Answer: no',
    '37-9=28 not 37-9=29\nVerdict: wrong',
    '37-9=28\nAnswer: 28',
    'Answer: yes',
  );
  await ask(plus(model, reflexion()), STEPS);
  const drafted = `${PLAIN}\nDraft:\n${WRONG}\n`;
  expect(heard()).toEqual([
    STEPS,
    `${drafted}Is the draft right? Answer yes or no.`,
    `${drafted}Check the draft.`,
    `${drafted}Critique:\n37-9=28 not 37-9=29\nVerdict: wrong\nRevise the draft.`,
    `${PLAIN}\nDraft:\n37-9=28\nAnswer: 28\nIs the draft right? Answer yes or no.`,
  ]);
  const small = scripted(({ prompt }) => (questionOf(prompt).endsWith('yes or no.') ? 'Answer: no' : WRONG));
  await ask(autoMix([{ ...small, prompts: TINY_PROMPTS }, speaking('28').model], { k: 1 }), STEPS);
  expect(small.calls.map(({ request: { prompt } }) => questionOf(prompt))[1]).toBe(
    `${drafted}Is the draft right? Answer yes or no.`,
  );
});

it('improves an answer in the words it was taught, apart from the conversation', async () => {
  const score = scorer('none', () => 0);
  const heard: string[] = [];
  for (let seed = 0; seed < 8; seed++) {
    const { model, heard: told } = speaking(WRONG, WRONG, WRONG);
    await ask(plus(model, abMcts({ n: 3, score })), STEPS, { seed });
    heard.push(...told());
  }
  expect(new Set(heard)).toEqual(new Set([STEPS, `${PLAIN}\nDraft:\n${WRONG}\nImprove the draft.`]));
});
