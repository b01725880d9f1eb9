/** The shape of a mathematical answer: a value with its unit, an option, words, a point, an interval, a set, a list, a matrix, an equation. */
import { isBracketed, split, unwrapped } from './latex.ts';

export type Answer = Value | Named | Relation | Row | Matrix | Many | Words | Option | Unread;

export interface Value {
  readonly kind: 'value';
  readonly latex: string;
  /** Empty where none is written. */
  readonly unit: string;
  /** The exact value of a written number; nothing for any other expression. */
  readonly number: Ratio | undefined;
}

export interface Ratio {
  readonly top: bigint;
  readonly bottom: bigint;
}

/** A value with its name, such as `x = 5`, `y = 2x + 3` or `x \in [1, 2]`. */
export interface Named {
  readonly kind: 'named';
  readonly name: string;
  readonly source: string;
  readonly value: Answer;
}

export interface Relation {
  readonly kind: 'relation';
  readonly sign: string;
  readonly left: string;
  readonly right: string;
}

/** Values in brackets: a point, or an interval. An inequality is read as an interval. */
export interface Row {
  readonly kind: 'row';
  readonly open: string;
  readonly close: string;
  readonly items: readonly Answer[];
}

export interface Matrix {
  readonly kind: 'matrix';
  readonly rows: readonly (readonly Answer[])[];
}

/** A list stands without brackets. */
export interface Many {
  readonly kind: 'set' | 'list' | 'union';
  readonly items: readonly Answer[];
}

export interface Words {
  readonly kind: 'words';
  readonly words: string;
}

export interface Option {
  readonly kind: 'option';
  readonly letter: string;
}

export interface Unread {
  readonly kind: 'unread';
  readonly source: string;
}

