import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compute } from './arithmetic.ts';

const value = (expression: string): string => {
  const computed = compute(expression);
  return computed.ok ? computed.text : `problem: ${computed.problem}`;
};

describe('exact arithmetic', () => {
  const cases: readonly (readonly [expression: string, value: string])[] = [
    ['14+23', '37'],
    ['37 - 9 =', '28'],
    ['2 + 3 * 4', '14'],
    ['(2 + 3) × 4 = ?', '20'],
    ['8 / (3 - 8 / 3)', '24'],
    ['0.1 + 0.2', '0.3'],
    ['1 / 8', '0.125'],
    ['-1 / 8', '-0.125'],
    ['1 / 3', '0.33333333333333 (rounded, exactly 1/3)'],
    ['2 / 3', '0.66666666666667 (rounded, exactly 2/3)'],
    ['-2 / 3', '-0.66666666666667 (rounded, exactly -2/3)'],
    ['10 ÷ 4', '2.5'],
    ['1,234,567 * $1.50', '1851850.5'],
    ['15% * 80', '12'],
    ['80 * 15%', '12'],
    ['17 % 5', '2'],
    ['-7 % 3', '2'],
    ['50% - 0.25', '0.25'],
    ['2 ^ 10', '1024'],
    ['2 ** -2', '0.25'],
    ['-2 ^ 2', '-4'],
    ['2 ^ 3 ^ 2', '512'],
    ['(-1) ^ 1000001', '-1'],
    ['0 ^ 0', '1'],
    ['--3', '3'],
    ['.5 + 1.', 'problem: "." is not arithmetic'],
    [
      '123456789012345678901234567890 * 987654321098765432109876543210',
      '121932631137021795226185032733622923332237463801111263526900',
    ],
    ['1 / 0', 'problem: it divides by zero'],
    ['5 % 0', 'problem: it divides by zero'],
    ['0 ^ -1', 'problem: it divides by zero'],
    ['2 ^ 0.5', 'problem: it takes a root, and only whole exponents are exact'],
    ['10 ^ 1000000000', 'problem: the result is too large'],
    ['9^9^9^9', 'problem: the result is too large'],
    ['2 +', 'problem: the expression ends too early'],
    ['(2 + 3', 'problem: a bracket is not closed'],
    ['2 3', 'problem: "3" stands where an operator should'],
    ['* 3', 'problem: "*" stands where a number should'],
    ['', 'problem: the expression is empty'],
    ['sqrt(4)', 'problem: "sqrt(4)" is not arithmetic'],
    ['process.exit()', 'problem: "process.exit()" is not arithmetic'],
    ['1 + x', 'problem: "x" is not arithmetic'],
  ];
  it.each(cases)('%s is %s', (expression, expected) => expect(value(expression)).toBe(expected));

  it('is bounded in length, in depth and in the size of its numbers', () => {
    expect(value(`1${'+1'.repeat(600)}`)).toBe('problem: the expression is longer than 1000 characters');
    expect(value(`${'('.repeat(400)}1${')'.repeat(400)}`)).toBe('problem: it is nested deeper than 100 levels');
    expect(value('-'.repeat(900) + '1')).toBe('problem: it is nested deeper than 100 levels');
    expect(value(Array.from({ length: 40 }, () => '10^600').join('*'))).toBe('problem: the result is too large');
  });

  it('agrees with fractions worked out another way', () => {
    const tree = fc.letrec<{ node: readonly [text: string, top: bigint, bottom: bigint] }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.bigInt({ min: 0n, max: 999n }).map((n) => [String(n), n, 1n] as const),
        fc.tuple(tie('node'), fc.constantFrom('+', '-', '*', '/'), tie('node')).map(([[a, p, q], sign, [b, r, s]]) => {
          const text = `(${a} ${sign} ${b})`;
          if (sign === '+') return [text, p * s + r * q, q * s] as const;
          if (sign === '-') return [text, p * s - r * q, q * s] as const;
          return sign === '*' ? ([text, p * r, q * s] as const) : ([text, p * s, q * r] as const);
        }),
      ),
    })).node;
    fc.assert(
      fc.property(tree, ([text, top, bottom]) => {
        fc.pre(bottom !== 0n && text.length < 900 && !/\/ \(?0\b/.test(text));
        // Equal to top / bottom exactly when their difference is nothing.
        const difference = value(`(${text}) * ${bottom < 0n ? -bottom : bottom} - (${bottom < 0n ? -top : top})`);
        fc.pre(!difference.startsWith('problem'));
        expect(difference).toBe('0');
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
