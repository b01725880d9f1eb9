import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANSWER_KINDS, answerOf, classesOf, isSame, type AnswerKind } from './equality.ts';

const same = (a: string, b: string, kind?: AnswerKind): boolean => {
  const [x, y] = [answerOf(a, kind), answerOf(b, kind)];
  return x !== undefined && y !== undefined && isSame(x, y) && isSame(y, x);
};
const votes = (...texts: string[]) => classesOf(texts.map((text) => answerOf(text)));

it.each([
  ["''", '""', true],
  ["''", "' '", false],
  ["'O'", "'o'", false],
  ["'O'", 'O', true],
  ['"008"', '"08"', false],
  ['"18"', '18', true],
  ["'* *'", "'*  *'", false],
])('the literals %s and %s are the same: %s', (a, b, same) => {
  const [x, y] = [answerOf(a), answerOf(b)];
  expect(x && y && isSame(x, y)).toBe(same);
  expect(new Set(classesOf([x, y])).size).toBe(same ? 1 : 2);
});

describe('the same answer', () => {
  it.each([
    ['auto', '18', '$18', '18 dollars', '18.00 USD', '18.', '**18**', '１８', '\\$18'],
    ['auto', 'Yes', 'yes', 'YES', 'yes.', '**Yes**', ' yes '],
    ['auto', 'B', '(B)', 'B.', 'B) Paris', '(b)', 'B: Paris'],
    ['auto', 'New York', 'new york', 'New  York.', '"New York"', 'ＮＥＷ ＹＯＲＫ'],
    ['auto', '[1, 2]', '[1,2]'],
    ['auto', "['a', 'b']", '["a", "b"]'],
    ['auto', '10%', '0.1', '10 percent', '10'],
    ['auto', '1/2', '0.5', '\\frac{1}{2}', '.5', '50%'],
    ['auto', 'x = 5', '5', '5.0'],
    ['auto', '\\text{Evelyn}', 'Evelyn', 'evelyn'],
    ['number', '42', '42.0', 'forty-two', '42 apples', '4.2e1', '٤٢', '84/2'],
    ['number', '2/3', '0.6666667', '0.666666667'],
    ['math', '90^\\circ', '90', '90°', '90 degrees'],
    ['math', '\\text{(C)}', 'C', '(C)', '\\textbf{(C)}'],
    ['math', '5', '5\\text{ cm}', 'x = 5', '$x=5$', '5.0'],
    ['math', '\\$18.90', '18.90', '18.9', '\\$18.9'],
    ['boolean', 'yes', 'True', 'correct', 'Yes.', 'not wrong', 'ja'],
    ['json', '{"a": 1, "b": 2}', '{"b":2,"a":1}', '{"a": 1.0, "b": 2}'],
    ['code', 'a\nb', 'a  \nb\n'],
    ['text', 'Straße', 'straße', 'Straße!'],
    ['text', 'é', 'e\u0301', 'É'],
  ] as const)('%s: %s', (kind, first, ...others) => {
    expect(others.filter((other) => !same(first, other, kind))).toEqual([]);
  });

  it.each([
    ['auto', '18 dollars', '18 euros'],
    ['auto', '5 cm', '5 m'],
    ['auto', '5 cm', '5 cm^2'],
    ['auto', '20 apples', '20 oranges'],
    ['auto', '3 am', '3 pm'],
    ['auto', "'HELLO'", "'hello'"],
    ['auto', 'A', 'B'],
    ['auto', 'a cat', 'cat'],
    ['auto', '1,2', '1.2'],
    ['auto', '(1, 2)', '(2, 1)'],
    ['auto', '05/01/2021', '0.5'],
    ['number', '42', '-42'],
    ['number', '42', '43'],
    ['number', '2220000', '2220001'],
    ['number', '0.0000672', '0.0000673'],
    ['number', '2/3', '0.667'],
    ['number', '11111111100', '11111111101'],
    ['number', '99999999999999999998', '99999999999999999999'],
    ['math', '5\\text{ cm}', '5\\text{ m}'],
    ['math', 'x=5', 'y=5'],
    ['math', '52_8', '52'],
    ['math', 'x', 'X'],
    ['boolean', 'yes', 'no'],
    ['json', '{"a": 1}', '{"a": 2}'],
    ['json', '"1"', '1'],
    ['code', 'a\nb', 'a\n b'],
    ['text', '42', '42.0'],
  ] as const)('%s: %s is not %s', (kind, a, b) => expect(same(a, b, kind)).toBe(false));

  it.each(['', ' ', '...', '?', '-', '___', '**', '\\boxed{}', '$$'])('%j is no answer of any kind', (text) => {
    expect(ANSWER_KINDS.filter((kind) => kind !== 'code' && answerOf(text, kind))).toEqual([]);
  });

  it('may be said by the caller, who may leave it open', () => {
    const [a, b] = [answerOf('2(x+1)', 'math'), answerOf('2x+2', 'math')];
    if (!a || !b) throw new Error('both are answers');
    expect(isSame(a, b)).toBe(false);
    expect(isSame(a, b, () => true)).toBe(true);
    expect(isSame(a, b, () => undefined)).toBe(false);
    expect(isSame(a, a, () => false)).toBe(false);
  });
});

