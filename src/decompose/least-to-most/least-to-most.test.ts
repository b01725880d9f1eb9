import { expect, it } from 'vitest';
import { ask, plus, questionOf } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { PART, WHOLE } from '../shared/parts.ts';
import { asked, facts, formed, image, prompt, replies, tools } from '../shared/test-support/asking.ts';
import { law } from './least-to-most.law.ts';
import { leastToMost, SPLIT } from './least-to-most.ts';

testLaw(law);

const table = {
  'Break it down': '1. One?\n2. Two of #1?\n3. How many?',
  'One?': 'It is 1.',
  'Two of 1': 'Answer: 2',
};

it('puts each part with the earlier ones and their answers, and the question itself last, in its form', async () => {
  const model = scripted(({ prompt: got }) => {
    const text = questionOf(got);
    if (text.includes('Break it down')) return '1. One?\n2. Two of #1?\n3. How many?';
    if (text.endsWith('briefly: One?')) return 'Answer: 7';
    return text.endsWith('briefly: Two of 7?') ? 'Fourteen.' : '{"all":21}';
  });
  const { text, sample } = await ask(plus(model, leastToMost()), formed);
  expect([text, facts(sample)]).toMatchObject(['{"all":21}', { parts: 3 }]);
  const whole = { question: 'How many?', context: '', asked: 'How many?' };
  const known = ['Q: One?\nA: 7\n', 'Q: One?\nA: 7\nQ: Two of 7?\nA: Fourteen\n'];
  expect(asked(model)).toEqual([
    SPLIT(whole),
    PART({ ...whole, part: 'One?', known: '' }),
    PART({ ...whole, part: 'Two of 7?', known: known[0] as string }),
    WHOLE({ ...whole, part: 'How many?', known: known[1] as string }),
  ]);
  for (const [i, { request }] of model.calls.entries()) {
    expect([request.prompt[0], request.prompt[1]?.content.at(-1)]).toEqual([prompt[0], image]);
    expect([request.responseFormat, request.tools, request.toolChoice]).toEqual(
      i < 3 ? [undefined, undefined, undefined] : [formed.responseFormat, tools, formed.toolChoice],
    );
  }
});

it('speaks a model’s own language, passage and all', async () => {
  const inner = replies({
    Split: '1. Who is the sister of A?\n2. Where does #1 live?',
    'Question: Who is the sister': 'Answer: B',
    'Question: Where does B': 'Answer: C',
  });
  const model = {
    ...inner,
    prompts: {
      'leastToMost.split': { say: ({ asked: q = '' }) => `Question: ${q}\nSplit it into simple questions.` },
      'leastToMost.part': {
        say: ({ context = '', part = '' }) => `${context}Question: ${part}\nAnswer from the passage.`,
      },
      'leastToMost.whole': {
        say: ({ context = '', part = '' }) => `${context}Question: ${part}\nAnswer from the passage.`,
      },
    },
  };
  const passage = 'Passage: B is the sister of A. B lives in C.\n';
  const { text } = await ask(
    plus(model, leastToMost()),
    `${passage}Question: Where does A's sister live?\nAnswer directly.`,
  );
  expect(text).toBe('Answer: C');
  expect(asked(inner)).toEqual([
    "Question: Where does A's sister live?\nSplit it into simple questions.",
    `${passage}Question: Who is the sister of A?\nAnswer from the passage.`,
    `${passage}Question: Where does B live?\nAnswer from the passage.`,
  ]);
});

it('asks the first parts and the last of a list that is too long, and says so', async () => {
  const model = replies({ ...table, 'Break it down': '1. a?\n2. b?\n3. c?\n4. d?' });
  const { warnings } = await ask(plus(model, leastToMost({ most: 2, whole: '{question} / {part}' })), 'How many?');
  expect(warnings).toMatchObject([{ code: 'parts-left-out' }]);
  expect(asked(model).slice(1)).toEqual([expect.stringContaining('briefly: a?'), 'How many? / d?']);
});

it('leaves out the last part of a list that was cut off, and says so', async () => {
  const model = scripted(({ prompt: got }) =>
    questionOf(got).includes('Break it down') ? { text: '1. a?\n2. b?\n3. bbbb', finish: 'length' } : 'Answer: 1',
  );
  const { warnings } = await ask(plus(model, leastToMost({ whole: '{question} / {part}' })), 'How many?');
  expect([warnings[0]?.code, asked(model).at(-1)]).toEqual(['list-cut-off', 'How many? / b?']);
});

it('asks the question as it is where there is no list, and says so', async () => {
  const model = replies({ 'Break it down': 'I cannot.', 'How many?': '42' });
  const { text, warnings } = await ask(plus(model, leastToMost()), 'How many?');
  expect([text, warnings[0]?.code, asked(model)[1]]).toEqual(['42', 'no-parts', 'How many?']);
});
