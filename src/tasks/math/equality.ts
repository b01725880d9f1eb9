/** Equality of mathematical answers: their shapes are compared here, expressions of the same shape by a mathematics library. */
import { bare, depth, plain } from './latex.ts';
import {
  readings,
  type Answer,
  type Matrix,
  type Named,
  type Ratio,
  type Relation,
  type Row,
  type Value,
} from './answer.ts';

/** Whether two answers say the same; nothing where that cannot be told. */
export type Equality = (a: string, b: string) => boolean | undefined;

/** Longer answers are equal only as texts. This bounds the time of everything below. */
const MAX_LENGTH = 1000;
/** Brackets in brackets. */
const MAX_DEPTH = 40;
/** Questions to the library for one pair of answers. Two lists of n items may have n² of them. */
const MAX_QUESTIONS = 30;

/**
 * Whether two mathematical answers say the same, in LaTeX or as people type it. `expressions` tells whether two LaTeX
 * expressions have the same value; without it, numbers are compared by value and other expressions by spelling.
 * A unit, percent sign, base or `x =` that only one of them has does not matter; a different one does.
 * Nothing where an answer is empty, too long or not understood.
 */
export function mathEquality(expressions: Equality = () => undefined): Equality {
  return (a, b) => {
    if (a.trim() === '' || b.trim() === '') return undefined;
    if (a.trim() === b.trim()) return true;
    if (a.length > MAX_LENGTH || b.length > MAX_LENGTH) return undefined;
    const [left, right] = [plain(a), plain(b)];
    if (left === '' || right === '' || depth(left) > MAX_DEPTH || depth(right) > MAX_DEPTH) return undefined;
    let questions = 0;
    const ask: Equality = (x, y) => (++questions > MAX_QUESTIONS ? undefined : expressions(x, y));
    return any(readings(left), (x) => any(readings(right), (y) => same(x, y, ask)));
  };
}

/** A pair is compared by the kind that stands first. */
const KINDS = ['unread', 'named', 'relation', 'words', 'option', 'matrix', 'union', 'list', 'set', 'row', 'value'];

function same(x: Answer, y: Answer, ask: Equality): boolean | undefined {
  const [a, b] = KINDS.indexOf(x.kind) <= KINDS.indexOf(y.kind) ? [x, y] : [y, x];
  switch (a.kind) {
    case 'unread':
      return b.kind === 'unread' && bare(a.source) === bare(b.source) ? true : undefined;
    case 'named':
      return sameNamed(a, b, ask);
    case 'relation':
      return b.kind === 'relation' ? sameRelation(a, b, ask) : false;
    case 'words':
      if (b.kind === 'words') return folded(a.words) === folded(b.words);
      return b.kind === 'value' && folded(a.words) === folded(b.latex);
    case 'option':
      return b.kind === 'option' ? a.letter === b.letter : b.kind === 'value' && b.latex === a.letter;
    case 'matrix':
      return sameMatrix(a, b, ask);
    case 'union':
      return b.kind === 'union' ? sameItems(a.items, b.items, ask) : false;
    case 'list':
    case 'set':
      if (b.kind === 'list' || b.kind === 'set') return sameItems(a.items, b.items, ask);
      if (b.kind === 'row') return a.kind === 'list' && isPoint(b) ? sameInOrder(a.items, b.items, ask) : false;
      return sameItems(a.items, [b], ask);
    case 'row':
      return b.kind === 'row' && a.open === b.open && a.close === b.close ? sameInOrder(a.items, b.items, ask) : false;
    case 'value':
      return b.kind === 'value' ? sameValue(a, b, ask) : false;
  }
}

/** `x = 5` is 5, and `y = 2x + 3` is an equation too. */
function sameNamed(a: Named, b: Answer, ask: Equality): boolean | undefined {
  if (b.kind === 'relation') return sameRelation(equation(a), b, ask);
  if (b.kind !== 'named') return same(a.value, b, ask);
  const isSameName = a.name === b.name || (isGraph(a.name) && isGraph(b.name));
  return isSameName ? same(a.value, b.value, ask) : sameRelation(equation(a), equation(b), ask);
}

function equation({ name, source }: Named): Relation {
  return { kind: 'relation', sign: '=', left: name, right: source };
}

const isGraph = (name: string): boolean => name === 'y' || /^[a-zA-Z]\([a-z]\)$/.test(name);

function sameRelation(a: Relation, b: Relation, ask: Equality): boolean | undefined {
  if (a.sign !== b.sign) return TURNED[a.sign] === b.sign ? sameDifference(a, turned(b), ask) : false;
  if (a.sign !== '=' && a.sign !== '\\ne') return sameDifference(a, b, ask);
  return any([b, turned(b)], (equation) => sameDifference(a, equation, ask)) || areMultiples(a, b, ask);
}

