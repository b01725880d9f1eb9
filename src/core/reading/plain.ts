/** One spelling of what texts spell in several ways: signs, digits of every script, and the commands of LaTeX that only dress. */

/**
 * A text with ASCII digits, minus signs and spaces, whatever script it was written in. Superscripts become `^`, vulgar
 * fractions `a/b`; signs without width are left out. Letters stay as they are.
 */
export function plainSigns(text: string): string {
  return text
    .replaceAll(/(?<=\p{Nd})[\u00A0\u2009\u202F](?=\p{Nd}{3}(?!\p{Nd}))/gu, '')
    .replaceAll(
      /[⁺⁻]?[⁰¹²³⁴-⁹]+/gu,
      (raised) =>
        `^${Array.from(raised)
          .map((one) => RAISED[one])
          .join('')}`,
    )
    .replaceAll(
      /(\d?)([½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])/g,
      (_, whole: string, sign: string) => `${whole && `${whole} `}${VULGAR[sign]}`,
    )
    .replaceAll(/[\u0080-\u{10FFFF}]/gu, plainSign);
}

function plainSign(sign: string): string {
  const known = SIGNS[sign];
  if (known !== undefined) return known;
  const code = sign.codePointAt(0) ?? 0;
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0); // full width
  return DIGIT.test(sign) ? String(digitOf(code)) : sign;
}

/** Digits stand in the code in rows of ten, so a digit's value is its distance from the beginning of its rows. */
function digitOf(code: number): number {
  let first = code;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first--;
  return (code - first) % 10;
}

const DIGIT = /^\p{Nd}$/u;
const pairs = (signs: string, plain: string): (readonly [string, string])[] =>
  Array.from(signs).map((one) => [one, plain]);
const table = (...all: readonly (readonly [string, string])[]): { readonly [sign: string]: string } =>
  Object.assign(Object.create(null) as object, Object.fromEntries(all));
const RAISED = table(...Array.from('⁰¹²³⁴⁵⁶⁷⁸⁹').map((one, i) => [one, String(i)] as const), ['⁺', ''], ['⁻', '-']);
const VULGAR = table(
  ...Array.from('½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞').map(
    (one, i) => [one, '1/2 1/3 2/3 1/4 3/4 1/5 2/5 3/5 4/5 1/6 5/6 1/8 3/8 5/8 7/8'.split(' ')[i] ?? ''] as const,
  ),
);
const SIGNS = table(
  ...pairs('−‐‑‒–﹣', '-'),
  ...pairs('\u00A0\u2002\u2003\u2007\u2009\u202F\u3000', ' '),
  ...pairs('\u00AD\u061C\u200B\u200C\u200D\u200E\u200F\u2060\uFEFF', ''),
  ...pairs('“”„«»「」『』', '"'),
  ...pairs('‘’′', "'"),
  ['⁄', '/'],
  ['∕', '/'],
  ['×', '*'],
  ['·', '*'],
  ['∙', '*'],
  ['⋅', '*'],
  ['÷', '/'],
  ['٫', '.'],
  ['٬', ','],
  ['٪', '%'],
  ['。', '.'],
  ['、', ','],
  ['°', ' degrees '],
);

/** A text without the commands of LaTeX that only dress it; the same text where it has none. */
export function undressed(text: string): string {
  if (!/[\\$~]|\{,/.test(text)) return text;
  return text
    .replaceAll(/\{,\}|,\\!\s?/g, ',')
    .replaceAll(/\\(?:left|right|displaystyle|bigg?[lr]?|Bigg?[lr]?)(?![A-Za-z])|\\[!,;:]|\\q?quad(?![A-Za-z])|~/g, ' ')
    .replaceAll(/\\[()[\]]/g, ' ')
    .replaceAll(/\\[dtc]frac(?![A-Za-z])/g, '\\frac')
    .replaceAll(/\\(?:text|mbox|mathrm|textbf|mathbf|textit|operatorname|mathit|textrm)\s*\{([^{}]*)\}/g, ' $1 ')
    .replaceAll(/\^\s*(?:\\circ(?![A-Za-z])|\{\s*\\circ\s*\})|\\degree(?![A-Za-z])/g, ' degrees ')
    .replaceAll(/\\(?:times|cdot|ast)(?![A-Za-z])/g, '*')
    .replaceAll(/\\div(?![A-Za-z])/g, '/')
    .replaceAll(/\\([%$#&_])/g, '$1');
}

/** What is written around words to set them off, and behind them to end a sentence. */
const AROUND = `*_\`"'#>“”„«»`;
const BEHIND = `${AROUND}.,;:!。，！`;

/** A text without what sets it off: blanks, marks of Markdown, quotes, `$…$`, `\\(…\\)` and a final stop. */
export function bare(text: string): string {
  let from = 0;
  let to = text.length;
  const within = (marks: string, at: number): boolean =>
    marks.includes(text[at] ?? ' ') || (text[at] ?? '').trim() === '';
  for (let before = Number.NaN; before !== from - to;) {
    before = from - to;
    while (from < to && within(BEHIND, to - 1)) to--;
    while (from < to && within(AROUND, from)) from++;
    if (to - from > 2 && text[from] === '$' && text[to - 1] === '$') [from, to] = [from + 1, to - 1];
    const pair =
      to - from > 4 && text[from] === '\\'
        ? text[from + 1] === '('
          ? '\\)'
          : text[from + 1] === '['
            ? '\\]'
            : ''
        : '';
    if (pair && text.startsWith(pair, to - 2)) [from, to] = [from + 2, to - 2];
  }
  return text.slice(from, to);
}

const SHOWN = 80;

/** The end of a reply on one line, in quotes: what a warning shows of a reply that could not be read. */
export function endOf(reply: string): string {
  const whole = reply.trim();
  if (whole === '') return '(nothing)';
  const line = whole.slice(-4 * SHOWN).replaceAll(/\s+/g, ' ');
  const shown = Array.from(line).slice(-SHOWN).join('');
  return JSON.stringify(shown.length < line.length || whole.length > 4 * SHOWN ? `...${shown}` : shown);
}
