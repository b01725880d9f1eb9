import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { escaped } from './svg.ts';

it('whatever a model wrote is text that XML may hold', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const written = escaped(`${text}\u0000\u001B\uFFFF\uD800`);
      expect(written).not.toMatch(/[<>"]|&(?!(?:amp|lt|gt|quot);)/);
      const codes = Array.from(written, (char) => char.codePointAt(0) ?? 0);
      const isXml = (code: number): boolean =>
        [0x9, 0xa, 0xd].includes(code) ||
        (code >= 0x20 && code <= 0xd7ff) ||
        (code >= 0xe000 && code <= 0xfffd) ||
        code >= 0x10000;
      expect(codes.filter((code) => !isXml(code))).toEqual([]);
    }),
  );
});

it('what is said in words stays as it is', () => {
  expect(escaped('P(y|x) & "a < b"\n\té 😀')).toBe('P(y|x) &amp; &quot;a &lt; b&quot;\n\té 😀');
});
