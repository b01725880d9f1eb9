import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSpelling, NO_TAIL } from './spelling.ts';
import { createTokenizer } from './tokenizer.ts';

const FIRST_BYTE = 2;
const LETTERS = Array.from(" ab\n.'srel");
const id = (letter: string): number => FIRST_BYTE + letter.charCodeAt(0);

/** Tokenizers of merges learnt in order within pieces, as a trainer finds them. */
const tokenizers = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 14 }).map((pairs) => {
  const known = LETTERS.map((letter) => ({ id: id(letter), text: letter }));
  const merges: [number, number][] = [];
  for (const [i, j] of pairs) {
    const a = known[i % known.length] as { id: number; text: string };
    const b = known[j % known.length] as { id: number; text: string };
    if (merges.some(([x, y]) => x === a.id && y === b.id)) continue;
    known.push({ id: FIRST_BYTE + 256 + merges.length, text: a.text + b.text });
    merges.push([a.id, b.id]);
  }
  return createTokenizer({ specials: ['<end>', '<user>'], roles: { user: 1 }, end: 0, merges });
});
const texts = fc.string({ unit: fc.constantFrom(...LETTERS, '1', 'é', '→', '🙂', "'s", "'re", '\n\n'), maxLength: 25 });

describe('spelling', () => {
  it('lets every text come as the tokenizer spells it', () => {
    fc.assert(
      fc.property(tokenizers, texts, (tokenizer, text) => {
        const spelling = createSpelling(tokenizer);
        let tail = NO_TAIL;
        for (const token of [...tokenizer.encode(text), tokenizer.end]) {
          expect(spelling.barred(tail)[token]).toBe(0);
          tail = token === tokenizer.end ? tail : spelling.push(tail, token);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets nothing else come to an end, and never leaves a text without a way on', () => {
    fc.assert(
      fc.property(tokenizers, fc.array(fc.nat(), { maxLength: 12 }), (tokenizer, draws) => {
        const spelling = createSpelling(tokenizer);
        const likely = [...tokenizer.bytes.keys()].filter(
          (token) =>
            token >= FIRST_BYTE + 256 ||
            LETTERS.some((letter) => id(letter) === token) ||
            Array.from('1\xc3\xa9\xe2\x82\xf0\x9f').some((letter) => id(letter) === token),
        );
        const ids: number[] = [];
        let tail = NO_TAIL;
        for (const draw of draws) {
          const barred = spelling.barred(tail);
          expect(barred[1]).toBe(1);
          expect(barred.includes(0)).toBe(true);
          const free = likely.filter((token) => barred[token] === 0);
          if (free.length === 0) break;
          const token = free[draw % free.length] as number;
          ids.push(token);
          tail = spelling.push(tail, token);
          const mayEnd = spelling.barred(tail)[tokenizer.end] === 0;
          expect(mayEnd ? tokenizer.encode(tokenizer.decode(ids)) : ids).toEqual(ids);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('remembers little of a long word', () => {
    const tokenizer = createTokenizer({ specials: ['<end>'], roles: {}, end: 0, merges: [] });
    const spelling = createSpelling(tokenizer);
    let tail = NO_TAIL;
    for (const token of tokenizer.encode(' word'.repeat(3) + 'x'.repeat(1000))) tail = spelling.push(tail, token);
    expect(tail).toHaveLength(1);
  });
});
