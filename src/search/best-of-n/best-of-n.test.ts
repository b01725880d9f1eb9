import { expect, it } from 'vitest';
import { ask, plus, scorer, textOf } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { divergence, exact } from '../../testing/laws/exact.ts';
import { testLaw } from '../../testing/laws/test-support/test-law.ts';
import { law } from './best-of-n.law.ts';
import { bestOfN } from './best-of-n.ts';

testLaw(law);

it('moves no further than log n - (n-1)/n', async () => {
  const length = scorer('length', ({ content }) => textOf(content).length);
  for (const weights of [
    { a: 1, bb: 1, ccc: 1 },
    { a: 8, bb: 1, ccc: 1 },
    { a: 1, bb: 9 },
  ]) {
    const base = enumerable({ answers: { '*': weights } });
    for (let n = 1; n <= 5; n++) {
      const moved = divergence(await exact(plus(base, bestOfN({ n, score: length }))), await exact(base));
      expect(moved).toBeLessThanOrEqual(Math.log(n) - (n - 1) / n + 1e-12);
      expect(moved > 1e-9).toBe(n > 1);
    }
  }
});

it('says so where no candidate has a score, and only there', async () => {
  const base = enumerable({ answers: { '*': { a: 1, b: 1 } } });
  const warned = async (score: (text: string) => number): Promise<readonly string[]> => {
    const model = plus(base, bestOfN({ n: 4, score: scorer('some', ({ content }) => score(textOf(content))) }));
    return (await ask(model, 'question', { seed: 1 })).warnings.map(({ code }) => code);
  };
  expect(await warned(() => Number.NaN)).toEqual(['no-score']);
  expect(await warned((text) => (text === 'a' ? 1 : Number.NaN))).toEqual([]);
});
