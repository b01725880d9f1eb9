/** Ways to write one mathematical answer differently without changing it, and ways to make it wrong. For tests. */

/** Every spelling of an answer under one form; none where the form does not apply. */
export type Form = (answer: string) => readonly string[];

export const HARMLESS: { readonly [name: string]: Form } = {
  'as it is': (s) => [s],
  '\\frac as \\dfrac': swap(/\\d?frac/g, '\\dfrac'),
  '\\frac as \\tfrac': swap(/\\d?frac/g, '\\tfrac'),
  '\\frac as \\cfrac': swap(/\\d?frac/g, '\\cfrac'),
  'a fraction with a stroke': (s) => changed(s, slashed(s)),
  'a fraction with all braces': (s) => changed(s, braced(s)),
  'a fraction without braces': swap(/frac\{(\w)\}\{(\w)\}/g, 'frac$1$2'),
  'the sign in the numerator': swap(/^-\\frac\{/, '\\frac{-'),
  'no blank after a comma': swap(/, +/g, ','),
  'a blank after a comma': swap(/,(?=[^\s\d\\])/g, ', '),
  'no \\left \\right': swap(/\\(?:left|right)/g, ''),
  '\\left \\right': (s) =>
    /\\left|\\text/.test(s) ? [] : changed(s, s.replaceAll(/[([]/g, '\\left$&').replaceAll(/[)\]]/g, '\\right$&')),
  '\\bigl \\bigr': (s) =>
    /\\left|\\text/.test(s) ? [] : changed(s, s.replaceAll(/[([]/g, '\\bigl$&').replaceAll(/[)\]]/g, '\\bigr$&')),
  'no ^\\circ': swap('^\\circ', ''),
  '^{\\circ}': swap('^\\circ', '^{\\circ}'),
  'the sign of degrees': swap('^\\circ', '°'),
  'degrees in words': (s) =>
    [' degrees', '\\text{ degrees}', '\\,\\mathrm{deg}', '\\degree'].flatMap((unit) =>
      changed(s, s.replace('^\\circ', unit)),
    ),
  'no \\text{}': swap(/\\(?:text|mbox)\{([^}]*)\}/g, '$1'),
  '\\mathrm': swap(/\\(?:text|mbox)\{/g, '\\mathrm{'),
  '\\textbf': swap(/\\(?:text|mbox)\{/g, '\\textbf{'),
  '\\mbox': swap(/\\text\{/g, '\\mbox{'),
  'a word in another case': (s) =>
    /^\\text\{\w{3,}\}$/.test(s) ? [s.toLowerCase(), /\{(.*)\}/.exec(s)?.[1]?.toUpperCase() ?? s] : [],
  'x = before it': (s) => (s.includes('=') ? [] : [`x = ${s}`, `x=${s}`]),
  'no letter before =': swap(/^[xy] ?= ?|^x \\in /, ''),
  dollars: (s) => [`$${s}$`, `$$${s}$$`],
  'brackets of a formula': (s) => [`\\(${s}\\)`, `\\[ ${s} \\]`],
  '\\boxed': (s) => [`\\boxed{${s}}`, `$\\boxed{${s}}$`, `\\fbox{${s}}`],
  'a stop behind it': (s) => [`${s}.`, `$${s}$.`, `${s} .`],
  'blanks around it': (s) => [`  ${s} `, `\\,${s}\\;`, `~${s}\\quad`, `\n${s}\n`],
  'no blanks': (s) => (/\\[a-z]+ [a-z]/i.test(s) ? [] : swap(/(?<![a-z]) +| +(?![a-z])/gi, '')(s)),
  'blanks between signs': (s) =>
    /text|mbox|begin|!|_/.test(s)
      ? []
      : changed(s, s.replaceAll(/(?<=[\dA-Za-z)}])([-+=,])(?=[\dA-Za-z(\\])/g, ' $1 ')),
  'a style of text': (s) => [`\\displaystyle ${s}`, `\\mathbf{${s}}`, `**${s}**`, `{${s}}`],
  'a unit in \\text': (s) =>
    isNumber(s)
      ? [
          `${s}\\text{ cm}`,
          `${s} \\text{ units}`,
          `${s}\\,\\mathrm{cm}`,
          `${s}\\text{ square units}`,
          `${s} \\mathrm{~m}`,
        ]
      : [],
  'a unit without \\text': (s) => (isNumber(s) ? [`${s} cm`, `${s} units`, `${s} apples`] : []),
  'no unit': swap(/\s*(?:\\(?:text|mbox)\{\s*(?:cm|inches|cents|degrees)\}(?:\^2)?)|^\\\$/, ''),
  'a unit spelled otherwise': (s) =>
    [
      [/ ?\\mbox\{ cm\}\^2/, ' \\text{ square centimeters}'],
      [/ ?\\mbox\{ cm\}\^2/, '\\,\\mathrm{cm}^{2}'],
      [/ ?\\mbox\{ cm\}\^2/, ' cm^2'],
      [/ ?\\mbox\{ cm\}\^2/, '\\text{ cm}²'],
      [/\\mbox\{ inches\}\^2/, '\\text{ in}^2'],
      [/\\mbox\{ inches\}\^2/, '\\text{ square inches}'],
      [/\\mbox\{ inches\}\^2/, '\\text{ inches}^2'],
      [/\\text\{ cents\}/, '¢'],
      [/\\text\{ degrees\}/, '^\\circ'],
    ].flatMap(([from, to]) => changed(s, s.replace(from as RegExp, to as string))),
  '\\$ before it': (s) => (isNumber(s) ? [`\\$${s}`, `\\$ ${s}`, `$${s}`] : []),
  '\\% behind it': (s) => (isNumber(s) ? [`${s}\\%`, `${s}%`, `${s}\\text{ percent}`] : []),
  'thousands marked': (s) =>
    isWhole(s) ? [',', '{,}', ',\\!', '\\,', '{,}\\!', ' '].flatMap((mark) => changed(s, grouped(s, mark))) : [],
  'thousands not marked': (s) =>
    s.startsWith('(') ? [] : changed(s, s.replaceAll(/(?<=\d),(?:\\!)? *(?=\d{3})/g, '')),
  'a nought more': (s) =>
    /^-?\d+$/.test(s) ? [`${s}.0`, `${s}.00`, `${s}.`] : /^-?\d*\.\d+$/.test(s) ? [`${s}0`] : [],
  'a nought before the point': (s) => [...changed(s, s.replace(/^\./, '0.')), ...changed(s, s.replace(/^0\./, '.'))],
  'a decimal for a fraction': (s) => decimals(s),
  'a fraction for a decimal': (s) => fractions(s),
  'a power of ten': (s) =>
    isWhole(s) && s.length > 2 ? [scientific(s), scientific(s).replace('\\times', '\\cdot')] : [],
  'not in lowest terms': swap(
    /^\\d?frac\{(\d+)\}\{(\d+)\}$/,
    (_, a, b) => `\\frac{${2 * Number(a)}}{${2 * Number(b)}}`,
  ),
  'mixed numbers': (s) => mixed(s),
  'a root without braces': swap(/\\sqrt\{(\d)\}/g, '\\sqrt$1'),
  'a root with a blank': swap(/\\sqrt\{(\d)\}/g, '\\sqrt $1'),
  'a root with braces': swap(/\\sqrt(\d)/g, '\\sqrt{$1}'),
  'a root as a power': (s) =>
    changed(
      s,
      s.replaceAll(
        /(\d ?)?\\sqrt\{?(\d+)\}?/g,
        (_, times: string | undefined, of: string) => `${times ? `${times} \\cdot ` : ''}${of}^{1/2}`,
      ),
    ),
  'a root with its degree': swap(/\\sqrt\{(\d+)\}/g, '\\sqrt[2]{$1}'),
  'a root in words': swap(/\\sqrt\{(\d+)\}/g, ' sqrt($1)'),
  '\\cdot for a product': swap(/(?<=\d) ?(?=\\sqrt|\\pi|[a-zR]\b)/g, ' \\cdot '),
  '\\times for a product': swap(/(?<=\d) ?(?=\\sqrt|\\pi)/g, '\\times '),
  '* for a product': swap(/(?<=\d) ?(?=\\sqrt|\\pi|[a-zR]\b)/g, '*'),
  'factors in the other order': swap(/(\d+) ?(\\sqrt\{?\d+\}?|\\pi(?!\^))/g, '$2 \\cdot $1'),
  'terms in the other order': (s) => changed(s, commuted(s)),
  'expanded or factored': (s) => OTHERWISE.filter(([a]) => a === s).map(([, b]) => b),
  'times one': (s) =>
    isNumber(s) && !s.includes('{,}') ? [`\\frac{2 \\cdot ${s.startsWith('-') ? `(${s})` : s}}{2}`] : [],
  'a power with braces': swap(/\^(\d)/g, '^{$1}'),
  'powers as in a program': swap(/\^(\d)/g, '**$1'),
  'powers in superscript signs': swap(/(?<=[a-zA-Z])\^([23])/g, (_, digit) => (digit === '2' ? '²' : '³')),
  'a set in the other order': swap(/^\\\{(.*),(.*)\\\}$/, '\\{$2,$1\\}'),
  'a set with \\left \\right': swap(/^\\\{(.*)\\\}$/, '\\left\\{$1\\right\\}'),
  'a list in the other order': (s) => (isList(s) ? [s.split(',').reverse().join(', ')] : []),
  'a list with and': (s) =>
    isList(s)
      ? [
          s.replace(/,(?=[^,]*$)/, ' \\text{ and } '),
          s.replace(/,(?=[^,]*$)/, ' and '),
          s.replace(/,(?=[^,]*$)/, ', and '),
          s.replace(/,(?=[^,]*$)/, ' \\text{ or }'),
        ]
      : [],
  'a list with a letter each': (s) =>
    isList(s)
      ? [
          s
            .split(',')
            .map((item) => `x = ${item.trim()}`)
            .join(', '),
        ]
      : [],
  'a list as a set': (s) => (isList(s) ? [`\\{${s}\\}`] : []),
  '\\pm written out': (s) =>
    /\\pm/.test(s) && !s.includes('{1\\pm')
      ? [`${s.replace('\\pm', '+')}, ${s.replace('\\pm', '-')}`]
      : changed(s, s.replace('1\\pm\\sqrt{5}', '1+\\sqrt{5}, 1-\\sqrt{5}')),
  'the sign of plus or minus': swap('\\pm', '±'),
  'an interval as an inequality': (s) => INEQUALITIES.filter(([a]) => a === s).map(([, b]) => b),
  'a union in the other order': swap(/^(.*) \\cup (.*)$/, '$2 \\cup $1'),
  'the signs of Unicode': (s) =>
    changed(
      s,
      s
        .replaceAll('\\infty', '∞')
        .replaceAll('\\cup', '∪')
        .replaceAll('\\pi', 'π')
        .replaceAll(/(?<!\w)-/g, '−')
        .replaceAll('\\in ', '∈ '),
    ),
  'a root of Unicode': swap(/\\sqrt\{(\d+)\}/g, '√$1'),
  'a plus before infinity': swap(/(?<!-)\\infty/g, '+\\infty'),
  'pmatrix as bmatrix': swap(/\{pmatrix\}/g, '{bmatrix}'),
  'a matrix as an array': (s) =>
    s.includes('pmatrix')
      ? [`\\left(${s.replace('{pmatrix}', '{array}{cc}').replace('{pmatrix}', '{array}')}\\right)`]
      : [],
  'a matrix with \\frac': (s) =>
    s.includes('pmatrix') ? changed(s, s.replaceAll(/(\d+)\/(\d+)/g, '\\frac{$1}{$2}')) : [],
  'a column as \\langle': (s) =>
    s.includes('pmatrix') && !s.includes('&') ? [`\\langle ${columnOf(s)} \\rangle`] : [],
  'parentheses around it': (s) => (isNumber(s) ? [`(${s})`] : []),
  'a base with braces': swap(/_(\d+)$/, '_{$1}'),
  'a base in \\text': swap(/_\{?(\d+)\}?$/, '_{\\text{$1}}'),
  'an option bare': swap(/^\\text\{\((.)\)\}$/, '$1'),
  'an option in other brackets': (s) =>
    /^\\text\{\((.)\)\}$/.test(s)
      ? ['($1)', '\\text{$1}', '\\textbf{($1)}', '\\mathrm{($1)}', '$1)', '$1.', '\\textbf{$1}', '\\text{($1) }'].map(
          (to) => s.replace(/^\\text\{\((.)\)\}$/, to),
        )
      : [],
  'a formula with its side': (s) =>
    s === '5x - 7y + 11z + 4 = 0'
      ? ['5x-7y+11z=-4', '-5x + 7y - 11z - 4 = 0', '7y = 5x + 11z + 4', '10x - 14y + 22z + 8 = 0']
      : s === 'y = 2x + 3'
        ? ['y = 3 + 2x', '2x + 3', 'y - 2x = 3', 'y=2x+3', '2x - y + 3 = 0', 'f(x) = 2x + 3']
        : s === 'y = -2x'
          ? ['2x + y = 0', '-2x', 'y=-2x']
          : [],
};

/** Neighbours that are wrong. */
export const WRONG: { readonly [name: string]: Form } = {
  'a number one more': (s) => numbers(s, (n) => n + 1n),
  'a number one less': (s) => numbers(s, (n) => n - 1n),
  'the other sign': (s) => (isScalar(s) && !isZero(s) && !/\\pm/.test(s) ? [negated(s)] : []),
  'the other sign of one number': (s) =>
    matches(s, /(?<![\d.^_{,!x] ?)(?<!\\sqrt\{)-?(?<!\w)(\d+)/g, (m) =>
      /^-?0$/.test(m) ? m : m.startsWith('-') ? m.slice(1) : `-${m}`,
    ).filter((w) => isTuple(s) && w !== s),
  'a sum for a difference': (s) =>
    /\\pm/.test(s)
      ? []
      : [
          ...matches(s, /(?<=[\w)}] ?)-(?= ?[\w\\(])/g, () => '+'),
          ...matches(s, /(?<=[\w)}] ?)\+(?= ?[\w\\(])/g, () => '-'),
        ],
  'ten times': (s) =>
    isNumber(s) && !isZero(s) && !/[\\_]/.test(s)
      ? [s.includes('.') ? s.replace(/(\d*)\.(\d)/, '$1$2.') : `${s}0`]
      : [],
  'digits swapped': (s) => (isWhole(s) && swapped(s) !== s ? [swapped(s)] : []),
  'a fraction upside down': (s) => changed(s, s.replace(/^(-?)\\d?frac\{(\d+)\}\{(\d+)\}$/, '$1\\frac{$3}{$2}')),
  'a rounded decimal': (s) => rounded(s),
  'no root': swap(/\\sqrt\{?(\d+)\}?/, '$1'),
  'no \\pi': (s) => changed(s, s === '\\pi' ? '1' : s.replace(/\\pi(?:\^2)?/, '1 ')),
  'coordinates swapped': (s) => (/^(?:\\left)?\([^[\]]*(?:\\right)?\)$/.test(s) && !/text/.test(s) ? swapItems(s) : []),
  'a coordinate more': (s) => (/^\([^[\]]*\)$/.test(s) && s.includes(',') ? [s.replace(/\)$/, ',0)')] : []),
  'a coordinate less': (s) => (/^\([^[\]]*\)$/.test(s) && s.includes(',') ? [s.replace(/,[^,]*\)$/, ')')] : []),
  'open for closed': (s) =>
    isInterval(s)
      ? [
          ...matches(s, /(?<!\\)\[/g, () => '('),
          ...matches(s, /\]/g, () => ')'),
          ...matches(s, /\((?!-\\infty|\d+,\d+\) \\c)/g, () => '['),
          ...matches(s, /(?<!\\infty)\)/g, () => ']'),
        ]
      : [],
  'a finite end': (s) => matches(s, /-?\\infty/g, () => '100'),
  'an intersection': swap('\\cup', '\\cap'),
  'one part of a union': swap(/^(.*) \\cup .*$/, '$1'),
  'another option': (s) =>
    matches(s, /^\\text\{\((.)\)\}$/g, (m) => m.replace(/\((.)\)/, (_, letter: string) => `(${other(letter)})`)).concat(
      matches(s, /^\\text\{\((.)\)\}$/g, (m) => other(m[7] ?? 'A')),
    ),
  'another word': (s) =>
    /^\\text\{[A-Za-z]{3,}\}$/.test(s)
      ? [
          '\\text{Angela}',
          'odd',
          '\\text{parabola}',
          s.replace(/\{(.)(.*)\}/, '{$2$1}'),
          Array.from(/\{(.*)\}/.exec(s)?.[1] ?? '')
            .reverse()
            .join(''),
        ]
      : [],
  'another unit': (s) => [
    ...changed(s, s.replace(/cm\}\^2/, 'm}^2')),
    ...changed(s, s.replace(/cm\}\^2/, 'cm}')),
    ...changed(s, s.replace(/cm\}\^2/, 'cm}^3')),
    ...changed(s, s.replace(/inches\}\^2/, 'feet}^2')),
    ...changed(s, s.replace(/inches\}\^2/, 'inches}')),
    ...changed(s, s.replace('cents', 'dollars')),
    ...changed(s, s.replace(/^\\\$(.*)$/, '$1 \\text{ euros}')),
    ...changed(s, s.replace(/^\\\$(.*)$/, '$1 \\text{ cents}')),
    ...changed(s, s.replace('^\\circ', '\\text{ radians}')),
    ...changed(s, s.replace('^\\circ', '^2')),
    ...changed(s, s.replace('\\text{ degrees}', '\\text{ radians}')),
  ],
  'another base': swap(/_\{?(\d)\}?$/, (_, base) => `_{${Number(base) + 1}}`),
  'a base read as a power': swap(/_\{?(\d)\}?$/, '^$1'),
  'another letter': (s) =>
    /text|mbox|begin|_/.test(s)
      ? []
      : matches(s, /(?<![\\a-zA-Z])[a-zA-Z](?![a-zA-Z])/g, (m) => (m === 'w' ? 'v' : 'w')).filter(
          () => !/^[xy] ?[=\\]/.test(s),
        ),
  'another power': (s) =>
    /text|mbox|begin|circ/.test(s) ? [] : matches(s, /\^(\d)/g, (m) => `^${Number(m.slice(1)) + 1}`),
  'a term more': (s) => (isScalar(s) && !/[_$]|text|mbox|circ/.test(s) ? [`${s} + 1`, `${s} + x`] : []),
  'an item more': (s) => (isList(s) || isWhole(s) ? [`${s}, 77`, `77, ${s}`] : []),
  'an item less': (s) =>
    isList(s) ? [s.replace(/,[^,]*$/, '')] : changed(s, s.replace(/^\\\{(.*),.*\\\}$/, '\\{$1\\}')),
  'one sign of \\pm': (s) => [...changed(s, s.replace('\\pm', '+')), ...changed(s, s.replace('\\pm', '-'))],
  'a list as a point in the other order': (s) => (isList(s) ? [`(${s.split(',').reverse().join(',')})`] : []),
  'a matrix on its side': (s) => (s.includes('pmatrix') && !s.includes('&') ? [s.replaceAll('\\\\', '&')] : []),
  'a matrix with rows swapped': swap(/(\{pmatrix\}) (.*?) \\\\ (.*?)( \\\\.*)? (\\end)/, '$1 $3 \\\\ $2$4 $5'),
  'a determinant': swap(/\{pmatrix\}/g, '{vmatrix}'),
  'an inequality for an equation': (s) => [...changed(s, s.replace('=', '<')), ...changed(s, s.replace('=', '\\ne'))],
  'another side': (s) => [...changed(s, s.replace('y = ', 'x = ')), ...changed(s, s.replace('x=5', 'x^2=5'))],
  'nothing, or no number': () => [
    '',
    '\\text{none}',
    '\\infty',
    'x',
    '\\emptyset',
    '?',
    '\\text{undefined}',
    'I do not know',
  ],
  'a power read as digits': (s) => (/[a-zA-Z\d]\^\{?(\d)\}?$/.test(s) ? [s.replace(/\^\{?(\d)\}?$/, '$1')] : []),
  'two numbers run together': (s) => (isList(s) ? [s.replaceAll(/, */g, '')] : []),
};

