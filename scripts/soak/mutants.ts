/**
 * Small faults that a program can be given by rule: an edge of a comparison, a sum that is a difference, a constant off by one,
 * a condition turned round, a statement or an `await` that is missing. Each is a change of the text of one node of its tree.
 */
import { createHash } from 'node:crypto';
import { parseAst } from 'rolldown/parseAst';

/** One fault: in `file`, the text from `start` to `end` becomes `to`. */
export interface Mutant {
  /** Names the fault for as long as its file says the same there: file, rule, text of the line, its number among equal ones. */
  readonly id: string;
  readonly file: string;
  readonly rule: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly from: string;
  readonly to: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** A change that a rule makes of a node, without its place. */
interface Change {
  readonly rule: string;
  readonly node: Pick<Node, 'start' | 'end'>;
  readonly to: string;
}

const COMPARISONS: { readonly [operator: string]: readonly string[] } = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
};
const ARITHMETIC: { readonly [operator: string]: string } = {
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '**': '*',
  '%': '*',
};
const ASSIGNMENTS: { readonly [operator: string]: string } = {
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '??=': '=',
  '||=': '=',
};
const METHODS: { readonly [name: string]: string } = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  some: 'every',
  every: 'some',
  find: 'findLast',
  findIndex: 'findLastIndex',
};
/** Methods whose first argument is a key: another key is another thing. */
const KEYED = new Set(['get', 'has', 'set', 'delete', 'startsWith', 'endsWith', 'includes']);

/** What is written for people or for the compiler: no fault of the program stands there. */
const WORDS = new Set(['ThrowStatement', 'ImportDeclaration', 'ExportAllDeclaration', 'TaggedTemplateExpression']);

/** Every fault the rules can give a file, in the order of its text: one for each node, drawn by `seed` where several rules fit. */
export function mutantsOf(file: string, source: string, seed: string): readonly Mutant[] {
  const changes: Change[][] = [];
  visit(parseAst(source, { lang: 'ts' }, file) as unknown as Node, undefined, source, changes);
  const seen = new Map<string, number>();
  return changes
    .map((ways) => {
      const [{ node }] = ways as [Change];
      const line = source.slice(0, node.start).split('\n').length;
      const text = (source.split('\n')[line - 1] as string).trim();
      const at = `${file}|${text}|${source.slice(node.start, node.end)}|${node.start - source.lastIndexOf('\n', node.start)}`;
      const count = (seen.get(at) ?? 0) + 1;
      seen.set(at, count);
      const draw = fraction(`${seed}|${at}|${count}`);
      const change = ways[Math.floor(draw * ways.length)] as Change;
      const { start, end } = change.node;
      const id = digest(`${at}|${count}|${change.rule}|${change.to}`).slice(0, 10);
      return { id, file, rule: change.rule, line, start, end, from: source.slice(start, end), to: change.to };
    })
    .toSorted((a, b) => a.start - b.start);
}

/** The source with the fault in it. */
export function withFault(source: string, { start, end, to }: Mutant): string {
  return source.slice(0, start) + to + source.slice(end);
}

/**
 * All faults in an order in which every beginning is spread over the files as all of them are: the r-th of m faults of a file
 * stands at (r + u) / m, where r is its rank by hash and u is a number from 0 to 1 of the file's own.
 */
export function spread(mutants: readonly Mutant[], seed: string): readonly Mutant[] {
  const byFile = Map.groupBy(mutants, ({ file }) => file);
  return [...byFile]
    .flatMap(([file, own]) => {
      const offset = fraction(`${seed}|${file}`);
      return own
        .toSorted((a, b) => fraction(`${seed}|${a.id}`) - fraction(`${seed}|${b.id}`))
        .map((mutant, rank) => ({ mutant, at: (rank + offset) / own.length }));
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ mutant }) => mutant);
}

/** A number from 0 to 1 that a text decides. */
function fraction(text: string): number {
  return Number.parseInt(digest(text).slice(0, 12), 16) / 2 ** 48;
}

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function visit(node: Node, parent: Node | undefined, source: string, found: Change[][]): void {
  const ways = changesOf(node, parent, source);
  if (ways.length > 0) found.push(ways);
  if (WORDS.has(node.type)) return;
  for (const [key, value] of Object.entries(node)) {
    // Types are not run, and a key of an object is no expression.
    if (key === 'typeAnnotation' || key === 'typeArguments' || key === 'typeParameters' || key === 'returnType')
      continue;
    if (key === 'key' && node['computed'] !== true) continue;
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child) && isRun(child)) visit(child, node, source, found);
  }
}

/** Of TypeScript's own nodes, these hold what is run. */
const HOLDERS = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']);
const isRun = ({ type }: Node): boolean => !type.startsWith('TS') || HOLDERS.has(type);

