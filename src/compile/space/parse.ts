/** Reads a space: a formula in which `maybe(...)`, `anyOf(...)`, lists of values, `prompt(...)` and `demos(...)` mark choices. */
import {
  FormulaError,
  nearest,
  parse,
  parseTransforms,
  type AnyTechnique,
  type Field,
  type FormulaScope,
  type Schema,
} from '../../core/index.ts';
import { parseFormula, type CallNode, type Node, type SumNode } from '../../core/formula/syntax.ts';
import { demosOf, isNone } from '../demos.ts';
import {
  allOf,
  fixed,
  maybeOf,
  NOTHING_FOUND,
  oneOf,
  sumOf,
  type Choices,
  type FilledPart,
  type Filling,
  type Part,
} from './part.ts';
import { prompt } from './marks.ts';
import { printCallNode, printNode } from './print.ts';
import { spaceFrom, type Space } from './space.ts';

type Inner = FormulaScope & { readonly formula: string };

/**
 * The space that a text describes, with or without a model before it. Every value of every option is tried once, so that a wrong one is
 * told before anything is asked. Throws FormulaError, which points at the character.
 */
export function parseSpace(formula: string, scope: FormulaScope): Space {
  const inner = { ...scope, formula, techniques: [...scope.techniques, demosOf([])] };
  const { head, plus } = parseFormula(formula);
  const isModel = !isTechnique(head, inner);
  const models = isModel ? modelOf(head, inner) : undefined;
  // Each model is made once, so that one that is not known is told now.
  for (let i = 0n; i < (models?.size ?? 0n) && i < MOST_MODELS; i++) parse(models?.at(i).text ?? '', scope);
  const calls = [...(isModel ? [] : callsOf(head, inner)), ...plus];
  return spaceFrom(
    calls.map((call) => partOf(call, inner)),
    models && { ...models, build: (text: string) => parse(text, scope) },
  );
}

const MOST_MODELS = 256n;

const MARKS = new Set(['maybe', 'anyOf', 'prompt']);

function isTechnique(node: Node, scope: Inner): boolean {
  if (node.kind === 'sum') return isTechnique(node.head, scope);
  if (node.kind !== 'call' && node.kind !== 'name') return false;
  const name = node.kind === 'call' ? node.name : node.value;
  if (node.kind === 'call' && name === 'anyOf') return node.positional.some((one) => isTechnique(one, scope));
  if (MARKS.has(name)) return node.kind === 'call';
  return scope.techniques.some(({ definition, takes }) => takes === 'one' && definition.name === name);
}

/** Techniques as calls: `reRead` alone is one without options. */
function callsOf(node: Node, scope: Inner): readonly CallNode[] {
  if (node.kind === 'call') return [node];
  if (node.kind === 'name')
    return [{ kind: 'call', name: node.value, position: node.position, positional: [], named: [] }];
  if (node.kind === 'sum') return [...callsOf(node.head, scope), ...node.plus];
  throw at(scope, node, 'A technique is expected, such as reRead');
}

function partOf(call: CallNode, scope: Inner): Part {
  const text = printCallNode(call);
  switch (call.name) {
    case 'maybe':
      return maybeOf(alternativeOf(only(call, scope), scope));
    case 'anyOf':
      return oneOf(
        text,
        text,
        several(call, scope).map((one) => alternativeOf(one, scope)),
      );
    case 'prompt':
      return promptOf(call, scope);
    default:
      return techniqueOf(call, text, scope);
  }
}

const alternativeOf = (node: Node, scope: Inner): Part =>
  sumOf(
    callsOf(node, scope).map((call) => partOf(call, scope)),
    printNode(node),
  );

/** `prompt("Answer with a number.", "Think first.")`: instructions before the question, one of them. */
function promptOf(call: CallNode, scope: Inner): Part {
  const [first, ...others] = several(call, scope).map((node) => {
    if (node.kind === 'text') return node.value;
    throw at(scope, node, 'A wording is a text in quotes, as in prompt("Answer with a number.")');
  });
  return prompt(first as string, ...others);
}

function techniqueOf(call: CallNode, text: string, scope: Inner): Part {
  const { definition, takes } = find(call, scope);
  const [extra] = call.positional;
  if (takes === 'many') throw at(scope, call, `${call.name} combines models, so it cannot follow a +`);
  if (extra) throw at(scope, extra, `${call.name} takes named options`);
  const options = optionsOf(call, definition.options as Schema, scope);
  const whole = allOf(text, options, (fillings) => {
    const inside = fillings.map((one) => one.text).join(', ');
    const filled = inside ? `${call.name}(${inside})` : call.name;
    return leaf({ text: filled, picks: fillings.flatMap(({ picks }) => picks) }, scope);
  });
  tryEach(options, whole);
  return whole;
}

/** A technique without choices: it is made when it is needed. No examples are the model as it is. */
function leaf(filling: Filling, scope: Inner): FilledPart {
  const text = isNone(filling.text) ? '' : filling.text;
  return {
    ...filling,
    text,
    transforms: ({ demonstrations }) =>
      parseTransforms(text, { ...scope, techniques: [...scope.techniques.slice(0, -1), demosOf(demonstrations)] }),
  };
}