const OTHERWISE: readonly (readonly [answer: string, same: string])[] = [
  ['(a+5)(b+2)', 'ab+2a+5b+10'],
  ['(a+5)(b+2)', '(b+2)(a+5)'],
  ['2k+2', '2(k+1)'],
  ['x^3+3x-6', 'x(x^2+3)-6'],
  ['6r^2-4r-24', '2(3r^2-2r-12)'],
  ['6r^2-4r-24', '-4r + 6r^{2} - 24'],
  ['8n^2 + 4n + 1', '4n(2n+1)+1'],
  ['-13x+3', '3-13x'],
  ['15x - 80', '5(3x-16)'],
  ['11 \\sqrt{5} + 11', '11(\\sqrt5+1)'],
  ['11 \\sqrt{5} + 11', '11(1+\\sqrt{5})'],
  ['18+2\\pi', '2(9+\\pi)'],
  ['\\frac{11+9a}{20}', '\\frac{11}{20}+\\frac{9a}{20}'],
  ['\\frac{11+9a}{20}', '\\frac{9}{20}a + \\frac{11}{20}'],
  ['\\cot x', '\\frac{\\cos x}{\\sin x}'],
  ['\\cot x', '\\frac{1}{\\tan x}'],
  ['\\cot x', '\\cot(x)'],
  ['\\frac{\\sqrt{3}}{3}', '\\frac{1}{\\sqrt{3}}'],
  ['\\frac{\\sqrt{21}}{5}', '\\sqrt{\\frac{21}{25}}'],
  ['6\\sqrt{2}', '\\sqrt{72}'],
  ['70 \\sqrt{2}', '\\sqrt{9800}'],
  ['2\\sqrt{5}', '\\sqrt{20}'],
  ['\\frac{3\\sqrt{3}}{4}', '\\frac34\\sqrt3'],
  ['\\frac{3\\sqrt{3}}{4}', '0.75\\sqrt{3}'],
  ['\\frac{20000}{\\pi}', '20000\\pi^{-1}'],
  ['\\frac{20000}{\\pi}', '20000/\\pi'],
  ['p - q', '-(q-p)'],
  ['p - q', '-q+p'],
  ['x^5 - x^4 + x^3 - x^2 + x - 1', '(x-1)(x^4+x^2+1)'],
  ['x^5 - x^4 + x^3 - x^2 + x - 1', '\\frac{x^6-1}{x+1}'],
  ['x^8 + x^7 + x^6 + x^5 + x^4 + x^3 + x^2 + x + 1', '\\frac{x^9-1}{x-1}'],
  ['x^8 + x^7 + x^6 + x^5 + x^4 + x^3 + x^2 + x + 1', '(x^2+x+1)(x^6+x^3+1)'],
  ['5r^5', '5 r^{5}'],
  ['3R^2', '3 \\cdot R \\cdot R'],
  ['\\frac{\\pi}{6}', '\\pi/6'],
  ['-\\frac{\\pi}{6}', '-\\pi/6'],
  ['\\left( 3, \\frac{\\pi}{2} \\right)', '(3, \\pi/2)'],
  ['\\left( 3, \\frac{\\pi}{2} \\right)', '(3, \\frac12 \\pi)'],
  ['(-\\sqrt{3}, \\sqrt{3})', '(-3^{1/2}, 3^{1/2})'],
  ['6 - 5i', '-5i + 6'],
  ['6 - 5i', '6+(-5)i'],
  ['-2 + 7i', '-2+7\\mathrm{i}'],
  ['1+2i', '1 + i2'],
  ['1+2i', 'i(2-i)'],
  ['2k', 'k + k'],
  ['3 \\pm 2 \\sqrt{2}', '3 \\pm \\sqrt{8}'],
  ['1 \\pm \\sqrt{19}', '1\\mp\\sqrt{19}'],
  ['128', '2^7'],
  ['64', '2^{6}'],
  ['120', '5!'],
  ['256', '4^4'],
  ['10', '\\binom{5}{2}'],
  ['13', '\\sqrt{169}'],
  ['3', '\\log_2 8'],
  ['2', '|-2|'],
  ['16', '(-4)^2'],
  ['0', '\\sin 0'],
  ['-1', 'i^2'],
];

