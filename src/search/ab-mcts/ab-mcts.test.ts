import { describe, expect, it } from 'vitest';
import { ask, assistant, plus, questionOf, scorer, textOf, user } from '../../core/index.ts';
import { scripted } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './ab-mcts.law.ts';
import { abMcts, REFINE } from './ab-mcts.ts';

testLaw(law);

describe('abMcts', () => {
  it('asks for a better answer with the one there is and its score, in the conversation', async () => {
    const model = scripted(({ prompt }) => (questionOf(prompt) === 'q' ? 'draft' : 'better'));
    const score = scorer('graded', ({ content }) => (textOf(content) === 'draft' ? 6 : 9));
    const { text, sample } = await ask(plus(model, abMcts({ n: 8, score, scale: 10 })), 'q');
    expect(text).toBe('better');
    expect(sample.providerMetadata?.plusx).toMatchObject({ score: 9, answers: 8 });
    const refined = model.calls.map(({ request }) => request.prompt).find((prompt) => prompt.length > 1);
    expect(refined).toEqual([user('q'), assistant('draft'), user(REFINE({ score: '6 of 10' }))]);
  });

  it('asks the better of two models more often, and says whose the answer is', async () => {
    const good = scripted(() => 'right', { name: 'good' });
    const poor = scripted(() => 'wrong', { name: 'poor' });
    const score = scorer('verifier', ({ content }) => textOf(content) === 'right');
    const { sample } = await ask(plus(poor, abMcts({ n: 40, score, models: [good] })), 'q');
    expect(good.calls.length).toBeGreaterThan(25);
    expect(good.calls.length + poor.calls.length).toBe(40);
    expect(sample.providerMetadata?.plusx).toMatchObject({ model: 'good', score: 1 });
  });

  it('warns of scores that are out of range', async () => {
    const { warnings } = await ask(
      plus(
        scripted(() => 'x'),
        abMcts({ n: 2, score: () => 7 }),
      ),
      'q',
    );
    expect(warnings.map(({ code }) => code)).toEqual(['score-range']);
    // One of two that are drawn together is enough.
    let drawn = 0;
    const mixed = plus(
      scripted(() => (drawn++ === 0 ? 'fair' : 'x')),
      abMcts({ n: 2, parallel: 2, score: ({ content }) => (textOf(content) === 'fair' ? 0.5 : 7) }),
    );
    expect((await ask(mixed, 'q')).warnings.map(({ code }) => code)).toEqual(['score-range']);
  });
});
