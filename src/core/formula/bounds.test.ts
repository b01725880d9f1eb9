/** Formulas that are long, odd or hostile: read in one pass, and told in a few words. */
import { describe, expect, it } from 'vitest';
import { FORMULA_LENGTH } from '../bounds.ts';
import { FormulaError } from '../errors.ts';
import { parseFormula, parseSum } from './syntax.ts';

const failure = (formula: string): FormulaError => {
  try {
    parseSum(formula);
  } catch (error) {
    if (error instanceof FormulaError) return error;
  }
  throw new Error('it parses');
};

it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
  'a model may have the name %s, as an argument as well',
  (name) => {
    expect(parseFormula(name).head).toMatchObject({ kind: 'name', value: name });
    expect(parseFormula(`mixture(${name}, ${name} + a)`).head).toMatchObject({
      kind: 'call',
      positional: [
        { kind: 'name', value: name },
        { kind: 'sum', head: { kind: 'name', value: name } },
      ],
    });
  },
);

it.each([
  ['parentheses', (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`],
  ['models in models', (depth: number) => `${'mixture(b, '.repeat(depth)}a${')'.repeat(depth)}`],
])('%s are read 64 deep and no deeper', (_, nested) => {
  expect(() => parseFormula(nested(64))).not.toThrow();
  expect(() => parseFormula(nested(65))).toThrow('nested more than 64 deep');
});

describe('a long formula', () => {
  it('is refused beyond its bound, in a message that a person can read', () => {
    const error = failure('a'.repeat(FORMULA_LENGTH + 1));
    expect(error.message).toMatch(/more than \d+ letters/);
    expect(error.message.length).toBeLessThan(600);
  });

  it('shows what is around the mistake, with the caret under it', () => {
    const error = failure(`${'a + '.repeat(500)}! + ${'a + '.repeat(500)}a`);
    expect(error.message.length).toBeLessThan(600);
    const [text = '', caret = ''] = error.pointer.split('\n');
    expect(text[caret.length - 1]).toBe('!');
  });

  it('may have many options, each looked up once', () => {
    const many = Array.from({ length: 5000 }, (_, i) => `o${i}=1`);
    expect(parseSum(`a(${many.join(',')})`)[0]?.named).toHaveLength(5000);
    expect(failure(`a(${[...many, 'o7=2'].join(',')})`).message).toContain('"o7" is given twice');
  });
});
