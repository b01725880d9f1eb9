import { describe, expect, it } from 'vitest';
import { ask, plus, scorer, textOf } from '../../core/index.ts';
import type { Scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { asked, facts, formed, forms, prompt, says } from '../test-support/conversation.ts';
import { law } from './reflexion.law.ts';
import { JUDGE, REFLECT, reflexion, RETRY } from './reflexion.ts';

testLaw(law);

describe('reflexion', () => {
  const learner = (): Scripted =>
    says('learner', (text) =>
      text === JUDGE()
        ? 'It looks odd.\nNo.'
        : text === REFLECT({ score: '0' })
          ? 'Count again.'
          : text.includes('- Count again.')
            ? '3'
            : '2',
    );

  it('tries again with its reflections in view, and keeps the form of the answer', async () => {
    const model = learner();
    const { text, sample, usage } = await ask(plus(model, reflexion({ trials: 2 })), formed);
    expect([text, usage.calls]).toEqual(['3', 5]);
    expect(facts(sample)).toMatchObject({ score: 0, reflections: ['Count again.'] });
    expect(asked(model)).toEqual([
      'How many?',
      JUDGE(),
      REFLECT({ score: '0' }),
      RETRY({ question: 'How many?', reflections: '- Count again.' }),
      JUDGE(),
    ]);
    expect(forms(model)).toEqual([true, false, false, true, false]);
    for (const { request } of model.calls) expect(request.prompt[0]).toEqual(prompt[0]);
  });

  it('ends at an attempt that is good enough, and keeps only the latest reflections in view', async () => {
    const model = learner();
    const perfect = scorer('perfect', ({ content }) => textOf(content) === '2');
    expect((await ask(plus(model, reflexion({ evaluate: perfect })), 'q')).usage.calls).toBe(1);
    let told = 0;
    const forgetful = says('forgetful', (text) => (text.startsWith('Your last') ? `lesson ${++told}` : 'x'));
    await ask(plus(forgetful, reflexion({ trials: 4, memory: 2, evaluate: scorer('never', () => 0) })), 'q');
    expect(asked(forgetful).at(-1)).toBe(RETRY({ question: 'q', reflections: '- lesson 2\n- lesson 3' }));
  });

  it('gives the best attempt at a budget’s limit, and counts a verdict that is none as no', async () => {
    const { text, exhausted } = await ask(plus(learner(), reflexion()), 'q', { budget: { calls: 3 } });
    expect([text, exhausted]).toEqual(['2', 'calls']);
    const { warnings } = await ask(
      plus(
        says('vague', () => 'Maybe.'),
        reflexion({ trials: 1 }),
      ),
      'q',
    );
    expect(warnings).toMatchObject([{ code: 'no-verdict' }]);
  });
});
