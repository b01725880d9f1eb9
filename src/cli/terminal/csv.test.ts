import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvRow } from './csv.ts';

it.each([
  ['=1+1', "'=1+1"],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['+cmd|x', "'+cmd|x"],
  ['-2+3', "'-2+3"],
  ['\tx', "'\tx"],
  ['-42', '-42'],
  ['+1.5e3', '+1.5e3'],
  ['a=b', 'a=b'],
  [-3, '-3'],
  [null, ''],
  [undefined, ''],
  [true, 'true'],
  [{ a: [1, '='] }, '"{""a"":[1,""=""]}"'],
  ['a,b', '"a,b"'],
  ['a\nb', '"a\nb"'],
])('%j stands as %s', (value, cell) => {
  expect(csvRow([value])).toBe(`${cell}\r\n`);
});

it('is read back as it was, but for the apostrophe, and no cell can be computed', () => {
  const texts = fc.string({
    unit: fc.constantFrom('=', '-', '+', '@', '\t', '\r', '\n', '"', ',', 'a', '1', ' ', "'"),
  });
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1 }), (cells) => {
      const [read = []] = parse(csvRow(['first', ...cells]));
      expect(read.slice(1).map((text, i) => (text === cells[i] ? text : text.slice(1)))).toEqual(cells);
      for (const text of read) expect(text).not.toMatch(/^[=@\t\r]|^[+-](?!\d)/);
    }),
  );
});
