/**
 * Exact arithmetic with fractions, within bounds that no text of a model can make the machine work hard to reach. What has no
 * value within them is a Problem.
 */

export interface Fraction {
  readonly top: bigint;
  /** Positive. */
  readonly bottom: bigint;
}

/** What is wrong with an expression, in words a model can act on. */
export class Problem extends Error {}

/** Of the numerator and of the denominator, in binary digits: about 1,200 decimal ones. */
const MOST_BITS = 4000;
const EXACT_DECIMALS = 40;
const SHOWN_DIGITS = 15;

export const ZERO: Fraction = { top: 0n, bottom: 1n };
export const negative = ({ top, bottom }: Fraction): Fraction => ({ top: -top, bottom });

/** The number that digits write, with commas between thousands or not. */
export function fractionOf(digits: string): Fraction {
  const [whole = '', rest = ''] = digits.replaceAll(',', '').split('.');
  if (!/^\d+$/.test(whole + rest)) throw new Problem(`"${digits.slice(0, 40)}" is no number`);
  if (whole.length + rest.length > MOST_BITS / 3) throw tooLarge();
  return reduced(BigInt(whole + rest), 10n ** BigInt(rest.length));
}

/** One of the operations; `%` is the remainder, which has the divisor's range: -7 % 3 is 2. */
export function apply(a: Fraction, operator: '+' | '-' | '*' | '/' | '%', b: Fraction): Fraction {
  switch (operator) {
    case '+':
      return reduced(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
    case '-':
      return reduced(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom);
    case '*':
      return reduced(a.top * b.top, a.bottom * b.bottom);
    case '/':
      if (b.top === 0n) throw new Problem('it divides by zero');
      return reduced(a.top * b.bottom, a.bottom * b.top);
    case '%': {
      if (b.top === 0n) throw new Problem('it divides by zero');
      const [x, y] = [a.top * b.bottom, b.top * a.bottom];
      const size = y < 0n ? -y : y;
      return reduced(((x % size) + size) % size, a.bottom * b.bottom);
    }
  }
}

/** A whole power. Roots are refused: they are not exact. */
export function raise(base: Fraction, { top: exponent, bottom }: Fraction): Fraction {
  if (bottom !== 1n) throw new Problem('it takes a root, and only whole exponents are exact');
  const times = exponent < 0n ? -exponent : exponent;
  if (base.top === 0n && exponent < 0n) throw new Problem('it divides by zero');
  if (base.bottom === 1n && base.top >= -1n && base.top <= 1n) {
    const one = times === 0n || (base.top !== 0n && times % 2n === 0n);
    return one ? { top: 1n, bottom: 1n } : base;
  }
  const bits = BigInt(Math.max(bitsOf(base.top), bitsOf(base.bottom)));
  if ((bits - 1n) * times > BigInt(MOST_BITS)) throw tooLarge();
  return exponent < 0n
    ? reduced(base.bottom ** times, base.top ** times)
    : reduced(base.top ** times, base.bottom ** times);
}

const tooLarge = (): Problem => new Problem('the result is too large');
const bitsOf = (value: bigint): number => (value < 0n ? -value : value).toString(2).length;

/** In lowest terms. */
export function reduced(top: bigint, bottom: bigint): Fraction {
  if (bitsOf(top) > 2 * MOST_BITS || bitsOf(bottom) > 2 * MOST_BITS) throw tooLarge();
  let [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  while (b > 0n) [a, b] = [b, a % b];
  const divisor = bottom < 0n ? -a : a;
  const fraction = { top: top / divisor, bottom: bottom / divisor };
  if (bitsOf(fraction.top) > MOST_BITS || bitsOf(fraction.bottom) > MOST_BITS) throw tooLarge();
  return fraction;
}

/** As a whole number or a decimal where it is one; else as a fraction. */
export function exactly({ top, bottom }: Fraction): string {
  const decimals = decimalsOf(bottom);
  if (decimals === undefined || decimals > EXACT_DECIMALS) return `${top}/${bottom}`;
  const size = top < 0n ? -top : top;
  return (top < 0n ? '-' : '') + pointed((size * 10n ** BigInt(decimals)) / bottom, decimals);
}

/** As a whole number or a decimal where it is one; else rounded, and said to be so. */
export function written({ top, bottom }: Fraction): string {
  const decimals = decimalsOf(bottom);
  if (decimals !== undefined && decimals <= EXACT_DECIMALS) return exactly({ top, bottom });
  const sign = top < 0n ? '-' : '';
  const size = top < 0n ? -top : top;
  const shown = Math.max(0, SHOWN_DIGITS - String(size / bottom).length);
  const scaled = size * 10n ** BigInt(shown);
  const rounded = (2n * scaled + bottom) / (2n * bottom);
  const whole =
    String(size).length + String(bottom).length <= EXACT_DECIMALS ? `, exactly ${sign}${size}/${bottom}` : '';
  return `${sign}${pointed(rounded, shown)} (rounded${whole})`;
}

/** How many decimals make a fraction of this denominator exact, if any do. */
export function decimalsOf(bottom: bigint): number | undefined {
  let rest = bottom;
  const times = (factor: bigint): number => {
    let count = 0;
    for (; rest % factor === 0n; rest /= factor) count++;
    return count;
  };
  const decimals = Math.max(times(2n), times(5n));
  return rest === 1n ? decimals : undefined;
}

function pointed(scaled: bigint, decimals: number): string {
  const digits = String(scaled).padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
