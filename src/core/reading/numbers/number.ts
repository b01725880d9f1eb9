/** Numbers as people and models write them, read by value. */
import { exactly, fractionOf, negative, Problem, reduced, type Fraction } from './fraction.ts';
import { bare, plainSigns, undressed } from '../plain.ts';

/** A number and its unit. */
export interface Quantity {
  /** Equal values have equal texts: a whole number, or a decimal of at most 15 digits. */
  readonly value: string;
  /** The one name of a known unit (`cm`, `usd`, `%`), or what else stands behind the number; empty where nothing does. */
  readonly unit: string;
  readonly isKnown: boolean;
}

export interface Reading {
  /** Whether a comma may be the decimal sign (`3,5`): not where it may stand between two numbers. */
  readonly comma?: boolean;
  /** Whether any words may follow the number. */
  readonly words?: boolean;
  /** Whether one letter behind a number is a variable and no unit. */
  readonly algebra?: boolean;
}

const DIGITS = String.raw`(?:\d{1,2}(?:,\d\d)+,\d{3}(?!\d)|\d{1,3}(?:[,_']\d{3})+(?!\d)|\d{1,3}(?:\.\d{3})+(?=,\d)|\d{1,3}(?:\.\d{3}){2,}(?!\d)|\d+)`;
const POWER = String.raw`(?:[eE][-+]?\d+(?![\p{L}\d])|\s?[xX*]\s?10\s?(?:\^|\*\*)\s?\{?[-+]?\d+\}?)`;
const LITERAL = String.raw`(?:${DIGITS}(?:[.,]\d+)?|\.\d+)${POWER}?`;
const NUMBER = String.raw`(?:\d+\s+\d+\s?/\s?\d+(?![\d/])|${LITERAL}(?:\s?/\s?\d+(?:\.\d+)?(?![\d/.]))?)`;
const MONEY = String.raw`(?:(?:US|A|C|NZ|HK|S)?\$|[€£¥₹]|(?:USD|EUR|GBP|INR|Rs\.?)(?=[\s\d]))`;
const WHOLE = new RegExp(String.raw`^([-+]?)\s?(${MONEY}?)\s?([-+]?)(${NUMBER})(?![\d:]|\s?/\s?\d|[.,]\d)(.*)$`, 'su');
const EACH = new RegExp(
  String.raw`(?<![\p{L}\d_.,:/^])(?:(?<![\p{L}\d)\]%]|[\d)\]%]\s)[-+](?=[\d.$€£¥₹]))?(?:${MONEY}\s?-?)?${NUMBER}(?![\d:]|\s?/\s?\d|[.,]\d)`,
  'gu',
);
const ABOUT = /^(?:about|approximately|approx\.?|around|roughly|nearly|almost|exactly|only|just|some|[≈~=≃≅])\s*/i;
const SPACED = /^[-+]?\d{1,3}(?: \d{3})+(?![\d ])/;
/** Longer is nobody's number with a unit; a pattern may go back and forth over so much. */
const MOST = 300;

/** A text that is a number with a unit or none, by value; nothing where it is anything else. */
export function quantityOf(text: string, reading: Reading = {}): Quantity | undefined {
  if (text.length > MOST) return undefined;
  const plain = fractions(bare(undressed(plainSigns(bare(text))))).replace(ABOUT, '');
  const joined = SPACED.test(plain) ? plain.replaceAll(/(?<=\d) (?=\d{3})/g, '') : plain;
  const [, before = '', money = '', after = '', digits, behind = ''] = WHOLE.exec(joined) ?? inWords(joined);
  if (
    digits === undefined ||
    (reading.comma !== true && !digits.includes('.') && /\d,\d/.test(digits) && !GROUPED.test(digits))
  )
    return undefined;
  const { times, rest } = multiplied(behind, money !== '');
  const unit = unitOf(money, rest, reading);
  const value = unit && valueOf(digits, (before || after) === '-', times);
  return value === undefined ? undefined : { value, ...(unit as Omit<Quantity, 'value'>) };
}

