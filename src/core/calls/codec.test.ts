import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLength, decodeJson, encodeJson } from './codec.ts';

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double({ noNaN: false }).map((x) => (Object.is(x, -0) ? 0 : x)),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.constant(new URL('https://example.org/a?b=1')),
    fc.array(tie('value')),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('$bytes', '$$bytes', '$url', '$number', '$ref', '__proto__')),
      tie('value'),
    ),
  ),
})).value;

describe('encodeJson', () => {
  it('gives every value back', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decodeJson(encodeJson(value))).toEqual(value);
      }),
    );
  });

  it('is plain JSON where plain JSON is enough', () => {
    const entry = { content: [{ type: 'text', text: 'a "$bytes" in a text' }], $schema: 'x', usd: 0.5 };
    expect(encodeJson(entry)).toBe(JSON.stringify(entry));
    expect(decodeJson(encodeJson(entry))).toEqual(entry);
  });

  it('keeps a megabyte of binary data', () => {
    const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) % 256);
    const back = decodeJson(encodeJson({ data: bytes })) as { data: Uint8Array };
    expect(Buffer.from(back.data).equals(bytes)).toBe(true);
  });

  it('refuses what is no JSON', () => {
    expect(() => decodeJson('{"a":')).toThrow(SyntaxError);
  });
});

it('the length of a text in UTF-8 is that of its bytes, halves of pairs included', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
  const text = fc.oneof(
    fc.string({ unit }),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', '\ud83d', '\ude00', 'é', '€') }),
  );
  fc.assert(
    fc.property(text, (one) => {
      expect(byteLength(one)).toBe(new TextEncoder().encode(one).length);
    }),
  );
});
