/**
 * The grammar of formulas.
 *
 *     formula := head ('+' call)*              call  := name ['(' [argument (',' argument)*] ')']
 *     head    := call | name | text | '(' formula ')'
 *     argument:= [name '='] value              value := formula | literal | '[' [value (',' value)*] ']'
 */
import { FORMULA_LENGTH } from '../bounds.ts';
import { FormulaError } from '../errors.ts';

interface At {
  /** Index of the first character. */
  readonly position: number;
}
export type Node =
  | SumNode
  | CallNode
  | NameNode
  | (At & { readonly kind: 'text'; readonly value: string })
  | LiteralNode
  | ListNode;
export type SumNode = At & {
  readonly kind: 'sum';
  readonly head: Exclude<Node, LiteralNode | ListNode>;
  readonly plus: readonly CallNode[];
};
export type CallNode = At & {
  readonly kind: 'call';
  readonly name: string;
  readonly positional: readonly Node[];
  readonly named: ReadonlyArray<At & { readonly name: string; readonly value: Node }>;
};
type NameNode = At & { readonly kind: 'name'; readonly value: string };
type LiteralNode = At & { readonly kind: 'literal'; readonly value: number | boolean | null };
type ListNode = At & { readonly kind: 'list'; readonly items: readonly Node[] };

type Token = At & { readonly kind: 'name' | 'text' | 'number' | 'mark' | 'end'; readonly text: string };

const SPACE = /\s+/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.:/@$~-])/iy;
const NAME = /[A-Za-z0-9_.~/@$-][\w.~:/@$-]*/y;
const TEXT = /"(?:[^"\\]|\\.)*"/y;
const MARK = /[+(),=[\]]/y;
const MAX_DEPTH = 64;
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** `model + a + b(n=2)`. */
export function parseFormula(formula: string): SumNode {
  const reader = read(formula);
  const sum = reader.sum(0);
  reader.end();
  return sum;
}

/** `a + b(n=2)`: transforms without a model. */
export function parseSum(formula: string): CallNode[] {
  const reader = read(formula);
  const calls = reader.calls();
  reader.end();
  return calls;
}

function tokenize(formula: string): Token[] {
  if (formula.length > FORMULA_LENGTH)
    throw new FormulaError({
      formula,
      position: FORMULA_LENGTH,
      problem: `The formula has more than ${FORMULA_LENGTH} letters`,
    });
  const tokens: Token[] = [];
  for (let position = 0; position < formula.length;) {
    const take = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = position;
      return pattern.exec(formula)?.[0];
    };
    const space = take(SPACE);
    if (space) {
      position += space.length;
      continue;
    }
    const token = (
      [
        ['number', NUMBER],
        ['name', NAME],
        ['text', TEXT],
        ['mark', MARK],
      ] as const
    ).flatMap(([kind, pattern]) => {
      const text = take(pattern);
      return text ? [{ kind, text, position }] : [];
    })[0];
    if (!token)
      throw new FormulaError({
        formula,
        position,
        problem: formula[position] === '"' ? 'The text has no closing quote' : `Unexpected "${formula[position]}"`,
      });
    tokens.push(token);
    position += token.text.length;
  }
  return [...tokens, { kind: 'end', text: '', position: formula.length }];
}

function read(formula: string) {
  const tokens = tokenize(formula);
  let next = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(next + ahead, tokens.length - 1)] as Token;
  const isMark = (mark: string, ahead = 0): boolean => peek(ahead).kind === 'mark' && peek(ahead).text === mark;
  const fail = (problem: string, { position } = peek()): never => {
    throw new FormulaError({ formula, position, problem });
  };
  const expect = (mark: string): void =>
    void (isMark(mark)
      ? next++
      : fail(`"${mark}" is expected${peek().kind === 'end' ? ', and the formula ends' : `, not "${peek().text}"`}`));
  const unquote = (token: Token): string => {
    try {
      return JSON.parse(token.text) as string;
    } catch {
      return fail('The text has an escape that JSON does not know', token);
    }
  };

  const separated = <T>(close: string, item: () => T): T[] => {
    const items: T[] = [];
    while (!isMark(close)) {
      items.push(item());
      if (!isMark(',')) break;
      next++;
    }
    expect(close);
    return items;
  };

  const call = (depth: number): CallNode => {
    const { text: name, position, kind } = peek();
    if (kind !== 'name')
      fail(kind === 'end' ? 'A technique is expected, and the formula ends' : `A technique is expected, not "${name}"`);
    next++;
    const positional: Node[] = [];
    const named: { name: string; position: number; value: Node }[] = [];
    const names = new Set<string>();
    if (isMark('(')) {
      next++;
      separated(')', () => {
        const at = peek();
        if (at.kind === 'name' && isMark('=', 1)) {
          next += 2;
          if (names.has(at.text)) fail(`The option "${at.text}" is given twice`, at);
          names.add(at.text);
          if (isMark(')') || isMark(',')) fail(`The option "${at.text}" needs a value`);
          named.push({ name: at.text, position: at.position, value: value(depth + 1) });
        } else positional.push(value(depth + 1));
      });
    }
    return { kind: 'call', name, position, positional, named };
  };

  const head = (depth: number): SumNode['head'] => {
    if (depth > MAX_DEPTH) fail(`The formula is nested more than ${MAX_DEPTH} deep`);
    const token = peek();
    if (isMark('(')) {
      next++;
      const inner = sum(depth + 1);
      expect(')');
      return inner;
    }
    if (token.kind === 'text') return (next++, { kind: 'text', value: unquote(token), position: token.position });
    if (token.kind !== 'name')
      return fail(
        token.kind === 'end' ? 'A model is expected, and the formula ends' : `A model is expected, not "${token.text}"`,
      );
    if (isMark('(', 1)) return call(depth);
    return (next++, { kind: 'name', value: token.text, position: token.position });
  };

  const calls = (): CallNode[] => {
    const list = [call(0)];
    while (isMark('+')) {
      next++;
      list.push(call(0));
    }
    return list;
  };

  const sum = (depth: number): SumNode => {
    const { position } = peek();
    const first = head(depth);
    const rest: CallNode[] = [];
    while (isMark('+')) {
      next++;
      rest.push(call(depth));
    }
    return { kind: 'sum', position, head: first, plus: rest };
  };

  const value = (depth: number): Node => {
    if (depth > MAX_DEPTH) fail(`The formula is nested more than ${MAX_DEPTH} deep`);
    const token = peek();
    const literal =
      token.kind === 'number' ? Number(token.text) : token.kind === 'name' ? WORDS.get(token.text) : undefined;
    if (literal !== undefined) return (next++, { kind: 'literal', value: literal, position: token.position });
    if (isMark('['))
      return (next++, { kind: 'list', position: token.position, items: separated(']', () => value(depth + 1)) });
    const whole = sum(depth);
    return whole.plus.length === 0 ? whole.head : whole;
  };

  return { sum, calls, end: (): void => void (peek().kind === 'end' || fail(`Unexpected "${peek().text}"`)) };
}
