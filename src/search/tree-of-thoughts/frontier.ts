/** Where a tree is to be expanded next: level by level with a few nodes kept, or down the best and back. */
import { byValue } from '../shared/scores.ts';
import { below, type Node } from '../shared/tree.ts';

/** The address of the node to expand next, if there is one, and the nodes that the search has come to, best first. */
export interface Frontier<S> {
  readonly open: string | undefined;
  readonly found: readonly Node<S>[];
}

/** Breadth first: keeps the `breadth` best of each level. A node that is done stays in the running on later levels. */
export function breadthFirst<S>(
  root: Node<S>,
  { depth, breadth }: { readonly depth: number; readonly breadth: number },
): Frontier<S> {
  let kept: readonly Node<S>[] = [root];
  for (let level = 0; level < depth; level++) {
    const live = kept.filter(({ done }) => !done);
    const found = kept.filter((node) => node !== root);
    const open = live.find(({ parts }) => parts === 0);
    if (open) return { open: open.id, found };
    if (live.some(({ pending }) => pending > 0)) return { open: undefined, found }; // the level is not all in
    const next = [...kept.filter(({ done }) => done), ...live.flatMap(({ children }) => children)];
    if (next.length === 0) return { open: undefined, found };
    kept = next.toSorted(byValue).slice(0, breadth);
  }
  return { open: undefined, found: kept.filter((node) => node !== root) };
}

/** Depth first: down the most valued child, back from a node worth `threshold` or less, until a solution is found. */
export function depthFirst<S>(
  root: Node<S>,
  { depth, threshold }: { readonly depth: number; readonly threshold: number },
): Frontier<S> {
  const visit = (node: Node<S>): Node<S> | 'waits' | undefined => {
    if (node.done || node.depth === depth || node.parts === 0) return node;
    if (node.pending > 0) return 'waits';
    for (const child of node.children.toSorted(byValue)) {
      if (!(child.value > threshold)) return undefined;
      const reached = visit(child);
      if (reached) return reached;
    }
    return undefined;
  };
  const reached = visit(root);
  const all = below(root).toSorted((a, b) => b.depth - a.depth || byValue(a, b));
  if (!reached || reached === 'waits') return { open: undefined, found: all };
  const isEnd = reached.done || reached.depth === depth;
  return { open: isEnd ? undefined : reached.id, found: isEnd ? [reached] : all };
}
