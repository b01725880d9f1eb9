import { describe, expect, it } from 'vitest';
import { techniques } from '../catalog.ts';
import type { Schema } from '../core/index.ts';
import { evaluateExpression, ExpressionError, inWords, optionsIn } from './expression.ts';

const options = { n: 7, parallel: 3, apart: true, mode: 'suffix', models: ['a', 'b'], left: undefined };

describe('expressions over options', () => {
  it.each([
    ['1 + 2*n', 15],
    ['n - 2 - 1', 4],
    ['12 / 2 / 3', 2],
    ['2 + n*parallel*(parallel + 1)/2', 44],
    ['ceil(n / parallel)', 3],
    ['1 + ceil(log2(n))', 4],
    ['max(1, n, parallel) % 4', 3],
    ['-n + 10', 3],
    ['1 + apart', 2],
    ['models - 1', 1],
    ['1 + left', 1],
    ['mode === "suffix" ? n + 1 : 1', 8],
    ["mode === 'other' ? n : parallel > 2 && n >= 7 ? 5 : 6", 5],
    ['!apart || n < 3', 0],
    ['(apart ? 1 : 2) + 1', 2],
  ])('%s is %d', (expression, value) => {
    expect(evaluateExpression(expression, options)).toBe(value);
  });

  it('compute each operator as JavaScript does', () => {
    const table: { readonly [operator: string]: (a: number, b: number) => number | boolean } = {
      '||': (a, b) => (a === 0 ? b : a),
      '&&': (a, b) => (a === 0 ? 0 : b),
      '===': Object.is,
      '!==': (a, b) => !Object.is(a, b),
      '<': (a, b) => Math.sign(a - b) === -1,
      '<=': (a, b) => Math.sign(a - b) !== 1,
      '>': (a, b) => Math.sign(a - b) === 1,
      '>=': (a, b) => Math.sign(a - b) !== -1,
      '+': (a, b) => a - -b,
      '-': (a, b) => a + -b,
      '*': (a, b) => a / (1 / b),
      '/': (a, b) => a * b ** -1,
      '%': (a, b) => a - b * Math.trunc(a / b),
    };
    for (const [operator, of] of Object.entries(table))
      for (const a of [0, 1, 2, 4])
        for (const b of operator === '/' || operator === '%' ? [1, 2, 4] : [0, 1, 2, 4])
          expect([`${a} ${operator} ${b}`, evaluateExpression(`${a} ${operator} ${b}`, {})]).toEqual([
            `${a} ${operator} ${b}`,
            Number(of(a, b)),
          ]);
    // What binds more strongly comes first, in the order of the table and of equals from the left.
    expect(evaluateExpression('0 && 0 || 3', {})).toBe(3);
    expect(evaluateExpression('1 || 0 && 0', {})).toBe(1);
    expect(evaluateExpression('2 === 1 + 1', {})).toBe(1);
    expect(evaluateExpression('3 > 2 === 1', {})).toBe(1);
    expect(evaluateExpression('7 - 2 * 3 % 4', {})).toBe(5);
  });

  it.each([
    ['2*m', 'no option "m"'],
    ['exp(n)', 'no function "exp"'],
    ['toString', 'no option "toString"'],
    ['1 +', 'it ends too early'],
    ['(1', '"\\)" is expected'],
    ['1 2', '"2" is one too many'],
    ['n; n', '"; n" cannot be read'],
    ['1 / 0', 'it comes to null'],
    ['mode', 'it comes to "suffix"'],
    ['* 2', '"\\*" stands where a value should'],
  ])('%s is refused', (expression, why) => {
    expect(() => evaluateExpression(expression, options)).toThrow(ExpressionError);
    expect(() => evaluateExpression(expression, options)).toThrow(new RegExp(why));
  });
});

describe('expressions in words', () => {
  it.each([
    ['n', 'n'],
    ['1+2*rounds', '1 + 2 * rounds'],
    ['(1 + breadth * (depth - 1)) * 2', '(1 + breadth * (depth - 1)) * 2'],
    ['12 - (3 - 2) - 1', '12 - (3 - 2) - 1'],
    ['ceil(n / parallel)', 'n / parallel rounded up'],
    ['1 + ceil(log2(n))', '1 + (log2(n) rounded up)'],
    ['stop === "fixed" ? 1 : ceil(n / (1 + ahead))', '1 with stop="fixed", else n / (1 + ahead) rounded up'],
    ['n + (draw === "step" ? 1 : 0)', 'n + (1 with draw="step")'],
    ['mode !== "x" && !apart || n < 3 ? 2 : 3', '2 with mode other than "x" and not apart or n < 3, else 3'],
  ])('%s reads %s', (expression, words) => {
    expect(inWords(expression)).toBe(words);
  });

  it('keep their value where they are arithmetic', () => {
    for (const expression of ['1+2*n', '(n - 1)*(n - 2) - (n - (3 - n))', 'n / 2 / (3 * n / 4)', '-(n + 1) + -n'])
      expect(evaluateExpression(inWords(expression), options)).toBe(evaluateExpression(expression, options));
  });

  it('tell which options they name', () => {
    expect(optionsIn('stop === "fixed" ? 1 : ceil(n / (1 + n + !ahead))')).toEqual(['stop', 'n', 'ahead']);
  });
});

describe('what techniques say they cost', () => {
  it.each(techniques.map(({ definition }) => definition))('reads without signs of a program: $name', (definition) => {
    for (const text of [inWords(definition.calls), inWords(definition.rounds)])
      expect(text).not.toMatch(/[=!]==|[?:]|\bceil/);
  });

  it.each(techniques.map(({ definition }) => definition))('can be calculated: $name', ({ options, calls, rounds }) => {
    const given = {
      models: 3,
      ...Object.fromEntries(Object.entries(options as Schema).map(([name, { default: value }]) => [name, value ?? 2])),
    };
    const [made, turns] = [evaluateExpression(calls, given), evaluateExpression(rounds, given)];
    expect(made).toBeGreaterThanOrEqual(1);
    expect(turns).toBeLessThanOrEqual(made);
  });
});
