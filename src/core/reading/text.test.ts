import { describe, expect, it } from 'vitest';
import { assert, constantFrom, array, property } from 'fast-check';
import { labelled, stripped, strippedEnd } from './text.ts';

const texts = array(constantFrom('a', ' ', '\n', '*', '"', '.'), { maxLength: 12 }).map((all) => all.join(''));

describe('stripped', () => {
  it('is what the patterns say that take too long', () => {
    assert(
      property(texts, (text) => {
        expect(stripped(text, '*"')).toBe(text.replace(/^[\s*"]+/, '').replace(/[\s*"]+$/, ''));
        expect(strippedEnd(text, '.')).toBe(text.replace(/[\s.]+$/, ''));
      }),
    );
  });
});

describe('labelled', () => {
  it.each([
    ['ASK: which one?', 'which one?'],
    ['Well.\n**ask:** which one? **', 'which one?'],
    ['"ASK": which', 'which'],
    ['ASK:\n\nwhich one?', 'which one?'],
    ['ASK which', undefined],
    ['I ASK: which', undefined],
    ['ASK:', undefined],
    ['', undefined],
  ])('%j says %j', (text, said) => expect(labelled(text, 'ASK')).toBe(said));
});
