/** Answers in mathematics that say the same, and their wrong neighbours: all of MATH-500, in every form that is written down here. */
import * as engine from '@cortex-js/compute-engine';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeEngine } from './compute-engine.ts';
import { mathEquality } from './equality.ts';
import { HARMLESS, WRONG } from './test-support/forms.ts';

const FILE = join(import.meta.dirname, '../../../../shared/data/tasks/math500/test500.jsonl');
const library = await computeEngine();
const withLibrary = mathEquality(library);
const byItself = mathEquality();

const answers = existsSync(FILE)
  ? readFileSync(FILE, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly answer: string }).answer)
  : [];
if (answers.length === 0) console.log('MATH-500 is not there: its answers are not tried');

it('the library is here for the tests', () => {
  expect(engine.ComputeEngine).toBeTypeOf('function');
  expect(library).toBeTypeOf('function');
});

it('without the library answers are compared by themselves', async () => {
  expect(await computeEngine(() => Promise.reject(new Error('not installed')))).toBeUndefined();
});

describe.skipIf(answers.length === 0)('the answers of MATH-500', () => {
  it.each(Object.entries(HARMLESS))('are the same with %s', (_, form) => {
    const wrong = answers.flatMap((gold) =>
      form(gold).flatMap((written) => (withLibrary(gold, written) === true ? [] : [[gold, written]])),
    );
    expect(wrong).toEqual([]);
  });

  it.each(Object.entries(WRONG))('are not what they are with %s', (_, form) => {
    for (const equality of [withLibrary, byItself]) {
      const right = answers.flatMap((gold) =>
        form(gold).flatMap((written) => (equality(gold, written) === true ? [[gold, written]] : [])),
      );
      expect(right).toEqual([]);
    }
  });
});

describe('without a library', () => {
  it.each([
    ['\\frac{1}{2}', '0.5', true],
    ['\\dfrac12', '\\frac{1}{2}', true],
    ['\\left(3, \\frac{\\pi}{2}\\right)', '(3,\\frac{\\pi}{2})', true],
    ['90^\\circ', '90', true],
    ['\\text{(B)}', 'B', true],
    ['x=5', '5', true],
    ['10,\\!080', '10080', true],
    ['\\{1,2\\}', '\\{2,1\\}', true],
    ['(1,2)', '(2,1)', false],
    ['[1,2]', '(1,2)', false],
    ['5', '-5', false],
    ['5 \\text{ cm}', '5 \\text{ m}', false],
    ['A', 'B', false],
    ['', '5', undefined],
  ])('%s and %s: %s', (a, b, same) => {
    expect(byItself(a, b)).toBe(same);
    expect(byItself(b, a)).toBe(same);
  });
});

// What would hold a computer algebra system up for hours, or fill the memory, is not given to it.
it.each([
  '9^{9^{9^{9}}}',
  '9^9^9^9',
  '{{9^9}^9}^{9^9}',
  '99999999!',
  '1000!!!',
  '(10^9)!',
  '2^{10000000}',
  '(x+1)^{100000}',
  '9'.repeat(900),
  `${'('.repeat(100_000)}1${')'.repeat(100_000)}`,
  `${'\\sqrt{'.repeat(38)}2${'}'.repeat(38)}`,
  '\\sum_{n=1}^{10^{12}} \\frac1n',
  '\\prod_{k=1}^{10^9} k',
  '\\int_0^{10^9} \\sin(x^2) dx',
  '\\binom{10^{9}}{5\\cdot10^8}',
  'x+'.repeat(50_000),
  '\\operatorname{Range}(10^9)',
  '\\exp(\\exp(\\exp(\\exp(100))))',
])('hostile: %#', (text) => {
  expect(withLibrary(text, '1+x')).not.toBe(true);
  expect(withLibrary('1+x', text)).not.toBe(true);
});