function changesOf(node: Node, parent: Node | undefined, source: string): Change[] {
  const text = (one: unknown): string => {
    const { start, end } = one as Node;
    return source.slice(start, end);
  };
  const as = (rule: string, to: string, place: Pick<Node, 'start' | 'end'> = node): Change => ({
    rule,
    node: place,
    to,
  });
  const operator = (node['operator'] ?? '') as string;
  const { left, right } = node;
  switch (node.type) {
    case 'BinaryExpression': {
      const place = operatorPlace(node, operator, source);
      if (Object.hasOwn(COMPARISONS, operator))
        return (COMPARISONS[operator] as readonly string[]).map((to) => as('comparison', to, place));
      if (!Object.hasOwn(ARITHMETIC, operator) || [left, right].some(isText)) return [];
      return [as('arithmetic', ARITHMETIC[operator] as string, place)];
    }
    case 'AssignmentExpression':
      return Object.hasOwn(ASSIGNMENTS, operator) && !isText(right)
        ? [
            as(
              operator.length === 3 ? 'default' : 'arithmetic',
              ASSIGNMENTS[operator] as string,
              operatorPlace(node, operator, source),
            ),
          ]
        : [];
    case 'UpdateExpression':
      // A loop that counts the wrong way never ends: that says nothing of the tests.
      return parent?.type === 'ForStatement'
        ? []
        : [as('arithmetic', text(node).replace(operator, operator === '++' ? '--' : '++'))];
    case 'LogicalExpression':
      if (operator === '??') return [as('default', `(${text(left)})`), as('default', `(${text(right)})`)];
      return [as('logic', operator === '&&' ? '||' : '&&', operatorPlace(node, operator, source))];
    case 'UnaryExpression':
      if (operator === '!') return [as('negation', `(${text(node['argument'])})`)];
      if (operator === '-' && (node['argument'] as Node).type !== 'Literal')
        return [as('arithmetic', `(${text(node['argument'])})`)];
      return [];
    case 'IfStatement':
      return [as('condition', `!(${text(node['test'])})`, node['test'] as Node)];
    case 'ConditionalExpression':
      return [as('branches', `(${text(node['test'])}) ? (${text(node['alternate'])}) : (${text(node['consequent'])})`)];
    case 'AwaitExpression':
      return [as('await', `(${text(node['argument'])})`)];
    case 'ExpressionStatement':
      return 'directive' in node && node['directive'] !== undefined && node['directive'] !== null
        ? []
        : [as('statement', ';')];
    case 'ThrowStatement':
    case 'BreakStatement':
      return [as('statement', ';')];
    case 'Literal':
      return literal(node, parent, as);
    case 'Identifier':
      return parent?.type === 'MemberExpression' && parent['property'] === node && parent['computed'] !== true
        ? renamed(node, as)
        : [];
    default:
      return [];
  }
}

function renamed(node: Node, as: (rule: string, to: string) => Change): Change[] {
  const name = node['name'] as string;
  return Object.hasOwn(METHODS, name) ? [as('method', METHODS[name] as string)] : [];
}

function literal(node: Node, parent: Node | undefined, as: (rule: string, to: string) => Change): Change[] {
  const { value } = node;
  if (typeof value === 'boolean') return [as('constant', String(!value))];
  if (typeof value === 'number')
    return [value + 1, value - 1].map((to) => as('constant', to < 0 ? `(${to})` : String(to)));
  if (typeof value !== 'string' || !parent) return [];
  const isCompared = parent.type === 'BinaryExpression' && Object.hasOwn(COMPARISONS, parent['operator'] as string);
  const isCase = parent.type === 'SwitchCase';
  const isMember = parent.type === 'MemberExpression' && parent['computed'] === true;
  const callee = parent.type === 'CallExpression' ? (parent['callee'] as Node) : undefined;
  const method = ((callee?.['property'] as Node | undefined)?.['name'] ?? '') as string;
  const isKey = callee !== undefined && KEYED.has(method) && (parent['arguments'] as Node[])[0] === node;
  return isCompared || isCase || isMember || isKey ? [as('key', JSON.stringify(`${value}~`))] : [];
}

/** Strings are put together with +: they have no difference. */
function isText(node: unknown): boolean {
  const { type, value, operator, left, right } = node as Node;
  if (type === 'TemplateLiteral' || (type === 'Literal' && typeof value === 'string')) return true;
  return type === 'BinaryExpression' && operator === '+' && [left, right].some(isText);
}

/** Where the operator stands between the two sides of an expression. */
function operatorPlace(node: Node, operator: string, source: string): Pick<Node, 'start' | 'end'> {
  const { end } = node['left'] as Node;
  // Comments between two operands hold no operator in this project's sources; a parenthesis does not either.
  const start = source.indexOf(operator, end);
  return { start, end: start + operator.length };
}