const INEQUALITIES: readonly (readonly [answer: string, same: string])[] = [
  ['(3,4]', '3 < x \\le 4'],
  ['(3,4]', '4 \\ge x > 3'],
  ['(3,4]', 'x \\in (3,4]'],
  ['(2,\\infty)', 'x > 2'],
  ['(2,\\infty)', '2<x'],
  ['(5,\\infty)', 'x > 5'],
  ['(5,\\infty)', '5 \\lt n'],
  ['(-\\infty, 0]', 'x \\leq 0'],
  ['(-\\infty, 0]', 'x ≤ 0'],
  ['x \\in [-2,7]', '-2 \\le x \\le 7'],
  ['x \\in [-2,7]', '-2 \\leqslant x \\leqslant 7'],
  ['(-\\infty, 2) \\cup (3, \\infty)', 'x < 2 \\text{ or } x > 3'],
  ['(-\\infty, 2) \\cup (3, \\infty)', 'x<2 or x>3'],
  ['(0,9) \\cup (9,36)', '0 < x < 9 \\text{ or } 9 < x < 36'],
];

function swap(from: RegExp | string, to: string | ((...found: string[]) => string)): Form {
  return (s) => changed(s, typeof to === 'string' ? s.replace(from, to) : s.replace(from, to));
}
function changed(from: string, to: string): string[] {
  return from === to ? [] : [to];
}
function matches(s: string, pattern: RegExp, to: (match: string) => string): string[] {
  return [...s.matchAll(pattern)]
    .map((m) => s.slice(0, m.index) + to(m[0]) + s.slice(m.index + m[0].length))
    .filter((w) => w !== s);
}
const isWhole = (s: string): boolean => /^-?\d+$/.test(s);
const isNumber = (s: string): boolean => /^-?(?:\d+|\d*\.\d+|\\d?frac\{\d+\}\{\d+\})$/.test(s);
const isZero = (s: string): boolean => s === '0';
const isList = (s: string): boolean => /^-?\d+(?:, ?-?\d+)+$/.test(s) && s !== '58,500';
const isTuple = (s: string): boolean => /^\(|begin|^\\left/.test(s) && !isInterval(s) && !/[a-z]\+/.test(s);
const isInterval = (s: string): boolean => /\\infty|\\cup|[[\]]|sqrt\{3\}, \\sqrt/.test(s) && !/begin/.test(s);
const isScalar = (s: string): boolean => !/[,=]|\\in|\\text|\\mbox|begin/.test(s) || s === '58,500';

function numbers(s: string, change: (n: bigint) => bigint): string[] {
  if (/,\\!|^58,500$|^\d+\.$/.test(s)) return [];
  return matches(s, /(?<![.\d])\d+(?!\d*\.)/g, (m) => String(change(BigInt(m))))
    .concat(matches(s, /\.\d+/g, (m) => `.${String(change(BigInt(m.slice(1)))).padStart(m.length - 1, '0')}`))
    .filter((w) => !(/\\frac\{0\}/.test(w) && /\\frac\{0\}/.test(s)));
}
function negated(s: string): string {
  if (/[-+]/.test(s.slice(1))) return `-(${s})`;
  return s.startsWith('-') ? s.slice(1) : `-${s}`;
}
function slashed(s: string): string {
  const part = '(?:\\{(-?[\\w\\\\+ ]*(?:\\{\\w+\\})?)\\}|(\\w))';
  return s.replaceAll(new RegExp(`\\\\d?frac ?${part} ?${part}`, 'g'), (_, a, b, c, d, at: number) => {
    const wrap = (t: string): string => (/^(?:\w|\d+)$/.test(t) ? t : `(${t})`);
    const text = `${wrap(a ?? b)}/${wrap(c ?? d)}`;
    return /\d$/.test(s.slice(0, at).trim()) ? ` ${text}` : text;
  });
}
function braced(s: string): string {
  return s.replaceAll(/frac ?(\d)(?=[ \d{])/g, 'frac{$1}').replaceAll(/(frac\{\d+\}) ?(\d)/g, '$1{$2}');
}
function grouped(s: string, mark: string): string {
  return s.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, mark);
}
function decimals(s: string): string[] {
  const [, sign = '', a = '', b = ''] = /^(-?)\\d?frac\{(\d+)\}\{(\d+)\}$/.exec(s) ?? [];
  const value = Number(a) / Number(b);
  return a !== '' && String(value).length < 12 ? [`${sign}${value}`] : [];
}
function rounded(s: string): string[] {
  const [, sign = '', a = '', b = ''] = /^(-?)\\d?frac\{?(\d+)\}?\{?(\d+)\}?$/.exec(s) ?? [];
  const value = Number(a) / Number(b);
  if (a === '')
    return s === '\\pi' ? ['3.14', '\\frac{22}{7}', '3.14159'] : s === '\\sqrt{51}' ? ['7.14', '7.1414'] : [];
  return [2, 3, 6]
    .map((n) => value.toFixed(n))
    .filter((t) => Number(t) !== value)
    .map((t) => sign + t);
}
function fractions(s: string): string[] {
  const [, whole = '', part = ''] = /^(\d*)\.(\d+)$/.exec(s) ?? [];
  return part === '' ? [] : [`\\frac{${Number(whole + part)}}{1${'0'.repeat(part.length)}}`];
}
function scientific(s: string): string {
  const [, sign = '', digits = ''] = /^(-?)(\d+)$/.exec(s) ?? [];
  const mantissa = `${digits[0]}.${digits.slice(1)}`.replace(/\.?0+$/, '');
  return `${sign}${mantissa} \\times 10^${digits.length - 1 > 9 ? `{${digits.length - 1}}` : digits.length - 1}`;
}
function mixed(s: string): string[] {
  const [, sign = '', a = '', b = ''] = /^(-?)\\d?frac\{?(\d+?)\}?\{?(\d+)\}?$/.exec(s) ?? [];
  if (s === '1\\frac{4}{5}')
    return ['\\frac95', '1.8', '1 4/5', '1 \\frac45', '1\\,\\frac{4}{5}', '\\frac{9}{5}', '1 + \\frac45'];
  if (s === '137 \\frac{1}{2}') return ['137.5', '\\frac{275}{2}', '137 1/2', '137\\frac12', '137\\tfrac{1}{2}'];
  if (a === '' || !s.includes('}{') || Number(a) < Number(b)) return [];
  const [n, d] = [Number(a), Number(b)];
  return [`${sign}${Math.floor(n / d)}\\frac{${n % d}}{${d}}`, `${sign}${Math.floor(n / d)} ${n % d}/${d}`];
}
function commuted(s: string): string {
  if (/[([,=]|text|mbox|begin|\\frac|\\pm|_/.test(s) || !/[\w}] ?[-+] ?[\w\\]/.test(s)) return s;
  const terms = s
    .replaceAll(' ', '')
    .split(/(?=[-+])/)
    .map((t) => (/^[-+]/.test(t) ? t : `+${t}`));
  return terms.reverse().join('').replace(/^\+/, '');
}
function swapped(s: string): string {
  return s.replace(/(\d)(\d)$/, '$2$1');
}
function swapItems(s: string): string[] {
  const inside = s
    .replace(/^(?:\\left)?\(/, '')
    .replace(/(?:\\right)?\)$/, '')
    .split(',');
  const turned = [...inside].reverse();
  return turned.join() === inside.join() || inside.length < 2 ? [] : [`(${turned.join(',')})`];
}
function other(letter: string): string {
  return letter === 'A' ? 'B' : 'A';
}
function columnOf(s: string): string {
  return s
    .replace(/\\begin\{pmatrix\}/, '')
    .replace(/\\end\{pmatrix\}/, '')
    .split('\\\\')
    .join(',');
}
