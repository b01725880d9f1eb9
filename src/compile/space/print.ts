/** A formula's syntax as text again: it reads back as the same syntax. */
import { printName } from '../../core/index.ts';
import type { CallNode, Node, SumNode } from '../../core/formula/syntax.ts';

/** `selfConsistency(n=[3, 5], stop="adaptive")`. */
export function printNode(node: Node): string {
  switch (node.kind) {
    case 'sum':
      return printSum(node);
    case 'call':
      return printCallNode(node);
    case 'name':
      return printName(node.value);
    case 'text':
      return JSON.stringify(node.value);
    case 'literal':
      return String(node.value);
    case 'list':
      return `[${node.items.map(printNode).join(', ')}]`;
  }
}

export function printCallNode({ name, positional, named }: CallNode): string {
  const inside = [...positional.map(printNode), ...named.map((one) => `${one.name}=${printNode(one.value)}`)];
  return inside.length > 0 ? `${name}(${inside.join(', ')})` : name;
}

function printSum({ head, plus }: SumNode): string {
  const first = head.kind === 'sum' ? `(${printNode(head)})` : printNode(head);
  return [first, ...plus.map(printCallNode)].join(' + ');
}
