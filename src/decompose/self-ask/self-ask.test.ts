import { expect, it } from 'vitest';
import { ask, plus, questionOf } from '../../core/index.ts';
import { scripted, type Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { PART } from '../shared/parts.ts';
import { asked, facts, formed, replies, tools } from '../shared/test-support/asking.ts';
import { law } from './self-ask.law.ts';
import { ASK, FINISH, selfAsk } from './self-ask.ts';

testLaw(law);

const whole = { question: 'How many?', context: '', asked: 'How many?' };
const model = (): Scripted =>
  scripted(({ prompt: got }) => {
    const text = questionOf(got);
    if (text.endsWith('briefly: One?')) return 'Answer: 1';
    if (text.includes('Give the final answer now')) return '{"all":1}';
    return text.includes('A: 1') ? 'So the final answer is: 1' : '**Follow up:** One?';
  });

it('has follow-ups answered until the final answer, by another model where one is given', async () => {
  const answerer = replies({ 'One?': 'Answer: 1' });
  const base = model();
  const { text, sample } = await ask(plus(base, selfAsk({ answerer })), 'How many?');
  expect([text, facts(sample)]).toMatchObject(['So the final answer is: 1', { followUps: 1 }]);
  expect(asked(base)).toEqual([ASK({ ...whole, known: '' }), ASK({ ...whole, known: 'Q: One?\nA: 1\n' })]);
  expect(asked(answerer)).toEqual([PART({ ...whole, part: 'One?', known: '' })]);
});

it('draws the final answer in the form of the request', async () => {
  const base = model();
  const { text } = await ask(plus(base, selfAsk()), formed);
  expect([text, asked(base).at(-1)]).toEqual(['{"all":1}', FINISH({ ...whole, known: 'Q: One?\nA: 1\n' })]);
  expect(base.calls.at(-1)?.request).toMatchObject({ responseFormat: { type: 'json' }, tools });
});

it('ends after so many steps, and takes a reply of no form for the answer', async () => {
  const curious = replies({ briefly: 'Answer: 1', 'Give the final': 'Enough.', 'Follow up': 'Follow up: More?' });
  expect((await ask(plus(curious, selfAsk({ steps: 2 })), 'q')).text).toBe('Enough.');
  expect(curious.calls).toHaveLength(5);
  const { text, warnings } = await ask(plus(replies({ 'How many?': 'Forty.' }), selfAsk()), 'How many?');
  expect([text, warnings[0]?.code]).toEqual(['Forty.', 'no-form']);
});
