import { describe, expect, it } from 'vitest';
import { assert, bigInt, constantFrom, property } from 'fast-check';
import { wrongEquations } from './equations.ts';

const wrong = (text: string): string[] => wrongEquations(text).map(({ equation, value }) => `${equation} (${value})`);

describe('wrongEquations', () => {
  it.each([
    '14+23=37\n37-9=28\nAnswer: 28',
    'So 3 × (2 + 1) = 9, and 12 ÷ 4 = 3.',
    'Thus $12 + $30 = $42 and 1,200 + 34 = 1,234.',
    '2^10 = 1024, 2**-1 = 0.5, -3 + 5 = 2',
    '1. 2 + 3 = 5\n2) 7 - 2 = 5',
    '10 / 3 = 3.33 and 10/3 = 3.3333; 2/3 = 0.7',
    '1/2 + 1/3 = 5/6',
    '37 = 14 + 23 and 2 + 3 = 5 = 5',
    '\\(6 \\times 7 = 42\\), 3 x 4 = 12',
    '0.1 + 0.2 = 0.3',
  ])('finds nothing in %j', (text) => expect(wrong(text)).toEqual([]));

  it.each([
    '2x + 3 + 4 = 9',
    'x - 3 + 5 = 3',
    'a2 + 3 * 4 = 15',
    'y = 3 + 4',
    '2(3 + 4) = 15',
    'f(2 + 3) = 7',
    '3 apples + 4 apples = 8 apples',
    '50% * 20 = 11',
    '1/10 = 10%',
    '2 + 3 = 6x',
    '2 + 3 = 7 - x',
    '7 / 2 = 3 1/2',
    'let a = 2 + 3; a == 3 + 3; b >= 2 + 3 != 4',
    '5 / 0 = 1',
    '2 ^ 1000 = 1, 2 ^ 0.5 = 1',
    '4 = 5',
    `${'('.repeat(5000)}1 + 1 = 3`,
    `${'1 + '.repeat(5000)}1 = 3`,
  ])('leaves alone what is no plain arithmetic: %#', (text) => expect(wrong(text)).toEqual([]));

  it.each([
    ['14+23=38', ['14+23 = 38 (37)']],
    ['We have 3 × (2 + 1) = 8.', ['3 * (2 + 1) = 8 (9)']],
    ['38 = 14 + 23', ['38 = 14 + 23 (37)']],
    ['2 + 3 = 5 * 2 = 10', ['2 + 3 = 5 * 2 (5)']],
    ['10/3 = 3', ['10/3 = 3 (10/3)']],
    ['10/3 = 3.34', ['10/3 = 3.34 (10/3)']],
    ['10/4 = 3.0, 0.1 + 0.2 = 0.31', ['10/4 = 3.0 (2.5)', '0.1 + 0.2 = 0.31 (0.3)']],
    ['-3 + 5 = 3', ['-3 + 5 = 3 (2)']],
    ['1 - 3 = 2 (really)', ['1 - 3 = 2 (-2)']],
    ['1+1=3\n1+1=3', ['1+1 = 3 (2)']],
    ['1,200 + 34 = 1234.5', ['1,200 + 34 = 1234.5 (1234)']],
  ])('finds what is wrong in %j', (text, expected) => expect(wrong(text)).toEqual(expected));

  it.each([
    '((((2^64)^64)^64)^64)^64 = 1',
    '2^(2^(2^(2^64))) = 1',
    '(1/3)^9999 = 0',
    '9999999999^9999999999 = 1',
    `${'9'.repeat(39)}^${'9'.repeat(39)} = 1`,
  ])('lets alone what nobody could compute: %s', (text) => {
    expect(wrongEquations(text)).toEqual([]);
  });

  it('agrees with arithmetic over whole numbers of any size', () => {
    const whole = bigInt({ min: 0n, max: 10n ** 18n });
    assert(
      property(whole, whole, whole, constantFrom(0n, 1n, -1n), (a, b, c, off) => {
        const right = a + b * c + off;
        const found = wrongEquations(`It is ${a} + ${b} * ${c} = ${right}.`);
        const value = `${a + b * c}`;
        expect(found.map((one) => one.value)).toEqual(off === 0n ? [] : [value]);
      }),
    );
  });
});
