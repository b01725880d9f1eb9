import { describe, expect, it } from 'vitest';
import { ask, plus } from '../../core/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { asked, facts, formed, forms, says } from '../test-support/conversation.ts';
import { law } from './self-discover.law.ts';
import { selfDiscover } from './self-discover.ts';

testLaw(law);

describe('selfDiscover', () => {
  it('selects, adapts, implements and solves, by the caller’s modules where there are any', async () => {
    const model = says('m', (text) =>
      text.includes('Which of these')
        ? 'Count.'
        : text.includes('Reword')
          ? 'Count the cats.'
          : text.includes('Turn these')
            ? '{"cats":""}'
            : '3',
    );
    const { text, sample } = await ask(plus(model, selfDiscover({ modules: 'Count.\nGuess.' })), formed);
    expect([text, facts(sample)]).toMatchObject(['3', { structure: '{"cats":""}' }]);
    expect(asked(model).map((one) => one.split('\n').at(-1))).toEqual([
      'Guess.',
      'Count.',
      'Count the cats.',
      '{"cats":""}',
    ]);
    expect(forms(model)).toEqual([false, false, false, true]);
  });
});
