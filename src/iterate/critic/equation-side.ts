/** One side of an equation: arithmetic over plain numbers, read and computed exactly. */
import {
  apply,
  exactly,
  fractionOf,
  negative,
  Problem,
  raise,
  ZERO,
  type Fraction,
} from '../../core/reading/fraction.ts';

export interface Side {
  readonly text: string;
  readonly value: Fraction;
  /** Whether there is anything to compute. */
  readonly computed: boolean;
  /** Decimal places, where it is one number. */
  readonly places: number;
}

/** Of a number in the text; what comes to more than twice as many is nobody's equation. */
export const MOST_DIGITS = 40;
export const TOKEN = /\d+(?:,\d{3})*(?:\.\d+)?|\*\*|[-+*/^()]/g;

/** Reads an expression: sums of products of signed powers. */
export function parse(text: string): Side | undefined {
  const tokens = text.match(TOKEN) ?? [];
  if (tokens.join('') !== text.replaceAll(/[ \t]/g, '') || tokens.some(({ length }) => length > MOST_DIGITS))
    return undefined;
  let at = 0;
  let broken = false;
  const next = <S extends string>(...signs: readonly S[]): S | undefined => {
    const found = signs.find((sign) => sign === tokens[at]);
    if (found) at++;
    return found;
  };
  const known = (compute: () => Fraction): Fraction => {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      broken = true; // a division by zero, or more digits than anybody writes
      return ZERO;
    }
  };
  const chain = (part: () => Fraction, ...signs: readonly ('+' | '-' | '*' | '/')[]): Fraction => {
    let value = part();
    for (let sign = next(...signs); sign; sign = next(...signs)) {
      const [left, right] = [value, part()];
      value = known(() => apply(left, sign, right));
    }
    return value;
  };
  const sum = (): Fraction => chain(product, '+', '-');
  const product = (): Fraction => chain(signed, '*', '/');
  const signed = (): Fraction => (next('-') ? negative(signed()) : next('+') ? signed() : power());
  const power = (): Fraction => {
    const base = atom();
    if (!next('^', '**')) return base;
    const exponent = signed();
    return known(() => raise(base, exponent));
  };
  const atom = (): Fraction => {
    if (!next('(')) return known(() => fractionOf(tokens[at++] ?? ''));
    const inner = sum();
    broken ||= !next(')');
    return inner;
  };
  const value = sum();
  if (broken || at !== tokens.length || exactly(value).length > 2 * MOST_DIGITS) return undefined;
  const computed = tokens.length > 2 || (tokens.length === 2 && !/^[-+]/.test(tokens[0] ?? ''));
  return { text, value, computed, places: computed ? 0 : (/\.(\d+)$/.exec(text)?.[1]?.length ?? 0) };
}
