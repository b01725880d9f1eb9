import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, decimalsOf, exactly, fractionOf, negative, Problem, raise, reduced, written } from './fraction.ts';

const fraction = fc
  .tuple(fc.bigInt({ min: -9999n, max: 9999n }), fc.bigInt({ min: 1n, max: 9999n }))
  .map(([top, bottom]) => reduced(top, bottom));

describe('fractions', () => {
  it('are reduced, with the sign above', () => {
    expect(reduced(6n, -4n)).toEqual({ top: -3n, bottom: 2n });
    expect(reduced(0n, 7n)).toEqual({ top: 0n, bottom: 1n });
    expect(fractionOf('2.50')).toEqual({ top: 5n, bottom: 2n });
    expect(fractionOf('.125')).toEqual({ top: 1n, bottom: 8n });
  });

  it('are computed as written on paper', () => {
    fc.assert(
      fc.property(fraction, fraction, (a, b) => {
        const by = (operator: '+' | '-' | '*') => apply(a, operator, b);
        expect(by('+')).toEqual(reduced(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom));
        expect(by('-')).toEqual(apply(a, '+', negative(b)));
        expect(by('*')).toEqual(reduced(a.top * b.top, a.bottom * b.bottom));
        const divisor = b.top === 0n ? fractionOf('7') : b;
        expect(apply(apply(a, '/', divisor), '*', divisor)).toEqual(a);
      }),
    );
    expect(() => apply(fractionOf('2'), '/', fractionOf('0'))).toThrow(Problem);
    expect(raise(fractionOf('1.5'), fractionOf('3'))).toEqual({ top: 27n, bottom: 8n });
    expect(raise(fractionOf('2'), negative(fractionOf('2')))).toEqual({ top: 1n, bottom: 4n });
  });
});

describe('a fraction in words', () => {
  it.each([
    ['6', '4', '1.5'],
    ['-1', '8', '-0.125'],
    ['7', '1', '7'],
    ['1', '3', '0.33333333333333 (rounded, exactly 1/3)'],
    ['-2', '3', '-0.66666666666667 (rounded, exactly -2/3)'],
    ['200', '3', '66.6666666666667 (rounded, exactly 200/3)'],
    ['10000000000000000000', '3', '3333333333333333333 (rounded, exactly 10000000000000000000/3)'],
  ])('%s/%s is %s', (top, bottom, said) => {
    expect(written(reduced(BigInt(top), BigInt(bottom)))).toBe(said);
  });

  it('is a fraction where it is no decimal', () => {
    expect(exactly(reduced(1n, 3n))).toBe('1/3');
    expect(exactly(reduced(-9n, 6n))).toBe('-1.5');
    expect([1n, 2n, 3n, 8n, 125n, 6n].map(decimalsOf)).toEqual([0, 1, undefined, 3, 3, undefined]);
  });
});
