/** The equations in a text, recomputed: exact fractions, no evaluation of code. */
import {
  apply,
  decimalsOf,
  exactly,
  fractionOf,
  negative,
  Problem,
  raise,
  ZERO,
  type Fraction,
} from '../../core/reading/numbers/fraction.ts';

/** An equation that does not hold, as it stands in the text. */
export interface WrongEquation {
  readonly equation: string;
  /** The side that is computed, and its value, as a decimal or a fraction. */
  readonly side: string;
  readonly value: string;
}

/** Of a number in the text; what comes to more than twice as many is nobody's equation. */
const MOST_DIGITS = 40;
const TOKEN = /\d+(?:,\d{3})*(?:\.\d+)?|\*\*|[-+*/^()]/g;
/** Longest text of a side, in characters. */
const MOST_TEXT = 400;
const RUN_BEFORE = /(^|[^\d.,()+\-*/^\s])[\d.,()+\-*/^ \t]*$/;
const RUN_AFTER = /^[\d.,()+\-*/^ \t]*/;

/**
 * Every equation between arithmetic expressions over plain numbers (`14 + 23 = 37`, `3 × (2 + 1) = 9`) that does not hold,
 * each once. What is not plain arithmetic (variables, units within a side, per cent) is left alone. A quotient without an
 * end, such as 10/3, may be rounded to one decimal place or more.
 */
export function wrongEquations(text: string): WrongEquation[] {
  const found = new Map<string, WrongEquation>();
  for (const line of plain(text).split('\n')) {
    for (const { index } of line.matchAll(/(?<![=!<>:~])=(?!=)/g)) {
      const left = before(line.slice(0, index));
      const right = after(line.slice(index + 1));
      if (!left || !right || !(left.computed || right.computed) || agree(left, right)) continue;
      const [side, other] = left.computed ? [left, right] : [right, left];
      const equation = side === left ? `${side.text} = ${other.text}` : `${other.text} = ${side.text}`;
      found.set(equation, { equation, side: side.text, value: exactly(side.value) });
    }
  }
  return [...found.values()];
}

/** One spelling of the signs. */
function plain(text: string): string {
  return text
    .replaceAll(/\\times|\\cdot|[×·∙]/g, '*')
    .replaceAll(/\\div|÷/g, '/')
    .replaceAll(/[−–]/g, '-')
    .replaceAll(/\\left|\\right|\\[,;!]|[$€£]/g, '')
    .replaceAll(/(?<=\d) ?x ?(?=\d)/g, '*');
}

/** The expression that ends the text. It must not begin in the middle of a larger one, such as `2x + 3 + 4`. */
function before(text: string): Side | undefined {
  const [whole, edge = ''] = RUN_BEFORE.exec(text.slice(-MOST_TEXT)) ?? [''];
  const run = whole.slice(edge.length);
  if (run.length >= MOST_TEXT - 1) return undefined;
  const tokens = [...run.matchAll(TOKEN)];
  for (const [i, token] of tokens.entries()) {
    const last = tokens[i - 1];
    const begins = last
      ? /^\d/.test(token[0]) && /^[\d)]/.test(last[0]) && token.index > last.index + last[0].length
      : !(/[\p{L}\p{N}_%]/u.test(edge) && (token.index === 0 || /^[-+*/^]/.test(token[0])));
    const side = begins ? parse(run.slice(token.index).trim()) : undefined;
    if (side) return side;
  }
  return undefined;
}

/** The expression that begins the text, the longest there is. It must not end in the middle of a larger one. */
function after(text: string): Side | undefined {
  const [run = ''] = RUN_AFTER.exec(text.slice(0, MOST_TEXT)) ?? [];
  if (run.length === MOST_TEXT) return undefined;
  for (const token of [...run.matchAll(TOKEN)].toReversed()) {
    const end = token.index + token[0].length;
    const side = parse(run.slice(0, end).trim());
    if (side) return /^(?:[\p{L}_%(]|\.\d|[ \t]*[-+*/^\d])/u.test(text.slice(end)) ? undefined : side;
  }
  return undefined;
}

/** Equal, or as near as a quotient without an end can be written down. */
function agree(left: Side, right: Side): boolean {
  const [a, b] = [left.value, right.value];
  const gap = a.top * b.bottom - b.top * a.bottom;
  if (gap === 0n) return true;
  const places = Math.max(left.places, right.places);
  const endless = [a, b].some(({ bottom }) => (decimalsOf(bottom) ?? Infinity) > MOST_DIGITS);
  const distance = 2n * (gap < 0n ? -gap : gap) * 10n ** BigInt(places);
  return places > 0 && endless && distance <= a.bottom * b.bottom;
}

/** One side of an equation: arithmetic over plain numbers, read and computed exactly. */
interface Side {
  readonly text: string;
  readonly value: Fraction;
  /** Whether there is anything to compute. */
  readonly computed: boolean;
  /** Decimal places, where it is one number. */
  readonly places: number;
}

/** Reads an expression: sums of products of signed powers. */
function parse(text: string): Side | undefined {
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
