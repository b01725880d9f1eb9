/**
 * Exact arithmetic over fractions of any length: + - * / % ^, parentheses, decimals, per cent. A small reader of its
 * own, so that no text of a model is ever run, and bounded, so that none of it runs for long.
 */
import { strippedEnd } from '../../core/reading/text.ts';
import { apply, fractionOf, Problem, raise, written, type Fraction } from '../../core/reading/numbers/fraction.ts';

/** The value as a text, or what is wrong, in words a model can act on. */
export type Computed = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

const MOST_CHARACTERS = 1000;
const MOST_DEPTH = 100;
/** Computes an expression such as `14 + 23`, `(2.5 * 4) ^ 2` or `15% * 80`. */
export function compute(expression: string): Computed {
  if (expression.length > MOST_CHARACTERS)
    return { ok: false, problem: `the expression is longer than ${MOST_CHARACTERS} characters` };
  try {
    return { ok: true, text: written(reader(tokensOf(expression)).all()) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ok: false, problem: error.message };
  }
}

const SIGNS: { readonly [sign: string]: string } = { '×': '*', '·': '*', '÷': '/', '−': '-', '–': '-', '**': '^' };
const TOKEN = /\s*(?:((?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)|(\*\*|[-+*/%^()×·÷−–]))/y;

function tokensOf(text: string): string[] {
  const plain = strippedEnd(text.replaceAll('$', ' '), '=?');
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < plain.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(plain);
    if (!found) throw new Problem(`"${plain.slice(at, at + 20).trim()}" is not arithmetic`);
    tokens.push(found[1]?.replaceAll(',', '') ?? SIGNS[found[2] as string] ?? (found[2] as string));
  }
  if (tokens.length === 0) throw new Problem('the expression is empty');
  return tokens;
}

function reader(tokens: readonly string[]): { all(): Fraction } {
  let at = 0;
  let depth = 0;
  const next = (): string | undefined => tokens[at];
  const startsOperand = (token: string | undefined): boolean => token !== undefined && /^[\d.(]/.test(token);

  const sum = (): Fraction => {
    let left = product();
    for (let sign = next(); sign === '+' || sign === '-'; sign = next()) {
      at++;
      left = apply(left, sign, product());
    }
    return left;
  };
  const product = (): Fraction => {
    let left = signed();
    for (let sign = next(); sign === '*' || sign === '/' || sign === '%'; sign = next()) {
      at++;
      left = apply(left, sign, signed());
    }
    return left;
  };
  // -2^2 is -(2^2), and 2^-1 is a half.
  const signed = (): Fraction => {
    const sign = next();
    if (sign !== '-' && sign !== '+') return power();
    at++;
    return nested(() => apply({ top: 0n, bottom: 1n }, sign, signed()));
  };
  const power = (): Fraction => {
    const base = part();
    if (next() !== '^') return base;
    at++;
    return raise(base, nested(signed));
  };
  const part = (): Fraction => {
    let value = operand();
    while (next() === '%' && !startsOperand(tokens[at + 1])) {
      at++;
      value = apply(value, '/', { top: 100n, bottom: 1n });
    }
    return value;
  };
  const operand = (): Fraction => {
    const token = tokens[at++];
    if (token === undefined) throw new Problem('the expression ends too early');
    if (/^[\d.]/.test(token)) return fractionOf(token);
    if (token !== '(') throw new Problem(`"${token}" stands where a number should`);
    const inside = nested(sum);
    if (tokens[at++] !== ')') throw new Problem('a bracket is not closed');
    return inside;
  };
  const nested = (read: () => Fraction): Fraction => {
    if (++depth > MOST_DEPTH) throw new Problem(`it is nested deeper than ${MOST_DEPTH} levels`);
    const value = read();
    depth--;
    return value;
  };
  return {
    all() {
      const value = sum();
      if (at < tokens.length) throw new Problem(`"${tokens[at]}" stands where an operator should`);
      return value;
    },
  };
}
