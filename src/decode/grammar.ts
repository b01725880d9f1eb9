/**
 * Sets of texts, written as expressions over characters, and the automaton that reads them one character at a time. An
 * expression may contain itself behind a `rule`, so nesting has no bound: a state is a set of stacks of what is still to
 * come, made when it is first reached and kept. Rules must not begin with themselves.
 */

/** Code points from a first to a last one, in order and apart. */
export type Characters = readonly (readonly [first: number, last: number])[];

export type Expression =
  | { readonly kind: 'character'; readonly of: Characters }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly of: Expression; readonly min: number; readonly max: number }
  | { readonly kind: 'rule'; readonly make: () => Expression };

const LAST = 0x10ffff;
export const anyOf = (...options: readonly Expression[]): Expression => ({ kind: 'choice', options });
export const inTurn = (...parts: readonly Expression[]): Expression => ({ kind: 'sequence', parts });
export const repeat = (of: Expression, min: number, max: number): Expression => ({ kind: 'repeat', of, min, max });
export const perhaps = (of: Expression): Expression => repeat(of, 0, 1);
export const rule = (make: () => Expression): Expression => ({ kind: 'rule', make });
export const character = (of: Characters): Expression => ({ kind: 'character', of });
export const literal = (text: string): Expression =>
  inTurn(...Array.from(text, (letter) => character([[codeOf(letter), codeOf(letter)]])));

/** The characters of both, in order. */
export function union(...all: readonly Characters[]): Characters {
  const out: [number, number][] = [];
  for (const [first, last] of all.flat().toSorted(([a], [b]) => a - b)) {
    const before = out.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else out.push([first, last]);
  }
  return out;
}

export function complement(of: Characters): Characters {
  const out: [number, number][] = [];
  let from = 0;
  for (const [first, last] of union(of)) {
    if (first > from) out.push([from, first - 1]);
    from = last + 1;
  }
  return from <= LAST ? [...out, [from, LAST]] : out;
}

export const without = (of: Characters, left: Characters): Characters => complement(union(complement(of), left));

export function codeOf(letter: string): number {
  return letter.codePointAt(0) as number;
}

/** Where the reading of a text stands. One object for one place: it can be the key of a map. */
export interface Place {
  /** Whether the text may end here. */
  readonly whole: boolean;
  /** How many characters it takes at least to where it may end. */
  readonly least: number;
  /** After one more character; `undefined` where no text of the set goes on so. */
  step(code: number): Place | undefined;
}

/** A stack: an expression that comes next, and what follows it. */
interface Stack {
  readonly id: number;
  readonly next: Expression;
  readonly rest: Stack | undefined;
  readonly least: number;
}

/** The place before the first character; `undefined` where the set is empty. */
export function startOf(root: Expression): Place | undefined {
  const { least, bodies } = measure(root);
  const shorter = new Map<Expression, Expression>();
  const stacks = new Map<Expression, Map<Stack | undefined, Stack>>();
  const places = new Map<string, Place>();
  let count = 0;

  const push = (next: Expression, rest: Stack | undefined): Stack => {
    let known = stacks.get(next);
    if (!known) stacks.set(next, (known = new Map()));
    let stack = known.get(rest);
    if (!stack) known.set(rest, (stack = { id: count++, next, rest, least: least(next) + (rest?.least ?? 0) }));
    return stack;
  };
  /** What is left of a repetition after one round. */
  const again = (of: Expression & { readonly kind: 'repeat' }): Expression => {
    if (of.min === 0 && of.max === Infinity) return of;
    let made = shorter.get(of);
    if (!made) shorter.set(of, (made = repeat(of.of, Math.max(0, of.min - 1), of.max - 1)));
    return made;
  };

  /** The stacks that begin with a character, of all that can be reached without reading one. */
  const placeOf = (from: readonly (Stack | undefined)[]): Place | undefined => {
    const seen = new Set<Stack>();
    const found: (Stack & { readonly next: { readonly kind: 'character' } })[] = [];
    let whole = false;
    const open = (stack: Stack | undefined): void => {
      if (!stack) whole = true;
      if (!stack || seen.has(stack) || stack.least === Infinity) return;
      seen.add(stack);
      const { next, rest } = stack;
      switch (next.kind) {
        case 'character':
          found.push({ ...stack, next });
          return;
        case 'sequence':
          return open(next.parts.reduceRight<Stack | undefined>((after, part) => push(part, after), rest));
        case 'choice':
          for (const option of next.options) open(push(option, rest));
          return;
        case 'repeat':
          if (next.min === 0) open(rest);
          if (next.max > 0) open(push(next.of, push(again(next), rest)));
          return;
        case 'rule':
          return open(push(bodies.get(next) as Expression, rest));
        default:
          next satisfies never;
      }
    };
    from.forEach(open);
    if (!whole && found.length === 0) return undefined;
    const key = `${found
      .map(({ id }) => id)
      .toSorted((a, b) => a - b)
      .join()} ${whole}`;
    let place = places.get(key);
    if (!place) {
      const steps = new Map<number, Place | undefined>();
      place = {
        whole,
        least: whole ? 0 : Math.min(...found.map((stack) => stack.least)),
        step(code) {
          if (!steps.has(code)) {
            const fits = found.filter(({ next }) => next.of.some(([first, last]) => first <= code && code <= last));
            steps.set(code, fits.length === 0 ? undefined : placeOf(fits.map(({ rest }) => rest)));
          }
          return steps.get(code);
        },
      };
      places.set(key, place);
    }
    return place;
  };
  return placeOf([push(root, undefined)]);
}

interface Measured {
  /** How many characters a text of an expression has at least. */
  readonly least: (of: Expression) => number;
  readonly bodies: ReadonlyMap<Expression, Expression>;
}

/** Makes every rule's body once, and relaxes the lengths until nothing changes, for rules are circular. */
function measure(root: Expression): Measured {
  const known = new Map<Expression, number>();
  const bodies = new Map<Expression, Expression>();
  const collect = (one: Expression): void => {
    if (known.has(one)) return;
    known.set(one, Infinity);
    if (one.kind === 'rule') bodies.set(one, one.make());
    for (const child of childrenOf(one, bodies)) collect(child);
  };
  const least = (one: Expression): number => known.get(one) ?? look(one);
  const look = (one: Expression): number => {
    switch (one.kind) {
      case 'character':
        return one.of.length === 0 ? Infinity : 1;
      case 'sequence':
        return one.parts.reduce((sum, part) => sum + least(part), 0);
      case 'choice':
        return Math.min(Infinity, ...one.options.map(least));
      case 'repeat':
        return one.min === 0 ? 0 : one.min * least(one.of);
      case 'rule':
        return least(bodies.get(one) as Expression);
      default:
        return one satisfies never;
    }
  };
  collect(root);
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