const TURNED: { readonly [sign: string]: string } = { '<': '>', '>': '<', '\\le': '\\ge', '\\ge': '\\le' };

function turned({ kind, sign, left, right }: Relation): Relation {
  return { kind, sign: TURNED[sign] ?? sign, left: right, right: left };
}

function sameDifference(a: Relation, b: Relation, ask: Equality): boolean | undefined {
  return bare(difference(a)) === bare(difference(b)) || ask(difference(a), difference(b));
}

function difference({ left, right }: Relation): string {
  return right === '0' ? left : `(${left})-(${right})`;
}

/** f and g are multiples of each other where f(x)·g(y) = g(x)·f(y) for all x and y, and neither is nought. */
function areMultiples(a: Relation, b: Relation, ask: Equality): boolean | undefined {
  const [f, g] = [difference(a), difference(b)];
  if (ask(f, '0') !== false || ask(g, '0') !== false) return undefined;
  return ask(`(${f})(${inOtherLetters(g)})`, `(${g})(${inOtherLetters(f)})`);
}

function inOtherLetters(latex: string): string {
  return latex.replaceAll(/\\[a-zA-Z]+|[a-zA-Z]/g, (name) => {
    if (name.length > 1 || name === 'e' || name === 'i') return name;
    return name === name.toLowerCase() ? name.toUpperCase() : name.toLowerCase();
  });
}

/** A column is a point too. */
function sameMatrix({ rows }: Matrix, b: Answer, ask: Equality): boolean | undefined {
  if (b.kind === 'row' && isPoint(b) && rows.every((row) => row.length === 1))
    return sameInOrder(rows.flat(), b.items, ask);
  if (b.kind !== 'matrix' || rows.length !== b.rows.length) return false;
  return rows.every((row, i) => row.length === b.rows[i]?.length) && sameInOrder(rows.flat(), b.rows.flat(), ask);
}

const isPoint = ({ open, close }: Row): boolean => open === '(' && close === ')';

function sameInOrder(a: readonly Answer[], b: readonly Answer[], ask: Equality): boolean | undefined {
  return a.length === b.length && all(a, (item, i) => same(item, b[i] as Answer, ask));
}

function sameItems(a: readonly Answer[], b: readonly Answer[], ask: Equality): boolean | undefined {
  const left = [...b];
  return (
    a.length === b.length &&
    all(a, (item) => {
      let found = -1;
      const known = any(left, (candidate, i) => {
        const equal = same(item, candidate, ask);
        if (equal === true) found = i;
        return equal;
      });
      if (known === true) left.splice(found, 1);
      return known;
    })
  );
}

function sameValue(a: Value, b: Value, ask: Equality): boolean | undefined {
  if (a.unit !== '' && b.unit !== '' && a.unit !== b.unit) return false;
  const equal = sameNumber(a, b, ask);
  if (equal !== false || (a.unit === '%') === (b.unit === '%')) return equal;
  const [percent, share] = a.unit === '%' ? [a, b] : [b, a];
  return percent.number !== undefined && share.number !== undefined && isEqual(hundredth(percent.number), share.number);
}

function sameNumber(a: Value, b: Value, ask: Equality): boolean | undefined {
  if (a.number && b.number) return isEqual(a.number, b.number);
  if (bare(a.latex) === bare(b.latex)) return true;
  return isInfinite(a) || isInfinite(b) ? false : ask(asSum(a.latex), asSum(b.latex));
}

const isInfinite = ({ latex }: Value): boolean => /^-?\\infty$/.test(bare(latex).replaceAll(' ', ''));
const isEqual = (a: Ratio, b: Ratio): boolean => a.top * b.bottom === b.top * a.bottom;
const hundredth = ({ top, bottom }: Ratio): Ratio => ({ top, bottom: bottom * 100n });

/** A mixed number is a sum and no product. */
function asSum(latex: string): string {
  return latex.replaceAll(/(?<![\w.^_}])(\d+) ?(\\frac\{(\d+)\}\{(\d+)\})/g, (all, whole, part, top, bottom) =>
    Number(top) < Number(bottom) ? `(${whole}+${part})` : all,
  );
}

function folded(words: string): string {
  return words
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** True where one is; otherwise nothing where one is not known. */
function any<T>(items: readonly T[], test: (item: T, at: number) => boolean | undefined): boolean | undefined {
  let result: boolean | undefined = false;
  for (const [at, item] of items.entries()) {
    const value = test(item, at);
    if (value === true) return true;
    if (value === undefined) result = undefined;
  }
  return result;
}

/** False where one is; otherwise nothing where one is not known. */
function all<T>(items: readonly T[], test: (item: T, at: number) => boolean | undefined): boolean | undefined {
  return not(any(items, (item, at) => not(test(item, at))));
}

const not = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);
