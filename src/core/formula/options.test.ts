import { expect, it } from 'vitest';
import { checkOptions } from './check-options.ts';
import { InvalidOption } from '../errors.ts';
import * as option from './options.ts';

const schema = {
  n: option.integer({ doc: 'how many', min: 1, default: 4 }),
  share: option.number({ doc: '', min: 0, max: 1, optional: true }),
  mode: option.oneOf(['fast', 'slow'], { doc: '', default: 'fast' }),
  score: option.scorer({ doc: '' }),
  list: option.numbers({ doc: '', optional: true }),
  ends: option.texts({ doc: '', optional: true }),
  on: option.flag({ doc: '', default: false }),
  note: option.text({ doc: '', default: '' }),
  f: option.callback<(x: number) => number>()({ doc: '', optional: true }),
};
const score = (): number => 1;
const check = (options: { readonly [name: string]: unknown }): unknown => checkOptions('best', schema, options);

it('fills in what is left out, and keeps what is given', () => {
  expect(check({ score })).toEqual({
    n: 4,
    mode: 'fast',
    score,
    on: false,
    note: '',
    share: undefined,
    list: undefined,
    f: undefined,
  });
  const given = { n: 1, share: 0, mode: 'slow', score, list: [1, -2.5], on: true, note: 'x', f: Math.abs };
  expect(check(given)).toEqual(given);
  expect(Object.isFrozen(check({ score }))).toBe(true);
  expect(check({ score, n: undefined })).toMatchObject({ n: 4 });
});

it.each([
  [{}, 'best: score is required'],
  [{ score, n: 0 }, 'best: n must be a positive integer, got 0'],
  [{ score, n: 1.5 }, 'best: n must be a positive integer, got 1.5'],
  [{ score, n: '3' }, 'best: n must be a positive integer, got "3"'],
  [{ score, n: null }, 'best: n must be a positive integer, got null'],
  [{ score, share: 1.1 }, 'best: share must be a number from 0 to 1, got 1.1'],
  [{ score, share: Number.NaN }, 'best: share must be a number from 0 to 1, got NaN'],
  [{ score, mode: 'medium' }, 'best: mode must be one of "fast", "slow", got "medium"'],
  [{ score: 3 }, 'best: score must be a scoring function or a scorer, got 3'],
  [{ score, list: [1, Infinity] }, 'best: list must be a list of numbers, got a list'],
  [{ score, ends: ['a', 1] }, 'best: ends must be a list of texts, such as ["a", "b"], got a list'],
  [{ score, ends: 'a' }, 'best: ends must be a list of texts, such as ["a", "b"], got "a"'],
  [{ score, on: 1 }, 'best: on must be true or false, got 1'],
  [{ score, f: 3 }, 'best: f must be a function, got 3'],
  [
    { score, scale: 1 },
    'best: "scale" is no option. Did you mean `share`? It has: n, share, mode, score, list, ends, on, note, f',
  ],
  [{ score, toString: 1 }, 'best: "toString" is no option. It has: n, share, mode, score, list, ends, on, note, f'],
])('%j: %s', (options, message) => {
  expect(() => check(options)).toThrow(InvalidOption);
  expect(() => check(options)).toThrow(message);
});

it.each([
  [{ min: 2, max: 5 }, 'must be an integer from 2 to 5', [2, 5], [1, 6]],
  [{ min: 2 }, 'must be an integer of at least 2', [2, 9], [1]],
  [{ max: 5 }, 'must be an integer of at most 5', [-9, 5], [6]],
  [{}, 'must be an integer', [-9, 9], [0.5, Infinity]],
  [{ min: 1 }, 'must be a positive integer', [1], [0]],
  [{ min: 1, max: 3 }, 'must be an integer from 1 to 3', [1, 3], [0, 4]],
])('an integer within %j: %s', (range, rule, good, bad) => {
  const { broken } = option.integer({ doc: '', ...range });
  expect([...good.map(broken), ...bad.map(broken)]).toEqual([...good.map(() => undefined), ...bad.map(() => rule)]);
  const number = option.number({ doc: '', ...range });
  const worded = rule.replace('a positive integer', 'a number of at least 1').replace('an integer', 'a number');
  expect(bad.filter(Number.isSafeInteger).map(number.broken)).toEqual(
    bad.filter(Number.isSafeInteger).map(() => worded),
  );
});
