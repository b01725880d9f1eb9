/**
 * Mathematics as people and models write it, in one spelling of LaTeX; and where its parts begin and end. The core has a spelling of
 * its own (`reading/numbers/math.ts`), which is no LaTeX: votes compare it as text, and need no library and few bytes for that.
 */

/**
 * The same mathematics in one spelling: fractions and roots with braces, no `\left`, `\text` for every upright word,
 * signs of Unicode as commands, digits without thousands marks that can be nothing else.
 */
export function plain(text: string): string {
  let latex = unwrapped(text)
    .replaceAll(/[⁰¹²³⁴-⁹]+/g, (digits) => `^{${digits.normalize('NFKC')}}`)
    .replaceAll(/\P{ASCII}/gu, (sign) => SIGNS[sign] ?? sign.normalize('NFKC'));
  for (const [from, to] of SPELLINGS) latex = latex.replaceAll(from, to);
  return unwrapped(withBraces(latex).replaceAll(/\s+/g, ' '));
}

/** Without what is only around it: dollars, boxes, braces, marks of Markdown, a stop. */
export function unwrapped(latex: string): string {
  const inside = latex.trim().replace(/(?<!\\)[\s.,;:]+$/, '');
  for (const [open, close] of WRAPPERS) {
    if (!inside.startsWith(open) || !inside.endsWith(close) || inside.length < open.length + close.length) continue;
    const content = inside.slice(open.length, inside.length - close.length);
    const isOne = close === '}' ? closing(inside, open.length - 1) === inside.length - 1 : !isIn(close, content);
    if (isOne) return unwrapped(content);
  }
  return inside;
}

const WRAPPERS: readonly (readonly [open: string, close: string])[] = [
  ['$$', '$$'],
  ['$', '$'],
  ['\\(', '\\)'],
  ['\\[', '\\]'],
  ['**', '**'],
  ['`', '`'],
  ['\\boxed{', '}'],
  ['\\fbox{', '}'],
  ['{', '}'],
];

const isIn = (mark: string, content: string): boolean => content.replaceAll(/\\[$]/g, '').includes(mark);

/** The parts between signs that stand in no brackets; `sign` is what stands before a part. */
export function split(latex: string, sign: RegExp): readonly { readonly sign: string; readonly text: string }[] {
  const parts: { sign: string; text: string }[] = [];
  let [from, level, before] = [0, 0, ''];
  for (const { 0: token, index } of latex.matchAll(TOKEN)) {
    level += levelOf(token);
    if (level !== 0 || !sign.test(token)) continue;
    parts.push({ sign: before, text: latex.slice(from, index).trim() });
    [from, before] = [index + token.length, token];
  }
  return [...parts, { sign: before, text: latex.slice(from).trim() }];
}

/** Whether the bracket at the start closes at the end. */
export function isBracketed(latex: string): boolean {
  let level = 0;
  for (const { 0: token, index } of latex.matchAll(TOKEN)) {
    level += levelOf(token);
    if (level <= 0) return index + token.length === latex.length;
  }
  return false;
}

/** How many brackets stand in each other at most. */
export function depth(latex: string): number {
  let [level, most] = [0, 0];
  for (const [token] of latex.matchAll(TOKEN)) most = Math.max(most, (level += levelOf(token)));
  return most;
}

/** The expression without blanks and signs of multiplication that change nothing. */
export function bare(latex: string): string {
  const tokens = [...latex.replaceAll(/([_^])\{(\w)\}/g, '$1$2').matchAll(TOKEN)].map(([token]) => token);
  return tokens
    .filter((token, i) => !TIMES.test(token) || (/\d$/.test(tokens[i - 1] ?? '') && /^\d/.test(tokens[i + 1] ?? '')))
    .join(' ')
    .replaceAll('\\times', '\\cdot');
}

const TOKEN = /\\(?:[a-zA-Z]+|.)|\d+(?:\.\d+)?|\S/gs;
const TIMES = /^\\(?:cdot|times)$/;

function levelOf(token: string): number {
  if (OPEN.has(token)) return 1;
  return CLOSE.has(token) ? -1 : 0;
}

/** `(` and `]` belong together in `(3, 4]`. */
const OPEN: ReadonlySet<string> = new Set(['(', '[', '{', '\\{', '\\langle', '\\begin']);
const CLOSE: ReadonlySet<string> = new Set([')', ']', '}', '\\}', '\\rangle', '\\end']);

const SIGNS: { readonly [sign: string]: string } = {
  '−': '-',
  '–': '-',
  '‐': '-',
  '‑': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '÷': '/',
  '⁄': '/',
  '∕': '/',
  '√': '\\surd ',
  π: '\\pi ',
  θ: '\\theta ',
  '∞': '\\infty ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '≤': '\\le ',
  '≥': '\\ge ',
  '≠': '\\ne ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '°': '^\\circ ',
  '∅': '\\emptyset ',
  ℝ: '\\mathbb{R}',
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '½': '\\frac{1}{2}',
  '¼': '\\frac{1}{4}',
  '¾': '\\frac{3}{4}',
  '⅓': '\\frac{1}{3}',
  '⅔': '\\frac{2}{3}',
};

