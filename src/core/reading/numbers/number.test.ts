import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { numbersIn, quantityOf } from './number.ts';

describe('a quantity', () => {
  it.each([
    ['42', '42', ''],
    ['-3.0', '-3', ''],
    ['+5', '5', ''],
    ['007', '7', ''],
    ['.5', '0.5', ''],
    ['1,234', '1234', ''],
    ['1,234,567.50', '1234567.5', ''],
    ['12,34,567', '1234567', ''],
    ['1.234,56', '1234.56', ''],
    ['1.234.567', '1234567', ''],
    ['1 234 567', '1234567', ''],
    ["1'234'567", '1234567', ''],
    ['1_000', '1000', ''],
    ['1{,}234', '1234', ''],
    ['11,\\! 111,\\! 100', '11111100', ''],
    ['٤٢', '42', ''],
    ['４２', '42', ''],
    ['−7', '-7', ''],
    ['–7', '-7', ''],
    ['1/2', '0.5', ''],
    ['\\frac{1}{2}', '0.5', ''],
    ['\\dfrac12', '0.5', ''],
    ['-\\frac{1}{4}', '-0.25', ''],
    ['1\\frac{4}{5}', '1.8', ''],
    ['137 \\frac{1}{2}', '137.5', ''],
    ['1 3/4', '1.75', ''],
    ['2½', '2.5', ''],
    ['1/3', '0.333333333333333', ''],
    ['3e5', '300000', ''],
    ['2.5E-3', '0.0025', ''],
    ['3 × 10^5', '300000', ''],
    ['3\\times 10^{-5}', '0.00003', ''],
    ['6.02×10²³', '602000000000000000000000', ''],
    ['0.30000000000000004', '0.3', ''],
    ['12345678901234567891', '12345678901234567891', ''],
    ['10%', '10', '%'],
    ['10\\%', '10', '%'],
    ['5 percent', '5', '%'],
    ['5 per cent', '5', '%'],
    ['$18', '18', 'usd'],
    ['\\$18.90', '18.9', 'usd'],
    ['18 dollars', '18', 'usd'],
    ['18.00 USD', '18', 'usd'],
    ['US$18', '18', 'usd'],
    ['-$5', '-5', 'usd'],
    ['$-5', '-5', 'usd'],
    ['€18', '18', 'eur'],
    ['18 euros', '18', 'eur'],
    ['$5 million', '5000000', 'usd'],
    ['$5k', '5000', 'usd'],
    ['2 billion', '2000000000', ''],
    ['90^\\circ', '90', 'degree'],
    ['90°', '90', 'degree'],
    ['20 °C', '20', 'degree c'],
    ['68 °F', '68', 'degree f'],
    ['5\\text{ cm}', '5', 'cm'],
    ['15\\mbox{ cm}^2', '15', 'cm^2'],
    ['15 square centimeters', '15', 'cm^2'],
    ['3 cubic inches', '3', 'inch^3'],
    ['5.4 \\text{ cents}', '5.4', 'cent'],
    ['25000/year', '25000', 'year'],
    ['3 pm', '3', 'pm'],
    ['3 apples', '3', 'apples'],
    ['forty-two', '42', ''],
    ['minus five', '-5', ''],
    ['two hundred', '200', ''],
    ['about 5', '5', ''],
    ['≈ 3.14', '3.14', ''],
    ['**42**', '42', ''],
    ['$42$', '42', ''],
    ['\\(42\\)', '42', ''],
    ['"42"', '42', ''],
    ['42.', '42', ''],
  ])('%s is %s %s', (text, value, unit) => expect(quantityOf(text)).toMatchObject({ value, unit }));

  it.each([
    '',
    '-',
    '$',
    'x',
    '1,2',
    '3,5',
    '05/01/2021',
    '2021-05-01',
    '2:10',
    '2:10 pm',
    '1.2.3',
    '2/0',
    '1e999',
    '5x',
    '2k',
    '7\\pi',
    '6-5i',
    'x^2',
    '2 + 3',
    '3 of 4',
    'three or four',
    'one of them',
    '1oE',
    '3 or 4',
    '3 very long lists of words behind',
    '(3, 4)',
    '52_8',
    'twenty twenty',
    '9'.repeat(1000),
    'constructor',
  ])('%s is none', (text) => expect(quantityOf(text)).toBeUndefined());

  it('takes a comma for the decimal sign, and words behind it, where it may', () => {
    expect(quantityOf('3,5', { comma: true })?.value).toBe('3.5');
    expect(quantityOf('0,25', { comma: true })?.value).toBe('0.25');
    expect(quantityOf('1,234', { comma: true })?.value).toBe('1234');
    expect(quantityOf('18 eggs that she sells every day at the market', { words: true })?.value).toBe('18');
    expect(quantityOf('4 (3 onions and 1 potato)', { words: true })?.value).toBe('4');
    expect(quantityOf('6-5i', { words: true })).toBeUndefined();
    expect(quantityOf('3 m', { algebra: true })).toBeUndefined();
  });

  it('is the same in every dress', () => {
    const dress = constantFrom<(n: number) => string>(
      (n) => `${n}.00`,
      (n) => n.toLocaleString('en-US'),
      (n) => n.toLocaleString('en-IN'),
      (n) => n.toLocaleString('ar-EG'),
      (n) => n.toLocaleString('hi-IN-u-nu-deva'),
      (n) => `**${n}**`,
      (n) => `$${n}$`,
      (n) => `${2 * n}/2`,
      (n) => `\\frac{${3 * n}}{3}`,
      (n) => `${n}e0`,
      (n) => String(n).replace('-', '−'),
      (n) => n.toLocaleString('fr-FR'),
      (n) => n.toLocaleString('de-CH'),
    );
    assert(
      property(integer({ min: -1e9, max: 1e9 }), dress, (n, dressed) => {
        expect([dressed(n), quantityOf(dressed(n))?.value]).toEqual([dressed(n), String(n)]);
      }),
    );
  });
});

describe('the numbers in a text', () => {
  it.each([
    ['From 1,000 to 2,500.50 in -3 steps', ['1,000', '2,500.50', '-3']],
    ['6*7 = 42', ['6', '7', '42']],
    ['7-8', ['7', '8']],
    ['-5 or $5, .5; 3,5', ['-5', '$5', '.5', '3,5']],
    ['x^2, v1.2.3, 05/01/2021, 2:10', []],
    ['none', []],
  ])('%s: %j', (text, found) => expect(numbersIn(text).map((one) => one.text)).toEqual(found));
});
