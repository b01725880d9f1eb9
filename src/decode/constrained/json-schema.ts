/**
 * JSON schemas as sets of texts: compact JSON, with a space after commas and colons where the writer likes one. Properties
 * come in the order of the schema, and no others than it names. A schema that refers to itself nests without bound.
 * Every text of the set meets the schema; what the set cannot keep to is refused by name.
 */
import { GRAMMAR_DEPTH, GRAMMAR_REPEATS } from '../../core/bounds.ts';
import { anyOf, inTurn, literal, oneOf, repeat, rule, type Expression, choice } from './expression.ts';
import { integers } from './integers.ts';
import { bare, COLON, COMMA, LETTER, listed, NUMBER, quoted, STRING } from './json-text.ts';
import { parsePattern } from './regex.ts';
import { Unsupported } from './unsupported.ts';

type Schema = { readonly [keyword: string]: unknown };

const NOTES = new Set([
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
const KEYWORDS: { readonly [type: string]: readonly string[] } = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'pattern'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  number: [],
  boolean: [],
  null: [],
};

/** The texts that meet the schema. Without a schema, any JSON object. */
export function parseSchema(root: unknown = { type: 'object' }): Expression {
  const nested = depthOf(root);
  if (nested > GRAMMAR_DEPTH) throw new Unsupported(`the schema is nested more than ${GRAMMAR_DEPTH} deep`);
  const known = new Map<unknown, Expression>();

  const of = (schema: unknown, where: string): Expression => {
    const before = known.get(schema);
    if (before) return before;
    const made = rule(() => compile(schema, where));
    known.set(schema, made);
    return made;
  };

  const compile = (given: unknown, where: string): Expression => {
    if (given === true) return anything;
    if (!isSchema(given)) throw new Unsupported(`${where} is no schema: ${JSON.stringify(given)}`);
    const schema = Object.fromEntries(Object.entries(given).filter(([keyword]) => !NOTES.has(keyword)));
    const only = (...keywords: readonly string[]): void => {
      const other = Object.keys(schema).find((keyword) => !keywords.includes(keyword));
      if (other) throw new Unsupported(`${where}: ${JSON.stringify(other)} is not supported${besides(keywords)}`);
    };
    if (schema['$ref'] !== undefined) {
      only('$ref');
      return of(resolve(root, schema['$ref'], where), `${where}/$ref`);
    }
    if (schema['const'] !== undefined || schema['enum'] !== undefined) {
      only('const', 'enum', 'type');
      const values = schema['enum'] === undefined ? [schema['const']] : listOf(schema['enum'], `${where}/enum`);
      const fits = values.filter((value) => isOf(schema['type'], value));
      return oneOf(fits.map((value) => JSON.stringify(value)));
    }
    if (schema['anyOf'] !== undefined) {
      only('anyOf');
      return choice(listOf(schema['anyOf'], `${where}/anyOf`).map((one, i) => of(one, `${where}/anyOf/${i}`)));
    }
    const implied = Object.keys(KEYWORDS).find((type) => KEYWORDS[type]?.some((word) => schema[word] !== undefined));
    const types = [schema['type'] ?? implied ?? Object.keys(KEYWORDS)].flat().map(String);
    only('type', ...types.flatMap((type) => KEYWORDS[type] ?? []));
    return anyOf(...types.map((type) => typed(type, schema, where)));
  };

  const typed = (type: string, schema: Schema, where: string): Expression => {
    switch (type) {
      case 'object':
        return object(schema, where);
      case 'array': {
        const [min, max] = [countOf(schema, 'minItems', where) ?? 0, countOf(schema, 'maxItems', where) ?? Infinity];
        const item = of(schema['items'] ?? true, `${where}/items`);
        return inTurn(literal('['), listed(item, min, max), literal(']'));
      }
      case 'string':
        return text(schema, where);
      case 'integer':
        return integers(schema, where);
      case 'number':
        return NUMBER;
      case 'boolean':
        return anyOf(literal('true'), literal('false'));
      case 'null':
        return literal('null');
      default:
        throw new Unsupported(`${where}: the type ${JSON.stringify(type)} is not supported`);
    }
  };

  const object = (schema: Schema, where: string): Expression => {
    const rest = schema['additionalProperties'] ?? true;
    const properties = Object.entries(isSchema(schema['properties']) ? schema['properties'] : {});
    const required = schema['required'] === undefined ? [] : listOf(schema['required'], `${where}/required`);
    const [names, needed] = [new Set<unknown>(properties.map(([name]) => name)), new Set(required)];
    const unnamed = required.find((name) => !names.has(name));
    if (unnamed !== undefined)
      throw new Unsupported(`${where}: ${JSON.stringify(unnamed)} is required and no property`);
    if (properties.length === 0) {
      const member = inTurn(STRING, COLON, of(rest, `${where}/additionalProperties`));
      return inTurn(literal('{'), rest === false ? inTurn() : listed(member, 0, Infinity), literal('}'));
    }
    // From the last property to the first: what may follow where nothing is written yet, and where something is.
    let [fresh, later] = [inTurn(), inTurn()];
    for (const [name, value] of properties.toReversed()) {
      const member = inTurn(literal(JSON.stringify(name)), COLON, of(value, `${where}/properties/${name}`));
      const [begun, joined] = [inTurn(member, later), inTurn(COMMA, member, later)];
      [fresh, later] = needed.has(name) ? [begun, joined] : [anyOf(begun, fresh), anyOf(joined, later)];
    }
    return inTurn(literal('{'), fresh, literal('}'));
  };

  const anything = rule(() => compile({}, '#'));
  return of(root, '#');
}

function text(schema: Schema, where: string): Expression {
  const [min, max] = [countOf(schema, 'minLength', where), countOf(schema, 'maxLength', where)];
  const { pattern } = schema;
  if (pattern === undefined) return quoted(repeat(LETTER, min ?? 0, max ?? Infinity));
  if (typeof pattern !== 'string') throw new Unsupported(`${where}/pattern must be a text`);
  if (min !== undefined || max !== undefined)
    throw new Unsupported(`${where}: a "pattern" beside "minLength" or "maxLength" is not supported`);
  return quoted(bare(parsePattern(pattern)));
}

const besides = (keywords: readonly string[]): string =>
  keywords.length === 1 ? ` beside ${JSON.stringify(keywords[0])}` : '';

/** Where `#/$defs/name` leads. */
function resolve(root: unknown, reference: unknown, where: string): unknown {
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference))
    throw new Unsupported(
      `${where}: the reference ${JSON.stringify(reference)} is not supported: it must begin with #`,
    );
  let at = root;
  for (const part of reference.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key))
      throw new Unsupported(`${where}: ${reference} leads nowhere`);
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

/** Whether a value is of one of the types. */
function isOf(types: unknown, value: unknown): boolean {
  if (types === undefined) return true;
  const own = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  return [types].flat().some((type) => type === own || (type === 'integer' && Number.isInteger(value)));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new Unsupported(`${where} must be a list`);
  return value;
}

function countOf(schema: Schema, keyword: string, where: string): number | undefined {
  const value = schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    if (keyword.startsWith('min') && value > GRAMMAR_REPEATS)
      throw new Unsupported(`${where}/${keyword} is more than ${GRAMMAR_REPEATS}`);
    return value;
  }
  throw new Unsupported(`${where}/${keyword} must be a whole number`);
}

/** How deep lists and objects stand in each other; looked at without recursion, and no further than it matters. */
function depthOf(root: unknown): number {
  let level: unknown[] = [root];
  let depth = 0;
  while (level.length > 0 && depth <= 2 * GRAMMAR_DEPTH + 2) {
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    depth++;
  }
  return Math.ceil(depth / 2); // a schema within a schema stands behind its keyword
}