const FUNCTIONS = 'sin|cos|tan|cot|sec|csc|log|ln|exp|arcsin|arccos|arctan';
const command = (names: string): RegExp => new RegExp(`\\\\(?:${names})(?![a-zA-Z])`, 'g');

const SPELLINGS: readonly (readonly [from: RegExp, to: string])[] = [
  [/(?<=\d)(?:\{,\}|,\\!|\\,)(?:\\!)? *(?=\d{3}(?!\d))/g, ''],
  [/(?<=(?<![\d.])\d{1,3}(?: \d{3})*) (?=\d{3}(?!\d))/g, ''],
  [command('[dtc]frac'), '\\frac'],
  [/\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z])\.?/g, ''],
  [command('displaystyle|textstyle|limits|nolimits|mathbf|mathit|boldsymbol|bm|mathsf|mathnormal'), ''],
  [/(?<!\\)\\!|(?<!\\)\{\}/g, ''],
  [/(?<!\\)\\[,;: ]|\\q?quad(?![a-zA-Z])|~|\\hspace\{[^{}]*\}/g, ' '],
  [/\\math(?:rm|it)\{ *([ie]) *\}/g, '$1'],
  [command('mbox|hbox|textbf|textrm|textit|textsf|textnormal|emph|mathrm|operatorname\\*?'), '\\text'],
  [new RegExp(`\\\\text\\{ *(${FUNCTIONS}) *\\}`, 'g'), '\\$1 '],
  [/\\text\{([^{}a-zA-Z%$]*)\}/g, ' $1 '],
  [/,? *\\text\{ *,? *(?:and|or) *\}|,? (?:and|or) /g, ','],
  [command('degree'), '^\\circ '],
  [/\\leq(?:slant|q)?(?![a-zA-Z])|<=/g, '\\le '],
  [/\\geq(?:slant|q)?(?![a-zA-Z])|>=/g, '\\ge '],
  [/\\neq(?![a-zA-Z])|!=/g, '\\ne '],
  [command('lt'), '<'],
  [command('gt'), '>'],
  [command('lbrace'), '\\{'],
  [command('rbrace'), '\\}'],
  [command('[lr]vert'), '|'],
  [/\+ *(?=\\infty)/g, ''],
  [/\\mathbb(?:\{R\}| R)/g, '(-\\infty,\\infty)'],
  [/\*\*/g, '^'],
  [/\*/g, '\\cdot '],
  [new RegExp(`(?<![\\\\a-zA-Z])(sqrt|pi|infty|${FUNCTIONS})(?![a-zA-Z])`, 'g'), '\\$1 '],
];

/** Arguments of fractions, roots and the sign of a root in braces. */
function withBraces(latex: string): string {
  let [out, at] = ['', 0];
  const skip = (): void => {
    while (latex[at] === ' ') at++;
  };
  const group = (): string => {
    const end = closing(latex, at);
    const inside = latex.slice(at + 1, end);
    at = end + 1;
    return withBraces(inside);
  };
  const argument = (token: RegExp): string => {
    skip();
    if (latex[at] === '{' || latex[at] === '(') return group();
    const found = token.exec(latex.slice(at, at + 40))?.[0] ?? '';
    at += found.length;
    return found.trim();
  };
  while (at < latex.length) {
    const name = /^\\(?:frac|sqrt|surd)(?![a-zA-Z])/.exec(latex.slice(at, at + 6))?.[0];
    if (name === undefined) {
      out += latex[at++];
      continue;
    }
    at += name.length;
    skip();
    if (name === '\\frac') out += `\\frac{${argument(ONE)}}{${argument(ONE)}}`;
    else if (name === '\\surd') out += `\\sqrt{${argument(RUN)}}`;
    else {
      const degree = latex[at] === '[' ? group() : '2';
      out += `\\sqrt${degree === '2' ? '' : `[${degree}]`}{${argument(ONE)}}`;
    }
  }
  return out;
}

/** LaTeX takes one digit or command; a written root sign goes over the whole number. */
const ONE = /^(?:\\[a-zA-Z]+|[^\\])/;
const RUN = /^(?:\\[a-zA-Z]+|\d+|[^\\])/;

/** Where the bracket that opens at a place closes. */
function closing(latex: string, from: number): number {
  const open = latex[from] as string;
  const close = { '(': ')', '[': ']' }[open] ?? '}';
  let level = 0;
  for (let at = from; at < latex.length; at++) {
    if (latex[at] === '\\') at++;
    else if (latex[at] === open) level++;
    else if (latex[at] === close && --level === 0) return at;
  }
  return latex.length;
}
