import { describe, expect, it } from 'vitest';
import { lostNumber, parseToTexts, parseToWrite } from './whole-numbers.ts';

const ID = '9123456789012345671';
/** A JSON text, and the first number in it that a double does not hold. */
const FORMS: readonly (readonly [json: string, lost: string | undefined])[] = [
  ['{"id": 12}', undefined],
  ['9007199254740991', undefined],
  ['9007199254740992', undefined],
  ['9007199254740993', '9007199254740993'],
  ['-9007199254740993', '-9007199254740993'],
  [`{"id": ${ID}}`, ID],
  [`{"id": -${ID}}`, `-${ID}`],
  [`[{"a": [1, ${ID}]}]`, ID],
  [`{"id": "${ID}"}`, undefined],
  [`{"${ID}": 1}`, undefined],
  [`{"text": "a \\" ${ID}"}`, undefined],
  [`{"text": "\\\\", "id": ${ID}}`, ID],
  ['10000000000000000000000', undefined],
  ['6.022e23', undefined],
  ['1E+23', undefined],
  ['602200000000000000000000', undefined],
  ['602200000000000000000000.0', undefined],
  [`${ID}e3`, `${ID}e3`],
  [`${ID}.5`, `${ID}.5`],
  ['1e400', '1e400'],
  ['-1e400', '-1e400'],
  ['3.14159265358979323846', undefined],
  ['0.1', undefined],
  ['1e-400', undefined],
  ['-0', undefined],
];

describe('a number in the input of a call', () => {
  it.each(FORMS)('%s', (json, lost) => {
    expect(lostNumber(json)).toBe(lost);
    // Written again it is the number that it was, and the tool reads its digits.
    expect(lostNumber(JSON.stringify(parseToWrite(json)))).toBe(lost);
    expect(JSON.stringify(parseToTexts(json)).includes(`"${lost}"`)).toBe(lost !== undefined);
  });

  it.each(FORMS.filter(([, lost]) => lost === undefined))('%s is read as ever', (json) => {
    for (const parse of [parseToTexts, parseToWrite]) expect(parse(json)).toEqual(JSON.parse(json));
  });

  it('is no less JSON than it was', () => {
    for (const json of ['{', '{"a":', '01', 'NaN', '', `${ID} ${ID}`, '"\\'])
      for (const parse of [parseToTexts, parseToWrite]) expect(() => parse(json)).toThrow(SyntaxError);
  });
});
