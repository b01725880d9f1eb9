import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsIn, linesWithoutMarks } from './list.ts';

describe('the items of a list', () => {
  it.each([
    ['1. a\n2. b'],
    ['1) a\n2) b'],
    ['(1) a\n(2) b'],
    ['1: a\n2: b'],
    ['1.a\n2.b'],
    [' 1.  a \n\n 2.  b '],
    ['Sure:\n1. a\n2. b\nDone.'],
    ['**1.** a\n**2.** b'],
    ['1. **a**\n2. **b**'],
    ['1. "a"\n2. "b"'],
    ['### 1. a\n### 2. b'],
    ['Step 1: a\nStep 2: b'],
    ['Question 1: a\nQuestion 2: b'],
    ['１．a\n２．b'],
    ['1、a\n2、b'],
    ['1.\na\n2.\nb'],
    ['1. a\n   - part of it\n2. b'],
    ['- a\n- b'],
    ['* a\n* b'],
    ['• a\n• b'],
    ['a) a\nb) b'],
    ['A. a\nB. b'],
    ['["a", "b"]'],
    ['```json\n["a", "b"]\n```'],
    ['<think>1. x</think>\n1. a\n2. b'],
  ])('%j', (reply) => expect(itemsIn(reply)).toEqual(['a', 'b']));

  it.each([
    ['1. **Who** is it?', ['**Who** is it?']],
    ['1. Is 2 * 3 * 4 even?', ['Is 2 * 3 * 4 even?']],
    ['1. It is 5.5 m long.', ['It is 5.5 m long.']],
    ['', []],
    ['no list', []],
    ['1.5 litres\n2.5 litres', []],
    ['2020: the year', []],
    ['1.\n\n2.', []],
    ['[1, 2]', []],
  ])('%j: %j', (reply, items) => expect(itemsIn(reply)).toEqual(items));

  it('are what was written, in every kind of list', () => {
    const item = array(constantFrom('who', 'is', 'it', '3', 'x = 4', 'Paris?'), { minLength: 1, maxLength: 4 });
    const mark = constantFrom<(i: number) => string>(
      (i) => `${i}. `,
      (i) => `${i}) `,
      (i) => `**${i}.** `,
      () => '- ',
      () => '* ',
      (i) => `${String.fromCharCode(96 + i)}) `,
    );
    assert(
      property(array(item, { minLength: 1, maxLength: 6 }), mark, (all, marked) => {
        const items = all.map((words) => `so ${words.join(' ')}`);
        expect(itemsIn(items.map((one, i) => marked(i + 1) + one).join('\n'))).toEqual(items);
      }),
    );
  });
});

describe('lines without marks', () => {
  it('are all lines that say something', () => {
    expect(linesWithoutMarks('Well:\n1. a (left: 1 2)\n- b\n\n3 + 4 = 7\n2) c')).toEqual([
      'Well:',
      'a (left: 1 2)',
      'b',
      '3 + 4 = 7',
      'c',
    ]);
  });
});
