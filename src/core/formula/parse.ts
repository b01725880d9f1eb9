/** Reads formulas: `openai/gpt-5-mini + reRead + selfConsistency(n=8, stop="adaptive")`, models as arguments included. */
import { FormulaError, InvalidOption } from '../errors.ts';
import { parseFormula, parseSum, type CallNode, type Node, type SumNode } from './syntax.ts';
import { plus, type Model, type Transform } from '../model.ts';
import { nearest } from './nearest.ts';
import type { Field, Schema } from './options.ts';
import { judge, type Scorer } from '../technique/scorer.ts';
import type { AnyTechnique } from '../technique/definition.ts';

/** What the names in a formula mean. */
export interface FormulaScope {
  readonly techniques: readonly AnyTechnique[];
  /** The model of a name, or nothing. May throw an error of its own, such as a missing key. */
  readonly model: (name: string) => Model | undefined;
  /** Names offered where a model's is misspelt. */
  readonly modelNames?: readonly string[];
  /** Score functions by name. */
  readonly scorers?: { readonly [name: string]: Scorer };
  /** Other functions and named things of the caller's by name. */
  readonly functions?: { readonly [name: string]: unknown };
}

/** The model a formula describes. Throws FormulaError, which points at the character. */
export function parse(formula: string, scope: FormulaScope): Model {
  return buildModel(parseFormula(formula), { formula, ...scope });
}

/** The transforms of `reRead + bestOfN(n=4)`, to be put on a model with `plus`. */
export function parseTransforms(formula: string, scope: FormulaScope): Transform[] {
  if (formula.trim() === '') return [];
  const inner = { formula, ...scope };
  return parseSum(formula).map((call) => buildTransform(call, inner));
}

type Inner = FormulaScope & { readonly formula: string };

function buildModel({ head, plus: rest }: SumNode, scope: Inner): Model {
  return plus(buildHead(head, scope), ...rest.map((call) => buildTransform(call, scope)));
}

function buildHead(head: Node, scope: Inner): Model {
  if (head.kind === 'sum') return buildModel(head, scope);
  if (head.kind === 'call') {
    const technique = find(head, scope);
    if (technique.takes === 'one') {
      throw new FormulaError({
        formula: scope.formula,
        position: head.position,
        problem: `${head.name} transforms a model, and none stands before it`,
        suggestion: `MODEL + ${head.name}`,
      });
    }
    const models = head.positional.map((node) => buildModel(asSum(node, scope), scope));
    return located(head, scope, () => technique(models, namedOptions(head, technique.definition.options, scope)));
  }
  if (head.kind === 'name' || head.kind === 'text') {
    const found = scope.model(head.value);
    if (found) return found;
    throw new FormulaError({
      formula: scope.formula,
      position: head.position,
      problem: `Unknown model "${head.value}"`,
      suggestion: nearest(head.value, scope.modelNames ?? []),
    });
  }
  throw new FormulaError({ formula: scope.formula, position: head.position, problem: 'A model is expected' });
}

function buildTransform(call: CallNode, scope: Inner): Transform {
  const technique = find(call, scope);
  if (technique.takes === 'many') {
    throw new FormulaError({
      formula: scope.formula,
      position: call.position,
      problem: `${call.name} combines models, so it cannot follow a +`,
      suggestion: `${call.name}(a, b)`,
    });
  }
  const [extra] = call.positional;
  if (extra)
    throw new FormulaError({
      formula: scope.formula,
      position: extra.position,
      problem: `${call.name} takes named options (such as ${Object.keys(technique.definition.options)[0] ?? 'none'}=...)`,
    });
  return located(call, scope, () => technique(namedOptions(call, technique.definition.options, scope)));
}

function find(call: CallNode, { formula, techniques }: Inner): AnyTechnique {
  const found = techniques.find(({ definition }) => definition.name === call.name);
  if (found) return found;
  throw new FormulaError({
    formula,
    position: call.position,
    problem: `Unknown technique "${call.name}"`,
    suggestion: nearest(
      call.name,
      techniques.map(({ definition }) => definition.name),
    ),
  });
}