/** Every number in a text, as it is written, with its place. Of a long text, the beginning. */
export function numbersIn(text: string): { readonly text: string; readonly from: number; readonly to: number }[] {
  return [...text.slice(0, 4 * MOST).matchAll(EACH)].map(({ 0: found, index }) => ({
    text: found.trim(),
    from: index,
    to: index + found.length,
  }));
}

/** A fraction of LaTeX as a quotient: `1\frac{4}{5}` is `1 4/5`. */
const fractions = (text: string): string =>
  text.replaceAll(
    /(\d?)\s*\\frac\s*(?:\{\s*(-?[\d.,]+)\s*\}|(\d))\s*(?:\{\s*([\d.,]+)\s*\}|(\d))/g,
    (_, whole: string, a = '', b = '', c = '', d = '') => `${whole && `${whole} `}${a}${b}/${c}${d}`,
  );

const GROUPED = /^\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)/;

/** What a number comes to, as the text that equal values share; nothing where it is too large to be anybody's answer. */
function valueOf(digits: string, isNegative: boolean, times: bigint): string | undefined {
  const [mixed, whole = '', part = ''] = /^(\d+)\s+(\S.*)$/s.exec(digits) ?? [];
  const isMixed = mixed !== undefined && part.includes('/');
  try {
    const value = product(isMixed ? sum(decimal(whole), quotient(part)) : quotient(digits), times);
    return shortest(isNegative ? negative(value) : value);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

const product = (a: Fraction, times: bigint): Fraction => reduced(a.top * times, a.bottom);
const sum = (a: Fraction, b: Fraction): Fraction => reduced(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);

function quotient(text: string): Fraction {
  const [over = '', under] = text.split('/');
  const [a, b] = [decimal(over.trim()), decimal((under ?? '1').trim())];
  if (b.top === 0n) throw new Problem('it divides by zero');
  return reduced(a.top * b.bottom, a.bottom * b.top);
}

function decimal(text: string): Fraction {
  const [, digits = '', power = '0'] =
    /^([\d.,_']+)(?:[eE]|\s?[xX*]\s?10\D*?(?=[-+\d]))?\{?([-+]?\d+)?\}?$/.exec(text) ?? [];
  const joined = digits.replaceAll(/[_']/g, '');
  const [dot, comma] = [joined.lastIndexOf('.'), joined.lastIndexOf(',')];
  const isComma = comma > dot && (dot !== -1 || !GROUPED.test(joined)); // the last of two different signs is the decimal one
  const isDotted = dot !== joined.indexOf('.');
  const plain = isComma ? joined.replaceAll('.', '').replace(',', '.') : isDotted ? joined.replaceAll('.', '') : joined;
  const value = fractionOf(plain);
  const by = Number(power);
  if (Math.abs(by) > 400) throw new Problem('the result is too large');
  const scale = 10n ** BigInt(Math.abs(by));
  return by < 0 ? reduced(value.top, value.bottom * scale) : product(value, scale);
}

function shortest(value: Fraction): string {
  if (value.bottom === 1n) return String(value.top);
  const near = Number(value.top) / Number(value.bottom);
  return Number.isFinite(near) && near !== 0 ? String(Number(near.toPrecision(15))) : exactly(value);
}

const SCALES: { readonly [word: string]: bigint } = {
  thousand: 3n,
  million: 6n,
  billion: 9n,
  trillion: 12n,
  bn: 9n,
  k: 3n,
};

function multiplied(behind: string, isMoney: boolean): { readonly times: bigint; readonly rest: string } {
  const [all = '', word = ''] = /^\s*(thousand|million|billion|trillion|bn|k)(?![\p{L}\d^])/iu.exec(behind) ?? [];
  const scale = word.length > 1 || isMoney ? SCALES[word.toLowerCase()] : undefined;
  return scale === undefined ? { times: 1n, rest: behind } : { times: 10n ** scale, rest: behind.slice(all.length) };
}

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const WORDS = new RegExp(
  `^(minus |negative )?(?:(${TENS.join('|')})(?:[- ](${SMALL.slice(1, 10).join('|')}))?|(${SMALL.join('|')}))( hundred)?(?![\\p{L}-])(.*)$`,
  'isu',
);

/** A number in English words up to a hundred, or so many hundreds, as WHOLE reads digits. */
function inWords(text: string): readonly (string | undefined)[] {
  const [all, sign, tens = '', ones = '', small = '', hundred, rest = ''] = WORDS.exec(text) ?? [];
  if (
    all === undefined ||
    new RegExp(`^[\\s-]+(?:and )?(?:${[...TENS, ...SMALL, 'hundred', 'of', 'or'].join('|')})`, 'i').test(rest)
  )
    return [];
  const value = tens
    ? 10 * (2 + TENS.indexOf(tens.toLowerCase())) + Math.max(0, SMALL.indexOf(ones.toLowerCase()))
    : SMALL.indexOf(small.toLowerCase());
  return [all, sign ? '-' : '', '', '', String(value * (hundred ? 100 : 1)), rest];
}

/** Every known unit: its one name, and the others. Money in pounds and weight in pounds are not told apart. */
const UNITS = new Map(
  `usd $ us$ dollar buck|eur € euro|pound £ gbp lb|yen ¥ jpy|rupee ₹ inr rs|cent ¢|% percent pct|degree deg|mm millimeter millimetre|cm centimeter centimetre|m meter metre|km kilometer kilometre|inch in|foot ft feet|mile mi|yard yd|second sec s|minute min|hour hr h|day|week|month|year yr|g gram gm|kg kilogram kilo|mg milligram|ton tonne|ounce oz|ml milliliter millilitre|l liter litre|gallon gal|mph|am a.m|pm p.m`
    .split('|')
    .flatMap((line) => line.split(' ').map((one, _, [name = '']) => [one, name] as const)),
);
const named = (word: string): string | undefined =>
  UNITS.get(word) ?? UNITS.get(word.replace(/s$/, '')) ?? UNITS.get(word.replace(/es$/, ''));

function unitOf(money: string, behind: string, { words, algebra }: Reading): Omit<Quantity, 'value'> | undefined {
  const own = money && (named(money.toLowerCase().replace(/^[a-z]+(?=\$)/, '')) ?? '');
  const rest = bare(behind).toLowerCase().replace('per cent', '%');
  if (rest === '') return { unit: own, isKnown: true };
  const [, area, word = '', power] =
    /^[(/]?(square |sq\.? |cubic )?([%$€£¥₹¢]|us\$|a\.m|p\.m|\p{L}+)\.?(?:\s*\^?\s*\{?([23])(?!\d)\}?)?/u.exec(rest) ??
    [];
  const tail = /\d/.test(rest.replace(/\^\s*\{?[23]\}?/, ''));
  const unit = named(word);
  if (algebra === true && (!/^\s/.test(behind) || word.length === 1) && /\p{L}/u.test(word) && word.length < 2)
    return undefined;
  if (unit !== undefined && (words === true || !tail)) {
    const times = power ?? (area === undefined ? '' : area.startsWith('s') ? '2' : '3');
    const scale = unit === 'degree' ? /^\S+\s+([cf])(?:elsius|ahrenheit)?(?!\p{L})/u.exec(rest)?.[1] : undefined;
    return { unit: own || `${unit}${times && `^${times}`}${scale ? ` ${scale}` : ''}`, isKnown: true };
  }
  if (words === true && /^(?:[\s,;:(/-]*\p{L}{2}|\s+a\s|\s*\()/u.test(behind))
    return { unit: own, isKnown: own !== '' };
  // One letter behind digits is a variable, and whatever is no word belongs to an expression.
  if (
    !/^[\s/,(]/.test(behind) ||
    !/^[\p{L}/][\p{L}\p{M}\s'().,/-]*$/u.test(rest) ||
    word.length < 2 ||
    rest.split(/\s+/).length > 3
  )
    return undefined;
  return { unit: own || rest, isKnown: own !== '' };
}
