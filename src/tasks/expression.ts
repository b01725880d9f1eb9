/** Reads an arithmetic expression of whole numbers, + - * / and parentheses. Its value is exact: a fraction. */

export interface Fraction {
  readonly top: number;
  /** Positive. */
  readonly bottom: number;
}

export interface Expression {
  /** Nothing where it divides by zero. */
  readonly value: Fraction | undefined;
  /** The numbers in it, in the order they stand. */
  readonly numbers: readonly number[];
}

const TOKEN = /\s*(?:(\d+)|([-+*/()]))\s*/y;
const SIGNS: { readonly [sign: string]: string } = {
  '×': '*',
  '·': '*',
  '÷': '/',
  '−': '-',
  '–': '-',
  '[': '(',
  ']': ')',
};
const MAX_LENGTH = 200;

/** The expression a text is, or nothing where it is none. */
export function readExpression(text: string): Expression | undefined {
  const tokens = tokensOf(text.replaceAll(/[×·÷−–[\]]/g, (sign) => SIGNS[sign] as string));
  if (!tokens) return undefined;
  const numbers: number[] = [];
  let at = 0;

  const sum = (): Fraction | undefined | typeof NONE => {
    let left = product();
    while (left !== NONE && (tokens[at] === '+' || tokens[at] === '-')) {
      const operator = tokens[at++] as '+' | '-';
      const right = product();
      left = right === NONE ? NONE : combine(left, operator, right);
    }
    return left;
  };
  const product = (): Fraction | undefined | typeof NONE => {
    let left = factor();
    while (left !== NONE && (tokens[at] === '*' || tokens[at] === '/')) {
      const operator = tokens[at++] as '*' | '/';
      const right = factor();
      left = right === NONE ? NONE : combine(left, operator, right);
    }
    return left;
  };
  const factor = (): Fraction | undefined | typeof NONE => {
    const token = tokens[at++];
    if (typeof token === 'number') {
      numbers.push(token);
      return { top: token, bottom: 1 };
    }
    if (token !== '(') return NONE;
    const inside = sum();
    return tokens[at++] === ')' ? inside : NONE;
  };

  const value = sum();
  return value === NONE || at !== tokens.length ? undefined : { value, numbers };
}

const NONE = Symbol('no expression');

/** One of the four operations on fractions; nothing for a division by zero. */
export function combine(
  a: Fraction | undefined,
  operator: '+' | '-' | '*' | '/',
  b: Fraction | undefined,
): Fraction | undefined {
  if (!a || !b) return undefined;
  switch (operator) {
    case '+':
      return reduced(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
    case '-':
      return reduced(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom);
    case '*':
      return reduced(a.top * b.top, a.bottom * b.bottom);
    case '/':
      return b.top === 0 ? undefined : reduced(a.top * b.bottom * Math.sign(b.top), a.bottom * Math.abs(b.top));
  }
}

function reduced(top: number, bottom: number): Fraction | undefined {
  if (!Number.isSafeInteger(top) || !Number.isSafeInteger(bottom)) return undefined;
  let [a, b] = [Math.abs(top), bottom];
  while (b > 0) [a, b] = [b, a % b];
  return { top: top / a, bottom: bottom / a };
}

function tokensOf(text: string): (number | string)[] | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const tokens: (number | string)[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (!found) return undefined;
    tokens.push(found[1] === undefined ? (found[2] as string) : Number(found[1]));
  }
  return tokens;
}