/** Builds a technique once with each value of each option, the others at their first. */
function tryEach(options: readonly Choices[], whole: Part): void {
  let step = whole.size;
  whole.at(0n).transforms(NOTHING_FOUND);
  for (const { size } of options) {
    step /= size;
    for (let i = 1n; i < size; i++) whole.at(i * step).transforms(NOTHING_FOUND);
  }
}

function optionsOf({ name: technique, named }: CallNode, schema: Schema, scope: Inner): readonly Choices[] {
  return named.map(({ name, value, position }) => {
    const field = Object.hasOwn(schema, name) ? schema[name] : undefined;
    if (!field)
      throw new FormulaError({
        formula: scope.formula,
        position,
        problem: `${technique} has no option "${name}" (it has ${Object.keys(schema).join(', ') || 'none'})`,
        suggestion: nearest(name, Object.keys(schema)),
      });
    const values = valuesOf(value, field, `${technique}.${name}`, scope);
    return prefixed(values, `${name}=`);
  });
}

const prefixed = (of: Choices, prefix: string): Choices => ({
  text: `${prefix}${of.text}`,
  size: of.size,
  at(index) {
    const filling = of.at(index);
    return { ...filling, text: `${prefix}${filling.text}` };
  },
});

const LISTS: ReadonlySet<string> = new Set(['numbers', 'texts', 'models']);

/** A list is a choice of values, unless the option takes a list: then a list of lists is. */
function valuesOf(node: Node, field: Field<unknown>, choice: string, scope: Inner): Choices {
  const isList = LISTS.has(field.kind);
  if (node.kind === 'list' && (!isList || node.items.some((item) => item.kind === 'list'))) {
    if (node.items.length === 0) throw at(scope, node, `${choice} has no values to choose from`);
    return oneOf(
      printNode(node),
      choice,
      node.items.map((item) => valueOf(item, scope)),
    );
  }
  return valueOf(node, scope);
}

/** A value, in which a model may be one of several. */
function valueOf(node: Node, scope: Inner): Choices {
  const text = printNode(node);
  if (node.kind === 'list')
    return joined(
      text,
      node.items.map((item) => valueOf(item, scope)),
      (of) => `[${of.join(', ')}]`,
    );
  if (node.kind === 'sum' || node.kind === 'call') return modelOf(node, scope);
  return fixed({ text, picks: [] });
}

function modelOf(node: Node, scope: Inner): Choices {
  const text = printNode(node);
  if (node.kind === 'sum') return sumOfModel(node, text, scope);
  if (node.kind === 'call' && node.name === 'anyOf')
    return oneOf(
      text,
      text,
      several(node, scope).map((one) => modelOf(one, scope)),
    );
  if (node.kind !== 'call') return fixed({ text, picks: [] });
  const { positional, named, name } = node;
  const known = scope.techniques.find(({ definition }) => definition.name === name);
  const options = known
    ? optionsOf(node, known.definition.options as Schema, scope)
    : named.map((one) => prefixed(valueOf(one.value, scope), `${one.name}=`));
  const inside = [...positional.map((one) => modelOf(one, scope)), ...options];
  return joined(text, inside, (of) => (of.length > 0 ? `${name}(${of.join(', ')})` : name));
}

function sumOfModel({ head, plus }: SumNode, text: string, scope: Inner): Choices {
  const parts = plus.map((call) => partOf(call, scope));
  const before =
    head.kind === 'sum' ? joined('', [modelOf(head, scope)], ([one = '']) => `(${one})`) : modelOf(head, scope);
  return joined(text, [before, ...parts], (of) => of.filter((one) => one !== '').join(' + '));
}

const joined = (text: string, of: readonly Choices[], join: (texts: readonly string[]) => string): Choices =>
  allOf(text, of, (fillings) => ({
    text: join(fillings.map((one) => one.text)),
    picks: fillings.flatMap(({ picks }) => picks),
  }));

function only(call: CallNode, scope: Inner): Node {
  const [first, second] = call.positional;
  if (first && !second && call.named.length === 0) return first;
  throw at(scope, call, `${call.name} takes one technique, or several joined with +, as in ${call.name}(reRead)`);
}

function several(call: CallNode, scope: Inner): readonly Node[] {
  if (call.positional.length > 0 && call.named.length === 0) return call.positional;
  throw at(
    scope,
    call,
    `${call.name} takes what there is to choose from, as in ${call.name === 'prompt' ? 'prompt("A", "B")' : 'anyOf(reRead, stepBack)'}`,
  );
}

function find(call: CallNode, scope: Inner): AnyTechnique {
  const names = scope.techniques.map(({ definition }) => definition.name);
  const found = scope.techniques.find(({ definition }) => definition.name === call.name);
  if (found) return found;
  throw new FormulaError({
    formula: scope.formula,
    position: call.position,
    problem: `Unknown technique "${call.name}"`,
    suggestion: nearest(call.name, [...names, ...MARKS]),
  });
}

const at = ({ formula }: Inner, { position }: Node, problem: string): FormulaError =>
  new FormulaError({ formula, position, problem });
