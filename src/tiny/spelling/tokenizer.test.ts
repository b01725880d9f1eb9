import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from './tokenizer.ts';

const FIRST_BYTE = 3;
const FIRST_MERGE = FIRST_BYTE + 256;
const SPECIALS = ['<end>', '<user>', '<assistant>'];
const id = (letter: string): number => FIRST_BYTE + letter.charCodeAt(0);
const make = (merges: ReadonlyArray<readonly [number, number]>) =>
  createTokenizer({ specials: SPECIALS, roles: { user: 1, assistant: 2 }, end: 0, merges });

/** Merges learnt in order over a few letters, each of tokens that exist by then. */
const merges = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 12 }).map((pairs) => {
  const letters = Array.from(' aab\n.!', id);
  const known = [...letters];
  const list: [number, number][] = [];
  for (const [a, b] of pairs) {
    const pair: [number, number] = [known[a % known.length] as number, known[b % known.length] as number];
    if (list.some(([x, y]) => x === pair[0] && y === pair[1])) continue;
    known.push(FIRST_MERGE + list.length);
    list.push(pair);
  }
  return list;
});

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from(' aab\n.!é7')) }),
  fc.constantFrom('\uFEFFbom', "it's  we'll\n\n 12,345", '<end><user>', ''),
);

describe('round trip', () => {
  it('gives every text back', () => {
    fc.assert(
      fc.property(merges, texts, (list, text) => {
        const tokenizer = make(list);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });
  it('gives all bytes back, valid UTF-8 or not', () => {
    fc.assert(
      fc.property(merges, fc.uint8Array({ maxLength: 200 }), (list, bytes) => {
        const tokenizer = make(list);
        expect(tokenizer.decodeBytes(tokenizer.encodeBytes(bytes))).toEqual(bytes);
      }),
    );
  });
  it('takes long texts of one piece', () => {
    const tokenizer = make([[id('a'), id('a')]]);
    const text = 'a'.repeat(100_001);
    const ids = tokenizer.encode(text);
    expect(ids).toHaveLength(50_001);
    expect(tokenizer.decode(ids)).toBe(text);
  });
});

it('applies one merge at a time, the earliest learnt first, leftmost first', () => {
  const oneByOne = (list: ReadonlyArray<readonly [number, number]>, text: string): number[] => {
    const ids = Array.from(text, id);
    for (;;) {
      let best = Infinity;
      let at = -1;
      for (let i = 0; i + 1 < ids.length; i++) {
        const rank = list.findIndex(([a, b]) => a === ids[i] && b === ids[i + 1]);
        if (rank !== -1 && rank < best) [best, at] = [rank, i];
      }
      if (at === -1) return ids;
      ids.splice(at, 2, FIRST_MERGE + best);
    }
  };
  fc.assert(
    fc.property(merges, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 30 }), (list, word) => {
      expect(make(list).encode(word)).toEqual(oneByOne(list, word));
    }),
  );
});

it('never merges over the edges of words, numbers and spaces', () => {
  const tokenizer = make([
    [id('1'), id('2')],
    [id('a'), id('.')],
    [id('a'), id(' ')],
    [id(' '), id('a')],
    [id('\n'), id('\n')],
  ]);
  const pieces = (text: string): string[] => tokenizer.encode(text).map((one) => tokenizer.decode([one]));
  expect(pieces('12')).toEqual(['1', '2']);
  expect(pieces('a. a')).toEqual(['a', '.', ' a']);
  expect(pieces('\n\n')).toEqual(['\n\n']);
  expect(pieces('\n\na')).toEqual(['\n', '\n', 'a']);
  expect(pieces('\n\n1')).toEqual(['\n\n', '1']);
});

it('no text encodes to a control token, and control tokens have no text', () => {
  const tokenizer = make([]);
  fc.assert(
    fc.property(texts, (text) => {
      expect(tokenizer.encode(text).every((one) => one >= FIRST_BYTE)).toBe(true);
    }),
  );
  expect(tokenizer.decode([0, 1, id('x'), 2])).toBe('x');
});

it('a number that is no token is an error', () => {
  expect(() => make([]).decode([FIRST_MERGE])).toThrow('259 is no token; there are 259');
});
