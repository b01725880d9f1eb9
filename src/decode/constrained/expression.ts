/** Sets of texts, written as expressions over characters. An expression may contain itself behind a `rule`. */
import { codeOf, type Characters } from './characters.ts';

export type Expression =
  | { readonly kind: 'character'; readonly of: Characters }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly of: Expression; readonly min: number; readonly max: number }
  | { readonly kind: 'rule'; readonly make: () => Expression };

export const anyOf = (...options: readonly Expression[]): Expression => choice(options);
export const inTurn = (...parts: readonly Expression[]): Expression => sequence(parts);
/** As many as data may have: more than a call takes arguments. */
export const choice = (options: readonly Expression[]): Expression => ({ kind: 'choice', options });
export const sequence = (parts: readonly Expression[]): Expression => ({ kind: 'sequence', parts });
export const repeat = (of: Expression, min: number, max: number): Expression => ({ kind: 'repeat', of, min, max });
export const perhaps = (of: Expression): Expression => repeat(of, 0, 1);
export const rule = (make: () => Expression): Expression => ({ kind: 'rule', make });
export const character = (of: Characters): Expression => ({ kind: 'character', of });
export const literal = (text: string): Expression =>
  sequence(Array.from(text, (letter) => character([[codeOf(letter), codeOf(letter)]])));

/** One of the given texts, as a tree: texts that begin alike share their beginning. */
export function oneOf(texts: readonly string[]): Expression {
  return branch(
    [...new Set(texts)].toSorted().map((text) => Array.from(text)),
    0,
  );
}

function branch(sorted: ReadonlyArray<readonly string[]>, from: number): Expression {
  const [first = [], ...others] = sorted;
  if (sorted.length === 0) return anyOf();
  if (others.length === 0) return literal(first.slice(from).join(''));
  const last = sorted.at(-1) as readonly string[];
  let to = from; // texts in order: what the first and the last share, all share
  while (to < first.length && first[to] === last[to]) to++;
  const groups = Map.groupBy(sorted, (text) => text[to]);
  const options = [...groups].map(([letter, group]) => (letter === undefined ? inTurn() : branch(group, to)));
  return inTurn(literal(first.slice(from, to).join('')), choice(options));
}

export interface Measured {
  /** How many characters a text of an expression has at least. */
  readonly least: (of: Expression) => number;
  readonly bodies: ReadonlyMap<Expression, Expression>;
}

/** Makes every rule's body once, and relaxes the lengths until nothing changes, for rules may be circular. */
export function measure(root: Expression): Measured {
  const known = new Map<Expression, number>();
  const bodies = new Map<Expression, Expression>();
  // What an expression is made of comes before it, so that one round is enough where nothing contains itself. No call of itself:
  // the properties of an object are as deep as they are many.
  const met = new Set<Expression>();
  const open: { readonly one: Expression; readonly after: boolean }[] = [{ one: root, after: false }];
  for (let at = open.pop(); at; at = open.pop()) {
    const { one, after } = at;
    if (after) known.set(one, Infinity);
    if (after || met.has(one)) continue;
    met.add(one);
    if (one.kind === 'rule') bodies.set(one, one.make());
    open.push({ one, after: true });
    for (const child of childrenOf(one, bodies)) open.push({ one: child, after: false });
  }
  const least = (one: Expression): number => known.get(one) ?? look(one);
  const look = (one: Expression): number => {
    switch (one.kind) {
      case 'character':
        return one.of.length === 0 ? Infinity : 1;
      case 'sequence':
        return one.parts.reduce((sum, part) => sum + least(part), 0);
      case 'choice':
        return one.options.reduce((shortest, option) => Math.min(shortest, least(option)), Infinity);
      case 'repeat':
        return one.min === 0 ? 0 : one.min * least(one.of);
      case 'rule':
        return least(bodies.get(one) as Expression);
      default:
        return one satisfies never;
    }
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const [one, before] of known) {
      const now = look(one);
      if (now < before) {
        known.set(one, now);
        changed = true;
      }
    }
  }
  return { least, bodies };
}

function childrenOf(one: Expression, bodies: ReadonlyMap<Expression, Expression>): readonly Expression[] {
  switch (one.kind) {
    case 'character':
      return [];
    case 'sequence':
      return one.parts;
    case 'choice':
      return one.options;
    case 'repeat':
      return [one.of];
    case 'rule':
      return [bodies.get(one) as Expression];
    default:
      return one satisfies never;
  }
}
