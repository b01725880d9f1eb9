import { describe, expect, it } from 'vitest';
import { ask, plus, scorer, textOf } from '../../core/index.ts';
import { enumerableTokens } from '../../models/written/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './mcts.law.ts';
import { ask as placesOf, plant, tell } from '../shared/tree.ts';
import { mcts, upperConfidence } from './mcts.ts';

testLaw(law);

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

  it('goes where a score is beyond all others, also where there is only one other', () => {
    const tree = (values: readonly number[]) =>
      tell(plant('start'), [
        { at: '', part: 0, children: values.map((value) => ({ state: String(value), value, done: false })) },
      ]);
    const next = (values: readonly number[]) =>
      placesOf(tree(values), 1, upperConfidence<string>({ width: 1, exploration: 0.1 }))[0]?.at;
    expect(next([Infinity, 3])).not.toBe(next([3, Infinity]));
    expect(next([Infinity, 3])).toBe(next([2, 1]));
    expect(next([3, Infinity])).toBe(next([1, 2]));
    expect(next([3, Number.NaN])).toBe(next([2, 1]));
  });

  it('ends early where all is written out', async () => {
    const small = enumerable({ answers: { '*': { 'a\nb': 1 } } });
    const { usage, sample } = await ask(plus(small, mcts({ n: 50, width: 2, score: () => 1 })), 'q');
    expect([usage.calls, sample.providerMetadata?.plusx]).toMatchObject([6, { answers: 6, depth: 2 }]);
  });
});
