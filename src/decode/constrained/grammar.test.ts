import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from './characters.ts';
import { inTurn, literal, perhaps, repeat, rule, type Expression } from './expression.ts';
import { startOf, type Place } from './grammar.ts';
import { integers } from './integers.ts';
import { parsePattern, parseRegex } from './regex.ts';
import { Unsupported } from './unsupported.ts';

/** Where a text leads: nowhere, on, or to an end. */
function reads(set: Expression, text: string): boolean {
  let place: Place | undefined = startOf(set);
  for (const letter of text) place = place?.step(codeOf(letter));
  return place?.whole ?? false;
}

const SOURCES = [
  'a',
  'ab|c',
  '(ab|c)*',
  'a+b?',
  '(?:a|b){2,3}',
  'a{2}',
  'a{2,}c',
  '[a-c]+',
  '[^a]b',
  '(a*)*',
  '(a|b*)*c',
  '(?<name>a)b',
  'a|',
  '(|a)b',
  '[ab-]+',
  '\\d\\w\\s',
  '[\\d-]+',
  'a.c',
  '\\x61\\u0062',
  '\\u{1F642}?',
  '[\\]\\\\]',
  '(a?){3}',
  'a*?b+?',
  '^ab$',
  '^a|b$',
  '((a|b)(c|ab))*',
  'a{0}b',
  '\\.',
  '[^]',
  '\\n|\\t',
  'é+',
  '-?(0|[1-9][0-9]*)',
];
const TEXT = fc.array(fc.constantFrom('a', 'b', 'c', '-', '0', '1', ' ', '\n', ']', '\\', '.', 'é', '🙂'), {
  maxLength: 6,
});

describe.each(SOURCES)('/%s/', (source) => {
  it('holds the texts that JavaScript matches, whole and within', () => {
    const [whole, within] = [parseRegex(source), parsePattern(source)];
    const anchored = new RegExp(`^(?:${source})$`, 'u');
    const loose = new RegExp(source, 'u');
    fc.assert(
      fc.property(TEXT, (letters) => {
        const text = letters.join('');
        expect(reads(whole, text)).toBe(anchored.test(text));
        expect(reads(within, text)).toBe(loose.test(text));
      }),
      { numRuns: 150 },
    );
  });
});

describe('what is not supported', () => {
  it.each([
    ['a(?=b)', 'looking ahead with (?='],
    ['(?<!a)b', 'looking behind with (?<!'],
    ['(a)\\1', 'the backreference \\1'],
    ['\\bword', 'the word boundary \\b'],
    ['\\p{L}', 'the Unicode property \\p'],
    ['(?i:a)', 'the group (?i'],
    ['a^b', '^ elsewhere than at the beginning'],
    ['(a$)b', '$ elsewhere than at the end'],
    ['\\q', 'the escape \\q'],
    ['\\01', 'an octal escape'],
    ['(?<n>a)\\k<n>', 'the backreference \\k'],
  ])('%s is named', (source, named) => {
    expect(() => parseRegex(source)).toThrow(
      new Unsupported(`${named} is not supported in the regular expression ${JSON.stringify(source)}`),
    );
  });

  it.each(['(a', 'a)', '[a', '*a', 'a**', 'a{3,2}', '[c-a]', '[\\d-z]', '\\x1', '\\'])('%s is broken', (source) => {
    expect(() => parseRegex(source)).toThrow(/ at character \d+ of the regular expression /);
  });
});

describe('nesting', () => {
  const brackets: Expression = rule(() => repeat(inTurn(literal('('), brackets, literal(')')), 0, Infinity));
  it('has no bound', () => {
    for (const text of ['', '()', '(()())()', `${'('.repeat(50)}${')'.repeat(50)}`])
      expect(reads(brackets, text)).toBe(true);
    for (const text of ['(', ')(', `${'('.repeat(50)}${')'.repeat(49)}`]) expect(reads(brackets, text)).toBe(false);
  });

  it('knows how far it is to an end', () => {
    let place = startOf(brackets);
    expect(place?.least).toBe(0);
    for (const [i, letter] of Array.from('((()').entries()) {
      place = place?.step(codeOf(letter));
      expect(place?.least).toBe([1, 2, 3, 2][i]);
    }
  });

  it('without an end is the empty set', () => {
    const endless: Expression = rule(() => inTurn(literal('a'), endless));
    expect(startOf(endless)).toBeUndefined();
    expect(startOf(inTurn(perhaps(endless), literal('b')))?.step(codeOf('a'))).toBeUndefined();
  });
});

it('whole numbers between bounds, and no others', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1200, max: 1200 }), fc.nat(2000), (low, span) => {
      const set = integers({ minimum: low, maximum: low + span }, '#');
      const exclusive = integers({ exclusiveMinimum: low - 1, exclusiveMaximum: low + span + 1 }, '#');
      for (const n of [low - 1, low, low + 1, low + (span >> 1), low + span, low + span + 1, 0, -1, 9, 10, 99, 100]) {
        expect(reads(set, String(n)), `${n} in ${low}..${low + span}`).toBe(n >= low && n <= low + span);
        expect(reads(exclusive, String(n))).toBe(n >= low && n <= low + span);
      }
      for (const text of ['', '-', '+1', '01', '1.0']) expect(reads(set, text)).toBe(false);
    }),
    { numRuns: 60 },
  );
  const open = integers({ minimum: 7 }, '#');
  expect(['7', '10', '123456789012345'].every((text) => reads(open, text))).toBe(true);
  expect(['6', '0', '-7', '07'].some((text) => reads(open, text))).toBe(false);
});