describe('the classes of a vote', () => {
  it.each([
    [
      ['42', '42.0', 'forty-two', '41'],
      ['42', '42', '42', '41'],
    ],
    [
      ['18 dollars', '$18', '18.00 USD', '20'],
      ['18', '18', '18', '20'],
    ],
    [
      ['18 dollars', '18 dollars', '$18'],
      ['18 dollars', '18 dollars', '18 dollars'],
    ],
    [
      ['Yes', 'yes', 'YES', 'no'],
      ['Yes', 'Yes', 'Yes', 'no'],
    ],
    [
      ['yes', 'Yes', 'Yes'],
      ['Yes', 'Yes', 'Yes'],
    ],
    [
      ['(B)', 'B', 'B', 'C'],
      ['B', 'B', 'B', 'C'],
    ],
    [
      ['5 cm', '5 m', '5', '5 m'],
      ['5 cm', '5 m', '5 m', '5 m'],
    ],
    [
      ['50%', '0.5', '1/2', '5'],
      ['50%', '50%', '50%', '5'],
    ],
    [
      ["'HELLO'", "'hello'", 'hello'],
      ['HELLO', 'hello', 'hello'],
    ],
    [
      ['', '5', '...'],
      [null, '5', null],
    ],
    [[], []],
  ])('of %j are %j', (texts, classes) => expect(votes(...texts)).toEqual(classes));

  it('are asked of the caller once for a pair of classes', () => {
    let asked = 0;
    const answers = ['2(x+1)', '2x+2', '2x+2', '5', '2(x+1)'].map((text) => answerOf(text, 'math'));
    const classes = classesOf(answers, (a, b) => {
      asked++;
      return [a, b].every((one) => one.includes('x')) || undefined;
    });
    expect(classes).toEqual(['2(x+1)', '2(x+1)', '2(x+1)', '5', '2(x+1)']);
    expect(asked).toBeLessThan(6);
  });

  it('are classes: an answer is in one, those of a class are the same, and order changes none', () => {
    const text = constantFrom(
      '5',
      '5 cm',
      '5 m',
      '5.0',
      '10%',
      '0.1',
      '10',
      'B',
      '(b)',
      'B) x',
      'yes',
      'Yes',
      "'Yes'",
      '',
    );
    assert(
      property(array(text, { maxLength: 12 }), (texts) => {
        const classes = votes(...texts);
        expect(classes.length).toBe(texts.length);
        texts.forEach((one, i) => {
          const first = texts.indexOf(one);
          expect(classes[i]).toBe(classes[first]);
          expect(classes[i] === null).toBe(one === '');
        });
        expect(new Set(votes(...texts.toReversed())).size).toBe(new Set(classes).size);
      }),
      { numRuns: 2000 },
    );
  });
});
