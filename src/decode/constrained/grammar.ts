/**
 * The automaton that reads the texts of an expression one character at a time. Rules may contain themselves, so nesting has
 * no bound: a state is a set of stacks of what is still to come, made when it is first reached and kept.
 */
import { GRAMMAR_PLACES } from '../../core/bounds.ts';
import { measure, repeat, type Expression } from './expression.ts';
import { Unsupported } from './unsupported.ts';

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
    // A list of what is to be opened, and no call of itself: a long run of parts that may be left out is as deep as it is long.
    const opened: (Stack | undefined)[] = from.toReversed();
    while (opened.length > 0) {
      const stack = opened.pop();
      if (!stack) whole = true;
      if (!stack || seen.has(stack) || stack.least === Infinity) continue;
      seen.add(stack);
      const { next, rest } = stack;
      switch (next.kind) {
        case 'character':
          found.push({ ...stack, next });
          break;
        case 'sequence':
          opened.push(next.parts.reduceRight<Stack | undefined>((after, part) => push(part, after), rest));
          break;
        case 'choice':
          for (const option of next.options.toReversed()) opened.push(push(option, rest));
          break;
        case 'repeat':
          if (next.max > 0) opened.push(push(next.of, push(again(next), rest)));
          if (next.min === 0) opened.push(rest);
          break;
        case 'rule':
          opened.push(push(bodies.get(next) as Expression, rest));
          break;
        default:
          next satisfies never;
      }
    }
    if (!whole && found.length === 0) return undefined;
    const key = `${found
      .map(({ id }) => id)
      .toSorted((a, b) => a - b)
      .join()} ${whole}`;
    let place = places.get(key);
    if (!place) {
      if (places.size >= GRAMMAR_PLACES)
        throw new Unsupported(`it leads to more than ${GRAMMAR_PLACES} places, which is too large to keep to`);
      const steps = new Map<number, Place | undefined>();
      place = {
        whole,
        least: whole ? 0 : found.reduce((least, stack) => Math.min(least, stack.least), Infinity),
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
