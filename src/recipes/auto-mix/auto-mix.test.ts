import { describe, expect, it } from 'vitest';
import { ask } from '../../core/index.ts';
import type { Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { asked, facts, formed, forms, says } from '../test-support/conversation.ts';
import { law } from './auto-mix.law.ts';
import { autoMix } from './auto-mix.ts';

testLaw(law);

describe('autoMix', () => {
  const small = (verdicts: readonly string[]): Scripted =>
    says('small', (text, _, index) => (text.includes('yes or no') ? (verdicts[index] ?? 'no') : '2'));
  const large = (): Scripted => says('large', () => '3');

  it.each([
    [['yes', 'yes', 'no', 'no'], '2', { model: 'small', escalations: 0, yes: 2, verdicts: 4 }, 0],
    [['yes', 'I say no', 'no', 'perhaps'], '3', { model: 'large', escalations: 1 }, 1],
    [['yes', 'perhaps', 'perhaps', 'perhaps'], '2', { yes: 1, verdicts: 1 }, 0],
  ])('with the verdicts %j answers %s', async (verdicts, answer, expected, calls) => {
    const larger = large();
    const { text, sample } = await ask(autoMix([small(verdicts), larger]), 'How many?');
    expect([text, larger.calls.length, facts(sample)]).toMatchObject([answer, calls, expected]);
  });

  it('escalates where nothing can be read, and where the posterior is too low', async () => {
    const { text, warnings } = await ask(autoMix([small(['?', '?', '?', '?']), large()]), 'q');
    expect([text, warnings[0]?.code]).toEqual(['3', 'no-verdict']);
    const posterior = {
      k: 2,
      decide: 'posterior',
      prior: 0.5,
      yesWhenRight: 0.8,
      yesWhenWrong: 0.4,
      price: 0,
    } as const;
    // One yes of two: .8·.2 against .4·.6, a posterior of 0.4.
    for (const [largerRight, answer] of [
      [0.39, '2'],
      [0.41, '3'],
    ] as const)
      expect((await ask(autoMix([small(['yes', 'no']), large()], { ...posterior, largerRight }), 'q')).text).toBe(
        answer,
      );
    expect(() => autoMix([large()], { decide: 'posterior', yesWhenRight: 0.3 })).toThrow(/larger than yesWhenWrong/);
  });

  it('verifies in view of the question and in prose, and gives what it has at a budget’s limit', async () => {
    const model = small(['no', 'no', 'no', 'no']);
    const { text, exhausted } = await ask(autoMix([model, large()]), formed, { budget: { calls: 5 } });
    expect([text, exhausted, asked(model)[1]]).toEqual(['2', 'calls', expect.stringContaining('How many?')]);
    expect(forms(model)).toEqual([true, false, false, false, false]);
  });
});
