/** Exact arithmetic with fractions. `undefined` is what has no value, such as a division by zero. */

/** A number as numerator over a positive denominator. */
export interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}
export const ZERO: Fraction = { top: 0n, bottom: 1n };
const MOST_POWER = 64n;
const MOST_DECIMALS = 40;

function fraction(top: bigint, bottom: bigint): Fraction | undefined {
  if (bottom === 0n) return undefined;
  let [a, b] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  while (b > 0n) [a, b] = [b, a % b];
  const common = (a || 1n) * (bottom < 0n ? -1n : 1n);
  return { top: top / common, bottom: bottom / common };
}

export function fractionOf(token = ''): Fraction | undefined {
  if (!/^\d/.test(token)) return undefined;
  const [whole = '', rest = ''] = token.replaceAll(',', '').split('.');
  return fraction(BigInt(whole + rest), 10n ** BigInt(rest.length));
}

export const negative = ({ top, bottom }: Fraction): Fraction => ({ top: -top, bottom });

export function apply(sign: string, a: Fraction, b: Fraction): Fraction | undefined {
  if (sign === '*') return fraction(a.top * b.top, a.bottom * b.bottom);
  if (sign === '/') return fraction(a.top * b.bottom, a.bottom * b.top);
  return fraction(a.top * b.bottom + (sign === '+' ? b.top : -b.top) * a.bottom, a.bottom * b.bottom);
}

export function raise({ top, bottom }: Fraction, { top: power, bottom: root }: Fraction): Fraction | undefined {
  if (root !== 1n || power > MOST_POWER || power < -MOST_POWER) return undefined;
  return power < 0n ? fraction(bottom ** -power, top ** -power) : fraction(top ** power, bottom ** power);
}

/** Decimal places of a fraction that has an end. */
export function decimals({ bottom }: Fraction): number | undefined {
  for (let places = 0, scale = 1n; places <= MOST_DECIMALS; places++, scale *= 10n)
    if (scale % bottom === 0n) return places;
  return undefined;
}

export function print(value: Fraction): string {
  const places = decimals(value);
  if (places === undefined) return `${value.top}/${value.bottom}`;
  const digits = `${(value.top < 0n ? -value.top : value.top) * (10n ** BigInt(places) / value.bottom)}`;
  const padded = digits.padStart(places + 1, '0');
  const whole = padded.slice(0, padded.length - places);
  return `${value.top < 0n ? '-' : ''}${whole}${places > 0 ? `.${padded.slice(-places)}` : ''}`;
}
