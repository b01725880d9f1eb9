import { expect, it } from 'vitest';
import { ask, plus, questionOf, textOf } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { asked, facts } from '../shared/test-support/asking.ts';
import { law } from './easy-first.law.ts';
import { easyFirst } from './easy-first.ts';

testLaw(law);

it('fixes the part with the largest share first, and shows it to the others', async () => {
  const model = scripted(({ prompt: got }, { index }) => {
    const text = questionOf(got);
    if (text.includes('Name the questions')) return '1. Hard?\n2. Easy?';
    if (text.endsWith('briefly: Easy?')) return 'Answer: yes';
    if (text.endsWith('briefly: Hard?')) return text.includes('A: yes') ? 'Answer: sure' : `Answer: ${index}`;
    return textOf(text).includes('A: sure') ? 'solved' : 'lost';
  });
  const { text, sample, usage } = await ask(plus(model, easyFirst({ n: 3 })), 'How?');
  expect([text, facts(sample), usage.calls]).toMatchObject(['solved', { order: [2, 1] }, 2 + 3 * 3]);
  expect(asked(model).at(-1)).toContain('Q: Hard?\nA: sure\nQ: Easy?\nA: yes\n');
});

it('counts answers that say the same as one, however they are written', async () => {
  const model = scripted(({ prompt: got }, { index }) => {
    const text = questionOf(got);
    if (text.includes('Name the questions')) return '1. Hard?\n2. Easy?';
    if (text.endsWith('briefly: Easy?')) return ['Answer: Paris', 'The answer is paris!', 'Answer: PARIS'][index] ?? '';
    if (text.endsWith('briefly: Hard?')) return ['Answer: 7', 'Answer: 7', 'Answer: 8'][index] ?? '';
    return 'solved';
  });
  const { sample } = await ask(plus(model, easyFirst({ n: 3 })), 'How?');
  expect(facts(sample)).toMatchObject({ order: [2, 1] });
});
