/**
 * The state of a tree search, as an immutable value. `ask` says what to expand next, and `tell` adds what came of it. Telling
 * twice or in another order makes no difference, so expansions run side by side and a search goes on from any state.
 */
import { attempt, type Context } from '../../core/index.ts';

/** What an expansion found: a state, what it is worth, whether the search ends there. */
export interface Child<S> {
  readonly state: S;
  readonly value: number;
  readonly done: boolean;
}

/** One expansion: the `part`-th of the node named `at`. */
export interface Place {
  readonly at: string;
  readonly part: number;
}

/** An expansion with the children it made. */
export interface Growth<S> extends Place {
  readonly children: readonly Child<S>[];
}

/** What is known: the expansions that were told, by name and in the order of their names. */
export interface Tree<S> {
  readonly root: S;
  readonly grown: ReadonlyMap<string, Growth<S>>;
}

/** A node as a policy sees it. */
export interface Node<S> extends Child<S> {
  /** Its address: '' is the root, '/0.2' the third child of the root's first expansion. */
  readonly id: string;
  readonly depth: number;
  /** In the order of the expansions. */
  readonly children: readonly Node<S>[];
  /** How many expansions of it were told or are under way. */
  readonly parts: number;
  /** How many of them are under way. */
  readonly pending: number;
}

/** The node to expand next, given the tree and the number of expansions asked for so far; nothing ends the search. */
export type Policy<S> = (root: Node<S>, asked: number) => string | undefined;

export function plant<S>(root: S): Tree<S> {
  return { root, grown: new Map() };
}

export const nameOf = ({ at, part }: Place): string => `${at}/${part}`;

/** Up to `k` expansions to make next, besides those in flight. A function of the state alone. */
export function ask<S>(tree: Tree<S>, k: number, policy: Policy<S>, inFlight: readonly Place[] = []): Place[] {
  const known = inFlight.filter((place) => !tree.grown.has(nameOf(place)));
  const picked: Place[] = [];
  while (picked.length < k) {
    const pending = [...known, ...picked];
    const at = policy(rootOf(tree, pending), tree.grown.size + pending.length);
    if (at === undefined) break;
    const isTaken = (part: number): boolean =>
      tree.grown.has(nameOf({ at, part })) || pending.some((one) => one.at === at && one.part === part);
    let part = 0;
    while (isTaken(part)) part++;
    picked.push({ at, part });
  }
  return picked;
}

/** The tree with these expansions in it. What was told before stays as it was told. */
export function tell<S>({ root, grown }: Tree<S>, growths: readonly Growth<S>[]): Tree<S> {
  const all = new Map(growths.map((growth) => [nameOf(growth), growth]));
  const entries = [...new Map([...all, ...grown])];
  return { root, grown: new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) };
}

/** The tree as nodes. An expansion of a node that is not there yet waits unseen until it is. */
export function rootOf<S>({ root, grown }: Tree<S>, inFlight: readonly Place[] = []): Node<S> {
  const told = Map.groupBy(grown.values(), ({ at }) => at);
  const flying = Map.groupBy(inFlight, ({ at }) => at);
  const node = (child: Child<S>, id: string, depth: number): Node<S> => {
    const growths = (told.get(id) ?? []).toSorted((a, b) => a.part - b.part);
    const pending = flying.get(id)?.length ?? 0;
    const children = growths.flatMap((growth) =>
      growth.children.map((one, i) => node(one, `${nameOf(growth)}.${i}`, depth + 1)),
    );
    return { ...child, id, depth, children, parts: growths.length + pending, pending };
  };
  return node({ state: root, value: Number.NaN, done: false }, '', 0);
}

/** The nodes below one, itself left out: in the order of their addresses, level by level under each. */
export function below<S>({ children }: Node<S>): Node<S>[] {
  return children.flatMap((child) => [child, ...below(child)]);
}

export interface GrowOptions<S> {
  readonly policy: Policy<S>;
  /** How many expansions are under way at once. The next ones are asked for when all of them are in. */
  readonly parallel: number;
  /** Most expansions in all. */
  readonly most: number;
  /** Makes the expansions; those it leaves out are lost. */
  readonly expand: (nodes: ReadonlyArray<Place & { readonly node: Node<S> }>) => Promise<readonly Growth<S>[]>;
}

/** Searches until the policy has nothing left to expand, `most` expansions are made, or a budget has run out. */
export async function grow<S>(
  start: Tree<S>,
  context: Context,
  { policy, parallel, most, expand }: GrowOptions<S>,
): Promise<Tree<S>> {
  let tree = start;
  while (tree.grown.size < most && context.ledger.exhausted === undefined) {
    const places = ask(tree, Math.min(parallel, most - tree.grown.size), policy);
    if (places.length === 0) break;
    const root = rootOf(tree);
    const nodes = new Map([root, ...below(root)].map((node) => [node.id, node]));
    const work = expand(places.map((place) => ({ ...place, node: nodes.get(place.at) as Node<S> })));
    // The first expansion may fail the search; later ones have something to fall back on.
    const growths = tree.grown.size === 0 ? await work : await attempt(context, work);
    if (!growths) break;
    const lost = places.map((place) => ({ ...place, children: [] }));
    tree = tell(tell(tree, growths), lost);
  }
  return tree;
}
