/** Whole numbers between bounds, as sets of texts: digit by digit, so that no other number can be written. */
import { anyOf, character, inTurn, literal, perhaps, repeat, type Expression } from './expression.ts';
import { Unsupported } from './unsupported.ts';

/** The bounds as JSON schemas name them; none of them leaves all whole numbers. */
export function integers(bounds: { readonly [keyword: string]: unknown }, where: string): Expression {
  const bound = (keyword: string, inward: bigint): bigint | undefined => {
    const value = bounds[keyword];
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw new Unsupported(`${where}/${keyword} must be a whole number`);
    return BigInt(value) + inward;
  };
  const least = greater(bound('minimum', 0n), bound('exclusiveMinimum', 1n), 1n);
  const most = greater(bound('maximum', 0n), bound('exclusiveMaximum', -1n), -1n);
  if (least === undefined && most === undefined) return inTurn(perhaps(literal('-')), upwards(0n));
  return anyOf(
    ...(most === undefined || most >= 0n ? [between(least !== undefined && least > 0n ? least : 0n, most)] : []),
    ...(least === undefined || least < 0n
      ? [inTurn(literal('-'), between(most !== undefined && most < 0n ? -most : 1n, least && -least))]
      : []),
  );
}

/** The one further inward of two bounds. */
function greater(a: bigint | undefined, b: bigint | undefined, sign: bigint): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a * sign > b * sign ? a : b;
}

/** Numbers from `low`, which is not negative, to `high`. */
function between(low: bigint, high: bigint | undefined): Expression {
  if (high === undefined) return upwards(low);
  const options: Expression[] = [];
  for (let from = low; from <= high;) {
    const longest = 10n ** BigInt(String(from).length) - 1n;
    const to = high < longest ? high : longest;
    options.push(alike(String(from), String(to)));
    from = to + 1n;
  }
  return anyOf(...options);
}

function upwards(low: bigint): Expression {
  const digits = String(low).length;
  if (digits >= MOST_DIGITS) return alike(String(low), '9'.repeat(digits));
  const longer = inTurn(digit('1', '9'), repeat(digit('0', '9'), digits, MOST_DIGITS - 1));
  return anyOf(alike(String(low), '9'.repeat(digits)), longer);
}

/**
 * Numbers of the same length. Only the digits that a bound still holds are taken one by one; what is free is one repetition, so
 * the expression grows with the number of digits and not with the numbers between.
 */
function alike(low: string, high: string): Expression {
  const [a = '', b = ''] = [low[0], high[0]];
  if (/^0*$/.test(low) && /^9*$/.test(high)) return free(low.length);
  const [restA, restB] = [low.slice(1), high.slice(1)];
  if (a === b) return inTurn(literal(a), alike(restA, restB));
  // The first digit of the lower bound is as good as those above it where nothing behind it is bounded; so is that of the upper.
  const first = /^0*$/.test(restA) ? Number(a) : Number(a) + 1;
  const last = /^9*$/.test(restB) ? Number(b) : Number(b) - 1;
  return anyOf(
    ...(first > Number(a) ? [inTurn(literal(a), alike(restA, '9'.repeat(restA.length)))] : []),
    ...(first <= last ? [inTurn(digit(String(first), String(last)), free(restA.length))] : []),
    ...(last < Number(b) ? [inTurn(literal(b), alike('0'.repeat(restB.length), restB))] : []),
  );
}

/** Any digits: one object for one length, so that all that lead to it share a place. */
function free(count: number): Expression {
  let made = frees.get(count);
  if (!made) frees.set(count, (made = repeat(digit('0', '9'), count, count)));
  return made;
}
const frees = new Map<number, Expression>();

/** Where nothing bounds a number it has so many digits at most: more no JavaScript number tells apart. */
export const MOST_DIGITS = 15;

const digit = (from: string, to: string): Expression => character([[from.charCodeAt(0), to.charCodeAt(0)]]);
