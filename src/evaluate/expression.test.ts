import { describe, expect, it } from 'vitest';
import { techniques } from '../catalog.ts';
import type { Schema } from '../core/index.ts';
import { evaluateExpression, ExpressionError } from './expression.ts';

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

describe('what techniques say they cost', () => {
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
