/**
 * A sandbox for a very small part of JavaScript: functions of one expression, `const f = (x, y) => x * 2 + y;`, and at the
 * end `return { name: Boolean(expression) };`. It knows numbers, + - * / === and calls. Anything else is a syntax error.
 */
import type { Execution, Sandbox } from '../../core/index.ts';

type Value = number | boolean;
type Evaluate = (scope: Scope) => Value;
interface Scope {
  readonly names: { readonly [name: string]: Value };
  readonly functions: Map<string, Defined>;
  readonly depth: number;
}
interface Defined {
  readonly parameters: readonly string[];
  readonly body: Evaluate;
}

class Wrong extends Error {
  readonly reason: 'syntax' | 'thrown' | 'time';
  constructor(reason: 'syntax' | 'thrown' | 'time', message: string) {
    super(message);
    this.reason = reason;
  }
}

const TOKEN = /\s*(===|=>|\d+(?:\.\d+)?|[A-Za-z_]\w*|[-+*/(){}=,:;])/y;
const MOST_CALLS = 200;

function tokenize(code: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < code.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(code) ?? [];
    if (token === undefined) throw new Wrong('syntax', `cannot read "${code.slice(at, at + 10).trim()}"`);
    tokens.push(token);
  }
  return tokens;
}

function parser(tokens: string[]) {
  const take = (...wanted: readonly string[]): void => {
    for (const token of wanted) {
      const found = tokens.shift();
      if (found !== token) throw new Wrong('syntax', `"${token}" expected, not "${found ?? 'the end'}"`);
    }
  };
  const name = (): string => {
    const found = tokens.shift();
    if (!found || !/^[A-Za-z_]/.test(found)) throw new Wrong('syntax', `a name expected, not "${found ?? 'the end'}"`);
    return found;
  };
  const listed = <T>(one: () => T): T[] => {
    const all: T[] = [];
    take('(');
    while (tokens[0] !== ')') {
      all.push(one());
      if (tokens[0] !== ')') take(',');
    }
    take(')');
    return all;
  };
  const level =
    (operators: { readonly [sign: string]: (a: Value, b: Value) => Value }, below: () => Evaluate) => (): Evaluate => {
      let left = below();
      for (let join = operators[tokens[0] ?? '']; join; join = operators[tokens[0] ?? '']) {
        tokens.shift();
        const [a, b, both] = [left, below(), join];
        left = (scope) => both(a(scope), b(scope));
      }
      return left;
    };
  const primary = (): Evaluate => {
    const [token = ''] = tokens;
    if (token === '(') {
      take('(');
      const inside = expression();
      take(')');
      return inside;
    }
    if (/^\d/.test(token)) {
      tokens.shift();
      return () => Number(token);
    }
    const called = name();
    if (tokens[0] !== '(') return ({ names }) => found(names[called], called);
    const values = listed(() => expression());
    return (scope) =>
      call(
        called,
        values.map((value) => value(scope)),
        scope,
      );
  };
  const product = level({ '*': (a, b) => Number(a) * Number(b), '/': (a, b) => Number(a) / Number(b) }, () =>
    primary(),
  );
  const sum = level({ '+': (a, b) => Number(a) + Number(b), '-': (a, b) => Number(a) - Number(b) }, product);
  const expression: () => Evaluate = level({ '===': (a, b) => a === b }, sum);
  return { take, name, listed, expression };
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Wrong('thrown', `${name} is not defined`);
  return value;
}

function call(name: string, values: readonly Value[], { functions, depth }: Scope): Value {
  const { parameters, body } = found(functions.get(name), name);
  if (depth > MOST_CALLS) throw new Wrong('time', 'it never ends');
  const names = Object.fromEntries(parameters.map((parameter, i) => [parameter, values[i] ?? Number.NaN]));
  return body({ names, functions, depth: depth + 1 });
}

function evaluate(code: string): { readonly [name: string]: boolean } {
  const tokens = tokenize(code);
  const { take, name, listed, expression } = parser(tokens);
  const functions = new Map<string, Defined>();
  while (tokens[0] === 'const') {
    take('const');
    const defined = name();
    take('=');
    const parameters = listed(name);
    take('=>');
    functions.set(defined, { parameters, body: expression() });
    take(';');
  }
  take('return', '{');
  const field = name();
  take(':', 'Boolean', '(');
  const value = expression();
  take(')', '}', ';');
  if (tokens.length > 0) throw new Wrong('syntax', `"${tokens[0]}" after the end`);
  return { [field]: Boolean(value({ names: {}, functions, depth: 0 })) };
}

/** A sandbox that keeps the programs it ran. */
export function arithmeticSandbox(): Sandbox & { readonly runs: readonly string[] } {
  const runs: string[] = [];
  return {
    name: 'arithmetic',
    languages: ['javascript'],
    runs,
    async run({ code }, { signal } = {}): Promise<Execution> {
      signal?.throwIfAborted();
      runs.push(code);
      try {
        return { kind: 'value', value: evaluate(code), output: '' };
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        return { kind: 'error', reason: error.reason, message: error.message, output: '' };
      }
    },
  };
}
