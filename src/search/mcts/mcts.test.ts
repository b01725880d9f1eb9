import { describe, expect, it } from 'vitest';
import { ask, assistant, plus, questionOf, scorer, textOf, user } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/enumerable-tokens.ts';
import { enumerable } from '../../models/written/enumerable.ts';
import { scripted } from '../../models/written/scripted.ts';
import { abMcts, REFINE } from '../ab-mcts/ab-mcts.ts';
import { mcts } from './mcts.ts';

describe('mcts', () => {
  it('finds better answers than as many independent ones where good beginnings tell', async () => {
    const tokens = ['0\n', '1\n', '2\n', '3\n'];
    const base = enumerableTokens({
      tokens,
      next: (prefix) => (prefix.length < 5 ? [1, 1, 1, 1, 0] : [0, 0, 0, 0, 1]),
      maxTokens: 5,
    });
    const sum = scorer('sum', ({ content }) =>
      textOf(content)
        .split('\n')
        .reduce((total, digit) => total + Number(digit), 0),
    );
    const mean = async (width: number): Promise<number> => {
      let total = 0;
      for (let seed = 0; seed < 20; seed++) {
        const { sample } = await ask(plus(base, mcts({ n: 40, width, score: sum, exploration: 0.3 })), 'q', { seed });
        total += Number(sample.providerMetadata?.plusx?.['score']);
      }
      return total / 20;
    };
    const [tree, independent] = [await mean(4), await mean(40)]; // width 40 is bestOfN
    expect(tree).toBeGreaterThan(independent + 0.5);
  });

  it('ends early where all is written out', async () => {
    const small = enumerable({ answers: { '*': { 'a\nb': 1 } } });
    const { usage, sample } = await ask(plus(small, mcts({ n: 50, width: 2, score: () => 1 })), 'q');
    expect([usage.calls, sample.providerMetadata?.plusx]).toMatchObject([6, { answers: 6, depth: 2 }]);
  });
});

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
  });
});
