/**
 * Reads what a technique says it costs: `n*most*(most + 1)/2`, `ceil(n / parallel)`, `mode === "suffix" ? steps + 1 : 1`.
 * The syntax is JavaScript's, with names of options, numbers, texts, arithmetic, comparisons, `? :` and a few functions.
 * Nothing is run: an expression can say how much, and can do nothing.
 */
import { PlusxError } from '../core/index.ts';

/** An expression cannot be read, or names what is not known. */
export class ExpressionError extends PlusxError {
  override readonly kind = 'usage';
  readonly expression: string;
  constructor({ expression, problem }: { readonly expression: string; readonly problem: string }) {
    super(
      `"${expression}" is no expression over options: ${problem}. Write it in JavaScript syntax, as in "1 + 2*rounds".`,
    );
    this.expression = expression;
  }
}

type Value = number | string;
const FUNCTIONS: { readonly [name: string]: (...numbers: number[]) => number } = {
  ceil: Math.ceil,
  floor: Math.floor,
  round: Math.round,
  abs: Math.abs,
  sqrt: Math.sqrt,
  log2: Math.log2,
  max: Math.max,
  min: Math.min,
};
interface Operator {
  /** How strongly it binds. */
  readonly strength: number;
  readonly of: (a: Value, b: Value) => Value;
  /** What a person reads in its place. */
  readonly word?: string;
}
const OPERATORS: { readonly [operator: string]: Operator } = {
  '||': { strength: 1, of: (a, b) => a || b, word: ' or ' },
  '&&': { strength: 2, of: (a, b) => a && b, word: ' and ' },
  '===': { strength: 3, of: (a, b) => Number(a === b), word: '=' },
  '!==': { strength: 3, of: (a, b) => Number(a !== b), word: ' other than ' },
  '<': { strength: 4, of: (a, b) => Number(a < b) },
  '<=': { strength: 4, of: (a, b) => Number(a <= b) },
  '>': { strength: 4, of: (a, b) => Number(a > b) },
  '>=': { strength: 4, of: (a, b) => Number(a >= b) },
  '+': { strength: 5, of: (a, b) => Number(a) + Number(b) },
  '-': { strength: 5, of: (a, b) => Number(a) - Number(b) },
  '*': { strength: 6, of: (a, b) => Number(a) * Number(b) },
  '/': { strength: 6, of: (a, b) => Number(a) / Number(b) },
  '%': { strength: 6, of: (a, b) => Number(a) % Number(b) },
};
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|("[^"]*"|'[^']*')|([A-Za-z_]\w*)|(===|!==|<=|>=|&&|\|\||[-+*/%<>?:(),!]))\s*/y;

type Tree =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'option'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Tree[] }
  | { readonly kind: 'unary'; readonly operator: '-' | '!'; readonly of: Tree }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'choice'; readonly condition: Tree; readonly yes: Tree; readonly no: Tree };

/**
 * The number an expression comes to. An option that is a flag counts 1 or 0, a list as many as it has, and what is left
 * out 0. Throws ExpressionError.
 */
export function evaluateExpression(expression: string, options: { readonly [name: string]: unknown }): number {
  const fail = (problem: string): never => {
    throw new ExpressionError({ expression, problem });
  };
  const worth = (tree: Tree): Value => {
    switch (tree.kind) {
      case 'value':
        return tree.value;
      case 'option':
        return Object.hasOwn(options, tree.name)
          ? valueOf(options[tree.name])
          : fail(`there is no option "${tree.name}"`);
      case 'call': {
        const { name, given } = tree;
        const of = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
        return of ? of(...given.map((one) => Number(worth(one)))) : fail(`there is no function "${name}"`);
      }
      case 'unary':
        return tree.operator === '-' ? -Number(worth(tree.of)) : Number(!worth(tree.of));
      case 'binary':
        return (OPERATORS[tree.operator] as Operator).of(worth(tree.left), worth(tree.right));
      case 'choice':
        return worth(tree.condition) ? worth(tree.yes) : worth(tree.no);
    }
  };
  const value = worth(treeOf(expression));
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(`it comes to ${JSON.stringify(value)}`);
}

/** The options that an expression names. */
export function optionsIn(expression: string): readonly string[] {
  const names = (tree: Tree): readonly string[] => {
    switch (tree.kind) {
      case 'value':
        return [];
      case 'option':
        return [tree.name];
      case 'call':
        return tree.given.flatMap(names);
      case 'unary':
        return names(tree.of);
      case 'binary':
        return [tree.left, tree.right].flatMap(names);
      case 'choice':
        return [tree.condition, tree.yes, tree.no].flatMap(names);
    }
  };
  return [...new Set(names(treeOf(expression)))];
}

