/**
 * e^x, ln, sine and cosine in double precision out of additions, multiplications and divisions only. Those are rounded the
 * same everywhere; `Math.exp` and its kin may differ in the last bit from engine to engine, and a sample must not.
 */

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const HALF_PI_HIGH = 1.57079632673412561417;
const HALF_PI_MIDDLE = 6.0771005063039659766e-11;
const HALF_PI_LOW = 2.0222662487111664558e-21;
/** 1.5 · 2^52: adding it and taking it away rounds to an integer. */
const ROUNDER = 6755399441055744;

const bits = new DataView(new ArrayBuffer(8));

/** e^x; 0 below -700. */
export function exp(x: number): number {
  if (!(x > -700)) return Number.isNaN(x) ? x : 0;
  if (x > 709) return Infinity;
  const n = x * 1.4426950408889634 + ROUNDER - ROUNDER;
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  return polynomial(EXP, r) * powerOfTwo(n);
}

/** The natural logarithm of a positive number. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  if (x < 2 ** -1000) return log(x * 2 ** 200) - 200 * LN2_HIGH - 200 * LN2_LOW;
  bits.setFloat64(0, x);
  let exponent = ((bits.getUint16(0) >>> 4) & 2047) - 1023;
  let m = x / powerOfTwo(exponent);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  // ln m = 2 artanh((m - 1) / (m + 1)), and the fraction is at most 0.172.
  const t = (m - 1) / (m + 1);
  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * t * polynomial(ARTANH, t * t));
}

export const sin = (x: number): number => turn(x, 0);
export const cos = (x: number): number => turn(x, 1);

/** The sine of x plus `quarters` right angles, for |x| up to about a million. */
function turn(x: number, quarters: number): number {
  const n = x / (Math.PI / 2) + ROUNDER - ROUNDER;
  const r = x - n * HALF_PI_HIGH - n * HALF_PI_MIDDLE - n * HALF_PI_LOW;
  const quadrant = (((n + quarters) % 4) + 4) % 4;
  const square = r * r;
  const value = quadrant % 2 === 0 ? r * polynomial(SINE, square) : polynomial(COSINE, square);
  return quadrant < 2 ? value : -value;
}

/** 2^n for an integer n of an ordinary double. */
function powerOfTwo(n: number): number {
  bits.setUint32(0, (n + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = value * x + coefficient;
  return value;
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** Coefficients from the highest power down. */
const EXP = Array.from({ length: 15 }, (_, i) => 1 / factorial(14 - i));
const ARTANH = Array.from({ length: 12 }, (_, i) => 1 / (2 * (11 - i) + 1));
const SINE = Array.from({ length: 10 }, (_, i) => ((9 - i) % 2 === 0 ? 1 : -1) / factorial(2 * (9 - i) + 1));
const COSINE = Array.from({ length: 10 }, (_, i) => ((9 - i) % 2 === 0 ? 1 : -1) / factorial(2 * (9 - i)));
