import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash, seeded, threefry } from './choice.ts';

const hex = (pair: readonly [number, number]): string =>
  pair.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(' ');

describe('threefry', () => {
  // Known answers of threefry2x32 with 20 rounds, published with Random123.
  it.each([
    [[0, 0], [0, 0], '6b200159 99ba4efe'],
    [[-1, -1], [-1, -1], '1cb996fc bb002be7'],
    [[0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3], 'c4923a9c 483df7a0'],
  ] as const)('of key %j and counter %j', (key, counter, answer) => {
    expect(hex(threefry(key, counter))).toBe(answer);
  });
});

describe('a seeded choice', () => {
  it('is the same for the same seed and path, whatever else is drawn', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.string()), fc.array(fc.string(), { maxLength: 5 }), (seed, path) => {
        const draws = (disturbed: boolean): number[] => {
          const root = seeded(seed);
          if (disturbed) root.categorical([1, 1]);
          let at = root;
          for (const key of path) {
            if (disturbed) at.fork('elsewhere').categorical([1, 1]);
            at = at.fork(key);
          }
          return Array.from({ length: 4 }, () => at.categorical([1, 2, 3]));
        };
        const [quiet, disturbed] = [draws(false), draws(path.length > 0)];
        expect(disturbed).toEqual(quiet);
      }),
    );
  });

  it('gives other numbers to every other seed, path and kind of seed', () => {
    const root = seeded(0);
    const ids = [
      root,
      seeded(1),
      seeded('0'),
      seeded(''),
      ...['a', 'b', 'ab', 'ba', '', 'draw/0', 'draw/1', 'é', '\u{1F600}'].map((key) => root.fork(key)),
      root.fork('a').fork('b'),
      root.fork('b').fork('a'),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tells a hundred thousand siblings apart', () => {
    const root = seeded(0);
    expect(new Set(Array.from({ length: 100_000 }, (_, i) => root.fork(`draw/${i}`).id)).size).toBe(100_000);
  });

  it('draws in proportion to the weights, within a path and across paths', () => {
    const weights = [5, 0, 3, 2];
    const root = seeded(7);
    for (const draw of [() => root.categorical(weights), (i: number) => root.fork(`${i}`).categorical(weights)]) {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < 20_000; i++) (counts[draw(i)] as number)++;
      expect(counts[1]).toBe(0);
      for (const [i, weight] of weights.entries())
        expect(Math.abs((counts[i] as number) / 20_000 - weight / 10)).toBeLessThan(0.02);
    }
  });

  it('has no memory across neighbouring paths', () => {
    const root = seeded(11);
    const bits = Array.from({ length: 20_000 }, (_, i) => root.fork(`draw/${i}`).categorical([1, 1]));
    const equal = bits.filter((bit, i) => i > 0 && bit === bits[i - 1]).length;
    expect(Math.abs(equal / bits.length - 0.5)).toBeLessThan(0.02);
  });

  it('gives seeds that back ends take, and that do not move with what is drawn', () => {
    const one = seeded(3).fork('x');
    const seed = one.seed();
    one.categorical([1, 1]);
    expect(one.seed()).toBe(seed);
    for (let i = 0; i < 1000; i++) {
      const other = seeded(i).seed();
      expect(Number.isInteger(other) && other >= 0 && other < 2 ** 31).toBe(true);
    }
  });

  it.each([[[]], [[0, 0]], [[1, -1]], [[Number.NaN]], [[Infinity, 1]]])('refuses the weights %j', (weights) => {
    expect(() => seeded(0).categorical(weights)).toThrow(RangeError);
  });
});

it('an address is on record: another one would pay again for every draw that a journal holds', () => {
  expect(hash('draw/0').map((word) => word >>> 0)).toEqual([3462512819, 252498314]);
  expect(hash('é').map((word) => word >>> 0)).toEqual([3674829105, 1877454642]);
  expect(seeded(0).fork('item/17').fork('draw/0').id).toBe('4b836ebd93a7d85c');
  expect(seeded('x').id).toBe('89b29bca74b46369');
});
