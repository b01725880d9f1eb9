import { describe, expect, it } from 'vitest';
import { InvalidOption, option, plus } from '../../core/index.ts';
import { selfConsistency } from '../../search/self-consistency/self-consistency.ts';
import { laws } from '../../laws.ts';
import { finite, normal } from './closed-form.ts';
import { holds, verify, varied } from './technique-law.ts';
import { numberIn, scores, table, upTo, weights, weightsAfter, type Parameter } from './parameters.ts';

const { n } = selfConsistency.definition.options;
const family = varied(
  { n: upTo(3, n), model: table({ a: 3, b: 1 }) },
  ({ n, model }) =>
    holds(`n=${n} is the base`, plus(finite(model), selfConsistency({ n, extract: 'text' })), () => normal(model)),
  [{ n: 1 }, { n: 2 }, { n: 3 }],
);

describe('a law at several values', () => {
  it('is a law at each of them, and defaults stand for the others', async () => {
    expect(family.map(({ law, variation }) => [law, variation?.values])).toEqual([
      ['n=1 is the base', { n: 1, model: { a: 3, b: 1 } }],
      ['n=2 is the base', { n: 2, model: { a: 3, b: 1 } }],
      ['n=3 is the base', { n: 3, model: { a: 3, b: 1 } }],
    ]);
    expect(await Promise.all(family.map(async (law) => (await verify(law)).kept))).toEqual([true, true, false]);
  });

  it('stands elsewhere when it is asked to, and what is not named stays', async () => {
    const moved = family[2]?.variation?.at({ model: { a: 1, b: 1 } });
    expect(moved).toMatchObject({ law: 'n=3 is the base', variation: { values: { n: 3, model: { a: 1, b: 1 } } } });
    // Of two answers that are equally likely a vote changes nothing.
    const { kept, found, expected, calls, paths } = await verify(moved as (typeof family)[0]);
    expect([kept, calls, paths]).toEqual([true, 3, 8]);
    expect([...found]).toEqual([...expected]);
  });

  it.each([
    [{ n: 0 }, 'law: n must be a positive integer, got 0'],
    [{ n: 4 }, 'law: n must be at most 3 here, got 4'],
    [{ model: {} }, 'law: model must have an answer'],
    [{ model: { a: -1 } }, 'law: model must have a number of 0 or more as the weight of each answer'],
  ])('says in words that %j is not possible', (values, words) => {
    const at = (): unknown => family[0]?.variation?.at(values);
    expect(at).toThrow(InvalidOption);
    expect(at).toThrow(words);
  });
});

const after = weightsAfter({ '': { a: 1 }, a: { b: 2, end: 1 } }, 'what comes next');
it.each<[string, Parameter<unknown>, unknown, string | undefined]>([
  ['a table', table({ a: 1 }), { b: 2, c: 0 }, undefined],
  ['a table that is none', table({ a: 1 }), [1], 'must be answers with their weights'],
  ['a table of nothing', table({ a: 1 }), {}, 'must have an answer'],
  ['a table without weight', table({ a: 1 }), { a: 0, b: 0 }, 'must have an answer with a weight above 0'],
  [
    'a table with a text for a weight',
    table({ a: 1 }),
    { a: '1' },
    'must have a number of 0 or more as the weight of each answer',
  ],
  [
    'a table with too much',
    table({ a: 1 }),
    Object.fromEntries(Array.from('abcdefghi', (y) => [y, 1])),
    'must have at most 8 answers',
  ],
  ['weights', weights({ a: 1, b: 2 }), { b: 0, a: 4 }, undefined],
  [
    'weights of others',
    weights({ a: 1, b: 2 }),
    { a: 4, c: 1 },
    'must have a weight for each of "a", "b", and for nothing else',
  ],
  ['weights after a text', after, { '': { a: 3 }, a: { b: 0, end: 1 } }, undefined],
  [
    'weights after another',
    after,
    { a: { b: 0, end: 1 } },
    'must have a weight for each of "", "a", and for nothing else',
  ],
  [
    'weights after a text without weight',
    after,
    { '': { a: 0 }, a: { b: 0, end: 1 } },
    'must have an answer with a weight above 0, after ""',
  ],
  ['scores', scores({ a: 1 }), { b: Number.NaN, c: -3 }, undefined],
  ['scores that are none', scores({ a: 1 }), { b: 'high' }, 'must have a number, or nothing, for each answer'],
  ['a number', upTo(3, option.integer({ doc: '', min: 1 })), 3, undefined],
])('%s', (_, { broken }, value, rule) => {
  expect(broken(value)).toBe(rule);
});

it('a text without a number has none, whatever it is called', () => {
  expect(['a', 'b', 'constructor'].map(numberIn({ a: 2 }))).toEqual([2, Number.NaN, Number.NaN]);
});

it('all values of the laws are allowed by their own parameters, and lead back to the same law', () => {
  const all = laws.flatMap(({ exact }) => exact.filter(({ variation }) => variation));
  expect(all.length).toBeGreaterThan(100);
  expect(all.map(({ variation }) => variation?.at({}).law)).toEqual(all.map(({ law }) => law));
});
