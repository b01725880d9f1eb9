import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cos, exp, log, sin } from './math.ts';

const close = (value: number, expected: number, scale = Math.abs(expected)): void => {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(4e-16 * Math.max(scale, Number.MIN_VALUE) + Number.MIN_VALUE);
};

it('exp is the exponential function', () => {
  fc.assert(fc.property(fc.double({ min: -699, max: 709, noNaN: true }), (x) => close(exp(x), Math.exp(x))));
  expect([exp(0), exp(-701), exp(-Infinity), exp(710), exp(NaN)]).toEqual([1, 0, 0, Infinity, NaN]);
});

it('log is the natural logarithm', () => {
  fc.assert(
    fc.property(fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }), (x) =>
      close(log(x), Math.log(x)),
    ),
  );
  expect([log(1), log(0), log(-1), log(Infinity)]).toEqual([0, -Infinity, NaN, Infinity]);
});

it('sine and cosine hold to half a unit of the largest value, over all angles of a long context', () => {
  let worst = 0;
  for (let i = -30_000; i <= 30_000; i++) {
    const x = i * 1.0371;
    worst = Math.max(worst, Math.abs(sin(x) - Math.sin(x)), Math.abs(cos(x) - Math.cos(x)));
  }
  expect(worst).toBeLessThan(4e-16);
});

it('gives these very bits', () => {
  const bits = (x: number): string => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, x);
    return view.getBigUint64(0).toString(16);
  };
  expect([exp(-1.25), log(10_000), sin(1000), cos(511)].map(bits)).toEqual([
    '3fd25618372a584f',
    '40226bb1bbb55516',
    '3fea75cc150a206c',
    'bfde2ffc96b2b3bc',
  ]);
});
