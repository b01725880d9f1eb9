import { describe, expect, it } from 'vitest';
import { plus } from '../../core/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { finite, normal } from './closed-form.ts';
import { divergence, exact, totalVariation } from './exact.ts';
import { differs, holds, same, verify } from './technique-law.ts';

const model = finite({ a: 3, b: 1 });
const vote = plus(model, selfConsistency({ n: 3 }));

describe('exact', () => {
  it('adds up every path of choices, and their probabilities are all there is', async () => {
    const distribution = await exact(vote);
    expect([...distribution.keys()].toSorted()).toEqual(['a', 'b']);
    expect(distribution.get('a')).toBeCloseTo(54 / 64, 15);
    expect(distribution.get('b')).toBeCloseTo(10 / 64, 15);
    expect(distribution.paths).toBe(8);
  });

  it('counts what the caller takes for the outcome, and refuses more paths than allowed', async () => {
    const outcome = await exact(vote, 'question', { outcome: ({ usage }) => `${usage.calls} calls` });
    expect([...outcome]).toEqual([['3 calls', 1]]);
    await expect(exact(vote, 'question', { limit: 7 })).rejects.toThrow(RangeError);
  });
});

it.each([
  [{ a: 1, b: 1 }, { a: 1, b: 1 }, 0, 0],
  [{ a: 1, b: 1 }, { a: 1, b: 3 }, 0.25, Math.log(2 / Math.sqrt(3))],
  [{ a: 1 }, { a: 1, b: 1 }, 0.5, Math.log(2)],
  [{ a: 1, b: 1 }, { a: 1 }, 0.5, Infinity],
  [{ a: 1 }, { b: 1 }, 1, Infinity],
])('between %j and %j there are so much variation and divergence', (a, b, variation, nats) => {
  const [p, q] = [normal(a), normal(b)];
  expect([totalVariation(p, q), divergence(p, q)]).toEqual([expect.closeTo(variation, 15), expect.closeTo(nats, 15)]);
});

describe('verify', () => {
  const near = (by: number) => () =>
    new Map([...normal({ a: 3, b: 1 })].map(([y, p]) => [y, y === 'a' ? p + by : p - by]));

  it.each([
    ['a closed form that is met', holds('', model, near(0)), true],
    ['a closed form that is met to rounding', holds('', model, near(1e-14)), true],
    ['a closed form that is missed by little', holds('', model, near(1e-9)), false],
    ['models that are the same', same('', plus(model, selfConsistency({ n: 1 })), model), true],
    ['models said to be the same', same('', vote, model), false],
    ['models that differ', differs('', vote, model), true],
    ['models said to differ', differs('', model, model), false],
    ['models that differ by rounding alone', { ...holds('', model, near(1e-9)), holds: false }, false],
  ])('judges %s', async (_, law, kept) => {
    expect((await verify(law)).kept).toBe(kept);
  });
});