/** An expression as a person reads it: `1 with stop="fixed", else n / (1 + ahead) rounded up`. */
export function inWords(expression: string): string {
  return said(treeOf(expression), 0);
}

/** `weakest`: how strongly an operator must bind to stand without brackets. */
function said(tree: Tree, weakest: number): string {
  switch (tree.kind) {
    case 'value':
      return typeof tree.value === 'string' ? JSON.stringify(tree.value) : String(tree.value);
    case 'option':
      return tree.name;
    case 'call': {
      const { name, given } = tree;
      const [first] = given;
      const rounding = ROUNDED[name];
      if (rounding && first) return bracketed(`${said(first, 1)} ${rounding}`, weakest > 0);
      return `${name}(${given.map((one) => said(one, 0)).join(', ')})`;
    }
    case 'unary':
      return tree.operator === '-' ? `-${said(tree.of, 7)}` : `not ${said(tree.of, 7)}`;
    case 'binary': {
      const { operator, left, right } = tree;
      const { strength, word = ` ${operator} ` } = OPERATORS[operator] as Operator;
      // 3 - 0 and 6 / 2 / 2: what stands to the right of an equally strong operator keeps its brackets.
      return bracketed(`${said(left, strength)}${word}${said(right, strength + 1)}`, strength < weakest);
    }
    case 'choice': {
      const { condition, yes, no } = tree;
      if (isNumber(yes, 1) && isNumber(no, 0)) return bracketed(`1 with ${said(condition, 0)}`, weakest > 0);
      return bracketed(`${said(yes, 1)} with ${said(condition, 0)}, else ${said(no, 0)}`, weakest > 0);
    }
  }
}

const isNumber = (tree: Tree, value: number): boolean => tree.kind === 'value' && tree.value === value;
const bracketed = (text: string, needed: boolean): string => (needed ? `(${text})` : text);
const ROUNDED: { readonly [name: string]: string | undefined } = {
  ceil: 'rounded up',
  floor: 'rounded down',
  round: 'rounded',
};

function treeOf(expression: string): Tree {
  const tokens = tokensOf(expression);
  let at = 0;
  const fail = (problem: string): never => {
    throw new ExpressionError({ expression, problem });
  };
  const take = (wanted: string): boolean => (tokens[at] === wanted ? (at++, true) : false);
  const demand = (wanted: string): void =>
    void (take(wanted) || fail(`"${wanted}" is expected after "${tokens[at - 1] ?? ''}"`));

  const primary = (): Tree => {
    const token = tokens[at++];
    if (token === undefined) return fail('it ends too early');
    if (token === '(') {
      const inside = choice();
      demand(')');
      return inside;
    }
    if (token === '-' || token === '!') return { kind: 'unary', operator: token, of: primary() };
    if (/^\d/.test(token)) return { kind: 'value', value: Number(token) };
    if (/^["']/.test(token)) return { kind: 'value', value: token.slice(1, -1) };
    if (!/^\w/.test(token)) return fail(`"${token}" stands where a value should`);
    if (!take('(')) return { kind: 'option', name: token };
    const given = [choice()];
    while (take(',')) given.push(choice());
    demand(')');
    return { kind: 'call', name: token, given };
  };
  const binary = (weakest: number): Tree => {
    let left = primary();
    for (;;) {
      const operator = tokens[at] ?? '';
      const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
      if (!known || known.strength < weakest) return left;
      at++;
      left = { kind: 'binary', operator, left, right: binary(known.strength + 1) };
    }
  };
  const choice = (): Tree => {
    const condition = binary(1);
    if (!take('?')) return condition;
    const yes = choice();
    demand(':');
    return { kind: 'choice', condition, yes, no: choice() };
  };

  const tree = choice();
  if (at < tokens.length) fail(`"${tokens[at]}" is one too many`);
  return tree;
}

function tokensOf(expression: string): readonly string[] {
  const tokens: string[] = [];
  const token = new RegExp(TOKEN); // a place of its own
  while (token.lastIndex < expression.length) {
    const from = token.lastIndex;
    const [, ...kinds] = token.exec(expression) ?? [];
    const found = kinds.find((one) => one !== undefined);
    if (found === undefined)
      throw new ExpressionError({ expression, problem: `"${expression.slice(from).trim()}" cannot be read` });
    tokens.push(found);
  }
  return tokens;
}

function valueOf(option: unknown): Value {
  if (typeof option === 'number' || typeof option === 'string') return option;
  if (Array.isArray(option)) return option.length;
  return Number(option !== undefined && option !== false);
}