function namedOptions(call: CallNode, schema: Schema, scope: Inner): { [option: string]: unknown } {
  return Object.fromEntries(
    call.named.map(({ name, position, value }) => {
      const field = Object.hasOwn(schema, name) ? schema[name] : undefined;
      if (!field) {
        throw new FormulaError({
          formula: scope.formula,
          position,
          problem: `${call.name} has no option "${name}" (it has ${Object.keys(schema).join(', ') || 'none'})`,
          suggestion: nearest(name, Object.keys(schema)),
        });
      }
      return [name, toValue(value, field, scope)];
    }),
  );
}

function toValue(node: Node, field: Field<unknown>, scope: Inner): unknown {
  switch (field.kind) {
    case 'model':
      return buildModel(asSum(node, scope), scope);
    case 'models':
      if (node.kind !== 'list')
        throw new FormulaError({
          formula: scope.formula,
          position: node.position,
          problem: 'A list of models is expected, such as [a, b]',
        });
      return node.items.map((item) => buildModel(asSum(item, scope), scope));
    case 'scorer':
      return toScorer(node, scope);
    case 'function':
      return named(node, { ...known(field.values), ...scope.functions }, 'function', scope);
    case 'answer': {
      const format = toLiteral(node, scope);
      const { functions = {} } = scope;
      return typeof format === 'string' && Object.hasOwn(functions, format) ? functions[format] : format;
    }
    default:
      return toLiteral(node, scope);
  }
}

function toScorer(node: Node, scope: Inner): Scorer {
  if (node.kind !== 'call' || node.name !== 'judge') return named(node, scope.scorers ?? {}, 'scorer', scope);
  const [model, ...more] = node.positional;
  if (!model || more.length > 0)
    throw new FormulaError({
      formula: scope.formula,
      position: node.position,
      problem: 'judge takes one model, as in judge(MODEL)',
    });
  const options: { criteria?: string; again?: boolean } = {};
  for (const { name, position, value } of node.named) {
    if (name === 'criteria' && value.kind === 'text') options.criteria = value.value;
    else if (name === 'again' && value.kind === 'literal' && typeof value.value === 'boolean')
      options.again = value.value;
    else
      throw new FormulaError({
        formula: scope.formula,
        position,
        problem: 'judge has the options criteria="..." and again=true',
      });
  }
  return judge(buildModel(asSum(model, scope), scope), options);
}

const known = (names: readonly string[] = []) => Object.fromEntries(names.map((name) => [name, name]));

function named<T>(node: Node, table: { readonly [name: string]: T }, what: string, { formula }: Inner): T {
  const name = node.kind === 'name' || node.kind === 'text' ? node.value : undefined;
  const found = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  const names = Object.keys(table);
  throw new FormulaError({
    formula,
    position: node.position,
    problem: `Unknown ${what}${name === undefined ? '' : ` "${name}"`}${names.length > 0 ? ` (known: ${names.join(', ')})` : ''}`,
    suggestion: name === undefined ? undefined : nearest(name, names),
  });
}

function toLiteral(node: Node, scope: Inner): unknown {
  if (node.kind === 'list') return node.items.map((item) => toLiteral(item, scope));
  if (node.kind === 'name' || node.kind === 'text' || node.kind === 'literal') return node.value;
  throw new FormulaError({
    formula: scope.formula,
    position: node.position,
    problem: 'A number, text or list is expected',
  });
}

function asSum(node: Node, { formula }: Inner): SumNode {
  if (node.kind === 'sum') return node;
  if (node.kind === 'list' || node.kind === 'literal')
    throw new FormulaError({ formula, position: node.position, problem: 'A model is expected' });
  return { kind: 'sum', position: node.position, head: node, plus: [] };
}

/** Says where in the formula an option is wrong. */
function located<T>({ position, named: options }: CallNode, { formula }: Inner, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof InvalidOption)) throw error;
    const at = options.find(({ name }) => name === error.option)?.value.position ?? position;
    throw new FormulaError({ formula, position: at, problem: error.message });
  }
}
