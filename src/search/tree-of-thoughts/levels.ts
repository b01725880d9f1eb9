/** Which node of a tree comes next: level by level with a few kept, or the best first and back. */
import { byValue } from '../shared/steps.ts';
import { below, type Node } from '../shared/tree.ts';

/** The node to expand next, if one is, and the nodes that the search has come to, best first. */
export interface Front<S> {
  readonly open: string | undefined;
  readonly found: readonly Node<S>[];
}

/** Breadth first: of each level the `breadth` best are kept, and those that are done stand among them from then on. */
export function widest<S>(
  root: Node<S>,
  { depth, breadth }: { readonly depth: number; readonly breadth: number },
): Front<S> {
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

/** Depth first: down the most valued child, back from what is worth `threshold` or less, until a solution is found. */
export function deepest<S>(
  root: Node<S>,
  { depth, threshold }: { readonly depth: number; readonly threshold: number },
): Front<S> {
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
