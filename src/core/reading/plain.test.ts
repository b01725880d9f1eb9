import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bare, endOf, plainSigns, undressed } from './plain.ts';

describe('plainSigns', () => {
  it.each([
    ['４２', '42'],
    ['٤٢٫٥', '42.5'],
    ['४२', '42'],
    ['𝟒𝟐', '42'],
    ['−7', '-7'],
    ['1\u202f234\u00a0567', '1234567'],
    ['x² + 10⁻³', 'x^2 + 10^-3'],
    ['2½', '2 1/2'],
    ['½', '1/2'],
    ['3 × 4', '3 * 4'],
    ['“so”', '"so"'],
    ['a​b', 'ab'],
    ['Zürich 東京', 'Zürich 東京'],
    ['constructor', 'constructor'],
  ])('%s is %s', (text, plain) => expect(plainSigns(text)).toBe(plain));
});

describe('bare', () => {
  it.each([
    ['**B**.', 'B'],
    ['"Paris"', 'Paris'],
    ['$$42$$', '42'],
    ['$18', '$18'],
    ['\\(x\\)', 'x'],
    ['\\[x\\]', 'x'],
    ['### Title:', 'Title'],
    ['"', ''],
    ['', ''],
    ['...', ''],
    ['-3', '-3'],
    ['f(x)', 'f(x)'],
  ])('%s is %s', (text, plain) => expect(bare(text)).toBe(plain));

  it('has nothing more to take away from what it left', () => {
    assert(
      property(string(), (text) => {
        expect(bare(bare(text))).toBe(bare(text));
      }),
    );
  });
});

describe('undressed', () => {
  it.each([
    ['\\dfrac{1}{2}', '\\frac{1}{2}'],
    ['1{,}234', '1,234'],
    ['11,\\! 111', '11,111'],
    ['\\$18', '$18'],
    ['10\\%', '10%'],
    ['no dress', 'no dress'],
  ])('%s is %s', (text, plain) => expect(undressed(text).trim()).toBe(plain));
});

describe('endOf', () => {
  it.each([
    ['', '(nothing)'],
    [' \n', '(nothing)'],
    ['No idea.', '"No idea."'],
    ['a\n  b', '"a b"'],
  ])('of %j is %s', (reply, end) => expect(endOf(reply)).toBe(end));

  it('is short, on one line, and the end', () => {
    const end = endOf(`${'long\n'.repeat(50_000)}the last words`);
    expect(end).toMatch(/^"\.\.\..*the last words"$/);
    expect(end.length).toBeLessThan(100);
  });
});
