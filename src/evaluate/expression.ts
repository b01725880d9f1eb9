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
/** Binary operators by how strongly they bind. */
const OPERATORS: {
  readonly [operator: string]: { readonly strength: number; readonly of: (a: Value, b: Value) => Value };
} = {
  '||': { strength: 1, of: (a, b) => a || b },
  '&&': { strength: 2, of: (a, b) => a && b },
  '===': { strength: 3, of: (a, b) => Number(a === b) },
  '!==': { strength: 3, of: (a, b) => Number(a !== b) },
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

/**
 * The number an expression comes to. An option that is a flag counts 1 or 0, a list as many as it has, and what is left
 * out 0. Throws ExpressionError.
 */
export function evaluateExpression(expression: string, options: { readonly [name: string]: unknown }): number {
  const tokens = tokensOf(expression);
  let at = 0;
  const fail = (problem: string): never => {
    throw new ExpressionError({ expression, problem });
  };
  const take = (wanted: string): boolean => (tokens[at] === wanted ? (at++, true) : false);
  const demand = (wanted: string): void =>
    void (take(wanted) || fail(`"${wanted}" is expected after "${tokens[at - 1] ?? ''}"`));

  const primary = (): Value => {
    const token = tokens[at++];
    if (token === undefined) return fail('it ends too early');
    if (token === '(') {
      const inside = choice();
      demand(')');
      return inside;
    }
    if (token === '-') return -Number(primary());
    if (token === '!') return Number(!primary());
    if (/^\d/.test(token)) return Number(token);
    if (/^["']/.test(token)) return token.slice(1, -1);
    if (!/^\w/.test(token)) return fail(`"${token}" stands where a value should`);
    if (take('(')) return call(token);
    return Object.hasOwn(options, token) ? valueOf(options[token]) : fail(`there is no option "${token}"`);
  };
  const call = (name: string): number => {
    const of = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    const given = [Number(choice())];
    while (take(',')) given.push(Number(choice()));
    demand(')');
    return of ? of(...given) : fail(`there is no function "${name}"`);
  };
  const binary = (weakest: number): Value => {
    let left = primary();
    for (;;) {
      const operator = Object.hasOwn(OPERATORS, tokens[at] ?? '') ? OPERATORS[tokens[at] as string] : undefined;
      if (!operator || operator.strength < weakest) return left;
      at++;
      left = operator.of(left, binary(operator.strength + 1));
    }
  };
  const choice = (): Value => {
    const condition = binary(1);
    if (!take('?')) return condition;
    const yes = choice();
    demand(':');
    const no = choice();
    return condition ? yes : no;
  };

  const value = choice();
  if (at < tokens.length) fail(`"${tokens[at]}" is one too many`);
  return typeof value === 'number' && Number.isFinite(value) ? value : fail(`it comes to ${JSON.stringify(value)}`);
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