/** What an answer in plain LaTeX may be: `100,200` is a number and a list of two, `(C) 42` an option and its text. */
export function readings(latex: string): readonly Answer[] {
  const [, option, text] = /^(\\text\{ *\([A-J]\) *\}) *(\S.*)$/s.exec(latex) ?? [];
  if (option !== undefined && text !== undefined) return [read(option), read(text)];
  const number = /[([]|\\\{/.test(latex) ? latex : latex.replaceAll(THOUSANDS, (digits) => digits.replaceAll(',', ''));
  return number === latex ? [read(latex)] : [read(number), read(latex)];
}

const THOUSANDS = /(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)/g;

function read(text: string): Answer {
  const latex = unwrapped(text);
  return (
    readOption(latex) ??
    readWords(latex) ??
    readRelation(latex) ??
    readUnion(latex) ??
    readList(latex) ??
    readMatrix(latex) ??
    readRow(latex) ??
    readValue(latex)
  );
}

function readOption(latex: string): Option | undefined {
  const [, letter] =
    /^\\text\{ *\(?([A-Ja-j])[).:]? *\}$/.exec(latex) ??
    /^\(\\text\{([A-J])\}\)$/.exec(latex) ??
    /^\(?([A-J])\)?$/.exec(latex) ??
    [];
  return letter === undefined ? undefined : { kind: 'option', letter: letter.toUpperCase() };
}

/** Words in `\text`, or written bare: then one has three letters or more, and there are no signs. */
function readWords(latex: string): Words | undefined {
  const upright = /^\\text\{([^{}\d]*)\}$/.exec(latex)?.[1];
  const written = /^[\p{L}\s.'’-]+$/u.test(latex) && /\p{L}{3}/u.test(latex) ? latex : undefined;
  const words = upright ?? written;
  return words !== undefined && /\p{L}/u.test(words) ? { kind: 'words', words } : undefined;
}

const SIGN = /^(?:[=<>]|\\(?:le|ge|ne|in))$/;
const NAME = /^(?:\\?[a-zA-Z]+|[a-zA-Z]_\{?\w+\}?|[a-zA-Z]\([a-zA-Z]\)|\\text\{[^{}]*\})$/;

function readRelation(latex: string): Answer | undefined {
  const parts = split(latex, SIGN);
  if (parts.length < 2 || split(latex, COMMA).length > 1) return undefined;
  const unread: Unread = { kind: 'unread', source: latex };
  const [first, second, third] = parts;
  const last = parts.at(-1);
  if (!first || !second || !last || parts.some(({ text }) => text === '')) return unread;
  if (parts.slice(1).every(({ sign }) => sign === '=' || sign === '\\in'))
    for (const [name, source] of [
      [first.text, last.text],
      [last.text, first.text],
    ] as const)
      if (NAME.test(name)) return { kind: 'named', name, source, value: read(source) };
  if (parts.length === 3 && third)
    return readBetween(first.text, second.sign, second.text, third.sign, third.text) ?? unread;
  if (parts.length > 3 || second.sign === '\\in') return unread;
  return (
    readRay(first.text, second.sign, second.text) ?? {
      kind: 'relation',
      sign: second.sign,
      left: first.text,
      right: second.text,
    }
  );
}

/** `3 < x \le 4` */
function readBetween(left: string, one: string, name: string, other: string, right: string): Row | undefined {
  if (!NAME.test(name)) return undefined;
  if (isBelow(one) && isBelow(other)) return interval(left, isClosed(one), right, isClosed(other));
  return isAbove(one) && isAbove(other) ? interval(right, isClosed(other), left, isClosed(one)) : undefined;
}

/** `x > 3` or `3 < x` */
function readRay(left: string, sign: string, right: string): Row | undefined {
  const isFirst = NAME.test(left);
  if (isFirst === NAME.test(right) || !(isBelow(sign) || isAbove(sign))) return undefined;
  return isFirst === isAbove(sign)
    ? interval(isFirst ? right : left, isClosed(sign), '\\infty', false)
    : interval('-\\infty', false, isFirst ? right : left, isClosed(sign));
}

const isBelow = (sign: string): boolean => sign === '<' || sign === '\\le';
const isAbove = (sign: string): boolean => sign === '>' || sign === '\\ge';
const isClosed = (sign: string): boolean => sign === '\\le' || sign === '\\ge';

function interval(low: string, closedLow: boolean, high: string, closedHigh: boolean): Row {
  return { kind: 'row', open: closedLow ? '[' : '(', close: closedHigh ? ']' : ')', items: [read(low), read(high)] };
}

function readUnion(latex: string): Many | undefined {
  const parts = split(latex, /^\\cup$/);
  return parts.length > 1 ? { kind: 'union', items: parts.map(({ text }) => read(text)) } : undefined;
}

const COMMA = /^[,;]$/;

/** Values with commas between them, or a value with a plus-or-minus. Inequalities in a row are a union. */
function readList(latex: string): Answer | undefined {
  const parts = split(latex, COMMA).map(({ text }) => text);
  if (parts.includes('')) return { kind: 'unread', source: latex };
  if (parts.length > 1) {
    const items = parts.map(read);
    const areRays = parts.every((part, i) => items[i]?.kind === 'row' && !/^[([]/.test(part));
    return { kind: areRays ? 'union' : 'list', items: flat(items) };
  }
  if (split(latex, /^\\(?:pm|mp)$/).length < 2 && !/^[^([]*\\frac\{[^{}]*\\(?:pm|mp)(?![a-zA-Z])/.test(latex))
    return undefined;
  return { kind: 'list', items: [read(signed(latex, '+')), read(signed(latex, '-'))] };
}

/** The upper signs, or the lower ones. */
function signed(latex: string, sign: '+' | '-'): string {
  const other = sign === '+' ? '-' : '+';
  return latex
    .replaceAll(/\\pm(?![a-zA-Z])/g, sign)
    .replaceAll(/\\mp(?![a-zA-Z])/g, other)
    .replace(/^\+/, '');
}

/** `x = 1, x = 2` and `x = 1, 2` are 1 and 2, while `x = 1, y = 2` keeps its names. */
function flat(items: readonly Answer[]): readonly Answer[] {
  const names = new Set(items.flatMap((item) => (item.kind === 'named' ? [item.name] : [])));
  const values = items.map((item) => (item.kind === 'named' && names.size === 1 ? item.value : item));
  return values.flatMap((item) => (item.kind === 'list' ? item.items : [item]));
}

const TABLE = String.raw`\{(?:[pbB]?matrix|smallmatrix|array)\}`;
const MATRIX = new RegExp(String.raw`^[([]?\\begin${TABLE}(?:\{[lcr|]*\})?(.*)\\end${TABLE}[)\]]?$`, 's');

function readMatrix(latex: string): Matrix | Unread | undefined {
  const cells = MATRIX.exec(latex)?.[1];
  if (cells === undefined) return latex.startsWith('\\begin') ? { kind: 'unread', source: latex } : undefined;
  if (cells.includes('\\begin')) return { kind: 'unread', source: latex };
  const rows = cells.trim().replace(/\\\\$/, '').split('\\\\');
  return { kind: 'matrix', rows: rows.map((row) => row.split('&').map(read)) };
}

function readRow(latex: string): Answer | undefined {
  if (/^\\(?:emptyset|varnothing)$/.test(latex)) return { kind: 'set', items: [] };
  const [open] = /^(?:[([]|\\\{|\\langle(?![a-zA-Z]))/.exec(latex) ?? [];
  const [close] = /(?:[)\]]|\\\}|\\rangle)$/.exec(latex) ?? [];
  if (open === undefined || close === undefined || !isBracketed(latex)) return undefined;
  const inside = latex.slice(open.length, latex.length - close.length);
  const parts = split(inside, COMMA).map(({ text }) => text);
  if (open === '\\{' && close === '\\}')
    return { kind: 'set', items: inside.trim() === '' ? [] : flat(parts.map(read)) };
  if (parts.includes('')) return { kind: 'unread', source: latex };
  if (parts.length === 1) return open === '\\langle' ? undefined : read(inside);
  const isVector = open === '\\langle' && close === '\\rangle';
  return { kind: 'row', open: isVector ? '(' : open, close: isVector ? ')' : close, items: parts.map(read) };
}

function readValue(latex: string): Value {
  const { value, unit } = withoutUnit(latex);
  return { kind: 'value', latex: value, unit, number: readNumber(value) };
}

function withoutUnit(latex: string): { readonly value: string; readonly unit: string } {
  const [currency = '', minus = '', sign = ''] = /^(-?) ?(\\\$|[$€£¥])/.exec(latex) ?? [];
  if (currency !== '') {
    const { value, unit } = withoutUnit(latex.slice(currency.length).trim());
    const own = unitOf(sign) ?? sign;
    return { value: minus + value, unit: unit === '' || unit === own ? own : `${own} ${unit}` };
  }
  const [, digits = '', base = ''] = /^(-?\w+)_\{? *(\d+) *\}?$/.exec(latex) ?? [];
  if (/^-?\d/.test(digits)) return { value: digits, unit: `base ${base}` };
  for (const pattern of UNIT_AT_END) {
    const [, value = '', tail = ''] = pattern.exec(latex) ?? [];
    const unit = value.trim() === '' ? undefined : unitOf(tail, tail.startsWith('\\text'));
    if (unit !== undefined) return { value: value.trim(), unit };
  }
  return { value: latex, unit: '' };
}

const UNIT_AT_END: readonly RegExp[] = [
  /^(.*?)(\\?%|\^(?:\\circ|\{ ?\\circ ?\})(?: ?(?:[CF]|\\text\{[CF]\}))?|\\?[$€£¥¢])$/s,
  /^(.*?)(\\text\{[^{}]*\}(?:\\text\{[^{}]*\}|[\s/]|\^\{?-?\d\}?)*)$/s,
  /^(.*?[\d)}\s])((?<!\\[a-zA-Z]*)[a-zA-Z]{2,}(?:[ /][a-zA-Z]+)*(?:\^\{?-?\d\}?)?)$/s,
];

/** One name for the spellings of a unit. Bare letters are a unit only where they are known as one, or a word of four letters. */
function unitOf(text: string, isUpright = false): string | undefined {
  const words = text
    .replaceAll(/\\text|[{}\\]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (words.startsWith('^circ')) return `degree ${words.slice(5).trim()}`.trim();
  const base = /^\(?(?:in )?base (\w+)\)?$/i.exec(words)?.[1];
  if (base !== undefined) return `base ${base}`;
  const name = words
    .toLowerCase()
    .replace(/^(?:square|sq\.?) (.*)$/, '$1^2')
    .replace(/^cubic (.*)$/, '$1^3')
    .replaceAll(/[a-z¢€£¥%$]+/g, (word) => UNITS[word] ?? UNITS[word.replace(/s$/, '')] ?? word.replace(/s$/, ''))
    .replace(/^unit(?:\^\d)?$/, '');
  const [first = ''] = /^[a-z%]+/.exec(name) ?? [];
  return isUpright || name === '' || KNOWN.has(first) || first.length > 3 ? name : undefined;
}

const UNITS: { readonly [spelling: string]: string } = {
  '%': '%',
  percent: '%',
  $: 'dollar',
  usd: 'dollar',
  '¢': 'cent',
  '€': 'euro',
  '£': 'pound',
  '¥': 'yen',
  deg: 'degree',
  rad: 'radian',
  s: 'second',
  sec: 'second',
  min: 'minute',
  h: 'hour',
  hr: 'hour',
  mph: 'mile/hour',
  mm: 'millimeter',
  cm: 'centimeter',
  m: 'meter',
  km: 'kilometer',
  metre: 'meter',
  centimetre: 'centimeter',
  in: 'inch',
  inches: 'inch',
  ft: 'foot',
  feet: 'foot',
  yd: 'yard',
  mi: 'mile',
  lb: 'pound',
  oz: 'ounce',
  mg: 'milligram',
  g: 'gram',
  kg: 'kilogram',
  ml: 'milliliter',
  l: 'liter',
  litre: 'liter',
};
const KNOWN: ReadonlySet<string> = new Set([...Object.values(UNITS), 'day']);

/** The exact value of a number as it is written: digits, a fraction, a mixed number, a power of ten, a period. */
function readNumber(latex: string): Ratio | undefined {
  const [sign = ''] = /^(?:[-+] ?)*/.exec(latex) ?? [];
  const size = readSize(latex.slice(sign.length));
  return size && Array.from(sign).filter((c) => c === '-').length % 2 === 1
    ? { top: -size.top, bottom: size.bottom }
    : size;
}

function readSize(text: string): Ratio | undefined {
  const decimal = readDecimal(text);
  if (decimal) return decimal;
  const [, whole, top, bottom] =
    /^(?:(\d+) ?)?\\frac\{(-?[\d.]+)\}\{([\d.]+)\}$/.exec(text) ??
    /^(?:(\d+) )?(-?[\d.]+) ?\/ ?([\d.]+)$/.exec(text) ??
    [];
  if (top !== undefined && bottom !== undefined) return readFraction(whole, top, bottom);
  const [, factor, exponent = ''] = /^([\d.]+) ?\\(?:times|cdot) ?10\^\{?([-+]?\d{1,3})\}?$/.exec(text) ?? [];
  const first = factor === undefined ? undefined : readDecimal(factor);
  if (!first) return undefined;
  const power = 10n ** BigInt(Math.abs(Number(exponent)));
  return Number(exponent) < 0
    ? { top: first.top, bottom: first.bottom * power }
    : { top: first.top * power, bottom: first.bottom };
}

function readDecimal(text: string): Ratio | undefined {
  const [, whole = '', part = '', period = ''] = /^(\d*)(?:\.(\d*)(?:\\(?:overline|bar)\{(\d+)\})?)?$/.exec(text) ?? [];
  if (whole + part + period === '') return undefined;
  const [top, bottom] = [BigInt(whole + part), 10n ** BigInt(part.length)];
  if (period === '') return { top, bottom };
  const nines = 10n ** BigInt(period.length) - 1n;
  return { top: top * nines + BigInt(period), bottom: bottom * nines };
}

function readFraction(whole: string | undefined, above: string, below: string): Ratio | undefined {
  const [a, b] = [readDecimal(above.replace(/^-/, '')), readDecimal(below)];
  if (!a || !b || b.top === 0n) return undefined;
  const size = { top: a.top * b.bottom * (above.startsWith('-') ? -1n : 1n), bottom: a.bottom * b.top };
  if (whole === undefined) return size;
  return size.top < 0n ? undefined : { top: BigInt(whole) * size.bottom + size.top, bottom: size.bottom };
}
