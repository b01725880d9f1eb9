/**
 * Mathematics in one spelling, as far as that needs no algebra: equal texts for what is only dressed otherwise. What is equal by
 * a theorem (`2(x+1)` and `2x+2`) is left to an `equality` of the caller's.
 *
 * `tasks/math/latex.ts` goes the other way: it makes LaTeX of plain text, for a library that parses LaTeX. Here LaTeX becomes plain
 * text (`\times` is `*`, `\text{cm}` is `cm`), so that one reader of numbers and units serves prose and formulas alike.
 */
import { quantityOf } from './number.ts';
import { bare, plainSigns, undressed } from '../plain.ts';

/** Longer answers are compared as they are written: a pattern may go back and forth over so much. */
const MOST = 2000;

/** The one spelling of an expression: dress left out, numbers by value, sums and sets in one order. */
export function mathOf(text: string): string {
  if (text.length > MOST) return text;
  const whole = quantityOf(text, { algebra: true });
  if (whole?.unit === '') return whole.value;
  const plain = spelled(text);
  const set = /^\\\{(.*)\\\}$/s.exec(plain)?.[1];
  const inner = set ?? plain;
  const union = inner.split('\\cup');
  if (union.length > 1) return union.map(listed).sort(byCode).join('\\cup');
  return listed(inner);
}

function spelled(text: string): string {
  const flat = undressed(plainSigns(bare(text)))
    .replaceAll(
      /(?<![A-Za-z\\])sqrt\s*(?:\(([^()]*)\)|(\w))/g,
      (_, a: string | undefined, b: string) => `\\sqrt{${a ?? b}}`,
    )
    .replaceAll(/√\s*(?:\(([^()]*)\)|(\w+))/g, (_, a: string | undefined, b: string) => `\\sqrt{${a ?? b}}`)
    .replaceAll(/π|(?<![A-Za-z\\])pi(?![A-Za-z])/g, '\\pi ')
    .replaceAll(/∞|\\infinity|(?<![A-Za-z\\])(?:infinity|inf|oo)(?![A-Za-z])/g, '\\infty ')
    .replaceAll(/∪|(?<=[\])]\s*)U(?=\s*[[(])/g, '\\cup')
    .replaceAll(/±|\+\/-/g, '\\pm ')
    .replaceAll(/θ/g, '\\theta ')
    .replaceAll(/∈/g, '\\in ')
    .replaceAll(/≤|\\leq?(?![A-Za-z])|<=/g, '\\le ')
    .replaceAll(/≥|\\geq?(?![A-Za-z])|>=/g, '\\ge ')
    .replaceAll(/\*\*/g, '^')
    .replaceAll(/\\(begin|end)\s*\{[bBvV]?matrix\}/g, '\\$1{pmatrix}')
    .replaceAll(/\s+(?:and|or)\s+/g, ',')
    .replaceAll(/(\d)\s+(\d+)\s*\/\s*(\d+)/g, '$1\\frac{$2}{$3}')
    .replaceAll(/\s+/g, '');
  return flat
    .replaceAll(/\\(frac|sqrt)(?=[^{[])(\\[A-Za-z]+|\w)/g, '\\$1{$2}')
    .replaceAll(/(\\frac\{[^{}]*\})(\\[A-Za-z]+|\w)/g, '$1{$2}')
    .replaceAll(/([\^_])\{([-+]?\w+|\\[A-Za-z]+)\}(?!\w)/g, '$1$2')
    .replaceAll(/([\^_])\{(\w|\\[A-Za-z]+)\}/g, '$1$2')
    .replaceAll(/(?<=[\d)\]}])\*(?=[A-Za-z\\(])/g, '')
    .replaceAll(/\\(?:right|left)?[{}]/g, (brace) => `\\${brace.at(-1)}`)
    .replace(/^[+]/, '');
}

/** Elements in order, or sorted where a list has no order: `1, -2` and `{1, -2}`; `a ± b` is two elements. */
function listed(text: string): string {
  const [, open = '', inner = text, close = ''] = /^([([])(.*)([)\]])$/s.exec(text) ?? [];
  if (open !== '' && atTop(inner, ',').length > 1 && isBalanced(inner))
    return `${open}${atTop(inner, ',').map(term).join(',')}${close}`;
  const parts = atTop(text, ',').map((part) => part.replace(/^(?:[A-Za-z]|\\[a-z]+)=(?=[^=]+$)/, ''));
  if (parts.length === 1 && !text.includes('\\pm')) return term(text);
  return parts.flatMap(bothSigns).map(term).sort(byCode).join(',');
}

function bothSigns(text: string): string[] {
  const [first = '', second, ...more] = text.split('\\pm');
  return second === undefined || more.length > 0 ? [text] : [`${first}${first && '+'}${second}`, `${first}-${second}`];
}

/** One value: a number by what it comes to, a sum in one order, a quotient with a stroke. */
function term(text: string): string {
  const quantity = /^[-+.\d\\(]/.test(text) ? quantityOf(text, { algebra: true }) : undefined;
  if (quantity && quantity.unit === '') return quantity.value;
  const letter = /^\(([A-Z])\)$/.exec(text)?.[1];
  if (letter !== undefined) return letter;
  const terms = text.includes('=') || text.includes('\\begin') ? [] : summands(text);
  return quotients(terms.length > 1 ? terms.sort(byCode).join('') : text).replaceAll(
    /(?<![\w.])0*(\d*\.\d*?)0+(?!\d)/g,
    '$1',
  );
}

/** `\frac{a}{b}` as `a/b`, with brackets where a part is more than one sign. */
function quotients(text: string): string {
  const over = (inner: string): string => (/[-+=,](?!$)/.test(inner.slice(1)) ? `(${inner})` : inner);
  const under = (inner: string): string =>
    /^(?:\d+|[A-Za-z]|\\[A-Za-z]+(?:\{\w+\})?)(?:\^\w+)?$/.test(inner) ? inner : `(${inner})`;
  return text.replaceAll(/\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}/g, (_, a: string, b: string) => {
    const minus = a.startsWith('-') && !/[-+]/.test(a.slice(1));
    return `${minus ? '-' : ''}${over(minus ? a.slice(1) : a)}/${under(b)}`;
  });
}

/** The terms of a sum, each with its sign. */
function summands(text: string): string[] {
  const marked = text.startsWith('-') ? text : `+${text}`;
  return atTop(marked.replaceAll(/(?<=[\w)}\]])([-+])/g, '\u0000$1'), '\u0000').filter(Boolean);
}

/** Splits where brackets are closed. */
function atTop(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] as string;
    if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign)) depth--;
    else if (sign === separator && depth <= 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...parts, text.slice(from)];
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const sign of text) {
    if ('(['.includes(sign)) depth++;
    else if (')]'.includes(sign) && --depth < 0) return false;
  }
  return true;
}

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
