/** The formula as a picture: each technique a box around what it is made of. */
import { useComputed } from '@preact/signals';
import { parseFormula, type CallNode, type Node, type SumNode } from '../../../../src/core/formula/syntax.ts';
import { callEnd, without } from '../../../../src/studio/play/edit.ts';
import type { Written } from './state.ts';

interface Props {
  readonly of: Written;
  onPick(from: number, to: number): void;
}

export function Tree({ of, onPick }: Props) {
  const root = useComputed(() => {
    try {
      return parseFormula(of.text.value);
    } catch {
      return undefined; // it is said below the field
    }
  });
  if (!root.value) return null;
  return (
    <div class="tree" role="group" aria-label="The formula as boxes, the outermost technique first">
      <Sum node={root.value} count={root.value.plus.length} of={of} onPick={onPick} />
    </div>
  );
}

/** The first `count` techniques of a sum, the last of these outermost. */
function Sum({ node, count, of, onPick }: Props & { readonly node: SumNode; readonly count: number }) {
  const call = node.plus[count - 1];
  if (!call) return <Any node={node.head} of={of} onPick={onPick} />;
  return (
    <div class="box">
      <Head call={call} of={of} onPick={onPick}>
        <button
          type="button"
          class="quiet small"
          aria-label={`Without ${call.name}`}
          onClick={() => of.put(without(of.text.value, call.position).formula)}
        >
          ×
        </button>
      </Head>
      <Inside call={call} of={of} onPick={onPick} />
      <Sum node={node} count={count - 1} of={of} onPick={onPick} />
    </div>
  );
}

function Head({
  call,
  of,
  onPick,
  children,
}: Props & { readonly call: CallNode; readonly children?: preact.ComponentChildren }) {
  const plain = call.named.filter(({ value }) => !isModel(value));
  return (
    <div class="row box-head">
      <button type="button" class="quiet" onClick={() => onPick(call.position, callEnd(of.text.value, call.position))}>
        {call.name}
      </button>
      <span class="small quiet code one-line">
        {plain.map(({ name, value }) => `${name}=${literal(value)}`).join(' ')}
      </span>
      {children}
    </div>
  );
}

/** Models within the brackets of a call. */
function Inside({ call, of, onPick }: Props & { readonly call: CallNode }) {
  const named = call.named.filter(({ value }) => isModel(value));
  if (call.positional.length === 0 && named.length === 0) return null;
  return (
    <div class="row inside">
      {call.positional.map((node) => (
        <Any key={node.position} node={node} of={of} onPick={onPick} />
      ))}
      {named.map(({ name, value, position }) => (
        <div key={position}>
          <span class="small quiet">{name}</span>
          <Any node={value} of={of} onPick={onPick} />
        </div>
      ))}
    </div>
  );
}

function Any({ node, of, onPick }: Props & { readonly node: Node }) {
  if (node.kind === 'sum') return <Sum node={node} count={node.plus.length} of={of} onPick={onPick} />;
  if (node.kind === 'call')
    return (
      <div class="box">
        <Head call={node} of={of} onPick={onPick} />
        <Inside call={node} of={of} onPick={onPick} />
      </div>
    );
  if (node.kind === 'list')
    return (
      <>
        {node.items.map((item) => (
          <Any key={item.position} node={item} of={of} onPick={onPick} />
        ))}
      </>
    );
  return <span class="box leaf code one-line">{literal(node)}</span>;
}

/** Whether a value may be a model: a name, a call, a sum, or a list of these. */
function isModel(node: Node): boolean {
  if (node.kind === 'list') return node.items.length > 0 && node.items.every(isModel);
  return node.kind === 'sum' && (node.plus.length > 0 || node.head.kind === 'call');
}

function literal(node: Node): string {
  switch (node.kind) {
    case 'list':
      return `[${node.items.map(literal).join(', ')}]`;
    case 'sum':
      return [literal(node.head), ...node.plus.map(({ name }) => name)].join(' + ');
    case 'call':
      return `${node.name}(…)`;
    default:
      return String(node.value);
  }
}
