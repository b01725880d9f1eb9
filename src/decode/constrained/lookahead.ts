/** A set of texts, seen from tokens: where each token leads, and how far it is from there to an end. */
import type { Possible } from '../../core/index.ts';
import type { Place } from './grammar.ts';

/** Where a token leads. */
export interface Move {
  readonly token: number;
  readonly to: Place;
}

export interface Lookahead {
  /** The tokens that stay inside the set, those that lead closest to an end first. */
  moves(from: Place): readonly Move[];
  /** How many tokens, the end included, some way to an end has; `Infinity` where there is none. */
  reach(from: Place, possible: Possible): number;
}

/** A token whose text is not whole, or that has none, cannot be placed. */
const PARTIAL = '\uFFFD';

interface Node {
  readonly tokens: number[];
  readonly next: Map<number, Node>;
}
const nodeOf = (): Node => ({ tokens: [], next: new Map() });

/** The vocabulary as a tree of characters. */
function treeOf(vocabulary: readonly string[]): Node {
  const root = nodeOf();
  for (const [token, text] of vocabulary.entries()) {
    if (text === '' || text.includes(PARTIAL)) continue;
    let node = root;
    for (const letter of text) {
      const code = letter.codePointAt(0) as number;
      let next = node.next.get(code);
      if (!next) node.next.set(code, (next = nodeOf()));
      node = next;
    }
    node.tokens.push(token);
  }
  return root;
}

const all = new WeakMap<readonly string[], Map<number, Lookahead>>();

/** What was found out is kept as long as the vocabulary and the places are. */
export function lookahead(vocabulary: readonly string[], end: number): Lookahead {
  const made = all.get(vocabulary) ?? new Map<number, Lookahead>();
  all.set(vocabulary, made);
  const one = made.get(end) ?? create(vocabulary, end);
  made.set(end, one);
  return one;
}

function create(vocabulary: readonly string[], end: number): Lookahead {
  const root = treeOf(vocabulary);
  const known = new WeakMap<Place, readonly Move[]>();
  const reached = new WeakMap<Place, WeakMap<Possible, number>>();

  const moves = (from: Place): readonly Move[] => {
    const before = known.get(from);
    if (before) return before;
    const found: Move[] = [];
    const walk = (node: Node, at: Place): void => {
      for (const token of node.tokens) if (token !== end) found.push({ token, to: at });
      for (const [code, next] of node.next) {
        const to = at.step(code);
        if (to) walk(next, to);
      }
    };
    walk(root, from);
    const sorted = found.toSorted((a, b) => a.to.least - b.to.least || a.token - b.token);
    known.set(from, sorted);
    return sorted;
  };

  const recall = (place: Place, possible: Possible): number | undefined => reached.get(place)?.get(possible);
  const note = (place: Place, possible: Possible, tokens: number): void => {
    let all = reached.get(place);
    if (!all) reached.set(place, (all = new WeakMap()));
    all.set(possible, tokens);
  };

  /** Depth first, the moves that lead closest to an end first; what is found is kept for every place on the way. */
  const reach = (from: Place, start: Possible): number => {
    const before = recall(from, start);
    if (before !== undefined) return before;
    const seen = new Map<Place, Set<Possible>>();
    const visit = (place: Place, possible: Possible): Iterator<Move> | undefined => {
      const all = seen.get(place) ?? new Set();
      if (all.has(possible)) return undefined;
      seen.set(place, all.add(possible));
      return moves(place)[Symbol.iterator]();
    };
    type Step = { readonly place: Place; readonly possible: Possible; readonly rest: Iterator<Move> };
    const way: Step[] = [];
    const enter = (place: Place, possible: Possible): number | undefined => {
      const tokens = recall(place, possible) ?? (place.whole && possible.may(end) ? 1 : undefined);
      if (tokens !== undefined && tokens < Infinity) {
        note(place, possible, tokens);
        return tokens;
      }
      const rest = tokens === Infinity ? undefined : visit(place, possible);
      if (rest) way.push({ place, possible, rest });
      return undefined;
    };
    let found = enter(from, start);
    for (let looked = 0; found === undefined && looked < MOST_LOOKS; looked++) {
      const at = way.at(-1);
      if (!at) break;
      const move = at.rest.next();
      if (move.done) way.pop();
      else if (at.possible.may(move.value.token)) found = enter(move.value.to, at.possible.push(move.value.token));
    }
    if (found === undefined) {
      // Where everything was looked through, nothing on the way leads to an end.
      if (way.length === 0)
        for (const [place, all] of seen) for (const possible of all) note(place, possible, Infinity);
      else note(from, start, Infinity);
      return Infinity;
    }
    for (const { place, possible } of way.toReversed()) note(place, possible, ++found);
    return found;
  };
  return { moves, reach };
}

/** Beyond this a way to an end is taken not to be there. */
const MOST_LOOKS = 20_000;

/** Where nothing is known to be ruled out. */
export const EVERYTHING: Possible = { may: () => true, push: () => EVERYTHING };
