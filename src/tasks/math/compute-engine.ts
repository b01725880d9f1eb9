/** The value of LaTeX expressions, by Compute Engine (`@cortex-js/compute-engine`), for `mathEquality`. */
import type { Equality } from './equality.ts';

/** What is used of Compute Engine. */
export interface MathLibrary {
  precision: number;
  declare(name: string, type: 'number'): unknown;
  number(value: string): Expression;
  parse(latex: string): Expression;
  function(name: 'Subtract', operands: readonly Expression[]): Expression;
}

interface Expression {
  readonly isValid: boolean;
  readonly re: number;
  readonly im: number;
  subs(values: { readonly [name: string]: Expression }): Expression;
  N(): Expression;
}

/** Longer expressions are not given to the library: its time grows faster than their length. */
const MAX_LENGTH = 400;
/** About the digits of the longest number in an expression. The library is exact: `9^{9^9}` fills the memory. */
const MAX_DIGITS = 20_000;

/** The equality by Compute Engine, for `mathEquality`; nothing where the package is not installed. */
export async function computeEngine(
  load: () => Promise<{ readonly ComputeEngine: new () => MathLibrary }> = loadPackage,
): Promise<Equality | undefined> {
  try {
    const { ComputeEngine } = await load();
    return sameExpressions(new ComputeEngine());
  } catch {
    return undefined;
  }
}

async function loadPackage(): Promise<{ readonly ComputeEngine: new () => MathLibrary }> {
  const name = '@cortex-js/compute-engine';
  return (await import(name)) as { readonly ComputeEngine: new () => MathLibrary };
}

/**
 * Whether two expressions have the same value at every one of a few fixed places, to 60 digits (12 where it is complex).
 * Nothing for what is not plain algebra, is too long or too high, or has no value there.
 */
export function sameExpressions(library: MathLibrary): Equality {
  library.precision = DIGITS;
  for (const name of VARIABLES) library.declare(name, 'number');
  return (a, b) => {
    const names = [...new Set([a, b].flatMap(variables))].sort();
    if (names.length > VARIABLES.length || !isHarmless(a) || !isHarmless(b)) return undefined;
    try {
      const [left, right] = [library.parse(renamed(a, names)), library.parse(renamed(b, names))];
      if (!left.isValid || !right.isValid) return undefined;
      return sameEverywhere(library, left, right, names.length, COUNTING.test(a + b) ? wholeNumber : decimal);
    } catch {
      return undefined; // what the library cannot do has no answer
    }
  };
}

/** Digits that the library computes with, and those that have to agree. */
const DIGITS = 100;
const SAME_DIGITS = 60;
const PLACES = 4;
/** Places that have to have a value. */
const MIN_PLACES = 2;

function sameEverywhere(
  library: MathLibrary,
  a: Expression,
  b: Expression,
  count: number,
  coordinate: (place: number, variable: number) => string,
): boolean | undefined {
  const difference = library.function('Subtract', [a, b]);
  const places = count === 0 ? 1 : PLACES;
  let known = 0;
  for (let place = 0; place < places; place++) {
    const values = VARIABLES.slice(0, count).map((name, i) => [name, library.number(coordinate(place, i))] as const);
    const at = Object.fromEntries(values);
    const same = isNought(difference.subs(at).N(), a.subs(at).N(), b.subs(at).N());
    if (same === false) return false;
    if (same === true) known++;
  }
  return known >= Math.min(places, MIN_PLACES) ? true : undefined;
}

/** Of either sign, and no two alike. */
function decimal(place: number, variable: number): string {
  const size = 0.37 + 1.13 * place + 0.619 * variable;
  return ((place + variable) % 2 === 0 ? size : -size).toFixed(3);
}

/** Factorials and binomials are of whole numbers. */
const COUNTING = /!|\\binom/;

function wholeNumber(place: number, variable: number): string {
  return String(11 + 2 * place - variable);
}

function isNought(difference: Expression, a: Expression, b: Expression): boolean | undefined {
  const [off, size] = [
    Math.hypot(difference.re, difference.im),
    Math.max(Math.hypot(a.re, a.im), Math.hypot(b.re, b.im)),
  ];
  if (off === 0) return true;
  if (Number.isNaN(off) || Number.isNaN(size) || off === Infinity) return undefined;
  if (size === Infinity) return false;
  const isReal = a.im === 0 && b.im === 0;
  if (!isReal) return off <= 1e-12 * size;
  return off < 1e-12 && off <= Math.max(size, 1) * 10 ** -SAME_DIGITS;
}

/** The names of the variables are the library's names of functions and constants too, such as N, D and \phi. */
const VARIABLES = ['x', 'y', 'z', 'u', 'v', 'w', 'a', 'b', 'c', 'k'];
const LETTERS =
  'alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|vartheta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau|upsilon|phi|varphi|chi|psi|omega';
const VARIABLE = new RegExp(`\\\\(?:${LETTERS})(?![a-zA-Z])|\\\\[a-zA-Z]+|[a-zA-Z](?:_(?:\\w|\\{\\w+\\}))?`, 'g');
const GREEK = new RegExp(`^\\\\(?:${LETTERS})$`);
const ALGEBRA =
  /^\\(?:frac|sqrt|binom|cdot|times|pi|sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|sinh|cosh|tanh|log|ln|exp|l?floor|rfloor|lceil|rceil|circ)$/;

function isVariable(name: string): boolean {
  return GREEK.test(name) || !(name.startsWith('\\') || name === 'e' || name === 'i');
}

const unbraced = (name: string): string => name.replaceAll(/[{}]/g, '');

function variables(latex: string): string[] {
  return (latex.match(VARIABLE) ?? []).filter(isVariable).map(unbraced);
}

function renamed(latex: string, names: readonly string[]): string {
  return latex.replaceAll(VARIABLE, (name) => {
    if (isVariable(name)) return ` ${VARIABLES[names.indexOf(unbraced(name))]}`;
    return name.length === 1 ? ` ${name}` : name;
  });
}

function isHarmless(latex: string): boolean {
  if (latex.length > MAX_LENGTH || /(?<!_)\d\s+[\d.]/.test(latex) || !/^[\w\s+\-*/^!|(){}[\].\\]*$/.test(latex))
    return false;
  const commands = latex.match(/\\(?:[a-zA-Z]+|.)/gs) ?? [];
  return commands.every((name) => ALGEBRA.test(name) || GREEK.test(name)) && digitsAtMost(latex) <= MAX_DIGITS;
}

/**
 * More than the digits of any number that comes up: those written, times the highest power of one sign, times the powers
 * of whole brackets, times the factorials.
 */
function digitsAtMost(latex: string): number {
  let [written, highest, product, before, power] = [1, 1, 1, '', 1];
  const open: string[] = [];
  let base = '';
  const end = (): void => {
    if (/^[)}\]!]$/.test(base)) product *= power;
    else highest = Math.max(highest, power);
    power = 1;
  };
  for (const { 0: token } of latex.matchAll(/\\[a-zA-Z]+|\d[\d.]*|\S/g)) {
    const isPower = before === '^' || open.includes('^');
    if (token === '^' && !isPower) base = before;
    if ('({['.includes(token)) open.push(before);
    else if (')}]'.includes(token)) {
      if (open.pop() === '^' && !open.includes('^')) end();
    } else if (isPower) {
      const isTower = open.filter((sign) => sign === '^').length + (before === '^' ? 1 : 0) > 1;
      if (/^\d/.test(token)) power = isTower ? power ** Number(token) : power * Math.max(1, Number(token));
      if (before === '^' && !open.includes('^')) end();
    }
    if (/^\d/.test(token)) written = Math.max(written, token.length);
    if (token === '!') product *= /^\d/.test(before) ? 4 * Number(before) : FACTORIAL;
    if (token === '!' && before === '!') return Infinity;
    if (token === '\\binom') product *= FACTORIAL;
    before = token;
  }
  return written * highest * product;
}

/** What the factorial of a letter or of brackets counts, and a binomial. */
const FACTORIAL = 300;
